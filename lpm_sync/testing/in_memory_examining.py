"""How the tracker in memory is examined, described, and tried out on a scratch item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import Card
from lpm_sync.core.discovery import (
    DiscoveredLink,
    DiscoveredProject,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
)
from lpm_sync.core.document import plain_text
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.errors import LpmSyncError
from lpm_sync.testing.in_memory_store import InMemoryStore

TAKEN_BACK = "written, read back, taken back"

Attempt = Callable[[Callable[[], object]], str | None]
"""Makes one write with whatever the faults make of it; returns why it failed, or None."""


class InMemoryExaminer:
    """Looks at a store as an account that may not see or change everything. Without `projects` all are in scope."""

    def __init__(
        self, store: InMemoryStore, projects: Collection[str] | None, account: str, pinned: Mapping[str, str]
    ) -> None:
        self._store = store
        self._pinned = pinned
        known = (*store.projects, *store.faults.projects)
        self._projects = [name for name in dict.fromkeys(known) if projects is None or name in projects]
        self._account = account

    def examine(self, escalation: EscalationTarget | None) -> Examination:
        """As the port says."""
        checks = tuple(self._checks(escalation))
        try:
            resolved = self._store.fields.resolve(self._store.name, self._pinned)
        except LpmSyncError as error:
            resolved, fault = {}, Check(subject="fields", fault=str(error), remedy="correct fields in trackers.yaml")
            checks = (*checks, fault)
        return Examination(
            account=self._account, clock_skew=self._store.faults.clock_skew, checks=checks, resolved=resolved
        )

    def discover(self) -> Discovery:
        """As the port says: the first type stands above the others."""
        failures = self._store.faults.projects
        statuses = tuple(DiscoveredStatus(name=name, progress=told) for name, told in self._store.statuses.items())
        types = tuple(
            DiscoveredType(name=name, rank=0 if place else 1, statuses=statuses)
            for place, name in enumerate(self._store.types)
        )
        shown = [name for name in self._projects if name not in failures]
        return Discovery(
            projects=tuple(DiscoveredProject(key=name, name=f"Project {name}", types=types) for name in shown),
            visible_projects=tuple(shown),
            fields=self._store.fields.definitions,
            links=(DiscoveredLink(phrase="blocks", inverse="is blocked by"),),
            failures={name: why for name, why in failures.items() if name in self._projects},
        )

    def _checks(self, escalation: EscalationTarget | None) -> Iterator[Check]:
        faults = self._store.faults
        for project in self._projects:
            if project in faults.projects:
                remedy = f"grant the account to browse {project}"
                yield Check(subject=f"project {project}", fault=faults.projects[project], remedy=remedy)
                continue
            yield Check(subject=f"project {project}")
            remedy = f"grant the account to edit items of {project}"
            fault = "the account lacks it" if faults.is_read_only else None
            yield Check(subject=f"project {project}: permission to edit", fault=fault, remedy=remedy)
        if escalation is not None:
            fault = None if escalation.type in self._store.types else "there is no such type"
            subject = f"project {escalation.project}: create {escalation.type}"
            yield Check(subject=subject, fault=fault, remedy="name another type")


class InMemoryScratch:
    """What is tried on one item, and taken back."""

    def __init__(self, store: InMemoryStore, ref: Ref, attempt: Attempt) -> None:
        self._store = store
        self._ref = ref
        self._attempt = attempt

    def checks(self, label: str, card: Card, other: Ref | None) -> Iterator[Check]:
        """One check a rehearsal, in their order."""
        store, ref = self._store, self._ref
        for needed in (ref, *([other] if other else [])):
            if needed not in store.items or store.items[needed].project not in store.projects:
                yield Check(subject=f"{needed}", fault="it is not there, or not visible", remedy="name another item")
                return
        yield self._try(
            "a label",
            lambda: store.add_label(ref, label),
            lambda: store.remove_label(ref, label),
            lambda: label in store.labels(ref),
        )
        text = f"{plain_text(card.document)}\n{card.footer}"
        footer = parse_footer(card.footer)

        def comments() -> list[str]:
            return [one.id for one in store.threads[ref] if one.is_ours and parse_footer(one.text) == footer]

        def uncomment() -> None:
            store.threads[ref] = [one for one in store.threads[ref] if one.id not in comments()]

        yield self._try(
            "a comment",
            lambda: store.add_comment(ref, text, is_ours=True),
            uncomment,
            lambda: bool(comments()),
        )
        if other is not None:
            yield self._try(
                "a dependency",
                lambda: store.link(blocker=ref, blocked=other),
                lambda: store.unlink(blocker=ref, blocked=other),
                lambda: Edge(ref, other) in store.dependencies,
            )

    def _try(
        self, subject: str, write: Callable[[], object], take_back: Callable[[], object], stands: Callable[[], bool]
    ) -> Check:
        remedy = "grant the account to edit items"
        if stands():
            return Check(subject=subject, fault="it stands already", remedy="name a scratch item that is free of it")
        fault = self._attempt(write)
        if stands():
            left = self._attempt(take_back)
            fault = fault or left
        if fault is not None:
            return Check(subject=subject, fault=fault, remedy=remedy)
        return Check(subject=subject, note=TAKEN_BACK)

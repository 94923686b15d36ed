"""Preflight: everything that would keep the connector from serving, check by check, each with its remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.azure_devops.answers import BadRequestError
from connectors.azure_devops.client import COMMENTS, ITEM, Client
from connectors.azure_devops.comments import CardComments
from connectors.azure_devops.discovery import DescribedType, read_types, used_fields
from connectors.azure_devops.feeds import first_tokens
from connectors.azure_devops.fields import find_each, read_definitions
from connectors.azure_devops.filled import count_filled
from connectors.azure_devops.items import find_ids
from connectors.azure_devops.permissions import EDITING, READ, READ_AND_WRITE, SEEING_THE_PROJECT, TAGGING, VIEWING
from connectors.azure_devops.queries import scope_clause, scope_condition
from connectors.azure_devops.trials import AGAIN, NOT_TRIED, TITLE, CarriedOutError, Trial, setting
from lpm_sync.core.examination import Check
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.resolution import FIELDS, REFERENCE_FIELDS, RENEWAL, Resolution, place
from lpm_sync.errors import (
    ForbiddenError,
    LpmSyncError,
    RefusedError,
    UnauthorisedError,
    UnavailableError,
)
from lpm_sync.ports import Clock, Connection

# A tag that nobody has: it is never written, `validateOnly` asks whether it could be.
UNUSED_TAG = "lpm-sync-permission-check"


class Examiner:
    """Examines one organisation.

    `clock_skew` is how far its clock is ahead of ours, as far as a query told, `resolved` what the configured names
    were found to be, by place.
    """

    def __init__(self, client: Client, connection: Connection, clock: Clock, comments: CardComments) -> None:
        self._client = client
        self._connection = connection
        self._clock = clock
        self._comments = comments
        self.clock_skew: timedelta | None = None
        self.resolved: dict[str, Resolution] = {}
        self._only_validates = True

    def checks(self, escalation: EscalationTarget | None) -> Iterator[Check]:
        """Every check in its order. Raises UnauthorisedError."""
        yield self._server_check()
        types: dict[str, list[DescribedType]] = {}
        for project in dict.fromkeys(self._connection.projects):
            try:
                types[project] = read_types(self._client, project)
            except (RefusedError, UnavailableError) as error:
                remedy = f"check the name, or grant {SEEING_THE_PROJECT} and {VIEWING} in {project!r} to the account"
                is_silent = isinstance(error, UnavailableError)
                yield Check(subject=f"project {project}", fault=error.fault, remedy=AGAIN if is_silent else remedy)
                continue
            yield Check(subject=f"project {project}")
            yield from self._project_checks(project, self._wanted(types[project]))
            yield from self._ignored_checks(project, types[project])
        try:
            yield from self._field_checks(kind for found in types.values() for kind in self._wanted(found))
        except (RefusedError, UnavailableError) as error:
            yield Check.failed("fields", error, AGAIN)
        yield self._feeds_check()
        if escalation is not None and escalation.project in types:
            yield self._escalation_check(escalation)

    def _server_check(self) -> Check:
        """Which interface it speaks, and what that means for the cards."""
        speaks = f"speaks {self._client.version_of(ITEM)}"
        if self._comments.missing():  # what that means, the rules tell
            return Check(subject="server", note=f"{speaks}, and has no comments")
        form = "Markdown" if self._comments.takes_markdown() else "HTML: its comments know no Markdown"
        return Check(subject="server", note=f"{speaks}, comments {self._client.version_of(COMMENTS)}; cards in {form}")

    def _feeds_check(self) -> Check:
        """Never a fault but for a right that lacks: without both feeds every cycle reads everything."""
        subject = "feeds of changes"
        try:
            first_tokens(self._client, self._clock.now() + (self.clock_skew or timedelta()))
        except ForbiddenError as error:
            return Check.failed(subject, error, f"grant {VIEWING} to the account")
        except (RefusedError, UnavailableError) as error:
            return Check(subject=subject, note=f"not to be had, so that every cycle reads everything ({error.fault})")
        return Check(subject=subject, note="revisions and links")

    def _wanted(self, types: Sequence[DescribedType]) -> list[DescribedType]:
        """Those that are configured; all where none is."""
        names = {name.casefold() for name in self._connection.types}
        return [kind for kind in types if not names or kind.name.casefold() in names]

    def _project_checks(self, project: str, types: Sequence[DescribedType]) -> Iterator[Check]:
        if not types:
            return
        subject = f"project {project}: items"
        condition = scope_condition(project, [kind.name for kind in types], scope_clause(self._connection))
        try:
            found = find_ids(self._client, condition)
        except UnauthorisedError:
            raise
        except LpmSyncError as error:
            yield self._unqueried_check(subject, project, error)
            return
        if found.as_of is not None:
            self.clock_skew = found.as_of - self._clock.now()
        yield Check(subject=subject, note=f"{len(found.ids)} in scope")
        yield from self._writing_checks(project, types[0].name, found.ids[-1] if found.ids else None)

    def _unqueried_check(self, subject: str, project: str, error: LpmSyncError) -> Check:
        """The clause of the scope is to blame only where there is one, and where the server does not understand."""
        if isinstance(error, UnavailableError):
            remedy = AGAIN
        elif isinstance(error, BadRequestError) and self._connection.scope_query:
            remedy = f"correct scope.query in trackers.yaml ({self._connection.scope_query})"
        else:
            remedy = f"grant {VIEWING} in {project!r} to the account, and {READ} to its token"
        return Check(subject=subject, fault=f"they cannot be queried: {error.fault}", remedy=remedy)

    def _ignored_checks(self, project: str, types: Sequence[DescribedType]) -> Iterator[Check]:
        """Never a fault: how many items are of types that stand at no level. Where they cannot be counted, none is."""
        wanted = self._wanted(types)
        others = [kind.name for kind in types if kind not in wanted]
        try:
            counts = self._client.in_parallel(lambda name: self._count(project, name), others)
        except UnauthorisedError:
            raise
        except LpmSyncError:
            return  # why is told by the check of the items
        found = [f"{count:,} {name}" for name, count in zip(others, counts, strict=True) if count]
        if found:
            yield Check(subject=f"project {project}: ignored by type", note=", ".join(found))

    def _count(self, project: str, type_name: str) -> int:
        return len(find_ids(self._client, scope_condition(project, (type_name,), scope_clause(self._connection))).ids)

    def _writing_checks(self, project: str, type_name: str, identifier: int | None) -> Iterator[Check]:
        tried = f"a new {type_name}" if identifier is None else f"work item {identifier}"
        editing = Trial(
            subject=f"project {project}: permission {EDITING}",
            project=project,
            type_name=type_name,
            identifier=identifier,
            operations=setting({"System.History": TITLE}),
            grant=f"grant {EDITING} in {project!r} to the account, and {READ_AND_WRITE} to its token",
            lifted=f"the process does not let {tried} be saved: fill what it demands there, or lift its rule",
        )
        found = self._try(editing)
        yield found
        if found.fault is not None or found.unknown is not None:
            return  # what else is missing cannot be told
        yield self._try(
            replace(
                editing,
                subject=f"project {project}: permission {TAGGING}",
                operations=[*editing.operations, *setting({"System.Tags": UNUSED_TAG})],
                grant=f"grant {TAGGING} in {project!r} to the account: the labels are tags",
            )
        )

    def _try(self, trial: Trial) -> Check:
        """A trial, unless the server is known for carrying out what it is only asked to validate."""
        if not self._only_validates:
            return Check(subject=trial.subject, note=NOT_TRIED)
        try:
            return trial.check(self._client)
        except CarriedOutError as done:
            self._only_validates = False
            said = f"the server carried out what it was to validate: {done}"
            if done.remedy:
                return Check(subject=trial.subject, fault=said, remedy=done.remedy)
            return Check(subject=trial.subject, note=f"granted; {said}")

    def _escalation_check(self, escalation: EscalationTarget) -> Check:
        project, type_name = escalation.project, escalation.type
        creating = Trial(
            subject=f"project {project}: create {type_name}",
            project=project,
            type_name=type_name,
            identifier=None,
            operations=setting({"System.Description": TITLE}),
            grant=f"grant {EDITING} in {project!r} to the account, and {READ_AND_WRITE} to its token",
            lifted="check escalation.create_in in policy.yaml, and let the process demand no other field of new ones",
        )
        return self._try(creating)

    def _field_checks(self, types: Iterator[DescribedType]) -> Iterator[Check]:
        """Each configured field: there is exactly one, and where the types tell their fields one of them has it."""
        connection = self._connection
        used = used_fields(types)
        definitions = read_definitions(self._client, connection)
        found = find_each(definitions, connection, lambda some: count_filled(self._client, connection, some))
        self.resolved = found.catalogue.resolved
        for section, names in ((FIELDS, connection.fields), (REFERENCE_FIELDS, connection.reference_fields)):
            for name in names:
                where, subject = place(section, name), f"field {name}"
                if where in found.changes:
                    yield Check(subject=subject, fault=found.changes[where], remedy=RENEWAL)
                elif where in found.mistakes:
                    remedy = f"correct {section} in trackers.yaml"
                    yield Check(subject=subject, fault=found.mistakes[where], remedy=remedy)
                else:
                    yield _use_check(subject, self.resolved[where], used)


def _use_check(subject: str, field: Resolution, used: Collection[str] | None) -> Check:
    shown = f"{field.name} ({field.id})"
    if used is None or field.id.casefold() in used:
        return Check(subject=subject, note=shown)
    remedy = "add it to the work item types that carry it, in the process of the projects"
    return Check(subject=subject, fault=f"no type in scope has {shown}", remedy=remedy)

"""`trackers.lock.yaml`: what the names in `trackers.yaml` were found to be, so that nothing else is taken for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lpm_sync.core.resolution import (
    DEPENDENCY_LINKS,
    FIELDS,
    PROJECTS,
    REFERENCE_FIELDS,
    SECTIONS,
    Resolution,
    Resolutions,
    place,
)
from lpm_sync.policy.models import Slug, Stanza
from lpm_sync.policy.trackers import TrackersFile, TrackerStanza
from lpm_sync.policy.yaml_text import quoted

LOCK_FILE = "trackers.lock.yaml"
HEAD = """\
# What the names in trackers.yaml were found to be. Written by `lpm-sync doctor --pin`: check it in, and change nothing
# by hand. Every cycle goes by the ids that stand here, and says where one of them is gone, renamed or another thing.
"""

Word = Annotated[str, StringConstraints(max_length=2000)]
"""Something as the tracker has it, to the letter."""


class PinStanza(Stanza):
    """One thing of a tracker that a name in `trackers.yaml` led to."""

    configured: Word
    """What `trackers.yaml` said then; where it says something else by now the pin counts for nothing."""
    id: Annotated[Word, StringConstraints(min_length=1)]
    """By which it is found again."""
    name: Word = ""
    """What it was called then."""
    kind: Word = ""
    """The tracker's word for what it was."""


class TrackerLockStanza(Stanza):
    """What is pinned of one tracker."""

    url: Word
    """The address that the ids belong to."""
    projects: dict[Word, PinStanza] = Field(default_factory=dict)
    """By what `scope.projects` calls them."""
    fields: dict[Word, PinStanza] = Field(default_factory=dict)
    """By our names."""
    reference_fields: dict[Word, PinStanza] = Field(default_factory=dict)
    """By what the items are to each other: `blocked-by` or `blocks`."""
    dependency_links: dict[Word, PinStanza] = Field(default_factory=dict)
    """By the configured phrase."""

    @property
    def pins(self) -> dict[str, PinStanza]:
        """All of them, by place."""
        sections: dict[str, dict[str, PinStanza]] = {
            PROJECTS: self.projects,
            FIELDS: self.fields,
            REFERENCE_FIELDS: self.reference_fields,
            DEPENDENCY_LINKS: self.dependency_links,
        }
        return {place(section, name): pin for section in SECTIONS for name, pin in sections[section].items()}


class LockFile(Stanza):
    """What is pinned of all trackers. Written by `lpm-sync doctor --pin`, and checked in by the platform engineer."""

    version: Literal[1] = 1
    """Of the form of this file."""
    trackers: dict[Slug, TrackerLockStanza] = Field(default_factory=dict)
    """By the names that they have in `trackers.yaml`."""
    complete: Literal[True]
    """the last line, without which the file was emptied or cut off"""

    def pins(self, tracker: str, stanza: TrackerStanza) -> dict[str, Resolution]:
        """By place what is pinned for a tracker as it is configured now: a name that was changed since is not."""
        locked = self.trackers.get(tracker)
        if locked is None or locked.url != stanza.url:
            return {}
        said = configured_names(stanza)
        return {
            where: Resolution(id=pin.id, name=pin.name, kind=pin.kind)
            for where, pin in locked.pins.items()
            if said.get(where) == pin.configured
        }


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where the lock does not fit `trackers.yaml` any more; without a place it is all of that tracker."""

    tracker: str
    place: str | None
    line: str


def configured_names(stanza: TrackerStanza) -> dict[str, str]:
    """What `trackers.yaml` says at each place that can be pinned."""
    return {
        **{place(PROJECTS, project): project for project in stanza.scope.projects},
        **{place(FIELDS, name): text for name, text in stanza.fields.items()},
        **{place(REFERENCE_FIELDS, direction.value): text for direction, text in stanza.reference_fields.items()},
        **{place(DEPENDENCY_LINKS, link.blocks): link.blocks for link in stanza.dependency_links},
    }


def misfits(lock: LockFile, file: TrackersFile) -> Iterator[Misfit]:
    """Everything in which the lock does not fit the trackers as they are configured now."""
    for name, locked in lock.trackers.items():
        if name not in file.trackers:
            yield Misfit(name, None, "is pinned, and is no tracker in trackers.yaml any more")
        elif locked.url != file.trackers[name].url:
            yield Misfit(name, None, f"nothing is pinned for {file.trackers[name].url}: the pins are for {locked.url}")
        else:
            lines = _misfits_of(locked.pins, configured_names(file.trackers[name]))
            yield from (Misfit(name, where, line) for where, line in lines)
    for name, stanza in file.trackers.items():
        if name not in lock.trackers and (stanza.fields or stanza.reference_fields):
            yield Misfit(name, None, "nothing of it is pinned")


def _misfits_of(pins: Mapping[str, PinStanza], said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for where, pin in pins.items():
        if where not in said:
            yield where, f"{where} is pinned, and does not stand in trackers.yaml any more"
        elif said[where] != pin.configured:
            yield where, f"{where} is not pinned: trackers.yaml said “{pin.configured}”, and says “{said[where]}” now"
    # Not every connector knows its projects and links by an id; fields all do.
    for where in said:
        if where not in pins and where.startswith((f"{FIELDS}.", f"{REFERENCE_FIELDS}.")):
            yield where, f"{where} is not pinned"


def renewed(lock: LockFile, file: TrackersFile, resolved: Mapping[str, Resolutions]) -> LockFile:
    """The lock after what was resolved, by tracker; what was not is pinned as before, as far as that still fits."""
    return LockFile(
        complete=True,
        trackers={
            name: _renewed(stanza, {**lock.pins(name, stanza), **resolved.get(name, {})})
            for name, stanza in sorted(file.trackers.items())
        },
    )


def _renewed(stanza: TrackerStanza, resolved: Resolutions) -> TrackerLockStanza:
    said = configured_names(stanza)
    sections: dict[str, dict[str, PinStanza]] = {section: {} for section in SECTIONS}
    for where, found in sorted(resolved.items()):
        section, _, name = where.partition(".")
        if where in said:
            pin = PinStanza(configured=said[where], id=found.id, name=found.name, kind=found.kind)
            sections[section][name] = pin
    return TrackerLockStanza(url=stanza.url, **sections)


def lock_text(lock: LockFile) -> str:
    """The file, sorted: the same pins are the same text, and one that changes is one line."""
    lines = [HEAD, f"version: {lock.version}", "trackers:" if lock.trackers else "trackers: {}"]
    for name, locked in lock.trackers.items():
        lines += [f"  {name}:", f"    url: {quoted(locked.url)}"]
        section = ""
        for where, pin in locked.pins.items():
            current, _, key = where.partition(".")
            if current != section:
                lines.append(f"    {current}:")
                section = current
            told = {"configured": pin.configured, "id": pin.id, "name": pin.name, "kind": pin.kind}
            shown = ", ".join(f"{word}: {quoted(text)}" for word, text in told.items() if text)
            lines.append(f"      {quoted(key)}: {{{shown}}}")
    lines.append("complete: true")
    return "\n".join(lines) + "\n"

"""The fields of the tracker in memory: defined with ids, called by names that change and may be given twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lpm_sync.core.discovery import DiscoveredField, FieldKind
from lpm_sync.core.resolution import FIELDS, RENEWAL, Resolution, lost, place
from lpm_sync.errors import ChangedError, ConfigurationError


class InMemoryFields:
    """`configured` maps our names to the names that somebody configured; values stand under ours in any case."""

    def __init__(self, configured: Mapping[str, tuple[str, FieldKind]]) -> None:
        self._configured = {ours: name for ours, (name, _) in configured.items()}
        self._ids = {ours: f"field-{number}" for number, ours in enumerate(configured, start=1)}
        self._known = {
            self._ids[ours]: DiscoveredField(id=self._ids[ours], name=name, kind=kind, is_custom=True)
            for ours, (name, kind) in configured.items()
        }

    @property
    def definitions(self) -> tuple[DiscoveredField, ...]:
        """All that there are."""
        return tuple(self._known.values())

    def rename(self, ours: str, name: str) -> None:
        """Gives the field another name."""
        self._known[self._ids[ours]] = replace(self._known[self._ids[ours]], name=name)

    def redefine(self, ours: str, kind: FieldKind) -> None:
        """Makes another thing of the field, under its id."""
        self._known[self._ids[ours]] = replace(self._known[self._ids[ours]], kind=kind)

    def remove(self, ours: str) -> None:
        """Takes the definition away; what items hold stays unseen."""
        del self._known[self._ids[ours]]

    def add_namesake(self, ours: str) -> None:
        """Defines another field with the name that is configured."""
        identifier = f"field-{len(self._ids) + len(self._known) + 1}"
        kind = next(iter(self._known.values())).kind if self._known else FieldKind.TEXT
        self._known[identifier] = DiscoveredField(id=identifier, name=self._configured[ours], kind=kind, is_custom=True)

    def resolve(self, tracker: str, pinned: Mapping[str, str]) -> dict[str, Resolution]:
        """What each configured name leads to, by place. Raises ConfigurationError and ChangedError as the port says."""
        return {
            place(FIELDS, ours): self._resolution(tracker, place(FIELDS, ours), name, pinned)
            for ours, name in self._configured.items()
        }

    def _resolution(self, tracker: str, where: str, name: str, pinned: Mapping[str, str]) -> Resolution:
        if where in pinned:
            found = [field for field in self._known.values() if field.id == pinned[where]]
            if not found:
                raise ChangedError(f"{tracker}: {lost(where, pinned[where])}", remedy=RENEWAL)
        else:
            found = [field for field in self._known.values() if field.name == name]
        if len(found) != 1:
            candidates = ", ".join(field.id for field in found) or "none"
            raise ConfigurationError(f"{tracker}: {where}: “{name}” leads to {candidates}; write the id of one field")
        return Resolution(id=found[0].id, name=found[0].name, kind=found[0].kind)

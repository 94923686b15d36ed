"""Where each name that only a tracker can refute is written, so that it is told like any other mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lpm_sync.core.resolution import DEPENDENCY_LINKS, FIELDS, REFERENCE_FIELDS, TYPES, place
from lpm_sync.policy.mistakes import path_text
from lpm_sync.policy.policy import PolicyFile
from lpm_sync.policy.trackers import TrackersFile, TrackerStanza
from lpm_sync.policy.value_streams import ValueStreamsFile
from lpm_sync.policy.yaml_source import YamlDocument, YamlPath


def whereabouts(
    trackers: TrackersFile, trackers_document: YamlDocument, policy: PolicyFile, policy_document: YamlDocument
) -> dict[str, Mapping[str, str]]:
    """`file:line: path` of every such name: by tracker, and by place in its stanza."""
    return {
        tracker: {at: _written(policy_document, path) for at, path in _in_policy(tracker, policy)}
        | {at: _written(trackers_document, ("trackers", tracker, *path)) for at, path in _in_stanza(stanza)}
        for tracker, stanza in trackers.trackers.items()
    }


def _in_stanza(stanza: TrackerStanza) -> Iterator[tuple[str, YamlPath]]:
    yield FIELDS, (FIELDS,)
    for name in stanza.fields:
        yield place(FIELDS, name), (FIELDS, name)
    for direction in stanza.reference_fields:
        yield place(REFERENCE_FIELDS, direction), (REFERENCE_FIELDS, direction.value)
    for position, link in enumerate(stanza.dependency_links):
        yield place(DEPENDENCY_LINKS, link.blocks), (DEPENDENCY_LINKS, position)
    for position, entry in enumerate(stanza.levels):
        for index, kind in enumerate(entry.types):
            yield place(TYPES, kind), ("levels", position, TYPES, index)


def _in_policy(tracker: str, policy: PolicyFile) -> Iterator[tuple[str, YamlPath]]:
    """The type of escalation epics; where it also stands at a level, that is where it is told."""
    if policy.escalation is not None and policy.escalation.create_in.tracker == tracker:
        yield place(TYPES, policy.escalation.create_in.type), ("escalation", "create_in", "type")


def report_places_written(file: ValueStreamsFile, document: YamlDocument) -> dict[str | None, str]:
    """`file:line: path` of each `report_on`: the portfolio's under None, a value stream's under its id."""
    places = {stream.id: ("value_streams", position) for position, stream in enumerate(file.value_streams)}
    return {None: _written(document, ("portfolio", "report_on"))} | {
        identifier: _written(document, (*path, "report_on")) for identifier, path in places.items()
    }


def _written(document: YamlDocument, path: YamlPath) -> str:
    return f"{document.name}:{document.line(path)}: {path_text(path)}"

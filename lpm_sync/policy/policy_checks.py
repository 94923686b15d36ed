"""What the policy's stanzas must hold together: escalation, approval, chats, labels."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lpm_sync.core.governance import RESERVED_HUMAN_LABELS, name_under
from lpm_sync.policy.mistakes import Remark, meant, plain
from lpm_sync.policy.policy import PolicyFile
from lpm_sync.policy.trackers import TrackersFile, TrackerStanza
from lpm_sync.policy.yaml_source import YamlPath

_OWN_LABELS = ("escalation",)
_OWN_LABEL_BEGINNINGS = ("blocker-",)


def check_policy(file: PolicyFile, trackers: TrackersFile, chats: Collection[str]) -> Iterator[Remark]:
    """Everything wrong in `policy.yaml` that no single value shows, and no rule's own settings."""
    yield from _check_prefixes(file)
    yield from _check_escalation(file, trackers)
    yield from _check_approval(file, trackers)
    called: set[str] = set()
    for position, stanza in enumerate(file.digest.chats):
        path: YamlPath = ("digest", "chats", position)
        if stanza.chat not in chats:
            yield (*path, "chat"), f"no chat `{plain(stanza.chat)}` is installed; {meant(stanza.chat, chats)}"
        if stanza.called in called:
            yield path, f"`{plain(stanza.called)}` stands twice; give one of them another `name`"
        called.add(stanza.called)
    for position, rule in enumerate(file.rules):
        label = rule.on_fail.label
        if label is not None and _is_reserved(label):
            message = f"`{label}` is reserved ({_reserved()}); choose another name"
            yield ("rules", position, "on_fail", "label"), message


def _check_prefixes(file: PolicyFile) -> Iterator[Remark]:
    if file.label_prefix in file.previous_label_prefixes:
        message = f"`{file.label_prefix}` is the prefix of today; name only what it was before"
        yield ("previous_label_prefixes", file.previous_label_prefixes.index(file.label_prefix)), message


def _is_reserved(label: str) -> bool:
    return label in (*RESERVED_HUMAN_LABELS, *_OWN_LABELS) or label.startswith(_OWN_LABEL_BEGINNINGS)


def _reserved() -> str:
    return ", ".join((*RESERVED_HUMAN_LABELS, *_OWN_LABELS, *(f"{text}…" for text in _OWN_LABEL_BEGINNINGS)))


def _check_escalation(file: PolicyFile, trackers: TrackersFile) -> Iterator[Remark]:
    if file.escalation is None:
        return
    target = file.escalation.create_in
    path: YamlPath = ("escalation", "create_in")
    tracker = trackers.trackers.get(target.tracker)
    if tracker is None:
        yield (*path, "tracker"), f"`{target.tracker}` is no tracker; {meant(target.tracker, trackers.trackers)}"
        return
    if target.project not in tracker.scope.projects:
        message = (
            f"`{plain(target.project)}` is not in the tracker's scope; {meant(target.project, tracker.scope.projects)}"
        )
        yield (*path, "project"), message
    close_to = file.escalation.close_to
    statuses = _statuses(tracker, target.project, target.type)
    if close_to is not None and statuses and close_to.casefold() not in {status.casefold() for status in statuses}:
        message = f"`{plain(close_to)}` is no status that `stages` names; {meant(close_to, statuses)}"
        yield ("escalation", "close_to"), message


def _statuses(tracker: TrackerStanza, project: str, kind: str) -> tuple[str, ...]:
    """The statuses that are mapped for that type, where its level has a complete mapping; else none."""
    for entry in tracker.levels:
        if kind in entry.types and (not entry.projects or project in entry.projects):
            return tuple(tracker.stages.get(entry.level, {}))
    return ()


def _check_approval(file: PolicyFile, trackers: TrackersFile) -> Iterator[Remark]:
    approval = file.approval
    path: YamlPath = ("approval",)
    fields = [name for tracker in trackers.trackers.values() for name in tracker.fields]
    if approval.field is not None and approval.field not in fields:
        yield (*path, "field"), f"no tracker has the field `{approval.field}`; {meant(approval.field, fields)}"
    if (approval.field is None) != (not approval.values):
        yield path, "`field` and `values` go together: name the field, and the values of it that approve"
    prefixes = (file.label_prefix, *file.previous_label_prefixes)
    if approval.label is not None and name_under(prefixes, approval.label) not in (None, "approved"):
        message = f"lpm-sync itself writes labels that begin with `{'` or `'.join(prefixes)}`; people approve with"
        yield (*path, "label"), f"{message} `{file.label_prefix}approved` or a label without the prefix"

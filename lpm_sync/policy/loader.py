"""Loads the three configuration files and the lock beside them, and tells every mistake in them at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from lpm_sync.errors import ConfigurationError
from lpm_sync.plugins import RuleClass, installed, rule_classes
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.explanation import explain
from lpm_sync.policy.lock import LOCK_FILE, LockFile
from lpm_sync.policy.mistakes import Mistake, Remark, in_order
from lpm_sync.policy.models import Stanza
from lpm_sync.policy.policy import PolicyFile
from lpm_sync.policy.policy_checks import check_policy
from lpm_sync.policy.stanzas import KANBAN_RULE, govern
from lpm_sync.policy.stream_checks import check_value_streams
from lpm_sync.policy.tracker_checks import check_trackers
from lpm_sync.policy.trackers import TrackersFile
from lpm_sync.policy.value_streams import ValueStreamsFile
from lpm_sync.policy.whereabouts import report_places_written, whereabouts
from lpm_sync.policy.yaml_source import YamlDocument, read_yaml
from lpm_sync.rules.base import GovernedRule

DAMAGED = "take it back from version control, or write it anew: lpm-sync doctor --pin"
SHOWN_LIMIT = 50
"""How many mistakes are told at once."""

_File = TypeVar("_File", bound=Stanza)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source(Generic[_File]):
    """One file: as it was written, and as its model."""

    document: YamlDocument
    model: _File

    def mistakes(self, remarks: Iterable[Remark]) -> list[Mistake]:
        return [Mistake.at(self.document, where, what) for where, what in remarks]


def load_configuration(
    directory: Path, rules: Sequence[RuleClass] | None = None, *, goes_by_lock: bool = True
) -> Configuration:
    """Reads `trackers.yaml`, `value_streams.yaml` and `policy.yaml` in `directory`, and the lock beside them.

    `rules` are the rules that stanzas may name; all installed ones where none are given. Without `goes_by_lock` nothing
    is pinned, whatever the lock says. Raises ConfigurationError
    with one line a mistake, in the order of the files and lines: `file:line: path: what, and what was meant`.
    """
    unreadable: list[str] = []
    mistakes: list[Mistake] = []
    trackers = _read(directory / "trackers.yaml", TrackersFile, unreadable, mistakes)
    value_streams = _read(directory / "value_streams.yaml", ValueStreamsFile, unreadable, mistakes)
    policy = _read(directory / "policy.yaml", PolicyFile, unreadable, mistakes)
    lock = _read_lock(directory / LOCK_FILE, unreadable, mistakes) if goes_by_lock else None
    known = rule_classes() if rules is None else rules
    governed: tuple[GovernedRule, ...] = ()
    if policy is not None:
        governed, remarks = govern(policy.model, policy.document, known)
        mistakes += policy.mistakes(remarks)
    if trackers is not None and value_streams is not None and policy is not None:
        mistakes = _check_together(trackers, value_streams, policy, known) + mistakes
    if trackers is None or value_streams is None or policy is None or unreadable or mistakes:
        raise ConfigurationError(_told([*unreadable, *map(str, in_order(mistakes))]))
    return Configuration(
        trackers_file=trackers.model,
        value_streams_file=value_streams.model,
        policy_file=policy.model,
        rules=governed,
        lock=lock.model if lock else None,
        report_on_at=report_places_written(value_streams.model, value_streams.document),
        written_at=whereabouts(trackers.model, trackers.document, policy.model, policy.document),
        version=_version(source.document for source in (trackers, value_streams, policy, lock) if source is not None),
        warnings=tuple(_warnings(policy.model, governed)),
    )


def _told(mistakes: Sequence[str]) -> str:
    """One line a mistake, as far as anyone reads on."""
    rest = len(mistakes) - SHOWN_LIMIT
    return "\n".join([*mistakes[:SHOWN_LIMIT], *([f"and {rest} more"] if rest > 0 else [])])


def _read(path: Path, model: type[_File], unreadable: list[str], mistakes: list[Mistake]) -> _Source[_File] | None:
    """The file at `path`, or None, with what is wrong added to `unreadable` or `mistakes`."""
    try:
        document = read_yaml(path)
    except ConfigurationError as error:
        unreadable.append(str(error))
        return None
    try:
        return _Source(document=document, model=model.model_validate(document.content))
    except ValidationError as error:
        mistakes += [Mistake.at(document, where, what) for where, what in explain(error, model)]
        return None


def read_lock(directory: Path) -> LockFile | None:
    """The lock, to be renewed; None where there is none, or where it is damaged."""
    lock = _read_lock(directory / LOCK_FILE, [], [])
    return lock.model if lock is not None else None


def _read_lock(path: Path, unreadable: list[str], mistakes: list[Mistake]) -> _Source[LockFile] | None:
    """The lock, if there is one; what is wrong with it is nothing that a person should mend in it."""
    if not path.exists():
        return None
    wrong: list[Mistake] = []
    not_read: list[str] = []
    lock = _read(path, LockFile, not_read, wrong)
    unreadable += [f"{text}; {DAMAGED}" for text in not_read]
    mistakes += [replace(one, message=f"{one.message}; {DAMAGED}") for one in wrong]
    return lock


def _check_together(
    trackers: _Source[TrackersFile],
    value_streams: _Source[ValueStreamsFile],
    policy: _Source[PolicyFile],
    rules: Sequence[RuleClass],
) -> list[Mistake]:
    """What is wrong between the files, and between the parts of each."""
    chats = installed("chats")
    called = [*chats, *(chat.called for chat in policy.model.digest.chats)]
    portfolio = value_streams.model.portfolio
    prefixes = (policy.model.label_prefix, *policy.model.previous_label_prefixes)
    matches = [match for stream in value_streams.model.value_streams for match in stream.match]
    by_name = {name for match in matches for name in match.field or {}}
    by_name |= {name for rule in rules for name in rule.reads}
    if policy.model.approval.field is not None:
        by_name.add(policy.model.approval.field)
    return [
        *trackers.mistakes(check_trackers(trackers.model, portfolio, installed("connectors"), by_name)),
        *value_streams.mistakes(check_value_streams(value_streams.model, trackers.model, called, prefixes)),
        *policy.mistakes(check_policy(policy.model, trackers.model, chats)),
    ]


def _version(documents: Iterable[YamlDocument]) -> str:
    """A fingerprint of what the files say: comments and layout do not count."""
    content = [document.content for document in documents]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def _warnings(policy: PolicyFile, governed: Sequence[GovernedRule]) -> Iterator[str]:
    codes = {entry.rule.code for entry in governed}
    if policy.kanban.wip and KANBAN_RULE not in codes:
        yield f"kanban.wip has no effect, as no stanza governs the rule {KANBAN_RULE}"
    if policy.escalation is None and any(entry.escalate_after is not None for entry in governed):
        yield "blockers of items without a portfolio epic are not escalated, as escalation.create_in is not set"

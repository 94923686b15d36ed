"""The marks by which an escalation epic is known, and the blocker that it stands for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lpm_sync.core.card import LabelMemory, parse_footer
from lpm_sync.core.governance import name_under
from lpm_sync.core.work_item import Ref, SourceItem

ESCALATION = "escalation"
"""The label (without prefix) that every escalation epic carries."""

_BLOCKER = "blocker-"
_LONGEST_PART = 60  # characters; trackers take labels of 255


def marker_label(prefix: str, blocker: Ref) -> str:
    """The label that names one blocker: `lpm:blocker-jira-10012`."""
    return prefix + marker_name(blocker)


def marker_name(blocker: Ref) -> str:
    """The same without prefix: words of `[a-z0-9]` between single hyphens, which the footer of a card can hold.

    Two blockers never share one: where the words do not fit the alphabet as they are, or could be cut in two ways, they
    stand between a 0, with which no other marker begins, and ten digits of a hash.
    """
    tracker, identifier = _sanitised(blocker.tracker), _sanitised(blocker.id)
    is_exact = (tracker, identifier) == (blocker.tracker, blocker.id) and "-" not in identifier
    if is_exact and tracker and identifier and not tracker[0].isdigit():
        return f"{_BLOCKER}{tracker}-{identifier}"
    words = ("0", tracker, identifier, hashlib.sha256(_unambiguous(blocker)).hexdigest()[:10])
    return _BLOCKER + "-".join(word for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationMarks:
    """What tells the escalation epics of ours from work: any one of their labels, their card, or what is remembered.

    `prefixes` are those that labels of ours have or had. `remembered` are epics that were opened and not yet closed,
    with the label of their blocker. A mark counts only on an item that our account created.
    """

    prefixes: tuple[str, ...] = ("lpm:",)
    remembered: Mapping[Ref, str] = field(default_factory=dict)

    def is_escalation_epic(self, source: SourceItem) -> bool:
        """Whether our account created the item as an escalation epic: rules, WIP and money leave it out."""
        return source.is_ours and any(map(_is_mark, self._names(source)))

    def marker_of(self, source: SourceItem) -> str | None:
        """The marker of an escalation epic, without prefix: as its card says, else a label, else what is remembered.

        None where nothing tells it any more.
        """
        return next((name for name in self._names(source) if name.startswith(_BLOCKER)), None)

    def _names(self, source: SourceItem) -> Iterator[str]:
        """All names of ours that the item has or had, those before that people cannot change."""
        yield from (label.name for label in labels_on_cards(source))
        yield from sorted(self._named(source.labels))
        yield from self._named([self.remembered[source.ref]] if source.ref in self.remembered else ())

    def _named(self, labels: Iterable[str]) -> Iterator[str]:
        return (name for label in labels if (name := name_under(self.prefixes, label)) is not None)


def labels_on_cards(source: SourceItem) -> Iterator[LabelMemory]:
    """The labels that the footers of our comments remember."""
    for comment in source.own_comments:
        footer = parse_footer(comment.text)
        yield from footer.labels if footer is not None else ()


def _is_mark(name: str) -> bool:
    return name == ESCALATION or name.startswith(_BLOCKER)


def _sanitised(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_PART].strip("-")


def _unambiguous(blocker: Ref) -> bytes:
    return f"{len(blocker.tracker)}:{blocker.tracker}:{blocker.id}".encode()

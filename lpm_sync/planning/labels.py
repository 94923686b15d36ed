"""Labels of one item: which to set, which to take away, and what is remembered of those that people removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import LabelMemory
from lpm_sync.core.governance import Governance


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDecision:
    """Names without prefix. `memory` is what the card's footer is to remember."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    memory: tuple[LabelMemory, ...]


def decide_labels(
    *,
    desired: Collection[str],
    present: Collection[str],
    remembered: Iterable[LabelMemory],
    today: date,
    calendar: BusinessCalendar,
    governance: Governance,
) -> LabelDecision:
    """Compares the labels wanted with those present, and honours what people removed.

    A label that we wrote, that is still wanted and that is gone was removed by a person: it stays away for the
    cool-down, and for ever after the removal that makes it contested. Once its finding is gone it is forgotten.
    """
    known = {memory.name: memory for memory in remembered}
    add: list[str] = []
    memories: list[LabelMemory] = []
    for name in sorted(desired):
        memory = known.get(name)
        if name in present:
            memory = _written(name, memory)
        elif memory is None:
            memory = _written(name, None)
            add.append(name)
        elif memory.removed_on is None:
            memory = replace(memory, turns=memory.turns + 1, removed_on=today)
        elif _may_return(memory, today, calendar, governance):
            memory = _written(name, memory)
            add.append(name)
        memories.append(memory)
    return LabelDecision(add=tuple(add), remove=tuple(sorted(set(present) - set(desired))), memory=tuple(memories))


def _written(name: str, memory: LabelMemory | None) -> LabelMemory:
    return LabelMemory(name=name, turns=memory.turns if memory else 0, removed_on=None)


def _may_return(memory: LabelMemory, today: date, calendar: BusinessCalendar, governance: Governance) -> bool:
    if memory.removed_on is None or memory.turns >= governance.contested_after:
        return False
    return calendar.business_days_between(memory.removed_on, today) >= governance.cool_down

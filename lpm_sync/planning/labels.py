"""Labels of one item: which to set, which to take away, and what is remembered of those that people removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from lpm_sync.core.calendar import BusinessCalendar
from lpm_sync.core.card import Footer, LabelMemory
from lpm_sync.core.change import AddLabel, ItemChange, RemoveLabel
from lpm_sync.core.governance import Governance, name_under
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import WorkItem
from lpm_sync.report.card_content import SuppressedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDecision:
    """Names without prefix. `memory` is what the card's footer is to remember."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    memory: tuple[LabelMemory, ...]


NOBODY_ASKS = "no rule asks for it"
"""Why a label goes that stands without a card that tells who asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan:
    """The changes of an item's labels, and what its card says about them: `memory` in its footer."""

    changes: tuple[ItemChange, ...]
    memory: tuple[LabelMemory, ...]
    suppressed: tuple[SuppressedLabel, ...]


def plan_labels(
    item: WorkItem,
    wanted: Mapping[str, Collection[str]],
    previous: Footer | None,
    portfolio: Portfolio,
    governance: Governance,
    *,
    asked_before: Callable[[str], tuple[str, ...]],
) -> LabelPlan:
    """Compares the labels wanted on an item (names without prefix, with who asks for them) with those of ours there.

    `asked_before` tells why one goes. A label under a prefix of the past goes too, and comes again under that of today.
    """
    # A tracker may hold one name in two spellings, so each label is looked at by itself.
    ours = {
        label: name_under(governance.prefixes, label) or ""
        for label in sorted(item.labels)
        if governance.is_ours(label)
    }
    outdated = {label for label, name in ours.items() if label.lower() != governance.label_prefix + name}
    present = frozenset(name for label, name in ours.items() if label not in outdated)
    decision = decide_labels(
        desired=wanted.keys(),
        present=present,
        renamed=frozenset(ours[label] for label in outdated),
        remembered=previous.labels if previous else (),
        today=portfolio.today,
        calendar=portfolio.calendar,
        governance=governance,
    )
    removed = [label for label, name in ours.items() if name in decision.remove or label in outdated]
    return LabelPlan(
        changes=(
            *(
                RemoveLabel(label=one, because=_sorted(wanted.get(ours[one])) or asked_before(ours[one]))
                for one in removed
            ),
            *(AddLabel(label=governance.label_prefix + name, because=_sorted(wanted[name])) for name in decision.add),
        ),
        memory=decision.memory,
        suppressed=tuple(_suppressed(decision.memory, portfolio.calendar, governance)),
    )


def _sorted(codes: Collection[str] | None) -> tuple[str, ...]:
    return tuple(sorted(codes or ()))


def _suppressed(
    memories: Iterable[LabelMemory], calendar: BusinessCalendar, governance: Governance
) -> Iterator[SuppressedLabel]:
    for memory in memories:
        if memory.removed_on is not None:
            is_contested = memory.turns >= governance.contested_after
            yield SuppressedLabel(
                label=governance.label_prefix + memory.name,
                removed_on=memory.removed_on,
                until=None if is_contested else calendar.add_business_days(memory.removed_on, governance.cool_down),
                turns=memory.turns,
            )


def decide_labels(
    *,
    desired: Collection[str],
    present: Collection[str],
    renamed: Collection[str] = (),
    remembered: Iterable[LabelMemory],
    today: date,
    calendar: BusinessCalendar,
    governance: Governance,
) -> LabelDecision:
    """Compares the labels wanted with those present, and honours what people removed.

    A label that we wrote, that is still wanted and that is gone was removed by a person: it stays away for the
    cool-down, and for ever after the removal that makes it contested. Once its finding is gone it is forgotten.
    Names in `renamed` stand under another prefix: nobody removed them.
    """
    known = {memory.name: memory for memory in remembered}
    add: list[str] = []
    memories: list[LabelMemory] = []
    for name in sorted(desired):
        memory = known.get(name)
        if name in present:
            memory = _written(name, memory)
        elif memory is None or name in renamed:
            memory = _written(name, memory)
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

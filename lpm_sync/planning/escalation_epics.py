"""Escalation epics: one for each blocker whose blocked items have no portfolio epic above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lpm_sync.core.card import Footer, LabelMemory, card_id, parse_footer
from lpm_sync.core.change import AddLink, CloseEscalation, ItemChange, OpenEscalation
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.escalation_marker import ESCALATION, marker_label, marker_name
from lpm_sync.core.governance import Governance, name_under
from lpm_sync.core.plan import ItemPlan
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.text import one_line
from lpm_sync.core.work_item import OwnComment, Ref, WorkItem
from lpm_sync.planning.escalation import Escalation, EscalationPlan
from lpm_sync.planning.item_plan import put_card, remove_doubles, tie
from lpm_sync.planning.labels import NOBODY_ASKS, plan_labels
from lpm_sync.planning.untold import untold
from lpm_sync.report.card_content import CardContent

_RESOLVED = "The dependency is resolved: nothing waits for this any more."
_DUPLICATE = "Another escalation of the same blocker stands already; this one is not needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationEpics:
    """Changes on the epics that stand, and the epics to create."""

    items: tuple[ItemPlan, ...]
    to_open: tuple[OpenEscalation, ...]


def plan_escalation_epics(
    portfolio: Portfolio, governance: Governance, escalations: EscalationPlan, opened: Mapping[str, Ref]
) -> EscalationEpics:
    """Opens what is missing, keeps what stands up to date, closes what is resolved or double.

    While something was not delivered nothing is opened or resolved: what is unknown may have a portfolio epic above it.
    """
    wanted = {marker_name(one.blocker.ref): one for one in escalations.orphans}
    lately = {name_under(governance.prefixes, marker) for marker in opened}
    unknown = untold(portfolio, escalations)
    items: list[ItemPlan] = []
    for marker, (epic, *doubles) in portfolio.escalations.items():
        if unknown.is_named_on(epic):
            continue
        if marker in wanted:
            items.extend(_planned(epic, _update(epic, wanted[marker], portfolio, governance)))
        elif not escalations.holds_all:
            items.extend(_planned(epic, _close(epic, _RESOLVED, governance)))
        for double in doubles:
            items.extend(_planned(double, _close(double, _DUPLICATE, governance)))
    missing = wanted.keys() - portfolio.escalations.keys() - lately
    may_open = governance.escalation is not None and not portfolio.stale
    return EscalationEpics(
        items=tuple(items),
        to_open=tuple(_open(wanted[marker], governance) for marker in sorted(missing)) if may_open else (),
    )


def _planned(epic: WorkItem, changes: Iterator[ItemChange]) -> Iterator[ItemPlan]:
    found = () if epic.is_stale else tuple(changes)
    if found:
        yield tie(epic, found)


def _update(
    epic: WorkItem, escalation: Escalation, portfolio: Portfolio, governance: Governance
) -> Iterator[ItemChange]:
    cards = _cards_on(epic)
    comment, footer = _first(cards)
    wanted = dict.fromkeys(_own_names(escalation), escalation.section.codes)
    labels = plan_labels(epic, wanted, footer, portfolio, governance, asked_before=lambda name: (NOBODY_ASKS,))
    yield from labels.changes
    content = replace(_content(escalation, governance), labels=labels.memory, suppressed=labels.suppressed)
    yield from put_card(card_id(escalation.blocker.ref), content, comment, footer)
    yield from remove_doubles(cards)
    for link in _links(escalation):
        if link.target.tracker == epic.ref.tracker and link.target not in epic.source.linked:
            yield link


def _close(epic: WorkItem, reason: str, governance: Governance) -> Iterator[ItemChange]:
    comment, footer = _first(_cards_on(epic))
    identifier = footer.card_id if footer else card_id(epic.ref)
    remembered = footer.labels if footer else ()
    content = CardContent(when_clear=reason, labels=remembered, label_prefix=governance.label_prefix)
    yield from put_card(identifier, content, comment, footer)
    target = governance.escalation
    if target is not None and target.close_to is not None:
        yield CloseEscalation(status=target.close_to, because=(ESCALATION,))


def _open(escalation: Escalation, governance: Governance) -> OpenEscalation:
    target = governance.escalation
    if target is None:  # the caller asks only where there is one
        raise ValueError("no place for escalation epics is configured")
    blocker = escalation.blocker
    said = f"{blocker.key} holds up items that have no portfolio epic above them. The comment below says which."
    return OpenEscalation(
        tracker=target.tracker,
        project=target.project,
        type=target.type,
        title=f"Escalation: blocked by {blocker.key} {one_line(blocker.title, 150)}",
        labels=tuple(governance.label_prefix + name for name in _own_names(escalation)),
        marker=marker_label(governance.label_prefix, blocker.ref),
        blocker=blocker.ref,
        document=Document(blocks=(paragraph(said),)),
        because=escalation.section.codes,
        follow_up=(
            *put_card(card_id(blocker.ref), _content(escalation, governance), None, None),
            *_links(escalation),
        ),
    )


def _content(escalation: Escalation, governance: Governance) -> CardContent:
    return CardContent(
        escalations=(escalation.section,),
        labels=tuple(LabelMemory(name=name) for name in _own_names(escalation)),
        label_prefix=governance.label_prefix,
    )


def _own_names(escalation: Escalation) -> tuple[str, str]:
    """The labels that an epic is created with, without prefix; its card remembers them, and is known by them."""
    return ESCALATION, marker_name(escalation.blocker.ref)


def _links(escalation: Escalation) -> Iterator[AddLink]:
    for item in (escalation.blocker, *escalation.blocked):
        yield AddLink(
            target=item.ref,
            target_url=item.source.url,
            target_title=one_line(f"{item.key} {item.title}", 200),
            because=escalation.section.codes,
        )


def _cards_on(epic: WorkItem) -> tuple[tuple[OwnComment, Footer], ...]:
    """Our cards on an epic of ours: comments that end with a footer, whichever blocker they are about."""
    own = ((comment, parse_footer(comment.text)) for comment in epic.source.own_comments)
    return tuple((comment, footer) for comment, footer in own if footer is not None)


def _first(cards: tuple[tuple[OwnComment, Footer], ...]) -> tuple[OwnComment | None, Footer | None]:
    return cards[0] if cards else (None, None)

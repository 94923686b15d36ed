"""The pieces of a plan that items and escalation epics share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lpm_sync.core.card import Footer, code_of
from lpm_sync.core.change import ItemChange, PutCard, RemoveCard
from lpm_sync.core.escalation_marker import ESCALATION
from lpm_sync.core.plan import ItemPlan
from lpm_sync.core.work_item import OwnComment, WorkItem, precondition
from lpm_sync.report.card import card_footer, render_card
from lpm_sync.report.card_content import CardContent


def tie(item: WorkItem, changes: tuple[ItemChange, ...]) -> ItemPlan:
    """The changes of one item, tied to what was read of it."""
    return ItemPlan(
        ref=item.ref,
        key=item.key,
        title=item.title,
        url=item.source.url,
        precondition=precondition(item.source),
        changes=changes,
    )


def put_card(
    identifier: str, content: CardContent, comment: OwnComment | None, previous: Footer | None
) -> Iterator[PutCard]:
    """The card, where it says something else than the one that stands; fingerprints are compared, never texts."""
    footer = card_footer(identifier, content)
    if previous is not None and previous.fingerprint == footer.fingerprint:
        return
    stated = (*footer.findings, *(previous.findings if previous else ()))
    codes = {code_of(token) for token, _ in stated} | {code for one in content.escalations for code in one.codes}
    codes |= {one.code for one in content.escalated_findings}
    codes = codes or {ESCALATION}  # a card that says nothing any more, and stated no finding, was about an escalation
    yield PutCard(
        card=render_card(identifier, content),
        card_id=identifier,
        comment_id=comment.id if comment else None,
        before=comment.text if comment else "",
        because=tuple(sorted(codes)),
    )


def remove_doubles(cards: Sequence[tuple[OwnComment, Footer]]) -> Iterator[RemoveCard]:
    """Takes away every card but the first."""
    for comment, _ in cards[1:]:
        yield RemoveCard(comment_id=comment.id, because=("second card",))

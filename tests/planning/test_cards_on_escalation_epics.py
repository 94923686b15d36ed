"""The card on an escalation epic: kept up to date, single, and closed with its reason."""

from __future__ import annotations

from msgspec.structs import replace

from lpm_sync.core.change import AddLink, CloseEscalation, PutCard, RemoveCard
from lpm_sync.core.document import plain_text
from lpm_sync.core.escalation_marker import ESCALATION
from lpm_sync.core.work_item import OwnComment, WorkItem
from lpm_sync.rules.example import aside, feature, portfolio_of, ref_of
from tests.planning.conftest import blocked, carded, changes_on, escalation_epic, evaluation, planned

ITEMS = feature("PAY-2", blocked_by=["PAY-3"]), feature("PAY-3")
OUTCOME = evaluation(blocked("PAY-2", by="PAY-3"), escalates=True)
RESOLVED = evaluation(escalates=True)


def standing() -> WorkItem:
    """An epic as it is once its creation and what follows it went through."""
    [opening] = planned(portfolio_of(*ITEMS), OUTCOME).escalations
    epic = carded(escalation_epic("PORT-9", blocker="PAY-3"), opening.follow_up)
    return replace(epic, source=replace(epic.source, linked=frozenset((ref_of("PAY-2"), ref_of("PAY-3")))))


def test_what_follows_its_creation_leaves_nothing_to_write() -> None:
    plan = planned(portfolio_of(*ITEMS, standing()), OUTCOME)
    assert (changes_on("PORT-9", plan), plan.escalations) == ((), ())


def test_a_card_or_a_link_that_did_not_come_through_is_written_in_the_next_cycle() -> None:
    bare = escalation_epic("PORT-9", blocker="PAY-3")
    changes = changes_on("PORT-9", planned(portfolio_of(*ITEMS, bare), OUTCOME))
    assert [type(change) for change in changes] == [PutCard, AddLink, AddLink]


def test_a_second_card_is_taken_away_and_the_first_stays() -> None:
    epic = standing()
    [first] = epic.source.own_comments
    second = OwnComment(id="2", text=first.text, updated=first.updated)
    twice = replace(epic, source=replace(epic.source, own_comments=(first, second)))
    assert changes_on("PORT-9", planned(portfolio_of(*ITEMS, twice), OUTCOME)) == (
        RemoveCard(comment_id="2", because=("second card",)),
    )


def test_when_it_is_resolved_the_card_says_so_and_every_change_has_its_reason() -> None:
    changes = changes_on("PORT-9", planned(portfolio_of(feature("PAY-3"), standing()), RESOLVED))
    assert [type(change) for change in changes] == [PutCard, CloseEscalation]
    assert "resolved" in plain_text(changes[0].card.document)
    assert all(change.because == (ESCALATION,) for change in changes)


def test_it_stays_while_an_item_that_it_speaks_of_is_in_quarantine() -> None:
    portfolio = portfolio_of(feature("PAY-3"), standing(), quarantined=(aside("PAY-2"),))
    assert planned(portfolio, RESOLVED).is_empty

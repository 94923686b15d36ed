"""The card of an item: what makes it this item's, when it is written anew, how long it may be."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from lpm_sync.core.change import PutCard
from lpm_sync.core.document import plain_text
from lpm_sync.core.finding import Mode, Reading
from lpm_sync.rules.example import feature, portfolio_of
from tests.planning.conftest import carded, changes_on, evaluation, finding, planned

LONGEST_COMMENT = 32_767  # characters, in every tracker


def card_among(changes) -> PutCard:
    [card] = [change for change in changes if isinstance(change, PutCard)]
    return card


def test_a_card_that_came_with_a_copy_of_another_item_is_not_this_items_card() -> None:
    original = feature("PAY-1")
    plan = planned(portfolio_of(original), evaluation(finding("PAY-1")))
    copied = carded(original, changes_on("PAY-1", plan)).source.own_comments
    copy = feature("PAY-2")
    copy = structs.replace(copy, source=structs.replace(copy.source, own_comments=copied))
    card = card_among(changes_on("PAY-2", planned(portfolio_of(copy), evaluation(finding("PAY-2")))))
    assert (card.comment_id, card.before) == (None, "")


def test_a_label_that_is_set_later_is_remembered_on_the_card_that_stands() -> None:
    commented = evaluation(finding("PAY-1", mode=Mode.COMMENT, label="not-ready"))
    item = carded(feature("PAY-1"), changes_on("PAY-1", planned(portfolio_of(feature("PAY-1")), commented)))
    plan = planned(portfolio_of(item), evaluation(finding("PAY-1", label="not-ready")))
    card = card_among(changes_on("PAY-1", plan))
    assert card.comment_id == "1"
    assert card.card.footer.endswith("labels not-ready")


def test_a_card_with_a_thousand_findings_fits_a_comment() -> None:
    readings = (Reading(name="seen", shown="a long value " * 20),)
    findings = [replace(finding("PAY-1", readings=readings), code=f"TST{n}") for n in range(1000)]
    card = card_among(changes_on("PAY-1", planned(portfolio_of(feature("PAY-1")), evaluation(*findings))))
    assert len(plain_text(card.card.document)) < LONGEST_COMMENT
    assert "not fit here" in plain_text(card.card.document)

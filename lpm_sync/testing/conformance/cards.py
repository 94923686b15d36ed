"""What the card is owed: one comment of ours, edited in place, whose last line comes back as it was written."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import Card, RemoveCard, Result
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span
from lpm_sync.core.work_item import OwnComment, Ref
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import (
    BECAUSE,
    Obligations,
    decide_and_apply,
    feature,
    footer,
    last_line,
    pulled,
    put_card,
    results,
)

HOSTILE_TEXTS = (
    "emoji 💶🧑‍🚀 and combining é",
    "right to left: \u202eevil\u202c שלום مرحبا",
    "wiki *bold* _under_ {code}x{code} {noformat} h1. no ||table|| [link|https://evil.example] !image.png!",
    "markdown **bold** `code` # no [link](https://evil.example) ![image](https://evil.example/x.png) | table |",
    "html <b>bold</b> <script>alert(1)</script> <a href='https://evil.example'>x</a> &amp; &#64;",
    "mentions @channel <!channel> <@U1> [~accountid:x] [~admin] <at>all</at> @everyone",
    "----",
    "> quoted",
    "- not a list",
    "1. not a list",
    "quotes \" and ' and \\ and \\\\ and \\n",
    "tabs\tand a very" + " long" * 400 + " line",
)


class CardObligations(Obligations):
    """`apply` with `PutCard` and `RemoveCard`."""

    def test_a_card_is_one_comment_of_ours_that_ends_with_its_footer(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        outcomes = decide_and_apply(tracker, ref, put_card(ref, "Not ready: no acceptance criteria."))
        assert results(outcomes) == [Result.WRITTEN]
        [comment] = backdoor.comments(ref)
        assert comment.is_ours
        assert "Not ready: no acceptance criteria." in comment.text
        own = _own_comment(tracker, ref)
        assert own.id == comment.id
        assert last_line(own.text) == footer(ref)

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_a_hostile_text_stays_text_and_leaves_the_footer_alone(
        self, backdoor: TrackerBackdoor, tracker: Tracker, text: str
    ) -> None:
        ref = feature(backdoor)
        assert results(decide_and_apply(tracker, ref, put_card(ref, "Before.", text, "After."))) == [Result.WRITTEN]
        own = _own_comment(tracker, ref)
        assert last_line(own.text) == footer(ref)
        assert parse_footer(own.text) is not None
        assert _letters(f"Before. {text} After.") in _letters(own.text)

    def test_every_kind_of_block_is_rendered_in_its_order(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        document = Document(
            blocks=(
                Heading(text="Heading * one"),
                Paragraph(spans=(Span(text="Strong_words", is_strong=True), Span(text=" and plain "), _link())),
                BulletList(items=((Span(text="first"),), (Span(text="second "), _link()), (Span(text="third"),))),
                Paragraph(spans=(Span(text="The end."),)),
            )
        )
        put = replace(put_card(ref), card=Card(document=document, footer=footer(ref)))
        assert results(decide_and_apply(tracker, ref, put)) == [Result.WRITTEN]
        words = _letters(_own_comment(tracker, ref).text)
        order = [words.index(_letters(text)) for text in ("Heading", "Strong_words", "first", "third", "The end")]
        assert order == sorted(order)
        assert last_line(_own_comment(tracker, ref).text) == footer(ref)

    def test_a_long_card_is_written_whole(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        texts = [f"Finding {n} {'words and more words ' * 5}" for n in range(95)]  # about 10 KB
        assert results(decide_and_apply(tracker, ref, put_card(ref, *texts))) == [Result.WRITTEN]
        own = _own_comment(tracker, ref)
        assert _letters(texts[0]) in _letters(own.text)
        assert _letters(texts[-1]) in _letters(own.text)
        assert last_line(own.text) == footer(ref)

    def test_a_new_text_is_edited_in_place(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decide_and_apply(tracker, ref, put_card(ref, "First."))
        comment_id = _own_comment(tracker, ref).id
        put = put_card(ref, "Second.", version=2, comment_id=comment_id)
        assert results(decide_and_apply(tracker, ref, put)) == [Result.WRITTEN]
        [comment] = backdoor.comments(ref)
        assert comment.id == comment_id
        assert "Second." in comment.text
        assert "First." not in comment.text
        assert last_line(_own_comment(tracker, ref).text) == footer(ref, 2)

    def test_the_same_card_twice_is_unchanged_and_costs_no_write(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        decide_and_apply(tracker, ref, put_card(ref, "Same."))
        writes = backdoor.count_writes()
        for comment_id in (_own_comment(tracker, ref).id, None):
            put = put_card(ref, "Same.", comment_id=comment_id)
            assert results(decide_and_apply(tracker, ref, put)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes

    def test_a_card_that_the_plan_did_not_know_is_edited_and_not_doubled(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        old = backdoor.add_comment(ref, f"Written before the state was lost.\n{footer(ref, 1)}", is_ours=True)
        outcomes = decide_and_apply(tracker, ref, put_card(ref, "Adopted.", version=2))
        assert results(outcomes) == [Result.WRITTEN]
        [comment] = backdoor.comments(ref)
        assert comment.id == old
        assert "Adopted." in comment.text

    def test_a_comment_of_ours_that_is_no_card_stays_as_it_is(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        backdoor.add_comment(ref, "Our account says hello by hand.", is_ours=True)
        decide_and_apply(tracker, ref, put_card(ref, "The card."))
        first, second = backdoor.comments(ref)
        assert first.text.strip() == "Our account says hello by hand."
        assert "The card." in second.text

    def test_a_person_who_quotes_our_card_keeps_their_comment(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        backdoor.add_comment(ref, f"Look what the bot wrote:\n{footer(ref)}")
        before = backdoor.comments(ref)[0]
        assert results(decide_and_apply(tracker, ref, put_card(ref, "The card."))) == [Result.WRITTEN]
        comments = backdoor.comments(ref)
        assert comments[0] == before
        assert [comment.is_ours for comment in comments] == [False, True]

    def test_a_second_card_is_removed_and_the_first_stays(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        first = backdoor.add_comment(ref, f"First card.\n{footer(ref)}", is_ours=True)
        backdoor.add_comment(ref, "A person answers.")
        second = backdoor.add_comment(ref, f"Second card.\n{footer(ref)}", is_ours=True)
        removal = RemoveCard(comment_id=second, because=BECAUSE)
        assert results(decide_and_apply(tracker, ref, removal)) == [Result.WRITTEN]
        assert [(comment.id, comment.is_ours) for comment in backdoor.comments(ref) if comment.is_ours] == [
            (first, True)
        ]
        assert len(backdoor.comments(ref)) == 2
        writes = backdoor.count_writes()
        assert results(decide_and_apply(tracker, ref, removal)) == [Result.UNCHANGED]
        assert backdoor.count_writes() == writes

    def test_a_comment_of_a_person_is_never_removed_or_edited(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref = feature(backdoor)
        theirs = backdoor.add_comment(ref, f"Mine.\n{footer(ref)}")
        before = backdoor.comments(ref)[0]
        decide_and_apply(tracker, ref, RemoveCard(comment_id=theirs, because=BECAUSE))
        decide_and_apply(tracker, ref, put_card(ref, "Mistaken.", comment_id=theirs))
        assert backdoor.comments(ref)[0] == before


def _own_comment(tracker: Tracker, ref: Ref) -> OwnComment:
    [comment] = pulled(tracker, ref).own_comments
    return comment


def _letters(text: str) -> str:
    """What must survive any markup and its escaping: letters and digits in their order."""
    return re.sub(r"[\W_]+", "", text)


def _link() -> Span:
    return Span(text="PAY-12", href="https://tracker.example/browse/PAY-12?a=1&b=2")

"""What the parts of the suite share: the fixtures, and short ways to say common things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

import pytest

from lpm_sync.core.card import Footer, LabelMemory, card_id, render_footer
from lpm_sync.core.change import Card, ItemChange, Outcome, PutCard, Result
from lpm_sync.core.document import Block, Document, Heading, paragraph
from lpm_sync.core.work_item import Ref, SourceItem, precondition
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor

BECAUSE = ("DOR001",)
GOES_ON = pytest.mark.usefixtures("reading_that_goes_on")
"""Marks what is owed by connectors alone that read on from a position."""


class Obligations:
    """Fixtures of every part: a backdoor to an empty tracker, and a connector to it.

    A connector that reads everything each time, as the port allows, says so with `reads_on = False`.
    """

    reads_on: ClassVar[bool] = True

    @pytest.fixture
    def reading_that_goes_on(self) -> None:
        """Skips what is not owed."""
        if not self.reads_on:
            pytest.skip("this connector reads everything each time: it has no position to read on from")

    @pytest.fixture
    def backdoor(self) -> Iterator[TrackerBackdoor]:
        """To be overridden: a tracker of its own for each test."""
        raise NotImplementedError("override the fixture `backdoor` with one for your tracker")

    @pytest.fixture
    def tracker(self, backdoor: TrackerBackdoor) -> Iterator[Tracker]:
        connected = backdoor.connect()
        yield connected
        connected.close()


def feature(backdoor: TrackerBackdoor, title: str = "Refund a payment", *, labels: Sequence[str] = ()) -> Ref:
    """An ordinary item in the first project."""
    wording = backdoor.wording
    return backdoor.create_item(project=wording.projects[0], type=wording.feature_type, title=title, labels=labels)


def pulled(tracker: Tracker, ref: Ref) -> SourceItem:
    """That item as a complete pull brings it."""
    pull = tracker.pull()
    assert not pull.failures
    found = [item for item in pull.items if item.ref == ref]
    assert len(found) == 1, f"{ref} came {len(found)} times"
    return found[0]


def decide_and_apply(tracker: Tracker, ref: Ref, *changes: ItemChange) -> Sequence[Outcome]:
    """Pulls, and applies with the precondition of what came."""
    return tracker.apply(ref, changes, precondition(pulled(tracker, ref)))


def results(outcomes: Sequence[Outcome]) -> list[Result]:
    """What became of each change; whatever was not written must say why."""
    for outcome in outcomes:
        assert outcome.detail or outcome.result in (Result.WRITTEN, Result.UNCHANGED)
    return [outcome.result for outcome in outcomes]


def put_card(ref: Ref, *texts: str, version: int = 1, comment_id: str | None = None) -> PutCard:
    """The card of that item: a heading, and a paragraph a text; another version has another fingerprint."""
    blocks: tuple[Block, ...] = (Heading(text="Portfolio governance"), *(paragraph(text) for text in texts))
    card = Card(document=Document(blocks=blocks), footer=footer(ref, version))
    return PutCard(card=card, card_id=card_id(ref), comment_id=comment_id, before="", because=BECAUSE)


def footer(ref: Ref, version: int = 1) -> str:
    """The last line of that card, with one of everything that a footer can hold."""
    return render_footer(
        Footer(
            card_id=card_id(ref),
            fingerprint=f"{version:012x}",
            findings=(("DOR001", date(2026, 11, 9)), ("GRD101.pay-ments-EU", date(2026, 10, 1))),
            labels=(
                LabelMemory(name="not-ready"),
                LabelMemory(name="over-budget", turns=2, removed_on=date(2026, 11, 20)),
            ),
        )
    )


def last_line(text: str) -> str:
    """The last line of a comment's plain text, without the white space around it."""
    return text.strip().rsplit("\n", 1)[-1].strip()

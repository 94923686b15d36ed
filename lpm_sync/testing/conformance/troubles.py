"""What is owed while a tracker answers as it should not: all or the truth, waiting as told, and nothing doubled."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest

from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Progress, Ref, SourceItem, precondition
from lpm_sync.errors import UnauthorisedError, UnavailableError
from lpm_sync.ports import Pull, Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor, Trouble
from lpm_sync.testing.conformance.base import BECAUSE, Obligations, decide_and_apply, feature, put_card, results
from lpm_sync.testing.mirror import Mirror

MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
A_WHILE = 7.5  # seconds
A_WEEK = 604_800.0  # seconds
MOST_REQUESTS = 40  # of one small reading: far more than any takes
FEW_REQUESTS = 5  # of one item that is written
NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
EACH_TROUBLE = pytest.mark.parametrize("trouble", Trouble, ids=str)


class TroubleObligations(Obligations):
    """Answers that are none, credentials that end in the middle, and servers that are busy."""

    @EACH_TROUBLE
    def test_a_disturbed_reading_is_whole_or_says_that_it_is_not(
        self, backdoor: TrackerBackdoor, trouble: Trouble
    ) -> None:
        _small_portfolio(backdoor)
        tracker = backdoor.connect()
        whole = _items(tracker.pull())
        for passing in range(MOST_REQUESTS):
            backdoor.disturb(trouble, after=passing)
            pull = _disturbed(tracker)
            backdoor.calm()
            if pull is None:
                continue
            expected = {ref: item for ref, item in whole.items() if item.project not in pull.failures}
            assert {ref: item for ref, item in _items(pull).items() if item.project not in pull.failures} == expected
            if not pull.failures:
                break  # it takes no more requests than that
        else:
            pytest.fail("no reading came through")
        assert passing > 0, "the first answer was none, and the reading is said to be whole"
        tracker.close()

    @EACH_TROUBLE
    def test_after_a_disturbed_reading_of_changes_the_next_one_brings_them(
        self, backdoor: TrackerBackdoor, trouble: Trouble
    ) -> None:
        first, second = _small_portfolio(backdoor)
        tracker = backdoor.connect()
        mirror = Mirror()
        mirror.read(tracker)
        for passing in count():
            backdoor.change_title(first, f"Changed before {passing}")
            backdoor.change_title(second, f"Changed before {passing}")
            backdoor.disturb(trouble, after=passing)
            pull = _disturbed(tracker, mirror)
            backdoor.calm()
            mirror.read(tracker)
            assert mirror.items == _items(tracker.pull())
            if pull is not None and not pull.failures:
                break
            assert passing < MOST_REQUESTS
        tracker.close()

    @EACH_TROUBLE
    def test_what_is_written_in_trouble_stands_once_when_it_is_written_again(
        self, backdoor: TrackerBackdoor, tracker: Tracker, trouble: Trouble
    ) -> None:
        for passing in range(FEW_REQUESTS):
            ref = feature(backdoor, f"After {passing}")
            [item] = [one for one in tracker.pull().items if one.ref == ref]
            backdoor.disturb(trouble, after=passing)
            try:
                results(tracker.apply(ref, (NOT_READY, put_card(ref, "Once.")), precondition(item)))
            except UnauthorisedError:
                pass
            finally:
                backdoor.calm()
            again = decide_and_apply(tracker, ref, NOT_READY, put_card(ref, "Once."))
            assert set(results(again)) <= {Result.WRITTEN, Result.UNCHANGED}
            assert backdoor.labels(ref) == {NOT_READY.label}
            assert len(backdoor.comments(ref)) == 1

    def test_told_to_wait_it_waits_as_long_and_brings_everything(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        refs = _small_portfolio(backdoor)
        backdoor.ask_to_wait(A_WHILE)
        assert _items(tracker.pull()).keys() == set(refs)
        assert backdoor.waited() >= A_WHILE

    def test_told_to_wait_while_it_writes_it_writes_once(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        ref = feature(backdoor)
        decide_and_apply(tracker, ref, put_card(ref, "Before."))
        [item] = tracker.pull().items
        backdoor.before_next_write(lambda: backdoor.ask_to_wait(A_WHILE))
        written = tracker.apply(ref, (NOT_READY, put_card(ref, "Once.", version=2)), precondition(item))
        assert results(written) == [Result.WRITTEN, Result.WRITTEN]
        assert backdoor.waited() >= A_WHILE
        assert len(backdoor.comments(ref)) == 1

    def test_told_to_wait_longer_than_a_reading_may_take_it_gives_up(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        refs = _small_portfolio(backdoor)
        backdoor.ask_to_wait(A_WEEK)
        pull = _disturbed(tracker)
        assert pull is None or set(pull.failures) == set(backdoor.wording.projects)
        assert backdoor.waited() < A_WEEK
        tracker.close()
        assert _items(backdoor.connect().pull()).keys() == set(refs)

    def test_a_status_that_nobody_configured_comes_by_its_own_name(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        words = backdoor.wording
        usual, other = feature(backdoor, "Usual"), feature(backdoor, "Other")
        backdoor.change_status(other, words.other_status, at=MONDAY)
        items = _items(tracker.pull())
        assert (items[usual].status, items[other].status) == (words.todo_status, words.other_status)
        assert items[other].progress in (Progress.DOING, None)


def _small_portfolio(backdoor: TrackerBackdoor) -> tuple[Ref, Ref]:
    """An item in each project, the first of which blocks the second."""
    words = backdoor.wording
    first, second = (
        backdoor.create_item(project=project, type=words.feature_type, title=f"In {project}", labels=["mine"])
        for project in words.projects
    )
    backdoor.link(blocker=first, blocked=second)
    return first, second


def _disturbed(tracker: Tracker, mirror: Mirror | None = None) -> Pull | None:
    """What a reading brings; None where it says that it could not read."""
    try:
        return mirror.read(tracker) if mirror is not None else tracker.pull()
    except (UnauthorisedError, UnavailableError):
        return None


def _items(pull: Pull) -> dict[Ref, SourceItem]:
    assert not pull.broken
    return {item.ref: item for item in pull.items}

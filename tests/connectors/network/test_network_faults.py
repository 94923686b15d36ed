"""What the network and a busy server may do to a reading or a write, judged by what came over the wire."""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from threading import Event

import pytest

from connectors.sandbox.faults import Fault
from lpm_sync.core.change import AddLabel, RemoveCard, Result
from lpm_sync.core.work_item import Ref, precondition
from lpm_sync.errors import UnavailableError
from lpm_sync.ports import Tracker
from lpm_sync.testing.conformance.base import BECAUSE, decide_and_apply, feature, pulled, put_card, results
from tests.connectors.azure_devops.conftest import Backdoor
from tests.connectors.network.conftest import COMMENTS, Office, fail, sent_comments

NOT_READY = AddLabel(label="lpm:not-ready", because=BECAUSE)
A_WHILE = 7.5  # seconds
PAST_A_CYCLE = 1847
FAILURES = (
    Fault(path="", status=500, body=b"{}"),
    Fault(path="", status=502, body=b"<html>Bad Gateway</html>", headers={"content-type": "text/html"}),
    Fault(path="", status=503),
    Fault(path="", status=504),
)
PATIENCE = 10.0  # seconds


def decided(tracker: Tracker, *refs: Ref) -> list[str]:
    """What each item is tied to, by one pull."""
    items = {item.ref: item for item in tracker.pull().items}
    return [precondition(items[ref]) for ref in refs]


def until(is_so: Callable[[], bool]) -> None:
    """Waits for something that happens in the server's thread."""
    end, never = time.monotonic() + PATIENCE, Event()
    while not is_so():
        assert time.monotonic() < end
        never.wait(0.005)


@cache
def huge() -> bytes:
    """70 MB behind gzip: more than any answer may hold."""
    return gzip.compress(b" " * 70_000_000, compresslevel=1)


def test_only_the_endpoint_that_asked_waits_and_its_pause_outlasts_the_cycle(office: Office) -> None:
    first, second = feature(office, "First"), feature(office, "Second")
    tracker = office.connect()
    [expected, other] = decided(tracker, first, second)
    fail(office, Fault(path=COMMENTS.pattern, method="POST", status=429, headers={"Retry-After": str(PAST_A_CYCLE)}))
    [told] = tracker.apply(first, (put_card(first, "Card."),), expected)
    assert told.result is Result.FAILED
    assert f"{PAST_A_CYCLE} seconds" in told.detail
    assert results(tracker.apply(second, (put_card(second, "Card."),), other)) == [Result.FAILED]
    assert results(decide_and_apply(tracker, second, NOT_READY)) == [Result.WRITTEN]
    again = office.connect(is_restart=False)  # as each cycle of a service does
    assert results(decide_and_apply(again, first, put_card(first, "Card."))) == [Result.FAILED]
    assert sent_comments(office) == 1  # the one that was told to wait
    assert office.waited() == 0


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("0.5", 0.5, 0.6),
        ("-3", 0.0, 0.1),
        ("soon", 0.0, 0.1),
        (None, 0.0, 0.1),
        (format_datetime(datetime.now(UTC) + timedelta(days=3650), usegmt=True), None, None),
        ("86400", None, None),
    ],
    ids=["a fraction", "negative", "a word", "absent", "a date far away", "a day"],
)
def test_a_retry_after_is_understood_or_clamped(
    office: Office, told: str | None, least: float | None, most: float | None
) -> None:
    ref = feature(office)
    fail(office, Fault(path="", status=429, headers={} if told is None else {"Retry-After": told}, body=b"{}"))
    tracker = office.connect()
    if least is None or most is None:
        with pytest.raises(UnavailableError, match="longer than this cycle may take"):
            tracker.pull()
        assert (len(office.requests), office.waits) == (1, [])
    else:
        assert [item.ref for item in tracker.pull().items] == [ref]
        assert least <= office.waited() <= most


def test_a_retry_after_that_is_a_date_counts_from_the_date_of_the_answer(office: Office) -> None:
    ref = feature(office)
    said = datetime(2031, 1, 6, 12, tzinfo=UTC)  # of a server whose clock is years ahead
    dates = {"Date": format_datetime(said, usegmt=True)}
    dates["Retry-After"] = format_datetime(said + timedelta(seconds=8), usegmt=True)
    fail(office, Fault(path="", status=429, headers=dates, body=b"{}"))
    assert [item.ref for item in office.connect().pull().items] == [ref]
    assert office.waits == [8.0]


def test_a_reading_that_fails_twice_anywhere_recovers_and_one_that_fails_for_ever_says_so(office: Office) -> None:
    ref = feature(office)
    office.connect().pull()
    for position, failure in zip(range(len(office.requests)), itertools.cycle(FAILURES), strict=False):
        fail(office, replace(failure, times=2, skip=position))
        pull = office.connect().pull()
        assert ([item.ref for item in pull.items], pull.failures) == ([ref], {})
    fail(office, replace(FAILURES[0], times=-1, skip=1))
    with pytest.raises(UnavailableError):
        office.connect().pull()


def test_a_server_that_hangs_ends_a_reading_by_the_time_of_the_cycle(office: Office) -> None:
    feature(office)
    fail(office, Fault(path="", times=-1, skip=1, hangs=True))
    begun = time.monotonic()
    with pytest.raises(UnavailableError):
        office.connect(request_timeout=30.0, cycle_timeout=0.5).pull()
    assert time.monotonic() - begun < PATIENCE


def test_an_answer_that_is_huge_unpacked_is_cut_off_and_told(office: Office) -> None:
    feature(office)
    packed = {"content-encoding": "gzip"}
    fail(office, Fault(path="", times=-1, status=200, headers=packed, body=huge()))
    with pytest.raises(UnavailableError, match="larger than 64 MB unpacked"):
        office.connect().pull()
    assert len(office.requests) <= 2


def test_a_write_that_was_given_up_and_lands_later_is_seen_and_taken_away(office: Office) -> None:
    ref = feature(office)
    lands = Event()
    tracker = office.connect(request_timeout=0.5)
    [expected] = decided(tracker, ref)
    office.before_next_write(lambda: bool(lands.wait(PATIENCE)))
    assert results(tracker.apply(ref, (put_card(ref, "Once."),), expected)) == [Result.UNCLEAR]
    assert results(decide_and_apply(tracker, ref, put_card(ref, "Once."))) == [Result.WRITTEN]
    [kept] = [comment.id for comment in office.comments(ref)]
    lands.set()
    until(lambda: len(office.comments(ref)) == 2)
    seen = [comment.id for comment in pulled(tracker, ref).own_comments]
    assert sorted(seen) == sorted(comment.id for comment in office.comments(ref))
    doubles = [RemoveCard(comment_id=one, because=BECAUSE) for one in seen[1:]]
    assert results(decide_and_apply(tracker, ref, *doubles)) == [Result.WRITTEN]
    assert [comment.id for comment in office.comments(ref)] == [seen[0]]
    assert kept in seen
    assert results(decide_and_apply(tracker, ref, put_card(ref, "Once."))) == [Result.UNCHANGED]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_labels_and_card_whose_answers_are_lost_stand_once(office: Office, status: int) -> None:
    tracker = office.connect()
    of_labels = "PATCH" if isinstance(office, Backdoor) else "PUT"
    for has_label, has_card in ((True, False), (False, True), (True, True)):
        ref = feature(office)
        changes = (NOT_READY,) * has_label + (put_card(ref, "Once."),) * has_card
        [expected] = decided(tracker, ref)
        before = office.count_writes()
        method, path = (of_labels, "") if has_label else ("POST", COMMENTS.pattern)
        fail(office, Fault(path=path, method=method, status=status, after_effect=True))
        assert tracker.apply(ref, changes, expected)[0].result is Result.UNCLEAR
        assert office.count_writes() - before == 1  # nothing is sent twice, and nothing after what is not known
        decide_and_apply(tracker, ref, *changes)
        assert (office.labels(ref), len(office.comments(ref))) == ({NOT_READY.label} if has_label else set(), has_card)


@pytest.mark.parametrize("configured", [1, 3])
def test_no_more_requests_are_under_way_than_configured_reading_and_writing(office: Office, configured: int) -> None:
    refs = [feature(office, f"Feature {number}") for number in range(8)]
    for ref in refs:
        office.add_comment(ref, "Hello", is_ours=True)
    office.server.wire.latency = 0.01
    tracker = office.connect(requests_at_once=configured)
    tied = decided(tracker, *refs)
    with ThreadPoolExecutor(8) as pool:
        written = pool.map(lambda ref, expected: tracker.apply(ref, (NOT_READY,), expected), refs, tied)
        assert {one.result for outcomes in written for one in outcomes} == {Result.WRITTEN}
    assert office.server.wire.most_at_once == configured

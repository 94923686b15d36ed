"""Writes keep within the rates that a tracker publishes, so that it need not refuse any."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from connectors.http import Deadline, Rate, Reach
from connectors.http.rates import Rates
from lpm_sync.errors import UnavailableError
from tests.connectors.http.conftest import Careful

OF_AN_ITEM = Rate(most=3, seconds=2.0, reach=Reach.ITEM, methods=("PUT", "POST", "DELETE"))
OF_AN_ENDPOINT = Rate(most=5, seconds=1.0, reach=Reach.ENDPOINT, methods=("PUT", "DELETE"))
ISSUE = "/rest/api/3/issue"


def test_one_item_gets_no_more_writes_than_it_takes_and_the_others_do_not_wait(make: Callable[..., Careful]) -> None:
    careful = make(rates=(OF_AN_ITEM,))
    sent = []
    for number in range(8):
        careful.post(f"{ISSUE}/10001/comment") if number % 2 else careful.put(f"{ISSUE}/10001")
        sent.append(careful.time.now)
    assert all(later - earlier >= 2.0 for earlier, later in zip(sent, sent[3:], strict=False))
    assert sent[-1] - sent[0] < 5.0
    waited = len(careful.time.waits)
    careful.put(f"{ISSUE}/10002")
    careful.get(f"{ISSUE}/10001")
    assert len(careful.time.waits) == waited


def test_one_endpoint_gets_no_more_writes_a_second_whatever_their_items(make: Callable[..., Careful]) -> None:
    careful = make(rates=(OF_AN_ENDPOINT,), reads=re.compile("/search$"))
    for number in range(11):
        careful.put(f"{ISSUE}/{10001 + number}")
        careful.post("/rest/api/3/search")
    assert careful.time.waits == pytest.approx([1.2, 1.2])


def test_what_names_no_item_is_not_counted_as_one(make: Callable[..., Careful]) -> None:
    careful = make(rates=(OF_AN_ITEM,))
    for _ in range(9):
        careful.post("/rest/api/3/issueLink")
    assert careful.time.waits == []


def test_a_wait_past_the_time_there_is_sends_nothing(make: Callable[..., Careful]) -> None:
    careful = make(rates=(OF_AN_ITEM,))
    for _ in range(3):
        careful.put(f"{ISSUE}/10001")
    careful.adapter.start(Deadline(1.0, monotonic=careful.time.monotonic))
    with pytest.raises(UnavailableError, match="wait 2 seconds"):
        careful.put(f"{ISSUE}/10001")
    assert len(careful.server.requests) == 3


def test_windows_that_are_over_are_forgotten() -> None:
    rates = Rates((OF_AN_ITEM,))
    for number in range(5000):
        assert rates.take("PUT", f"{ISSUE}/{number + 10}", float(number)) == number
    assert len(rates._sent) < 1100

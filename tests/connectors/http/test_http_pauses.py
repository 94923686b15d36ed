"""A pause covers what it is about, and nothing beside it."""

from __future__ import annotations

import pytest

from connectors.http.pauses import Pauses, Reach
from lpm_sync.testing.pauses import RememberedPauses

SITE = "/rest/api/3"
GATEWAY = "/ex/jira/11223344-a1b2-3b33-c444-def123456789/rest/api/3"
PROJECT = "/Contoso/Platform 2026/_apis/wit"


@pytest.mark.parametrize(
    ("held", "waits", "goes"),
    [
        (f"{SITE}/issue/10001", f"{SITE}/issue/10001/comment/7", f"{SITE}/issue/10002"),
        (f"{GATEWAY}/issue/10001", f"{GATEWAY}/issue/10001/comment/7", f"{GATEWAY}/issue/10002"),
        (f"{PROJECT}/workItems/12", f"{PROJECT}/workItems/12/comments/3", f"{PROJECT}/workItems/13"),
    ],
)
def test_a_pause_of_an_item_holds_its_writes_and_no_other_item(held: str, waits: str, goes: str) -> None:
    pauses = Pauses(monotonic=lambda: 0.0)
    pauses.hold("PUT", held, 5.0, Reach.ITEM)
    assert pauses.end("POST", waits, is_read=False) == 5.0
    assert pauses.end("GET", waits, is_read=True) == 0.0
    assert pauses.end("PUT", goes, is_read=False) == 0.0


def test_a_pause_that_is_kept_goes_on_at_that_server_alone() -> None:
    kept = RememberedPauses()
    Pauses(kept, server="https://jira.example:443").hold("GET", f"{SITE}/search", 3600.0)
    later = Pauses(kept, server="https://jira.example:443", monotonic=lambda: 0.0)
    assert 3590.0 < later.end("GET", f"{SITE}/search", is_read=True) <= 3600.0
    assert later.end("GET", f"{SITE}/myself", is_read=True) == 0.0
    elsewhere = Pauses(kept, server="https://moved.example:443", monotonic=lambda: 0.0)
    assert elsewhere.end("GET", f"{SITE}/search", is_read=True) == 0.0

"""Rate limits on the shared clock."""

from __future__ import annotations

from datetime import timedelta


def test_writes_to_one_issue_are_limited_and_reads_and_others_are_not(cloud, clock) -> None:
    for name in ("Refunds", "Cards"):
        cloud.store.create_issue("PAY", "Story", name)
    cloud.store.limits.issue_writes = 2
    for number in range(2):
        assert cloud.put("/issue/PAY-1", {"fields": {"summary": str(number)}}).status_code == 204
    refused = cloud.put("/issue/PAY-1", {"fields": {"summary": "no"}})
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert refused.headers["Retry-After"] == "2"
    assert cloud.store.issue("PAY-1").summary == "1"
    assert cloud.put("/issue/PAY-2", {"fields": {"summary": "yes"}}).status_code == 204
    assert cloud.request("GET", "/issue/PAY-1").status_code == 200
    clock.move_to(clock.now() + timedelta(seconds=2))
    assert cloud.put("/issue/PAY-1", {"fields": {"summary": "later"}}).status_code == 204


def test_one_endpoint_is_limited_and_the_others_are_not(cloud, clock) -> None:
    cloud.store.limits.endpoint_requests = 1
    cloud.store.limits.retry_after = "Mon, 23 Nov 2026 08:30:00 GMT"
    assert cloud.request("GET", "/myself").status_code == 200
    refused = cloud.request("GET", "/myself")
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
    assert refused.headers["Retry-After"] == "Mon, 23 Nov 2026 08:30:00 GMT"
    assert cloud.request("GET", "/field").status_code == 200
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert cloud.request("GET", "/myself").status_code == 200


def test_without_a_budget_nothing_is_limited(cloud) -> None:
    assert {cloud.request("GET", "/myself").status_code for _ in range(120)} == {200}

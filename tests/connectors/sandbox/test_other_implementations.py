"""Whatever another implementation of these interfaces does differently within its contract, the job comes out the same.

`LPM_HYPOTHESIS=thorough` does the whole job under every variation alone, on Cloud and on Data Center, and under more
combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.jira.model import Deployment
from connectors.sandbox.variation import ALTERNATIVES, Variation
from tests.connectors.sandbox.varied_office import SECRET, Office, Story, Street, open_street
from tests.example_counts import QUICK, examples

IS_THOROUGH = settings().max_examples > QUICK
ALONE = {
    f"{name}: {', '.join(sorted(value)) if isinstance(value, frozenset) else value}": Variation(**{name: value})
    for name, values in ALTERNATIVES.items()
    for value in values
}
TOGETHER = [
    Variation(**{name: values[number % len(values)] for name, values in ALTERNATIVES.items()})
    for number in range(max(len(values) for values in ALTERNATIVES.values()))
]
"""Every alternative of every kind, in as few implementations as there can be."""

ANSWERS = (
    ("jira", "GET", "/rest/api/2/serverInfo", None),
    ("jira", "GET", "/rest/api/3/issue/PAY-3", None),
    ("jira", "GET", "/rest/api/3/field", None),
    ("jira", "GET", "/rest/api/3/project/search", None),
    ("jira", "GET", "/rest/api/3/project/PAY", None),
    ("jira", "PUT", "/rest/api/3/issue/PAY-3", {"update": {"labels": [{"add": "q4"}]}}),
    ("jira", "POST", "/rest/api/3/search/jql", {"jql": "project = PAY", "fields": ["*all"]}),
    ("jira", "POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["PAY-1", "PAY-3"], "fields": ["labels"]}),
    ("jira", "POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["PAY-1", "PAY-3"]}),
    ("ado", "GET", "/northwind/_apis/ResourceAreas?api-version=7.1", None),
    ("ado", "POST", "/northwind/_apis/wit/workitemsbatch?api-version=7.1", {"ids": [1, 2, 3], "$expand": "relations"}),
    ("ado", "GET", "/northwind/Platform/_apis/wit/workItems/3/comments?api-version=7.1-preview.4&$top=9", None),
    ("ado", "GET", "/northwind/_apis/wit/workItems/3/updates?api-version=7.1", None),
)

combinations = st.builds(
    Variation, **{name: st.sampled_from((*values, getattr(Variation(), name))) for name, values in ALTERNATIVES.items()}
)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_street() as opened:
        yield opened


@pytest.fixture(scope="module")
def unvaried(street: Street) -> Callable[[Deployment], Story]:
    """The job as it goes on the embedded trackers by themselves."""
    told: dict[Deployment, Story] = {}

    def tell(deployment: Deployment) -> Story:
        if deployment not in told:
            told[deployment] = _story(street, Variation(), deployment)
        return told[deployment]

    return tell


def _story(street: Street, variation: Variation, deployment: Deployment) -> Story:
    with closing(Office(street, variation, deployment)) as office:
        return office.story()


def test_the_job_has_something_of_everything(unvaried: Callable[[Deployment], Story]) -> None:
    story = unvaried("Cloud")
    assert [(planned == written, planned > 0) for planned, written, _, _ in story.cycles] == [
        (True, is_busy) for is_busy in (True, False, True, True, False)
    ]
    assert [open_now for _, _, open_now, _ in story.cycles] == [2, 2, 2, 1, 1]
    assert not [trouble for *_, troubles in story.cycles for trouble in troubles]
    assert not {subject: fault for subject, fault in story.doctor.items() if fault}
    assert len([subject for subject in story.doctor if "on jira:PAY-1" in subject]) == 3


@pytest.mark.parametrize("variation", ALONE.values(), ids=ALONE.keys())
def test_each_way_to_differ_does_differ(street: Street, variation: Variation) -> None:
    with closing(Office(street, Variation())):
        before = list(_answers(street))
    with closing(Office(street, variation)):
        assert list(_answers(street)) != before


def _answers(street: Street) -> Iterator[tuple[Any, ...]]:
    """What comes over the wire, as it comes."""
    addresses = {"jira": (street.jira_url, "bot@example.com"), "ado": (street.ado_url, "")}
    with requests.Session() as session:
        for tracker, method, path, body in ANSWERS:
            url, user = addresses[tracker]
            sent = session.request(method, url + path, json=body, auth=(user, SECRET), timeout=10, stream=True)
            told = {name for name in sent.raw.headers if name.lower() != "content-length"}
            framing = [sent.raw.headers.get(name) for name in ("content-encoding", "transfer-encoding", "connection")]
            yield sent.status_code, told, framing, sent.raw.read(decode_content=False)


@pytest.mark.parametrize("variation", ALONE.values(), ids=ALONE.keys())
def test_each_way_alone_changes_nothing_of_the_job(
    street: Street, unvaried: Callable[[Deployment], Story], variation: Variation
) -> None:
    if IS_THOROUGH:
        for deployment in ("Cloud", "Server"):
            assert _story(street, variation, deployment) == unvaried(deployment)
        return
    expected = unvaried("Cloud")
    with closing(Office(street, variation)) as office:
        assert office.beginning() == (expected.items, expected.plan)


def test_a_data_center_that_does_not_count_its_issues_is_read_to_the_end(
    street: Street, unvaried: Callable[[Deployment], Story]
) -> None:
    expected = unvaried("Server")
    with closing(Office(street, Variation(paging="fewest members", page_size=2), "Server")) as office:
        assert office.beginning() == (expected.items, expected.plan)


@pytest.mark.parametrize("variation", TOGETHER, ids=range(len(TOGETHER)))
def test_all_ways_together_change_nothing_of_the_job(
    street: Street, unvaried: Callable[[Deployment], Story], variation: Variation
) -> None:
    assert _story(street, variation, "Cloud") == unvaried("Cloud")


@settings(max_examples=examples(1))
@given(variation=combinations)
def test_no_combination_of_ways_changes_anything_of_the_job(
    street: Street, unvaried: Callable[[Deployment], Story], variation: Variation
) -> None:
    assert _story(street, variation, "Server") == unvaried("Server")
    if IS_THOROUGH:
        assert _story(street, variation, "Cloud") == unvaried("Cloud")

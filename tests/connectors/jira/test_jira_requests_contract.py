"""Every request that the connector sends to Jira Cloud is one that Atlassian's published interface knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.sandbox.faults import Request
from lpm_sync.core.change import AddLabel, AddLink, Card, CloseEscalation, OpenEscalation, PutCard, RemoveCard, Result
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span, paragraph
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.work_item import Direction, Ref, precondition
from lpm_sync.testing.conformance.examining import CARD, LABEL
from lpm_sync.testing.mirror import Mirror
from tests.connectors.jira.conftest import JiraSite
from tests.contracts import contract
from tests.request_contracts import ContractError, check_request

contract("specs/jira-cloud-platform-v3.openapi.json")

BECAUSE = ("DOR001",)
FOOTER = "lpm-sync card {card}, fingerprint 0123456789ab, findings DOR001=2026-11-09, labels not-ready"


@pytest.fixture
def checked(cloud: JiraSite) -> Iterator[JiraSite]:
    """A Cloud site; after the test everything that it was sent is held against the contract."""
    yield cloud
    assert cloud.requests
    for request in cloud.requests:
        check_request(request)


def test_a_pull_with_everything_and_histories(checked: JiraSite) -> None:
    blocker, blocked = (_feature(checked, title) for title in ("Blocker", "Blocked"))
    checked.link(blocker=blocker, blocked=blocked)
    checked.add_foreign_link(blocked, "https://dev.example/431", Direction.BLOCKED_BY)
    for number in range(25):
        checked.add_comment(blocked, f"Talk {number}")
    tracker = checked.connect(scope_query='labels is EMPTY OR labels = "x"')
    assert len(tracker.pull().items) == 2
    assert tracker.history([blocker, blocked])
    assert tracker.examine().faults == ()


def test_an_examination_a_discovery_and_a_rehearsal(checked: JiraSite) -> None:
    one, other = (_feature(checked, title) for title in ("One", "Other"))
    tracker = checked.connect()
    assert tracker.examine(EscalationTarget(tracker="jira", project="PORT", type="Epic")).faults == ()
    assert tracker.discover().projects
    assert tracker.find("PAY-1") is not None
    checks = tracker.rehearse(one, label=LABEL, card=CARD, other=other)
    assert [check.fault for check in checks] == [None, None, None]


def test_a_first_load_by_ids_a_delta_and_a_census(checked: JiraSite) -> None:
    refs = [_feature(checked, f"Feature {number}") for number in range(9)]
    checked.store.behaviour.page_cap = 2
    tracker, mirror = checked.connect(), Mirror()
    mirror.read(tracker)
    checked.add_label(refs[0], "touched")
    mirror.read(tracker)
    del mirror.items[refs[1]]
    mirror.read(tracker, census=True)
    assert set(mirror.items) == set(refs)
    assert checked.sent("POST", "/issue/bulkfetch")
    assert checked.sent("GET", "/project/search")


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="POST", path="/rest/api/3/search/jql", query="", headers={}, body=b'{"startAt": 0}'),
        Request(
            method="GET",
            path="/rest/api/3/issue/PAY-1",
            query="fields=a&startAt=5",
            headers={},
            body=b"",
        ),
        Request(method="POST", path="/rest/api/3/issues", query="", headers={}, body=b"{}"),
    ],
    ids=["a member", "a parameter", "an address"],
)
def test_the_contract_would_notice_what_it_does_not_know(request_: Request) -> None:
    with pytest.raises(ContractError):
        check_request(request_)


def test_the_changes_of_an_item(checked: JiraSite) -> None:
    tracker, ref = checked.connect(), _feature(checked)
    for version in ("one", "two"):
        [item] = tracker.pull().items
        changes = (AddLabel(label=f"lpm:{version}", because=BECAUSE), _card(ref, version))
        outcomes = tracker.apply(ref, changes, precondition(item))
        assert {outcome.result for outcome in outcomes} <= {Result.WRITTEN, Result.UNCHANGED}
    second = checked.add_comment(ref, checked.comments(ref)[0].text, is_ours=True)
    [item] = tracker.pull().items
    [outcome] = tracker.apply(ref, (RemoveCard(comment_id=second, because=BECAUSE),), precondition(item))
    assert outcome.result is Result.WRITTEN


def test_the_life_of_an_escalation(checked: JiraSite) -> None:
    tracker, blocker = checked.connect(), _feature(checked)
    opened = tracker.open_escalation(_escalation(blocker)).created
    assert opened is not None
    item = next(item for item in tracker.pull().items if item.ref == opened)
    changes = (
        AddLink(target=blocker, target_url="https://x.example", target_title="Blocker", because=BECAUSE),
        AddLink(target=Ref("ado", "431"), target_url="https://dev.example/431", target_title="431", because=BECAUSE),
        CloseEscalation(status="Done", because=BECAUSE),
    )
    outcomes = tracker.apply(opened, changes, precondition(item))
    assert [outcome.result for outcome in outcomes] == [Result.WRITTEN] * 3


def _feature(site: JiraSite, title: str = "Refund a payment") -> Ref:
    return site.create_item(project="PAY", type="Feature", title=title)


def _card(ref: Ref, text: str) -> PutCard:
    blocks = (
        Heading(text=text),
        Paragraph(spans=(Span(text="strong", is_strong=True), Span(text="a link", href="https://x.example/a?b=c"))),
        BulletList(items=((Span(text="first"),), (Span(text="second"),))),
    )
    footer = FOOTER.format(card="0123abcd").replace("0123456789ab", f"{len(text):012x}" if text == "one" else "f" * 12)
    card = Card(document=Document(blocks=blocks), footer=footer)
    return PutCard(card=card, card_id="0123abcd", comment_id=None, before="", because=BECAUSE)


def _escalation(blocker: Ref) -> OpenEscalation:
    return OpenEscalation(
        tracker="jira",
        project="PORT",
        type="Epic",
        title="Blocked",
        labels=("lpm:escalation", "lpm:blocker-jira-1"),
        marker="lpm:blocker-jira-1",
        blocker=blocker,
        document=Document(blocks=(paragraph("One feature waits."),)),
        because=BECAUSE,
    )

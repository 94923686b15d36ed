"""What the preflight says, each with its place."""

from __future__ import annotations

import pytest

from lpm_sync.errors import UnauthorisedError
from tests.connectors.jira.conftest import EVERYTHING_BUT_READING, JiraSite


def test_nothing_is_said_where_all_is_well(site: JiraSite) -> None:
    assert site.connect(scope_query="labels is EMPTY").check() == []


@pytest.mark.parametrize("permission", EVERYTHING_BUT_READING)
def test_each_permission_that_is_missing_is_a_sentence_with_its_project(site: JiraSite, permission: str) -> None:
    site.store.withhold("PAY", permission)
    [reason] = site.connect().check()
    words = permission.replace("_", " ").title()
    assert reason.startswith(f"project PAY: the account lacks the permission {words}, to ")


def test_a_project_that_is_hidden_says_what_to_do(site: JiraSite) -> None:
    site.hide_project("PORT")
    assert site.connect().check() == [
        "project PORT: not there, or hidden from the account; check the key, or grant Browse Projects"
    ]


def test_fields_that_are_not_there_and_all_else_are_said_at_once(site: JiraSite) -> None:
    site.store.withhold("PAY", "EDIT_ISSUES")
    reasons = site.connect(
        fields={"horizon": "Horizon"}, dependency_links=("blocks", "precedes"), scope_query="nothing = 1"
    ).check()
    text = "\n".join(reasons)
    for said in ("fields.horizon", "“precedes”", "“blocks” / “is blocked by”", "Edit Issues", "scope's query"):
        assert said in text
    assert len(reasons) == 5


def test_a_phrase_that_reads_the_same_from_both_ends_is_no_dependency(site: JiraSite) -> None:
    [reason] = site.connect(dependency_links=("relates to",)).check()
    assert "in one direction only" in reason


def test_a_stranger_is_told_so(site: JiraSite) -> None:
    site.revoke_credential()
    with pytest.raises(UnauthorisedError):
        site.connect().check()


def test_what_cannot_be_asked_is_a_reason_too(site: JiraSite) -> None:
    site.fail("/mypermissions", times=-1, status=503)
    assert any("503" in reason for reason in site.connect().check())


def test_checking_writes_nothing(site: JiraSite) -> None:
    site.connect(scope_query="labels is EMPTY").check()
    assert site.count_writes() == 0

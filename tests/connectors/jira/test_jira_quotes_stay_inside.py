"""Whatever stands in a name, it stays inside its string of JQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.search import quoted
from connectors.sandbox.jira import jql

NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)


@given(name=NAMES)
def test_a_name_is_read_back_as_it_was_written(name: str) -> None:
    assert operand_of(name) == name


@pytest.mark.parametrize("name", ['PAY" OR project = "PORT', "back\\slash", 'both \\" of them', "\\"])
def test_quotes_and_backslashes_end_no_string(name: str) -> None:
    assert operand_of(name) == name


def operand_of(name: str) -> str:
    """The one value that the query compares with, as the embedded Jira reads it."""
    condition = jql.parse(f"labels = {quoted(name)} ORDER BY key ASC").condition
    assert isinstance(condition, jql.Clause)
    [operand] = condition.operands
    return operand.text

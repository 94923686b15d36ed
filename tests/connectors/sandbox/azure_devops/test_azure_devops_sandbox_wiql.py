"""Queries of the embedded Azure DevOps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def items(store: Any) -> dict[str, int]:
    store.add_field("Custom.Budget", "Budget", "double")
    store.add_project("Ledger")
    store.add_area("Payments", "Cards\\Vault")
    found = {
        "epic": store.create_work_item("Payments", "Epic", "Card vault", tags=["Q4", "lpm:blocked"]),
        "other": store.create_work_item("Ledger", "Epic", "It's a ledger", fields={"Custom.Budget": 5.0}),
    }
    found["feature"] = store.create_work_item(
        "Payments",
        "Feature",
        "Tokens",
        area_path="Payments\\Cards\\Vault",
        assigned_to="LPM Sync",
        tags=["lpm:blocked-by-other"],
        parent=found["epic"],
        state="Active",
    )
    return found


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("[System.WorkItemType] = 'epic'", "epic other"),
        ("[Work Item Type] <> 'Epic'", "feature"),
        ("System.Title CONTAINS 'VAULT'", "epic"),
        ("[System.Title] = 'It''s a ledger'", "other"),
        ('[System.Title] = "It\'s a ledger"', "other"),
        ("[System.Tags] CONTAINS 'lpm:blocked'", "epic"),
        ("[System.Tags] NOT CONTAINS 'lpm:blocked'", "other feature"),
        ("[System.State] IN ('Active', 'Closed')", "feature"),
        ("[System.State] NOT IN ('Active')", "epic other"),
        ("EVER [System.State] = 'Active'", "feature"),
        ("[System.AreaPath] UNDER 'Payments'", "epic feature"),
        ("[System.AreaPath] UNDER 'Payments\\Cards'", "feature"),
        ("[System.AreaPath] NOT UNDER 'Payments'", "other"),
        ("[System.AssignedTo] = @Me", "feature"),
        ("[System.AssignedTo] = 'lpm sync'", "feature"),
        ("[System.AssignedTo] = ''", "epic other"),
        ("[Custom.Budget] >= 5", "other"),
        ("[Custom.Budget] IS EMPTY", "epic feature"),
        ("[Custom.Budget] IS NOT EMPTY", "other"),
        ("[System.Parent] = 1", "feature"),
        ("NOT ([System.Id] = 1 OR [System.Id] = 2)", "feature"),
        ("[System.Id] > 1 AND ([System.Id] < 3 OR [System.State] = 'Active')", "other feature"),
        ("[System.ChangedDate] >= @Today", "epic other feature"),
        ("[System.ChangedDate] < @Today - 1", ""),
        ("[System.ChangedDate] > @today-1", "epic other feature"),
        ("[System.CreatedDate] = [System.ChangedDate]", "epic other feature"),
        ("[System.CreatedDate] = '2026-11-02'", "epic other feature"),
    ],
)
def test_conditions(api: Any, items: dict[str, int], where: str, names: str) -> None:
    assert api.query(where) == [items[name] for name in ("epic", "other", "feature") if name in names.split()]


def test_a_time_needs_time_precision(api: Any, items: dict[str, int]) -> None:
    where = "[System.ChangedDate] >= '2026-11-02T09:00:00.002Z'"
    answer = api.wiql(f"SELECT [System.Id] FROM WorkItems WHERE {where}")
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "You cannot supply a time with the date when running a query using date precision. The error is caused by "
        f"«{where}»."
    )
    assert api.query(where, timePrecision="true") == [items["other"], items["feature"]]


def test_time_precision_compares_instants_in_any_zone(api: Any, items: dict[str, int]) -> None:
    where = "[System.ChangedDate] > '2026-11-02T11:00:00.002+02:00'"
    assert api.query(where, timePrecision="true") == [items["feature"]]


def test_order_columns_and_top(api: Any, items: dict[str, int]) -> None:
    query = "SELECT [System.Id], [System.State] FROM WorkItems ORDER BY [System.State], [System.Id] DESC"
    body = api.wiql(query).json()
    assert [item["id"] for item in body["workItems"]] == [items["feature"], items["other"], items["epic"]]
    assert [column["referenceName"] for column in body["columns"]] == ["System.Id", "System.State"]
    assert [(s["field"]["referenceName"], s["descending"]) for s in body["sortColumns"]] == [
        ("System.State", False),
        ("System.Id", True),
    ]
    assert len(api.wiql(query, **{"$top": 1}).json()["workItems"]) == 1


def test_a_project_in_the_path_is_the_macro_and_not_a_filter(api: Any, items: dict[str, int]) -> None:
    assert api.query("[System.TeamProject] = @project", project="Ledger") == [items["other"]]
    assert len(api.query("[System.Id] > 0", project="Ledger")) == 3
    assert api.wiql("SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project").status_code == 400


def test_too_many_results_are_an_error_unless_cut_off(api: Any, items: dict[str, int]) -> None:
    api.store.behaviour.query_result_limit = 2
    answer = api.wiql("SELECT [System.Id] FROM WorkItems")
    assert (answer.status_code, answer.json()["message"][:9]) == (400, "VS402337:")
    assert api.query("[System.Id] > 0", **{"$top": 2}) == [items["epic"], items["other"]]
    assert api.query("[System.Id] > 1") == [items["other"], items["feature"]]


def test_hidden_and_deleted_items_are_not_found(api: Any, items: dict[str, int]) -> None:
    api.store.hide_project("Ledger")
    api.store.delete_work_item(items["feature"])
    assert api.query("[System.Id] > 0") == [items["epic"]]


def test_as_of_looks_back(api: Any, items: dict[str, int]) -> None:
    store = api.store
    store.clock.move_to(store.clock.now() + timedelta(days=1))
    store.set_state(items["epic"], "Active")
    query = "SELECT [System.Id] FROM WorkItems WHERE [System.State] = 'New' ASOF '2026-11-02T12:00:00Z'"
    assert [item["id"] for item in api.wiql(query).json()["workItems"]] == [items["epic"], items["other"]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Sprint] = 1", "TF51005: The query references a field that"),
        ("SELECT [System.Id] FROM WorkItemLinks", "The embedded server answers queries on WorkItems only."),
        ("SELECT [System.Id]", "Expecting FROM."),
        ("SELECT [System.Id] FROM WorkItems WHERE", "TF51006: The query statement is incomplete."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] LIKE 1", "Expecting comparison operator."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.State] = New", "Expecting a value."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.State] = 'O'Brien'", "The query contains a character"),
        ("SELECT [System.Id] FROM WorkItems ORDER BY [System.Id] ASC 5", "Expecting end of string."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = 'many'", "The value does not fit the field ID."),
        ("SELECT [System.Id] FROM WorkItems WHERE ([System.Id] = 1", "Expecting )."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.AssignedTo] = @Team", "The macro is not supported here."),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = 1; DROP", "The query contains a character"),
        ("", "TF51006: The query statement is missing."),
    ],
)
def test_what_is_not_understood_is_a_400_that_quotes_it(api: Any, query: str, message: str) -> None:
    answer = api.wiql(query)
    assert answer.status_code == 400
    assert answer.json()["typeKey"] == "SyntaxException"
    assert answer.json()["message"].startswith(message)
    assert "The error is caused by «" in answer.json()["message"]


def test_a_value_that_does_not_fit_its_field_breaks_no_query(api: Any, items: dict[str, int]) -> None:
    api.store.edit(items["epic"], {"Custom.Budget": {"unexpected": "object"}})
    api.store.edit(items["feature"], {"Custom.Budget": "many"})
    assert api.query("[Custom.Budget] >= 5 AND [System.Id] = 2 ORDER BY [Custom.Budget]") == [items["other"]]
    assert len(api.query("[System.Id] > 0 ORDER BY [Custom.Budget]")) == 3

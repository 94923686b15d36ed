"""Conditions in WIQL."""

from __future__ import annotations

from connectors.azure_devops.queries import scope_clause, scope_condition
from lpm_sync.ports import Connection
from lpm_sync.testing.credentials import GivenCredentials


def test_neither_a_clause_nor_a_label_in_scope_reaches_beyond_the_project() -> None:
    connection = Connection(
        name="ado",
        url="https://dev.azure.com/contoso",
        site_url="https://dev.azure.com/contoso",
        projects=("Payments",),
        types=(),
        fields={},
        credentials=GivenCredentials({}),
        scope_query="[System.Id] > 1 OR [System.Id] < 9",
        labels_in_scope=("lpm:mark",),
    )
    assert scope_condition("Payments", clause=scope_clause(connection)) == (
        "[System.TeamProject] = 'Payments' AND "
        "(([System.Id] > 1 OR [System.Id] < 9) OR [System.Tags] CONTAINS 'lpm:mark')"
    )

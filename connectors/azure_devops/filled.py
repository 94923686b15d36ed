"""Asks how many items in scope have a field: what tells fields of one name from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.azure_devops import wire
from connectors.azure_devops.client import QUERY, Client
from connectors.azure_devops.queries import filled_condition, id_query, scope_clause
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Connection

LONG_TEXTS = ("html", "plaintext", "history")
MOST = 10_000  # ids of one query: half of what it may give


@dataclass(frozen=True, slots=True)
class Filled:
    """How many items have a field; `is_at_least` where they were not counted to the end."""

    count: int
    is_at_least: bool = False


def count_filled(client: Client, connection: Connection, fields: Sequence[wire.FieldDefinition]) -> dict[str, Filled]:
    """The counts by reference name, a query a field; one that cannot be queried is absent. Raises UnauthorisedError."""

    def count(field: wire.FieldDefinition) -> Filled | None:
        is_long_text = field.type.casefold() in LONG_TEXTS
        condition = filled_condition(
            connection.projects, field.reference_name, scope_clause(connection), is_long_text=is_long_text
        )
        try:
            found = client.read(QUERY, wire.QueryResult, query={"$top": str(MOST)}, body={"query": id_query(condition)})
        except (RefusedError, UnavailableError):  # it only serves to choose
            return None
        return Filled(len(found.work_items), is_at_least=len(found.work_items) >= MOST)

    counted = zip(fields, client.in_parallel(count, fields), strict=True)
    return {field.reference_name: found for field, found in counted if found is not None}

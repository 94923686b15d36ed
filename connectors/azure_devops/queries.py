"""Queries in WIQL, with everything that comes from outside quoted."""

from __future__ import annotations

from collections.abc import Iterable

from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Connection


def quoted(text: str) -> str:
    """A WIQL string: in single quotes, those inside doubled, control characters as blanks."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return "'" + plain.replace("'", "''") + "'"


def check_clause(clause: str, where: str) -> None:
    """Refuses a clause whose brackets or quotes would let it out of the brackets that it is put in.

    Raises ConfigurationError; `where` opens its message.
    """
    depth = 0
    quote = ""
    for character in clause:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        if depth < 0:
            break
    if depth or quote:
        raise ConfigurationError(f"{where}: the brackets or quotes of this clause do not match: {clause}")


def scope_clause(connection: Connection) -> str | None:
    """What an item of the projects has to satisfy; one that carries a label in scope does, whatever the clause says."""
    clause = (connection.scope_query or "").strip()
    if not clause:
        return None
    return " OR ".join((f"({clause})", *map(_tagged, connection.labels_in_scope)))


def scope_condition(project: str, types: Iterable[str] = (), clause: str | None = None) -> str:
    """Items of one project, of these types (none given: of all), that also satisfy `clause`."""
    conditions = [f"[System.TeamProject] = {quoted(project)}"]
    named = ", ".join(map(quoted, types))
    if named:
        conditions.append(f"[System.WorkItemType] IN ({named})")
    return _all_of(conditions, clause)


def filled_condition(projects: Iterable[str], reference_name: str, clause: str | None, *, is_long_text: bool) -> str:
    """Items of these projects in which a field is filled; texts of many lines know no comparison with nothing."""
    named = ", ".join(map(quoted, projects))
    test = "IS NOT EMPTY" if is_long_text else "<> ''"
    conditions = [f"[System.TeamProject] IN ({named})", f"[{reference_name.replace(']', '')}] {test}"]
    return _all_of(conditions, clause)


def with_ids(condition: str, ids: Iterable[int]) -> str:
    """The condition for these items only (none given: for all)."""
    listed = ", ".join(str(int(one)) for one in ids)
    return f"{condition} AND [System.Id] IN ({listed})" if listed else condition


def tag_condition(project: str, tag: str) -> str:
    """Items of one project that carry a tag; `CONTAINS` on tags compares whole ones, whatever their case."""
    return f"[System.TeamProject] = {quoted(project)} AND {_tagged(tag)}"


def id_query(condition: str, after: int = 0) -> str:
    """Ids above `after` in their order: the only way past the most that one query gives."""
    where = f"{condition} AND [System.Id] > {int(after)}"
    return f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.Id] ASC"  # noqa: S608 WIQL, quoted above


def _tagged(tag: str) -> str:
    return f"[System.Tags] CONTAINS {quoted(tag)}"


def _all_of(conditions: list[str], clause: str | None) -> str:
    if clause and clause.strip():
        conditions = [*conditions, f"({clause.strip()})"]
    return " AND ".join(conditions)

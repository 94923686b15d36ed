"""Decides which issues a parsed query means, as the account that asks sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.jira.errors import RefusalError
from connectors.sandbox.jira.issues import IssueStore
from connectors.sandbox.jira.jql import Clause, Condition, Group, Operand, Query
from connectors.sandbox.jira.model import Account, Issue

Predicate = Callable[[Issue], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_ALIASES = {
    "issuekey": "key",
    "issue": "key",
    "type": "issuetype",
    "updateddate": "updated",
    "createddate": "created",
}
_DATE_FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
_CUSTOM = re.compile(r"cf\[(\d+)\]", re.IGNORECASE)
_PERIOD = re.compile(r"[+-]?(\d+[wdhm])(\s+\d+[wdhm])*", re.IGNORECASE)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_ORDERS: dict[str, Callable[[Issue], Any]] = {
    "id": lambda issue: int(issue.id),
    "key": lambda issue: (issue.project.key, int(issue.key.rpartition("-")[2])),
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
}


class Matcher:
    """Turns a query into a predicate, refusing fields, operators and values that this Jira does not know."""

    def __init__(self, store: IssueStore, account: Account | None) -> None:
        self._store = store
        self._account = account

    def predicate(self, query: Query) -> Predicate:
        """What the query means; without a condition everything matches."""
        return self._compile(query.condition) if query.condition is not None else lambda _: True

    def _compile(self, condition: Condition) -> Predicate:
        if isinstance(condition, Clause):
            return self._clause(condition)
        parts = [self._compile(part) for part in condition.parts]
        return _combine(condition, parts)

    def _clause(self, clause: Clause) -> Predicate:
        name = _ALIASES.get(clause.field.lower(), clause.field.lower())
        match name:
            case "key" | "id":
                return self._by_identity(clause, name)
            case "updated" | "created":
                return self._by_time(clause, name)
            case "project" | "status" | "issuetype":
                return self._by_definition(clause, name)
            case "statuscategory":
                return _by_values(clause, _names_of_category)
            case "labels":
                return _by_values(clause, lambda issue: {label.casefold() for label in issue.labels})
            case "assignee" | "reporter":
                return self._by_account(clause, name)
            case "parent":
                return _by_values(clause, self._names_of_parent)
            case "resolution":
                return _by_values(_unresolved_as_empty(clause), _names_of_resolution)
        if (field := self._custom_or_system(clause.field)) is not None:
            return _by_emptiness(clause, field)
        raise RefusalError(400, f"Field '{clause.field}' does not exist or you do not have permission to view it.")

    def _custom_or_system(self, name: str) -> str | None:
        """The id of a field: `cf[10010]` is a custom one, as jira-cloud-platform-v3.openapi.json writes them."""
        number = _CUSTOM.fullmatch(name)
        identifier = f"customfield_{number[1]}" if number else name
        return identifier if identifier in self._store.fields else None

    def _by_definition(self, clause: Clause, name: str) -> Predicate:
        """By id, key or name; an unknown one is a 400, except for a client that is not signed in and sees nothing."""
        known = self._known(name)
        for operand in clause.operands:
            if not operand.is_empty and operand.text.casefold() not in known and self._account is not None:
                raise RefusalError(400, f"The value '{operand.text}' does not exist for the field '{name}'.")
        return _by_values(clause, lambda issue: _names_of_definition(issue, name))

    def _known(self, name: str) -> set[str]:
        store = self._store
        if name == "status":
            return {text for one in store.statuses.values() for text in (one.id, one.name.casefold())}
        if name == "issuetype":
            return {text for one in store.types.values() for text in (one.id, one.name.casefold())}
        projects = [one for one in store.projects.values() if not self._is_kept_secret(one.id)]
        return {text for one in projects for text in (one.id, one.key.casefold(), one.name.casefold())}

    def _is_kept_secret(self, project_id: str) -> bool:
        hidden = "BROWSE_PROJECTS" in self._store.withheld.get(project_id, set())
        return hidden and self._store.behaviour.refuse_hidden_projects

    def _by_identity(self, clause: Clause, name: str) -> Predicate:
        if clause.operator in ("<", "<=", ">", ">="):
            return self._by_order_of_identity(clause)
        for operand in clause.operands:
            self._require_issue(operand, name)
        store = self._store
        wanted = {store.issue(one.text).id for one in clause.operands if self._find(one) is not None}
        return _negated(clause, lambda issue: issue.id in wanted)

    def _by_order_of_identity(self, clause: Clause) -> Predicate:
        compare, text = _COMPARISONS[clause.operator], clause.operands[0].text
        if text.isdigit():
            return lambda issue: compare(int(issue.id), int(text))
        project, _, number = text.upper().rpartition("-")
        if not number.isdigit():
            raise RefusalError(400, f"The issue key '{text}' for field '{clause.field}' is invalid.")
        return lambda issue: issue.project.key == project and compare(int(issue.key.rpartition("-")[2]), int(number))

    def _require_issue(self, operand: Operand, name: str) -> None:
        issue = self._find(operand)
        if self._account is None or (issue is not None and self._store.can_browse(self._account, issue)):
            return
        if operand.text.isdigit():
            raise RefusalError(400, f"A value with ID '{operand.text}' does not exist for the field '{name}'.")
        raise RefusalError(400, f"An issue with key '{operand.text}' does not exist for field '{name}'.")

    def _find(self, operand: Operand) -> Issue | None:
        try:
            return self._store.issue(operand.text)
        except KeyError:
            return None

    def _by_account(self, clause: Clause, name: str) -> Predicate:
        me = self._account.account_id.casefold() if self._account is not None else ""

        def names(issue: Issue) -> set[str]:
            account: Account | None = getattr(issue, name)
            if account is None:
                return set()
            known = {account.account_id.casefold(), account.name.casefold()}
            return known | ({"currentuser"} if account.account_id.casefold() == me else set())

        return _by_values(clause, names)

    def _names_of_parent(self, issue: Issue) -> set[str]:
        if issue.parent_id is None:
            return set()
        parent = self._store.issues.get(issue.parent_id)
        return {issue.parent_id, parent.key.casefold()} if parent is not None else {issue.parent_id}

    def _by_time(self, clause: Clause, name: str) -> Predicate:
        """Times are read in the zone of the profile of the account that asks: `trackers.md`, Incremental."""
        if clause.operator not in _COMPARISONS:
            raise RefusalError(400, f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
        instant = self._instant(clause)
        compare = _COMPARISONS[clause.operator]
        return lambda issue: compare(getattr(issue, name), instant)

    def _instant(self, clause: Clause) -> datetime:
        operand, now = clause.operands[0], self._store.clock.now()
        if operand.is_function and operand.text == "now":
            return now
        if _PERIOD.fullmatch(operand.text):
            sign = -1 if operand.text.startswith("-") else 1
            parts = {
                _UNITS[unit.lower()]: int(count) for count, unit in re.findall(r"(\d+)([wdhm])", operand.text.lower())
            }
            return now + sign * timedelta(**parts)
        zone = ZoneInfo(self._account.time_zone if self._account is not None else "UTC")
        for wanted in _DATE_FORMATS:
            try:
                return datetime.strptime(operand.text, wanted).replace(tzinfo=zone)
            except ValueError:
                continue
        raise RefusalError(
            400,
            f"Date value '{operand.text}' for field '{clause.field}' is invalid. Valid formats include: "
            "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', "
            "'4w 2d'.",
        )


def arrange(query: Query, issues: list[Issue]) -> list[Issue]:
    """Sorts as ORDER BY says; without one the newest id comes first, which no client may rely on."""
    result = sorted(issues, key=_ORDERS["id"], reverse=True)
    for name, descends in reversed(query.order):
        key = _ORDERS.get(_ALIASES.get(name, name))
        if key is None:
            raise RefusalError(400, f"Not able to sort using field '{name}'.")
        result.sort(key=key, reverse=descends)
    return result


def comes_after(query: Query, issue: Issue, other: Issue) -> bool:
    """Whether the issue stands behind the other one in the order of the query."""
    for name, descends in (*query.order, ("id", True)):
        key = _ORDERS[_ALIASES.get(name, name)]
        left, right = key(issue), key(other)
        if left != right:
            return bool((left > right) != descends)
    return False


def _combine(group: Group, parts: list[Predicate]) -> Predicate:
    if group.kind == "not":
        return lambda issue: not parts[0](issue)
    if group.kind == "and":
        return lambda issue: all(part(issue) for part in parts)
    return lambda issue: any(part(issue) for part in parts)


def _by_values(clause: Clause, values: Callable[[Issue], set[str]]) -> Predicate:
    """`!=` and `not in` leave out issues without any value, as Jira does; `NOT … =` does not."""
    if clause.operator not in ("=", "!=", "in", "not in", "is", "is not"):
        raise RefusalError(400, f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    wanted = {operand.text.casefold() for operand in clause.operands if not operand.is_empty}
    accepts_empty = any(operand.is_empty for operand in clause.operands)
    if clause.operator in ("is", "is not") and wanted:
        raise RefusalError(
            400, f"The operator '{clause.operator}' only supports EMPTY and NULL for field '{clause.field}'."
        )

    def holds(issue: Issue) -> bool:
        present = values(issue)
        return bool(present & wanted) or (accepts_empty and not present)

    if clause.operator in ("!=", "not in"):
        return lambda issue: bool(values(issue)) and not holds(issue)
    return _negated(clause, holds)


def _by_emptiness(clause: Clause, field: str) -> Predicate:
    """The embedded Jira compares other fields with nothing else than EMPTY."""
    if clause.operator not in ("is", "is not") or not all(one.is_empty for one in clause.operands):
        raise RefusalError(400, f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    return _negated(clause, lambda issue: issue.fields.get(field) in (None, "", []))


def _negated(clause: Clause, holds: Predicate) -> Predicate:
    if clause.operator in ("!=", "not in", "is not"):
        return lambda issue: not holds(issue)
    return holds


def _names_of_definition(issue: Issue, name: str) -> set[str]:
    if name == "project":
        return {issue.project.id, issue.project.key.casefold(), issue.project.name.casefold()}
    one = issue.status if name == "status" else issue.type
    return {one.id, one.name.casefold()}


def _names_of_category(issue: Issue) -> set[str]:
    category = issue.status.category
    return {category.key.casefold(), category.name.casefold(), str(category.id)}


def _names_of_resolution(issue: Issue) -> set[str]:
    resolution = issue.fields.get("resolution")
    return {str(resolution["name"]).casefold(), str(resolution["id"])} if resolution else set()


def _unresolved_as_empty(clause: Clause) -> Clause:
    operands = (Operand("", is_empty=True) if one.text.lower() == "unresolved" else one for one in clause.operands)
    return Clause(clause.field, clause.operator, tuple(operands))

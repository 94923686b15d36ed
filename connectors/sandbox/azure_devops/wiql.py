"""Answering WIQL: conditions become functions on work items.

Documented at `POST …/wiql` in azure-devops-wit-7.1.swagger.json (`timePrecision`, `$top`) and in trackers.md
("Reading": ids only, at most 20,000, "A time needs `timePrecision=true`, else 400"); answers look like recordings 32
and 102. Text is compared without case. `[System.Tags] CONTAINS` matches a whole tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.sandbox.azure_devops import errors, tags
from connectors.sandbox.azure_devops.field_values import parse_time
from connectors.sandbox.azure_devops.model import Field, Identity, Project, Revision, WorkItem
from connectors.sandbox.azure_devops.records import Records
from connectors.sandbox.azure_devops.views import Views
from connectors.sandbox.azure_devops.wiql_syntax import Comparison, Condition, Group, Not, Operand, Statement, parse

Test = Callable[[WorkItem, Revision], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The items that a query finds, in its order, with its columns and sort columns."""

    items: list[WorkItem]
    columns: list[Field]
    order: list[tuple[Field, bool]]
    as_of: datetime


class Query:
    """One query in the context of a project, or of none."""

    def __init__(self, store: Records, project: Project | None, *, time_precision: bool) -> None:
        self._store = store
        self._project = project
        self._time_precision = time_precision
        self._views = Views(store, "")

    def run(self, text: str, top: int | None) -> Result:
        """The result, cut off at `top`; more items than the limit are an error where no smaller `top` is given."""
        statement = parse(text)
        columns = [self._field(name, name) for name in statement.columns]
        order = [(self._field(name, name), descending) for name, descending in statement.order]
        as_of = parse_time(statement.as_of) if statement.as_of else self._store.clock.now()
        found = self._find(statement, as_of)
        limit = self._store.behaviour.query_result_limit
        if len(found) > limit and (top is None or top > limit):
            raise errors.query_too_large(limit)
        for field, descending in reversed(order):
            found.sort(key=lambda pair: self._sort_key(field, *pair), reverse=descending)
        return Result(items=[item for item, _ in found][:top], columns=columns, order=order, as_of=as_of)

    def _find(self, statement: Statement, as_of: datetime) -> list[tuple[WorkItem, Revision]]:
        test = self._condition(statement.condition) if statement.condition else None
        found = []
        for item in self._store.items.values():
            if not self._store.is_visible(item):
                continue
            revision = item.revision_at(as_of) if statement.as_of else item.revisions[-1]
            if revision is not None and (test is None or test(item, revision)):
                found.append((item, revision))
        return sorted(found, key=lambda pair: pair[0].id)

    def _field(self, name: str, cause: str) -> Field:
        field = self._store.field(name)
        if field is None:
            raise errors.bad_query("TF51005: The query references a field that does not exist.", f"[{cause}]")
        return field

    def _condition(self, condition: Condition) -> Test:
        match condition:
            case Not(inner):
                test = self._condition(inner)
                return lambda item, revision: not test(item, revision)
            case Group(word, inner_conditions):
                tests = [self._condition(inner) for inner in inner_conditions]
                if word == "AND":
                    return lambda item, revision: all(test(item, revision) for test in tests)
                return lambda item, revision: any(test(item, revision) for test in tests)
            case Comparison():
                return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> Test:
        field = self._field(comparison.field, comparison.field)
        if comparison.operator == "IS EMPTY":
            return lambda item, revision: self._value(field, item, revision) in (None, "")
        if comparison.operator == "IS NOT EMPTY":
            return lambda item, revision: self._value(field, item, revision) not in (None, "")
        sides = [self._operand(field, operand, comparison) for operand in comparison.operands]
        if comparison.operator == "IN":
            return lambda item, revision: any(
                _equal(field, self._value(field, item, revision), side(item, revision)) for side in sides
            )
        side = sides[0]
        if comparison.operator == "EVER":
            return lambda item, _: any(
                _equal(field, self._value(field, item, earlier), side(item, earlier)) for earlier in item.revisions
            )
        compare = _operator(field, comparison)
        return lambda item, revision: compare(self._value(field, item, revision), side(item, revision))

    def _value(self, field: Field, item: WorkItem, revision: Revision) -> Any:
        """The value of a field, ready to be compared: times as days where precision is a day."""
        name = field.reference_name
        if name == "System.Id":
            return item.id
        if name == "System.Parent":
            return self._store.links.parent(item.id)
        value = revision.fields.get(name)
        if value is None:
            value = self._views.computed(item, revision).get(name)
        if isinstance(value, dict | list):
            return str(value)
        return self._rounded(value) if isinstance(value, datetime) else value

    def _rounded(self, moment: datetime) -> datetime | date:
        return moment if self._time_precision else moment.astimezone(UTC).date()

    def _operand(self, field: Field, operand: Operand, comparison: Comparison) -> Callable[[WorkItem, Revision], Any]:
        if operand.kind == "field":
            other = self._field(operand.text, operand.text)
            return lambda item, revision: self._value(other, item, revision)
        if operand.kind == "macro":
            fixed = self._macro(operand, comparison)
        else:
            fixed = self._literal(field, operand.text, comparison)
        return lambda _item, _revision: fixed

    def _macro(self, operand: Operand, comparison: Comparison) -> Any:
        if operand.text == "@me":
            return str(self._store.account)
        if operand.text == "@project" and self._project is not None:
            return self._project.name
        if operand.text == "@today":
            today = self._store.clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            return self._rounded(today + timedelta(days=operand.days))
        raise errors.bad_query("The macro is not supported here.", comparison.source)

    def _literal(self, field: Field, text: str, comparison: Comparison) -> Any:
        try:
            match field.type:
                case "integer":
                    return int(text) if text else None
                case "double":
                    return float(text) if text else None
                case "boolean":
                    return {"true": True, "false": False}[text.casefold()]
                case "dateTime":
                    return self._time(text, comparison) if text else None
                case _:
                    return text
        except (ValueError, KeyError):
            raise errors.bad_query(f"The value does not fit the field {field.name}.", comparison.source) from None

    def _time(self, text: str, comparison: Comparison) -> datetime | date:
        if not self._time_precision and re.search(r"\d[T ]\d|:", text):
            message = "You cannot supply a time with the date when running a query using date precision."
            raise errors.bad_query(message, comparison.source)
        return self._rounded(parse_time(text))

    def _sort_key(self, field: Field, item: WorkItem, revision: Revision) -> tuple[bool, bool, Any]:
        """Nothing first, and what does not fit the field's type last."""
        value = self._value(field, item, revision)
        is_text = isinstance(value, str | Identity)
        return value is not None, is_text, str(value).casefold() if is_text else value or 0


def _equal(field: Field, left: Any, right: Any) -> bool:
    if isinstance(left, Identity):
        wanted = str(right).casefold()
        return wanted in (left.display_name.casefold(), left.unique_name.casefold(), str(left).casefold())
    if isinstance(left, str) or isinstance(right, str):
        return _text(field, left) == _text(field, right)
    return bool(left == right)


def _text(field: Field, value: Any) -> str:
    text = "" if value is None else str(value)
    return text.strip("\\").casefold() if field.type == "treePath" else text.casefold()


def _operator(field: Field, comparison: Comparison) -> Callable[[Any, Any], bool]:
    match comparison.operator:
        case "=":
            return lambda left, right: _equal(field, left, right)
        case "<>":
            return lambda left, right: not _equal(field, left, right)
        case "UNDER":
            return lambda left, right: _is_under(_text(field, left), _text(field, right))
        case "CONTAINS" if field.reference_name == "System.Tags":
            return lambda left, right: (
                _text(field, right).strip() in [name.casefold() for name in tags.split(_text(field, left))]
            )
        case "CONTAINS" | "CONTAINS WORDS":
            return lambda left, right: _text(field, right) in _text(field, left)
        case _:
            return _ordering(field, ORDERINGS[comparison.operator])


def _is_under(path: str, root: str) -> bool:
    return path == root or path.startswith(root + "\\")


def _ordering(field: Field, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        if isinstance(left, str | Identity):
            return holds(_text(field, left), _text(field, right))
        return holds(left, right)

    return compare

"""Says in plain words, with a place and a remedy, what a pydantic model found wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lpm_sync.policy.mistakes import Remark, is_secret_key, meant, plain, secret_advice
from lpm_sync.policy.yaml_source import YamlPath

_NO_DAY = "is no day of the calendar; write year, month and day: `2026-10-05`"
_EXPECTED = {
    "string_type": "should be text; put it in quotes",
    "tuple_type": "should be a list, for example `[one, two]`",
    "list_type": "should be a list, for example `[one, two]`",
    "set_type": "should be a list, for example `[one, two]`",
    "frozen_set_type": "should be a list, for example `[one, two]`",
    "dict_type": "should be a mapping of `key: value` lines",
    "mapping_type": "should be a mapping of `key: value` lines",
    "model_type": "should be a mapping of `key: value` lines",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "decimal_type": "should be a number",
    "decimal_parsing": "should be a number",
    "bool_type": "should be `true` or `false`",
    "bool_parsing": "should be `true` or `false`",
    "date_type": _NO_DAY,
    "date_parsing": _NO_DAY,
    "date_from_datetime_parsing": _NO_DAY,
    "date_from_datetime_inexact": _NO_DAY,
    "finite_number": "should be a number that has an end",
    "string_too_short": "is empty; fill it in or remove the key",
    "string_too_long": "is too long; write at most {max_length} characters",
    "decimal_max_places": "has too many decimal places; write at most {decimal_places}",
    "decimal_max_digits": "has too many digits; write at most {max_digits}",
    "decimal_whole_digits": "has too many digits; write at most {whole_digits} before the point",
}
"""What should stand there, by pydantic's word for the mistake; in braces what its context names."""


def explain(error: ValidationError, model: type[BaseModel], prefix: YamlPath = ()) -> Iterator[Remark]:
    """Each mistake with its path in the document; `prefix` is where the model's own stanza stands."""
    schema = model.model_json_schema()
    for detail in error.errors(include_url=False):
        if _follows_from_others(detail):
            continue
        path = tuple(part for part in detail["loc"] if part != "[key]")
        yield _remark(detail, schema, path, prefix)


def _follows_from_others(detail: ErrorDetails) -> bool:
    """A list whose entries are wrong is told to be too short as well; that adds nothing."""
    given = detail["input"]
    return detail["type"] == "too_short" and len(given) >= detail["ctx"]["min_length"]


def _remark(detail: ErrorDetails, schema: Mapping[str, Any], path: YamlPath, prefix: YamlPath) -> Remark:
    kind, given = detail["type"], detail["input"]
    last = path[-1] if path else ""
    if kind == "extra_forbidden":
        if is_secret_key(last) or _is_chat_address(prefix + path):
            return prefix + path, secret_advice(prefix + path)
        known = _schema_at(schema, path[:-1]).get("properties", {})
        return prefix + path, f"unknown key; {meant(last, known)}"
    if kind == "missing":
        return prefix + path[:-1], _missing(last, _schema_at(schema, path[:-1] if isinstance(last, int) else path))
    if given is None:
        return prefix + path, "is empty; fill it in or remove the key"
    if kind == "enum":
        words = _schema_at(schema, path).get("enum") or _words(detail["ctx"]["expected"])
        return prefix + path, f"{_shown(given)} is none of the known words; {meant(given, words)}".lstrip()
    if kind == "value_error":
        return prefix + path, str(detail["ctx"]["error"])
    if kind == "too_short":
        return prefix + path, f"needs at least {detail['ctx']['min_length']}"
    if kind == "too_long":
        limit = f"has {len(given)} entries, and takes at most {detail['ctx']['max_length']}"
        return prefix + path, limit + _described(_schema_at(schema, path))
    return prefix + path, f"{_shown(given)} {_expected(detail, _schema_at(schema, path))}".lstrip()


def _expected(detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    """What should stand there, where pydantic's own words need a turn."""
    if any("business days" in option.get("pattern", "") for option in schema.get("anyOf", ())):
        return "is no number of business days; write for example `5 business days`"
    if (expected := _EXPECTED.get(detail["type"])) is not None:
        return expected.format_map(detail.get("ctx", {}))
    return detail["msg"].removeprefix("Input ").removeprefix("String ")


def _is_chat_address(path: YamlPath) -> bool:
    return path[:2] == ("digest", "chats") and path[-1] in {"url", "address"}


def _missing(key: str | int, schema: Mapping[str, Any]) -> str:
    """That an entry of a list or a key is; `schema` is that of the list, or of what the key leads to."""
    what = f"needs at least {key + 1} entries" if isinstance(key, int) else f"`{key}` is missing"
    return what + _described(schema)


def _described(schema: Mapping[str, Any]) -> str:
    """What is meant there, where the schema says."""
    description = schema.get("description", "")
    return f": {description.splitlines()[0]}" if description else ""


def _words(expected: str) -> list[str]:
    """The words in pydantic's `'a', 'b' or 'c'`."""
    return expected.split("'")[1::2]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{plain(str(value))}`" if value != "" and isinstance(value, str | int | Decimal) else ""


def _schema_at(schema: Mapping[str, Any], path: YamlPath) -> Mapping[str, Any]:
    """The JSON schema of what stands at `path`; empty where the path leaves it."""
    node: Mapping[str, Any] = schema
    for part in path:
        node = _resolved(schema, node)
        if isinstance(part, int):
            entries = node.get("prefixItems", [])
            node = entries[part] if part < len(entries) else node.get("items", {})
        else:
            free = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
            named = node.get("properties", {}).get(part)
            node = next((option for option in (named, *free) if isinstance(option, Mapping)), {})
    return _resolved(schema, node)


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follows a reference, and of an optional value the one that is not null."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        node = {**node, **options[0]}
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], **node}
    return node

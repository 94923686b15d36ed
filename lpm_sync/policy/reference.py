"""Generates the documents of the configuration from the code: JSON Schemas for editors, and the rule reference."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lpm_sync.plugins import RuleClass
from lpm_sync.policy.lock import LockFile
from lpm_sync.policy.policy import PolicyFile, RuleStanza
from lpm_sync.policy.rule_pages import rules_page
from lpm_sync.policy.stanzas import KANBAN_RULE
from lpm_sync.policy.trackers import TrackersFile
from lpm_sync.policy.value_streams import ValueStreamsFile

SCHEMA_DIRECTORY = Path("config/schema")
RULES_PAGE = Path("docs/rules.md")

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_GROUPED_NUMBER = "^[+-]?[0-9]+(_[0-9]+)*(\\.[0-9]+)?$"


def generated_files(rules: Sequence[RuleClass]) -> dict[Path, str]:
    """The content of each generated file, by its path in the repository."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    return {
        SCHEMA_DIRECTORY / "trackers.schema.json": _schema_text(TrackersFile.model_json_schema()),
        SCHEMA_DIRECTORY / "trackers.lock.schema.json": _schema_text(LockFile.model_json_schema()),
        SCHEMA_DIRECTORY / "value_streams.schema.json": _schema_text(ValueStreamsFile.model_json_schema()),
        SCHEMA_DIRECTORY / "policy.schema.json": _schema_text(policy_schema(ordered)),
        RULES_PAGE: rules_page(ordered),
    }


def policy_schema(rules: Sequence[RuleClass]) -> dict[str, Any]:
    """The schema of `policy.yaml`, in which each entry under `rules` is the stanza of one of the rules given."""
    models: list[type[BaseModel]] = [PolicyFile, *rules]
    places, definitions = models_json_schema([(model, "validation") for model in models])
    parts: dict[str, Any] = definitions["$defs"]
    names = {model: places[model, "validation"]["$ref"].rsplit("/", 1)[-1] for model in models}
    schema = parts.pop(names[PolicyFile])
    common = parts.pop(RuleStanza.__name__)["properties"]
    schema["properties"]["rules"]["items"] = {
        "type": "object",
        "required": ["rule"],
        "discriminator": {"propertyName": "rule"},
        "oneOf": [_stanza(rule, parts.pop(names[rule]), common) for rule in rules],
    }
    return {**schema, "$defs": parts}


def _stanza(rule: RuleClass, settings: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    required = [name for name in settings.get("required", ()) if (rule.code, name) != (KANBAN_RULE, "wip")]
    return {
        "title": f"{rule.code}: {rule.title}",
        "description": inspect.cleandoc(rule.__doc__ or ""),
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", *required],
        "properties": {**common, **settings.get("properties", {}), "rule": {"const": rule.code}},
    }


def _schema_text(schema: Mapping[str, Any]) -> str:
    whole = {"$schema": _DIALECT, **_for_editors(schema)}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _for_editors(node: Any) -> Any:
    """The schema with a form for decimal numbers that are text to an editor, which takes `500_000` for it."""
    if isinstance(node, list):
        return [_for_editors(value) for value in node]
    if not isinstance(node, Mapping):
        return node
    if [option.get("type") for option in node.get("anyOf", ())] == ["number", "string"]:
        number, text = node["anyOf"]
        return {**node, "anyOf": [number, {"pattern": _GROUPED_NUMBER, **text}]}
    return {key: _for_editors(value) for key, value in node.items()}

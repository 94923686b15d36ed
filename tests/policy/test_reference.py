"""Schemas and reference come from the code, fit what is loaded, and are checked in as generated."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lpm_sync.policy.loader import load_configuration
from lpm_sync.policy.reference import RULES_PAGE, SCHEMA_DIRECTORY, generated_files
from lpm_sync.policy.yaml_source import parse_yaml, read_yaml
from lpm_sync.rules import BUILTIN_RULES
from tests.policy.conftest import POLICY, TRACKERS, VALUE_STREAMS, Sample

ROOT = Path(__file__).parents[2]
FILES = ("trackers", "value_streams", "policy")


def _as_an_editor_reads(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _as_an_editor_reads(held) for key, held in value.items()}
    return [_as_an_editor_reads(held) for held in value] if isinstance(value, list) else value


def _validator(name: str, files: dict[Path, str]) -> Draft202012Validator:
    schema = json.loads(files[SCHEMA_DIRECTORY / f"{name}.schema.json"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("name", "text"), [("trackers", TRACKERS), ("value_streams", VALUE_STREAMS), ("policy", POLICY)]
)
def test_a_valid_configuration_fits_its_schema(name: str, text: str) -> None:
    content = _as_an_editor_reads(parse_yaml(text, name="x").content)
    assert list(_validator(name, generated_files(Sample.rules)).iter_errors(content)) == []


@pytest.mark.parametrize("threshold", ["500_000", "1_000.50", 500_000, 0.5])
def test_grouped_figures_fit_though_they_are_text_to_an_editor(threshold: object) -> None:
    content = {"rules": [{"rule": "GRD301", "threshold": threshold}]}
    assert list(_validator("policy", generated_files(Sample.rules)).iter_errors(content)) == []


@pytest.mark.parametrize(
    "stanza",
    [
        {"rule": "GRD301"},
        {"rule": "GRD301", "threshold": "many"},
        {"rule": "GRD301", "threshold": 5, "treshold": 5},
        {"rule": "GRD301", "threshold": 5, "mode": "enforced"},
        {"rule": "GRD301", "threshold": 5, "grace": "5 weeks"},
        {"rule": "GRD301", "threshold": 5, "on_fail": {"label": "Not A Label"}},
        {"rule": "GRD999"},
        {"threshold": 5},
    ],
)
def test_a_wrong_stanza_does_not_fit_the_schema(stanza: dict[str, object]) -> None:
    assert list(_validator("policy", generated_files(Sample.rules)).iter_errors({"rules": [stanza]}))


def test_a_stanza_of_the_kanban_rule_needs_no_limits_of_its_own() -> None:
    content = {"kanban": {"wip": {"reviewing": 5}}, "rules": [{"rule": "KAN101"}]}
    assert list(_validator("policy", generated_files(Sample.rules)).iter_errors(content)) == []


def test_the_reference_shows_each_rule_with_its_settings_and_examples() -> None:
    page = generated_files(Sample.rules)[RULES_PAGE]
    assert "### GRD301" in page
    assert "**Significant** (about an item)" in page
    assert "An item above the threshold." in page
    assert "| `threshold` | number | required | Above it an approval is needed. |" in page
    assert "| `grace` | whole number or `5 business days` | `3` | How long it may wait. |" in page
    assert "| above \\| beyond it | `threshold: 5` | failed |" in page
    assert "| [KAN101](#kan101) | Crowded | the portfolio | kanban |" in page


def test_the_order_of_the_rules_does_not_change_what_is_generated() -> None:
    assert generated_files(Sample.rules) == generated_files(tuple(reversed(Sample.rules)))


def test_the_files_that_are_checked_in_are_as_generated() -> None:
    stale = [
        str(path)
        for path, content in generated_files(BUILTIN_RULES).items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != content
    ]
    assert stale == [], "run: lpm-sync docs"


def test_the_first_configuration_loads_and_governs_every_rule() -> None:
    configuration = load_configuration(ROOT / "config")
    assert {entry.rule.code for entry in configuration.governed_rules()} == {rule.code for rule in BUILTIN_RULES}
    assert configuration.warnings == ()


@pytest.mark.parametrize("name", FILES)
def test_the_first_configuration_fits_its_schema_and_names_it_for_editors(name: str) -> None:
    path = ROOT / "config" / f"{name}.yaml"
    content = _as_an_editor_reads(read_yaml(path).content)
    assert list(_validator(name, generated_files(BUILTIN_RULES)).iter_errors(content)) == []
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema=schema/{name}.schema.json\n")

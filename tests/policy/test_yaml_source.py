"""YAML is read as plain values with their lines; what a configuration has no use for is refused quickly."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.errors import ConfigurationError
from lpm_sync.policy.yaml_source import parse_yaml, read_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED = {
    "a key that stands twice": ("a: 1\nb: 2\na: 3\n", "f.yaml:3: `a` stands twice, first in line 1"),
    "a nested key that stands twice": ("x:\n  a: 1\n  a: 2\n", "f.yaml:3: `a` stands twice, first in line 2"),
    "an object": ("a: !!python/object/apply:os.system [x]\n", "f.yaml:1: a tag"),
    "a tag of YAML's own": ("a: 1\nb: !!binary aGk=\n", "f.yaml:2: a tag"),
    "a second document": ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
    "a list at the top": ("- 1\n", "f.yaml:1: the top level is no mapping"),
    "a text at the top": ("hello\n", "f.yaml:1: the top level is no mapping"),
    "a list as key": ("a: 1\n? [x, y]\n: 2\n", "f.yaml:2: a key that is no text"),
    "a merge key": ("a: &a {x: 1}\nb:\n  <<: *a\n", "f.yaml:3: merge keys"),
    "an open bracket": ("a: [1\nb: 2\n", "f.yaml:2: not YAML"),
    "a tab": ("a:\n\tb: 1\n", "f.yaml:2: not YAML"),
    "an unknown alias": ("a: *nothing\n", "f.yaml:1: not YAML"),
    "a control character": ("a: \x07\n", "f.yaml:1: not YAML: it holds control characters"),
    "brackets without end": ("a: " + "[" * 100_000, "f.yaml:1: nested deeper than 20"),
    "lists without end": ("a:\n" + "".join(f"{' ' * n}-\n" for n in range(1, 60)), "nested deeper than 20"),
    "an alias of itself": ("a: &a [*a]\n", "f.yaml:1: aliases that multiply"),
    "aliases that multiply": (BOMB, "aliases that multiply"),
    "aliases in great number": ("a: &a 1\nb: [" + "*a, " * 101 + "]\n", "f.yaml:2: more than 100 aliases"),
    "values in great number": ("a:\n" + "- x\n" * 240_000, "more than 50,000 values"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_configuration_has_no_use_for_is_refused_at_its_line_within_a_second(case: str) -> None:
    text, message = REFUSED[case]
    started = time.process_time()
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml(text, name="f.yaml")
    assert time.process_time() - started < 1
    assert message in str(caught.value)
    assert str(caught.value).startswith("f.yaml:")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", ["aliases that multiply", "values in great number", "brackets without end"])
def test_a_refusal_costs_less_than_200_megabytes(case: str) -> None:
    program = (
        "import pathlib, re, resource, sys\n"
        "from lpm_sync.policy.yaml_source import parse_yaml\n"
        "from lpm_sync.errors import ConfigurationError\n"
        "try: parse_yaml(sys.stdin.read(), name='f.yaml')\n"
        "except ConfigurationError:\n"
        "    status = pathlib.Path('/proc/self/status')\n"  # there ru_maxrss would count the parent, too
        "    if status.exists(): print(int(re.search(r'VmHWM:\\s+(\\d+)', status.read_text())[1]) * 1024)\n"
        "    else: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=REFUSED[case][0], capture_output=True, text=True, check=True
    )
    peak = int(ran.stdout)
    assert peak < 200_000_000


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2_400_000", 2_400_000),
        ("-3", -3),
        ("0.30", Decimal("0.30")),
        ("1_000.50", Decimal("1000.50")),
        ("true", True),
        ("~", None),
        ("", None),
        ("NO", "NO"),
        ("yes", "yes"),
        ("10:30", "10:30"),
        ("2026-10-05", "2026-10-05"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1e999999999", "1e999999999"),
        (".inf", ".inf"),
        ("9" * 41, "9" * 41),
        ("9**9**9", "9**9**9"),
        ("'500'", "500"),
        ('"true"', "true"),
    ],
)
def test_a_scalar_is_read_as_it_was_meant(written: str, read: object) -> None:
    value = parse_yaml(f"a: {written}\n", name="f.yaml").content["a"]
    assert value == read
    assert type(value) is type(read)


def test_every_key_and_entry_knows_its_line() -> None:
    document = parse_yaml("a:\n  b:\n    - x\n    - {c: 1}\nd: 2\n", name="f.yaml")
    assert [document.line(path) for path in [("a",), ("a", "b"), ("a", "b", 1), ("a", "b", 1, "c"), ("d",)]] == [
        1, 2, 4, 4, 5,
    ]  # fmt: skip


def test_what_is_missing_has_the_line_of_what_stands_above_it() -> None:
    document = parse_yaml("x: 1\na:\n  b: {}\n", name="f.yaml")
    assert document.line(("a", "b", "missing", 0)) == 3
    assert document.line(("missing",)) == 1


def test_an_alias_is_its_value() -> None:
    assert parse_yaml("a: &a [1, 2]\nb: *a\n", name="f.yaml").content == {"a": [1, 2], "b": [1, 2]}


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert parse_yaml("# nothing yet\n", name="f.yaml").content == {}


def test_a_file_that_is_too_large_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ConfigurationError, match=r"large\.yaml:1: larger than 1,000,000 bytes"):
        read_yaml(path)


def test_a_file_that_is_not_utf_8_is_refused_at_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nb: Köln\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"latin\.yaml:2: not UTF-8"):
        read_yaml(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path).content == {"a": 1}


def test_what_is_no_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: there is no such file"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(ConfigurationError, match=f"{tmp_path}: a directory, and no file"):
        read_yaml(tmp_path)


plain_values = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"])) | st.integers(-(10**30), 10**30) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcXYZ ", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdef", min_size=1), plain_values, max_size=4))
def test_plain_values_survive_writing_and_reading(content: dict[str, Any]) -> None:
    assert parse_yaml(yaml.safe_dump(content, allow_unicode=True), name="f.yaml").content == content


@given(st.text(max_size=200))
def test_any_text_is_either_read_or_refused_with_its_place(text: str) -> None:
    mistake = ""
    try:
        parse_yaml(text, name="f.yaml")
    except ConfigurationError as error:
        mistake = str(error)
    assert mistake == "" or mistake.startswith("f.yaml:")

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.text import is_web_address, one_line, visible


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(1, 50))
def test_anybodys_text_becomes_one_short_visible_line(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp", "Co"}
    assert not any(
        unicodedata.bidirectional(character) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI"} for character in line
    )
    line.encode()


@given(st.text(alphabet=st.characters(), max_size=200))
def test_a_visible_text_stays_on_its_line_and_turns_nothing_around(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1
    assert not set(visible(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x00\ufffe")
    visible(text).encode()


def test_scripts_and_emoji_keep_what_joins_them() -> None:
    assert one_line("👩\u200d💻 می\u200cخواهم") == "👩\u200d💻 می\u200cخواهم"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://jira.example/browse/PAY-1", True),
        ("http://127.0.0.1:8080/x?a=1&b=2#c", True),
        ("javascript:alert(1)", False),
        ("https://jira.example/a b", False),
        ("https://jira.example/|text>", False),
        ("https://jira.example/\u202e", False),
        ("//jira.example", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(address: str | None, expected: bool) -> None:
    assert is_web_address(address) is expected

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from connectors.sandbox.chat import slack_refusal
from connectors.slack.render import LONGEST_MESSAGE, render
from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span, paragraph
from tests.contracts import contract
from tests.example_counts import examples

HOSTILE = (
    "<!channel> <@U1> <#C1|x> & @channel @here *bold* _it_ ~gone~ `code` :smile: ```x```\n> quote https://evil.example"
)
DAY = date(2026, 11, 23)

texts = (
    st.text(max_size=400)
    | st.just(HOSTILE)
    | st.sampled_from(["&", "<", "😀", "x", "*", "\u202e", "\ud800"]).map(lambda one: one * 7000)
)
addresses = st.none() | st.sampled_from(
    ["https://jira.example/browse/PAY-1?a=1&b=2", "javascript:alert(1)", "https://x.example/" + "y" * 4000]
)
spans = st.builds(Span, text=texts, is_strong=st.booleans(), href=addresses)
lines = st.lists(spans, max_size=4).map(tuple)
blocks = (
    st.builds(Heading, text=texts)
    | st.builds(Paragraph, spans=lines)
    | st.builds(BulletList, items=st.lists(lines, max_size=6).map(tuple))
)
documents = st.builds(Document, blocks=st.lists(blocks, max_size=6).map(tuple))
sections = st.builds(Section, heading=texts, body=documents)
digests = st.builds(
    Digest,
    title=texts,
    slot=st.just("2026-11-23"),
    day=st.just(DAY),
    sections=st.lists(sections, max_size=8).map(tuple),
)


def _digest(*content: Any, title: str = "Northwind: portfolio digest") -> Digest:
    section = Section(heading="Money", body=Document(blocks=tuple(content)))
    return Digest(title=title, slot="2026-11-23", day=DAY, sections=(section,))


def _texts(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block["text"] for block in message["blocks"]]


def _blocks_of(digest: Digest) -> list[Any]:
    """All blocks, through JSON as they are sent."""
    return [block for message in json.loads(json.dumps(render(digest))) for block in message["blocks"]]


def test_a_digest_has_a_header_for_itself_and_for_each_section_and_plain_text_below() -> None:
    (message,) = render(_digest(paragraph("Payments: 2,400,000 EUR & more")))
    assert message == {
        "text": "Northwind: portfolio digest",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "emoji": False, "text": "Northwind: portfolio digest"}},
            {"type": "header", "text": {"type": "plain_text", "emoji": False, "text": "Money"}},
            {
                "type": "section",
                "text": {"type": "plain_text", "emoji": False, "text": "Payments: 2,400,000 EUR &amp; more"},
            },
        ],
    }


def test_the_lines_of_a_list_share_a_section() -> None:
    bullets = BulletList(items=((Span(text="one"),), (Span(text="two"),)))
    assert _blocks_of(_digest(bullets))[2]["text"]["text"] == "• one\n• two"


def test_links_are_the_only_markup() -> None:
    line = (Span(text="jira:PAY-1", href="https://jira.example/browse/PAY-1?a=1&b=2"), Span(text=" *Instant* refunds"))
    assert _blocks_of(_digest(Paragraph(spans=line)))[2]["text"] == {
        "type": "mrkdwn",
        "verbatim": True,
        "text": "<https://jira.example/browse/PAY-1?a=1&amp;b=2|jira:PAY-1> ∗Instant∗ refunds",
    }


@pytest.mark.parametrize("href", ["javascript:alert(1)", "https://x.example/|y>", "file:///etc/passwd", "https://a b"])
def test_other_addresses_are_no_links(href: str) -> None:
    (block,) = _blocks_of(_digest(Paragraph(spans=(Span(text="PAY-1", href=href),))))[2:]
    assert block["text"] == {"type": "plain_text", "emoji": False, "text": "PAY-1"}


@pytest.mark.parametrize("href", [None, "https://jira.example/browse/PAY-1"])
def test_nothing_in_a_title_acts(href: str | None) -> None:
    line = (Span(text=HOSTILE), Span(text="PAY-1", href=href))
    (block,) = _blocks_of(_digest(Paragraph(spans=line), title=HOSTILE))[2:]
    written = block["text"]["text"].replace("<https://jira.example/browse/PAY-1|PAY-1>", "")
    assert "<" not in written
    assert ">" not in written
    assert "\n" not in written
    if block["text"]["type"] == "mrkdwn":
        assert block["text"]["verbatim"] is True
        assert not set("*_~`") & set(written)
        assert not re.search(r":[a-z]+:|@[a-z]", written)


def test_a_quotation_mark_at_the_start_of_a_line_quotes_nothing() -> None:
    line = (Span(text="> "), Span(text="PAY-1", href="https://jira.example/browse/PAY-1"))
    assert _blocks_of(_digest(Paragraph(spans=line)))[2]["text"]["text"].startswith("› <https")


def test_what_does_not_fit_one_message_goes_on_in_numbered_ones() -> None:
    paragraphs = [paragraph(f"line {n}") for n in range(120)]
    messages = render(_digest(*paragraphs, title="t" * 200))
    assert len(messages) == 3
    for number, message in enumerate(messages, start=1):
        title = _texts(message)[0]["text"]
        assert title.endswith(f"… ({number} of 3)")
        assert len(title) <= 150
        assert message["text"] == title
    found = re.findall(r"line \d+", json.dumps(messages))
    assert found == [f"line {n}" for n in range(120)], "nothing is lost, and all is in order"


def test_a_line_longer_than_a_section_goes_on_in_the_next_one() -> None:
    line = tuple(Span(text=f"{n} " + "x" * 900) for n in range(10))
    found = [block["text"]["text"] for block in _blocks_of(_digest(Paragraph(spans=line)))[2:]]
    assert len(found) == 4
    assert "".join(found).count("x") == 9000


def test_a_heading_is_never_the_last_block_of_a_message() -> None:
    sections_ = tuple(Section(heading=f"s{n}", body=Document(blocks=(paragraph("x"),))) for n in range(60))
    digest = Digest(title="t", slot="s", day=DAY, sections=sections_)
    assert all(message["blocks"][-1]["type"] == "section" for message in json.loads(json.dumps(render(digest))))


@settings(max_examples=examples(10))
@given(digests)
def test_every_message_keeps_the_limits_whatever_it_says(digest: Digest) -> None:
    messages = json.loads(json.dumps(render(digest)))
    assert messages
    for message in messages:
        assert slack_refusal(message) is None
        assert len(message["blocks"]) <= 50
        assert sum(len(text["text"]) for text in _texts(message)) <= LONGEST_MESSAGE + 150
        for text in _texts(message):
            assert not re.search(r"<(?!https?://)", text["text"])
            text["text"].encode()


@settings(max_examples=examples(10))
@given(digests)
def test_every_block_is_one_that_slack_publishes_and_within_its_lengths(digest: Digest) -> None:
    validator = Draft7Validator(json.loads(contract("specs/slack-known-block-3.2.0.schema.json").read_text()))
    limits = json.loads(contract("specs/slack-block-limits.json").read_text())
    for block in _blocks_of(digest):
        validator.validate(block)
        longest = limits[block["type"]]["text"]["max_length"]
        assert limits["text"]["min_length"] <= len(block["text"]["text"]) <= longest

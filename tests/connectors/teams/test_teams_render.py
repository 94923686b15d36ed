from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from connectors.sandbox.chat import teams_refusal
from connectors.teams.render import render
from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span, paragraph
from tests.contracts import contract
from tests.example_counts import examples

HOSTILE = "<at>all</at> **bold** _it_ [x](https://evil.example) {{DATE(2026-11-23T09:00:00Z)}} ${x} # h\n- <b>b</b>"
DAY = date(2026, 11, 23)

texts = (
    st.text(max_size=400)
    | st.just(HOSTILE)
    | st.sampled_from(['"', "<", "😀", "x", "\\", "\u202e", "\ud800"]).map(lambda one: one * 7000)
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
parts = st.lists(sections, max_size=8).map(tuple)
digests = st.builds(Digest, title=texts, slot=st.just("2026-11-23"), day=st.just(DAY), sections=parts)


def _digest(*content: Any, title: str = "Northwind: portfolio digest") -> Digest:
    section = Section(heading="Money", body=Document(blocks=tuple(content)))
    return Digest(title=title, slot="2026-11-23", day=DAY, sections=(section,))


def _cards(digest: Digest) -> list[dict[str, Any]]:
    return [json.loads(message)["attachments"][0]["content"] for message in render(digest)]


def _runs(digest: Digest) -> list[dict[str, Any]]:
    return [run for card in _cards(digest) for element in card["body"] for run in element["inlines"]]


def test_a_digest_is_an_adaptive_card_in_the_envelope_of_a_workflow() -> None:
    (message,) = render(_digest(paragraph("Payments: 2,400,000 EUR")))
    envelope = json.loads(message)
    assert envelope["type"] == "message"
    (attachment,) = envelope["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (attachment["content"]["type"], attachment["content"]["version"]) == ("AdaptiveCard", "1.5")
    assert [run["text"] for run in _runs(_digest(paragraph("Payments: 2,400,000 EUR")))] == [
        "Northwind: portfolio digest",
        "Money",
        "Payments: 2,400,000 EUR",
    ]


def test_a_bullet_is_a_line_with_a_dot_and_a_key_is_a_link() -> None:
    line = (Span(text="jira:PAY-1", href="https://jira.example/browse/PAY-1"), Span(text=" Refunds", is_strong=True))
    dot, key, title = _runs(_digest(BulletList(items=(line,))))[2:]
    assert dot["text"] == "• "
    assert key["selectAction"] == {"type": "Action.OpenUrl", "url": "https://jira.example/browse/PAY-1"}
    assert title == {"type": "TextRun", "text": " Refunds", "weight": "Bolder"}


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "https://a b", "file:///etc/passwd", "https://x/" + "y" * 3000]
)
def test_other_addresses_are_no_links(href: str) -> None:
    assert _runs(_digest(Paragraph(spans=(Span(text="PAY-1", href=href),))))[2] == {"type": "TextRun", "text": "PAY-1"}


def test_nothing_in_a_title_acts() -> None:
    digest = _digest(Paragraph(spans=(Span(text=HOSTILE),)), title=HOSTILE)
    kinds = {element["type"] for card in _cards(digest) for element in card["body"]}
    assert kinds == {"RichTextBlock"}, "a text block would read Markdown"
    for run in _runs(digest):
        assert not [sign for sign in ("<at", "</at", "<b", "{{", "${x", "\n") if sign in run["text"]]


def test_what_does_not_fit_one_card_goes_on_in_numbered_ones() -> None:
    messages = render(_digest(*(paragraph(f"line {n} " + "ü" * 200) for n in range(120)), title="t" * 200))
    assert len(messages) > 2
    assert all(len(message) < 20_000 for message in messages)
    cards = [json.loads(message)["attachments"][0]["content"] for message in messages]
    for number, card in enumerate(cards, start=1):
        assert card["body"][0]["inlines"][0]["text"].endswith(f"… ({number} of {len(cards)})")
    shown = [element["inlines"][0]["text"].split(" ü")[0] for card in cards for element in card["body"][1:]]
    assert [text for text in shown if text != "Money"] == [f"line {n}" for n in range(120)]


def test_a_heading_is_never_the_last_of_a_card() -> None:
    body = Document(blocks=(paragraph("x" * 500),))
    digest = Digest(
        title="t", slot="s", day=DAY, sections=tuple(Section(heading=f"s{n}", body=body) for n in range(90))
    )
    assert all("x" in card["body"][-1]["inlines"][0]["text"] for card in _cards(digest))


@given(digests)
def test_every_message_keeps_the_limit_whatever_it_says(digest: Digest) -> None:
    messages = render(digest)
    assert messages
    for message in messages:
        assert len(message) < 20_000
        assert teams_refusal(json.loads(message)) is None
    assert not [run for run in _runs(digest) if "<a" in run["text"] or "{{" in run["text"]]


def test_every_card_is_one_by_the_published_schema() -> None:
    validator = Draft6Validator(
        json.loads(contract("specs/adaptive-card-1.5.0.schema.json").read_text(encoding="utf-8-sig"))
    )

    @settings(max_examples=examples(10))
    @given(digests)
    def check(digest: Digest) -> None:
        for card in _cards(digest):
            validator.validate({name: value for name, value in card.items() if name != "msteams"})

    check()

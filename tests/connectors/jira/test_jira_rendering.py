"""Rich text on its way out is text and nothing else; on its way in it becomes plain lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import adf, wiki
from connectors.jira.render import LONGEST_TEXT, RichText, addresses_in, plain_text
from connectors.sandbox.jira.documents import is_document
from lpm_sync.core.change import Card
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span, paragraph
from lpm_sync.core.text import visible

FOOTER = (
    "lpm-sync card 0123abcd, fingerprint 0123456789ab, findings DOR001=2026-11-09 GRD101.pay-ments=2026-10-01, "
    "labels not-ready over-budget=2=2026-11-20"
)
DOCUMENT = Document(
    blocks=(
        Heading(text="Governance *"),
        Paragraph(
            spans=(
                Span(text="Forecast", is_strong=True),
                Span(text=" is over, see "),
                Span(text="PAY-12", href="https://jira.example/browse/PAY-12?a=1&b=2"),
            )
        ),
        BulletList(items=((Span(text="first"),), (Span(text="second_one"),))),
    )
)
both = pytest.mark.parametrize(
    "rich_text", [RichText(is_document=True), RichText(is_document=False)], ids=["adf", "wiki"]
)
markup = st.text(alphabet=st.sampled_from("ab1 3-*_+^~?[]{}()|h.:/&#;\\!@<>\"'\n\t\u202e\x1b"), max_size=60)


def test_a_card_is_a_document_that_the_tracker_takes() -> None:
    card = RichText(is_document=True).card(Card(document=DOCUMENT, footer=FOOTER))
    assert is_document(card)
    assert [node["type"] for node in card["content"]] == ["heading", "paragraph", "bulletList", "paragraph"]
    assert card["content"][-1]["content"] == [{"type": "text", "text": FOOTER}]
    strong, _, link = card["content"][1]["content"]
    assert strong["marks"] == [{"type": "strong"}]
    assert link["marks"] == [{"type": "link", "attrs": {"href": "https://jira.example/browse/PAY-12?a=1&b=2"}}]


def test_a_card_in_wiki_markup_keeps_its_footer_character_by_character() -> None:
    card = RichText(is_document=False).card(Card(document=DOCUMENT, footer=FOOTER))
    assert card.split("\n") == [
        "h3. Governance \\*",
        "",
        "*Forecast* is over, see [PAY-12|https://jira.example/browse/PAY-12?a=1&b=2]",
        "",
        "* first",
        "* second_one",
        "",
        FOOTER,
    ]


@both
def test_a_card_comes_back_as_lines_that_end_with_the_footer(rich_text: RichText) -> None:
    lines = [line for line in plain_text(rich_text.card(Card(document=DOCUMENT, footer=FOOTER))).split("\n") if line]
    assert lines[-1] == FOOTER
    assert lines[0] == "Governance *"
    assert lines[-3:-1] == ["- first", "- second_one"]


@both
@given(text=markup)
def test_whatever_is_written_is_read_back_as_it_was_shown(rich_text: RichText, text: str) -> None:
    document = Document(blocks=(paragraph(f"x{text}x"), paragraph(text), paragraph("end")))
    lines = plain_text(rich_text.document(document)).split("\n")
    assert lines[0] == visible(f"x{text}x")
    assert lines[-1] == "end"


@given(text=markup)
def test_a_document_stays_one_that_the_tracker_takes_whatever_its_texts(text: str) -> None:
    blocks = (Heading(text=text), paragraph(text), BulletList(items=((Span(text=text, href=text, is_strong=True),),)))
    rendered = RichText(is_document=True).document(Document(blocks=blocks))
    assert is_document(rendered)
    json.dumps(rendered)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*bold* _under_ -gone-", r"\*bold\* \_under\_ \-gone\-"),
        ("snake_case PAY-12 2026-11-09", "snake_case PAY-12 2026-11-09"),
        ("[~accountid:x] [link|https://evil.example]", r"\[\~accountid:x\] \[link\|https&#58;//evil.example\]"),
        ("h1. loud", "h1&#46; loud"),
        ("  H2. loud", "  H2&#46; loud"),
        ("mailto:ada@x.example file:x", "mailto&#58;ada@x.example file&#58;x"),
        ("bq. quoted", "bq&#46; quoted"),
        ("{code}x{code} !image.png!", r"\{code\}x\{code\} \!image.png\!"),
        ("a \\\\ b & c", "a &#92;&#92; b &amp; c"),
        ("----", r"\-\-\-\-"),
        (":) :D (/)", r":\) &#58;D \(/\)"),
    ],
)
def test_markup_is_escaped_and_words_are_not(text: str, escaped: str) -> None:
    assert wiki.escape(text) == escaped


def test_what_stands_in_two_parts_of_a_line_is_no_markup_together() -> None:
    parts = (Span(text=""), Span(text="h"), Span(text="1. loud, see https:"), Span(text="//evil.example"))
    shown = "h1&#46; loud, see https&#58;//evil.example"
    assert wiki.block_markup(Paragraph(spans=parts)) == shown
    assert wiki.block_markup(BulletList(items=(parts,))) == f"* {shown}"
    strong = (Span(text="a", is_strong=True), Span(text="\u202e"), Span(text="b", is_strong=True), Span(text="\u202ec"))
    assert wiki.block_markup(Paragraph(spans=strong)) == "abc"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "https://x.example/a|b", "https://x.example/]", "https://a b"]
)
@both
def test_only_plain_web_addresses_become_links(rich_text: RichText, href: str) -> None:
    document = Document(blocks=(Paragraph(spans=(Span(text="click", href=href),)),))
    rendered = rich_text.document(document)
    assert rendered in ("click", adf.document([adf.block_node(paragraph("click"))]))


@both
def test_a_card_that_is_too_long_loses_its_last_findings_and_not_its_footer(rich_text: RichText) -> None:
    blocks = tuple(paragraph(f"Finding {number} " + "word " * 200) for number in range(60))
    card = rich_text.card(Card(document=Document(blocks=blocks), footer=FOOTER))
    lines = [line for line in plain_text(card).split("\n") if line]
    assert len(plain_text(card)) <= LONGEST_TEXT
    assert lines[0].startswith("Finding 0 ")
    assert lines[-2:] == ["This text is longer than the tracker takes, and ends here.", FOOTER]


def test_a_document_of_a_person_is_read_with_all_that_it_shows() -> None:
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [_text("Why")]},
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"id": "1", "text": "@Dana"}},
                    _text(" see "),
                    _text("this", {"type": "link", "attrs": {"href": "https://x.example"}}),
                    {"type": "hardBreak"},
                    {"type": "inlineCard", "attrs": {"url": "https://dev.example/7"}},
                    {"type": "emoji", "attrs": {"shortName": ":tada:"}},
                ],
            },
            {
                "type": "orderedList",
                "content": [
                    {
                        "type": "listItem",
                        "content": [
                            {"type": "paragraph", "content": [_text("one")]},
                            {"type": "paragraph", "content": [_text("more")]},
                        ],
                    }
                ],
            },
            {"type": "rule"},
            {"type": "somethingNew", "content": [{"type": "paragraph", "content": [_text("kept")]}]},
        ],
    }
    assert plain_text(document).split("\n") == [
        "Why",
        "@Dana see this (https://x.example)",
        "https://dev.example/7:tada:",
        "- one",
        "  more",
        "----",
        "kept",
    ]
    assert list(addresses_in(document))[:2] == ["https://x.example", "https://dev.example/7"]


def test_wiki_text_of_a_person_is_read_as_lines() -> None:
    text = "h2. Why\r\n# one\n** two\n[this|https://x.example] &amp; \\[that\\]"
    assert plain_text(text).split("\n") == ["Why", "- one", "- two", "this (https://x.example) & [that]"]


@pytest.mark.parametrize("value", [7, [], {"type": "table"}, {"content": []}])
def test_what_is_no_rich_text_is_said_so(value: Any) -> None:
    with pytest.raises(ValueError, match="document"):
        plain_text(value)


@pytest.mark.parametrize(
    "odd",
    [
        {"type": {"not": "text"}, "content": 7},
        {"type": ["text"]},
        {"type": "text", "text": "", "marks": 7},
        {"type": "paragraph", "content": ["text", None], "attrs": "none"},
        {"type": "inlineCard", "attrs": {"url": {}}, "marks": "link"},
        "text",
    ],
)
def test_odd_nodes_do_not_keep_the_others_from_being_read(odd: Any) -> None:
    kept = _text("kept", {"type": "link", "attrs": {"href": "https://x.example"}})
    document = adf.document([odd, {"type": "paragraph", "content": [odd, kept]}])
    assert "kept (https://x.example)" in plain_text(document)
    assert "https://x.example" in list(addresses_in(document))


def test_a_document_nested_for_ever_is_refused() -> None:
    node: dict[str, Any] = {"type": "paragraph", "content": [_text("deep")]}
    for _ in range(200):
        node = {"type": "blockquote", "content": [node]}
    with pytest.raises(ValueError, match="too deep"):
        plain_text(adf.document([node]))
    with pytest.raises(ValueError, match="too deep"):
        list(addresses_in(adf.document([node])))


def _text(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": list(marks)}

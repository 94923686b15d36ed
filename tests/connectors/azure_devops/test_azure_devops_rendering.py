"""Cards as Markdown and descriptions as HTML: a text stays text, and what is read back is what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.azure_devops.plain_text import html_to_text, markdown_to_text
from connectors.azure_devops.render import card_html, card_markdown, document_html, short_line
from lpm_sync.core.card import Footer, parse_footer, render_footer
from lpm_sync.core.change import Card
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span, paragraph, plain_text
from lpm_sync.core.text import one_line

FOOTER = render_footer(Footer(card_id="c0ffee12", fingerprint="0123456789ab"))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    st.sampled_from("\\`*_{}[]()#+-.!|<>@:&~$=\"' \t\n/ab1;"), max_size=40
)
hrefs = st.none() | st.sampled_from(
    ["https://t.example/a?b=1&c=2", "https://t.example/_x_*y*&lt;", "javascript:alert(1)"]
)
spans = st.builds(Span, text=texts, is_strong=st.booleans(), href=hrefs)
lines = st.lists(spans, min_size=1, max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Heading, text=texts),
    st.builds(Paragraph, spans=lines),
    st.builds(BulletList, items=st.lists(lines, min_size=1, max_size=3).map(tuple)),
)
documents = st.builds(Document, blocks=st.lists(blocks, max_size=4).map(tuple))
HTML_PIECES = (
    *("<div>", "</div>", "<br>", "<p>", "<ul>", "<li>", "</li>", "<b>", "<div>", "</div>"),
    *(
        "a",
        " ",
        "  ",
        "\t",
        "\n",
        "\x1f",
        "\xa0",
        "ö",
        "&amp;",
        "&am",
        "p;",
        "<",
        "<scr",
        "ipt>",
        "<!--",
        "-->",
        '<a title="',
    ),
)


def letters(text: str) -> str:
    """What every markup has to leave in its order."""
    return re.sub(r"[\W_]+", "", text)


def card_of(*parts: str) -> Card:
    return Card(document=Document(blocks=tuple(map(paragraph, parts))), footer=FOOTER)


@given(documents)
def test_the_footer_is_the_last_line_character_by_character(document: Document) -> None:
    markdown = card_markdown(Card(document=document, footer=FOOTER))
    assert markdown.rsplit("\n", 1)[-1] == FOOTER
    assert markdown_to_text(markdown).rsplit("\n", 1)[-1] == FOOTER
    assert html_to_text(markdown).rsplit("\n", 1)[-1] == FOOTER  # also for a server that takes it for HTML
    assert parse_footer(markdown_to_text(markdown)) is not None


@given(texts)
def test_a_paragraph_of_any_text_reads_back_as_that_text(text: str) -> None:
    read = markdown_to_text(card_markdown(card_of(text)))
    shown = one_line(text, 10_000)
    assert read == (f"{shown}\n{FOOTER}" if shown else FOOTER)


@given(texts)
def test_the_same_holds_for_html(text: str) -> None:
    assert html_to_text(document_html(Document(blocks=(paragraph(text),)))) == one_line(text, 10_000)


@given(documents)
def test_all_that_a_document_says_survives_in_its_order(document: Document) -> None:
    said = letters("".join(one_line(line, 10_000) for line in _spans_only(document)))
    assert letters(
        _without_addresses(markdown_to_text(card_markdown(Card(document=document, footer=FOOTER))))
    ).startswith(said)


@given(documents)
def test_html_holds_no_element_but_those_of_the_document(document: Document) -> None:
    elements = set(re.findall(r"<\s*/?\s*([^\s>]+)", document_html(document)))
    assert elements <= {"h3", "p", "ul", "li", "strong", "a"}
    assert "javascript" not in "".join(re.findall(r'href="([^"]*)"', document_html(document)))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("@bob <@8c8c7d32> #123", r"\@bob &lt;\@8c8c7d32&gt; \#123"),
        ("[x](https://evil.example)", r"\[x\](https\://evil.example)"),
        ("https://evil.example www.evil.example", r"https\://evil.example www\.evil.example"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("12. no list", r"12\. no list"),
        ("---", r"\---"),
        ("| a | b |", r"\| a \| b \|"),
        ("    no code", "no code"),
        ("`code` *a* _b_ ~c~ $d$ :smile:", r"\`code\` \*a\* \_b\_ \~c\~ \$d\$ \:smile:"),
        ("one\n\n# two\r\nthree", r"one \# two three"),
        ("red \x1b[31m and \u202ereversed\u202c", r"red \[31m and reversed"),
    ],
)
def test_hostile_text_is_escaped(text: str, markdown: str) -> None:
    assert card_markdown(card_of(text)) == f"{markdown}\n\n{FOOTER}"


def test_blocks_are_rendered_as_markdown() -> None:
    document = Document(
        blocks=(
            Heading(text="What is wrong"),
            Paragraph(
                spans=(
                    Span(text="Limit: ", is_strong=True),
                    Span(text="5", is_strong=True),
                    Span(text=" days, see "),
                    Span(text="PAY-12", href="https://t.example/browse/PAY-12?a=1&b=2"),
                )
            ),
            BulletList(items=((Span(text="first"),), (Span(text="- second"),))),
        )
    )
    assert card_markdown(Card(document=document, footer=FOOTER)).split("\n") == [
        "### What is wrong",
        "",
        "**Limit: 5** days, see [PAY-12](https://t.example/browse/PAY-12?a=1&amp;b=2)",
        "",
        "- first",
        r"- \- second",
        "",
        FOOTER,
    ]
    assert (
        markdown_to_text(card_markdown(Card(document=document, footer=FOOTER))) == f"{plain_text(document)}\n{FOOTER}"
    )


@pytest.mark.parametrize("render", [card_markdown, card_html])
def test_a_card_that_is_too_long_loses_its_last_findings_and_not_its_footer(render: Callable[[Card], str]) -> None:
    texts = [f"Finding {number} " + "&" * 20_000 for number in range(40)]
    lines = html_to_text(render(card_of(*texts))).split("\n")
    assert len(render(card_of(*texts))) <= 501_000
    assert lines[0].startswith("Finding 0 ")
    assert lines[-2:] == ["This text is longer than the tracker takes, and ends here.", FOOTER]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "file:///etc/passwd", "https://x.example/a b", "//x.example"])
def test_an_address_that_is_no_plain_web_address_makes_no_link(href: str) -> None:
    document = Document(blocks=(Paragraph(spans=(Span(text="text", href=href),)),))
    assert card_markdown(Card(document=document, footer=FOOTER)) == f"text\n\n{FOOTER}"
    assert document_html(document) == "<p>text</p>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<div>One</div><div><br></div><div>Two</div>", "One\nTwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<p>x &amp; y &lt;z&gt; &nbsp;!</p>", "x & y <z> !"),
        ('<a href="https://t.example/1?a=1&amp;b=2">See</a>', "See (https://t.example/1?a=1&b=2)"),
        ('<a href="https://t.example/1">https://t.example/1</a>', "https://t.example/1"),
        ('<a href="#" data-vss-mention="version:2.0,1">@Ada</a> hi', "@Ada hi"),
        ("before<script>alert('<p>')</script>after", "beforeafter"),
        ("before<!-- <p>hidden --> after", "before after"),
        ("5 < 6 and 7 > 6, <3", "5 < 6 and 7 > 6, <3"),
        ("no markup\n\n  at   all  ", "no markup\nat all"),
        ("", ""),
    ],
)
def test_html_reads_as_a_person_reads_it(source: str, text: str) -> None:
    assert html_to_text(source) == text


@given(st.text(st.sampled_from("<>/!-abp \"'=&;#"), max_size=80))
def test_no_html_breaks_the_reader(source: str) -> None:
    assert html_to_text(source) == html_to_text(source).strip()


@given(st.lists(st.sampled_from(HTML_PIECES), max_size=12).map("".join))
def test_html_of_bare_tags_reads_as_with_any_other_tag_in_it(source: str) -> None:
    assert html_to_text(source) == html_to_text(f"{source}<i>")


@given(st.text(st.sampled_from("*[]()\\&;a#- \n!"), max_size=80))
def test_no_markdown_breaks_the_reader(source: str) -> None:
    assert markdown_to_text(source) == markdown_to_text(source).strip()


@pytest.mark.parametrize("piece", ["<a", "<!--", "[", "[a](", "\\", "&a", "<a href='https:", "[\\", "**", "<script>"])
def test_a_long_run_of_openings_is_read_in_no_time(piece: str) -> None:
    source = piece * 100_000
    assert len(html_to_text(source)) <= len(source)
    assert len(markdown_to_text(source)) <= len(source)


def test_a_title_is_one_line_of_the_length_that_a_title_may_have() -> None:
    assert short_line("Blocked:\n“A” & <B>") == "Blocked: “A” & <B>"
    assert len(short_line("x" * 1000)) == 255


def _spans_only(document: Document) -> list[str]:
    found: list[str] = []
    for block in document.blocks:
        match block:
            case Heading(text=text):
                found.append(text)
            case Paragraph(spans=spans):
                found += (span.text for span in spans)
            case BulletList(items=items):
                found += (span.text for item in items for span in item)
    return found


def _without_addresses(text: str) -> str:
    return re.sub(r" \(https://t\.example/[^ )]*\)", "", text)

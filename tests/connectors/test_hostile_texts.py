"""Whatever a text holds, readers in every tracker and chat see that text, and no parser finds anything else in it.

What the renderers make is read by others: markdown-it, the HTML parser of Python, and small readers written after the
published descriptions of Atlassian documents, wiki markup, mrkdwn and Adaptive Cards, which know nothing of ours.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from connectors.azure_devops.render import card_html, card_markdown
from connectors.jira.render import RichText
from connectors.slack import render as slack
from connectors.teams import render as teams
from lpm_sync.core.card import Footer, render_footer
from lpm_sync.core.change import Card
from lpm_sync.core.digest import Digest, Section
from lpm_sync.core.document import BulletList, Document, Heading, Paragraph, Span

FOOTER = render_footer(Footer(card_id="c0ffee12", fingerprint="0123456789ab"))
ADDRESS = "https://t.example/browse/PAY-1?a=1&b=2"
HOSTILE = (
    "@channel @here <!channel> <@U1> <#C1|x> <!subteam^S1>",
    "[~accountid:x] [~ada] <at>all</at> @<8c8c7d32> #12 !7 AB#12",
    "javascript:alert(1) [x](javascript:alert(1)) [x|javascript:alert(1)] <javascript:alert(1)>",
    "https://evil.example www.evil.example mailto:x@evil.example <https://evil.example> [x]: https://evil.example",
    "\u202ereversed\u202c \u2066isolated\u2069 \u200e\u200f \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\x1b[31mred\x1b[0m \x9b31m \x00 \x07 \ud800 \udfff \ufffe",
    "one\ntwo\r\nthree\u2028four\u2029five\x85six\x0bseven",
    "```\ncode\n``` ~~~ `x` {code}x{code} {noformat} {{x}} <pre>x</pre>     indented",
    "| a | b |\n|---|---|\n| c | d | ||h||i||",
    "# h h1. h bq. q > q - l * l + l 1. l 1) l --- *** === ___ ----",
    "*b* _i_ **b** __i__ ~~s~~ -s- +u+ ^up^ ~down~ ??c??",
    "!image.png! ![x](y) $x$ :smile: :D :) (/) (*) \\ \\\\ &amp; &#64; &lt;",
    "<script>alert(1)</script> <!-- x --> <![CDATA[x]]> <?x?> </p></li> <img src=x onerror=alert(1)> <b>x</b>",
    "{{DATE(2026-11-23T09:00:00Z)}} ${x} {color:red}x{color} {mention:x}",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 \U000e0041",
)
LOOK_ALIKES = "\u02cd\u02cb"  # letters to Unicode that stand for signs which a chat would read as formatting
LONG = "word <b> *x* @all " * 6_000  # 100 KB

texts = (
    st.text(max_size=60)
    | st.text(st.sampled_from("\\`*_{}[]()#+-.!|<>@:&~$^?=\"'; \t\n/ab1hqw"), max_size=40)
    | st.sampled_from(HOSTILE)
    | st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE)).map("".join)
)
hrefs = st.none() | st.sampled_from(
    [ADDRESS, "javascript:alert(1)", "https://x.example/a b", 'https://x.example/">', "//x"]
)
spans = st.builds(Span, text=texts, is_strong=st.booleans(), href=hrefs)
lines = st.lists(spans, min_size=1, max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Heading, text=texts),
    st.builds(Paragraph, spans=lines),
    st.builds(BulletList, items=st.lists(lines, min_size=1, max_size=3).map(tuple)),
)
documents = st.builds(Document, blocks=st.lists(blocks, min_size=1, max_size=4).map(tuple))
Claim = Callable[[Document], None]


def hostile(claim: Claim) -> Claim:
    """With every hostile text in every place, and with more than anyone takes."""
    for text in HOSTILE:
        in_every_place = (
            Heading(text=text),
            Paragraph(spans=(Span(text=text),)),
            Paragraph(spans=(Span(text=text, is_strong=True, href=ADDRESS), Span(text=text), Span(text="x"))),
            BulletList(items=((Span(text=text),), (Span(text=text, is_strong=True),))),
        )
        claim = example(document=Document(blocks=in_every_place))(claim)
    return example(document=Document(blocks=(Heading(text=LONG), Paragraph(spans=(Span(text=LONG),) * 12))))(claim)


def letters(text: str) -> str:
    """What every form has to show of a text, in its order."""
    return "".join(character for character in text if character.isalnum() and character not in LOOK_ALIKES)


def said(document: Document) -> str:
    """All that the document says, without what may not stand in a text; as far as it is not cut."""
    found: list[str] = []
    for block in document.blocks:
        match block:
            case Heading(text=text):
                found.append(text)
            case Paragraph(spans=spans):
                found += (span.text for span in spans)
            case BulletList(items=items):
                found += (span.text for item in items for span in item)
    return letters("".join(found))


def assert_shown(document: Document, shown: str, *, longest: int) -> None:
    """Readers see the letters of the document; a long one may be cut."""
    seen, expected = letters(shown), said(document)
    if len(expected) < 2_000:
        assert seen.startswith(expected)
    assert len(shown) <= longest
    assert not set(shown) & set("\x1b\x00\x07\x9b\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    shown.encode()  # no lone surrogate


def card_of(document: Document) -> Card:
    return Card(document=document, footer=FOOTER)


MARKDOWN = {"heading", "paragraph", "bullet_list", "list_item", "inline", "text", "strong", "link", "text_special"}


@hostile
@given(document=documents)
def test_markdown_holds_nothing_but_the_document(document: Document) -> None:
    markdown = card_markdown(card_of(document))
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [inner for token in parser.parse(markdown) for inner in (token, *(token.children or ()))]
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= MARKDOWN
    assert {str(token.attrs["href"]) for token in tokens if token.type == "link_open"} <= {ADDRESS}
    assert [token.tag for token in tokens].count("h3") == 2 * sum(_is_heading(block) for block in document.blocks)
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert_shown(document, shown, longest=600_000)
    assert shown.endswith(FOOTER)
    without_addresses = re.sub(r"\]\(https://t\.example/[^)]*\)", "] ", markdown)
    # What becomes a mention, a link to an item, an emoji or a formula there is not in the grammar of Markdown.
    assert not re.search(r"(?<!\\)[@#$](?<!^#)(?<!^##)(?<!^###)|(?<!\\):(?=[a-z])", without_addresses, re.MULTILINE)


def _is_heading(block: object) -> bool:
    return isinstance(block, Heading) and card_markdown(card_of(Document(blocks=(block,)))) != FOOTER


class Elements(HTMLParser):
    """Elements, attributes and texts of HTML, as Python reads it; anything else is counted as alien."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.open: list[str] = []
        self.aliens: list[str] = []
        self.shown = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.aliens.append(tag)

    def handle_data(self, data: str) -> None:
        self.shown += data

    def handle_comment(self, data: str) -> None:
        self.aliens.append(data)

    def handle_decl(self, decl: str) -> None:
        self.aliens.append(decl)

    def handle_pi(self, data: str) -> None:
        self.aliens.append(data)

    def unknown_decl(self, data: str) -> None:
        self.aliens.append(data)


@hostile
@given(document=documents)
def test_html_holds_nothing_but_the_document(document: Document) -> None:
    source = card_html(card_of(document))
    read = Elements(source)
    assert (read.aliens, read.open) == ([], [])
    assert read.tags <= {"h3", "p", "ul", "li", "strong", "a"}
    assert read.attributes <= {("href", ADDRESS)}
    assert_shown(document, read.shown, longest=600_000)
    assert read.shown.endswith(FOOTER)
    assert "@" not in source
    assert not re.search(r"(?<!&)#", source)  # entities alone: what an editor would make a link to an item


@hostile
@given(document=documents)
def test_an_atlassian_document_holds_nothing_but_the_document(document: Document) -> None:
    nodes = list(_nodes(json.loads(json.dumps(RichText(is_document=True).card(card_of(document))))))
    assert {node["type"] for node in nodes} <= {"doc", "heading", "paragraph", "bulletList", "listItem", "text"}
    marks = [mark for node in nodes for mark in node.get("marks", ())]
    assert {mark["type"] for mark in marks} <= {"strong", "link"}
    assert {mark["attrs"]["href"] for mark in marks if mark["type"] == "link"} <= {ADDRESS}
    texts = [node["text"] for node in nodes if node["type"] == "text"]
    assert all(texts)
    assert not [text for text in texts if len(text.splitlines()) > 1]
    assert_shown(document, "".join(texts), longest=32_767)
    assert texts[-1] == FOOTER


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("content", ()):
        yield from _nodes(child)


ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|(&(?:#\d+|amp);)")
LITERAL = "\ue000"  # stands for a sign that shows as itself


@hostile
@given(document=documents)
def test_wiki_markup_holds_nothing_but_the_document(document: Document) -> None:
    markup = RichText(is_document=False).card(card_of(document))
    assert len(markup) <= 32_767
    assert markup.rsplit("\n", 1)[-1] == FOOTER
    bare = ESCAPED.sub(LITERAL, markup)
    bare = bare.replace(f"|{ADDRESS}]", "|]")
    bare = re.sub(r"^(?:h3\. |\* )", "", bare, flags=re.MULTILINE)  # the blocks of the document
    bare = re.sub(r"\[([^\[\]|\n]*)\|\]", r"\1", bare)  # its links
    bare = re.sub(r"(?<!\w)\*([^*\n]*)\*(?!\w)", r"\1", bare)  # its strong words
    for line in bare.split("\n"):
        assert not re.search(r"[\[\]{}|*^+?!~()#\\&]", line)
        assert not re.search(r"(?<![^\W_])[_-]+(?=\w)|(?<=\w)[_-]+(?![^\W_])", line.replace(FOOTER, ""))
        assert not re.match(r"(?:h[1-6]|bq)\.", line)
        assert "://" not in line
        assert not re.search(r"(?i)\b(?:mailto|file|ftp|news|nntp|irc):\S", line)
        assert not re.search(r":[DP](?!\w)", line)
    shown = ESCAPED.sub(lambda found: found[1] or html.unescape(found[2]), markup.replace(f"|{ADDRESS}]", "]"))
    assert_shown(document, re.sub(r"^h3\. ", "", shown, flags=re.MULTILINE), longest=32_767)


def digest_of(document: Document) -> Digest:
    section = Section(heading="Money", body=document)
    return Digest(title="Digest", slot="2026-11-23", day=date(2026, 11, 23), sections=(section,))


@hostile
@given(document=documents)
def test_a_message_in_slack_holds_nothing_but_the_document(document: Document) -> None:
    shown = ""
    for message in json.loads(json.dumps(slack.render(digest_of(document)))):
        assert {block["type"] for block in message["blocks"]} <= {"header", "section"}
        for text in (block["text"] for block in message["blocks"] if block["type"] == "section"):
            assert len(text["text"]) <= 3_000
            links = re.findall(r"<([^<>|]*)(?:\|([^<>]*))?>", text["text"])
            assert {html.unescape(address) for address, _ in links} <= {ADDRESS}
            bare = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", text["text"])
            assert not set("<>") & set(bare)
            assert not re.search(r"&(?!(?:amp|lt|gt);)", bare)
            if text["type"] == "mrkdwn":
                assert text["verbatim"] is True  # no address and no name of a channel becomes a link by itself
                plain = re.sub(r"\*([^*\n]+)\*", r"\1", bare)
                assert not set("*_~`") & set(plain)
                assert not re.search(r":[a-z0-9_+'-]+:|@\w", plain)
                assert not re.search(r"^&gt;", bare, re.MULTILINE)
            shown += html.unescape(bare)
    assert_shown(document, shown, longest=600_000)


@hostile
@given(document=documents)
def test_a_card_in_teams_holds_nothing_but_the_document(document: Document) -> None:
    shown = ""
    for message in teams.render(digest_of(document)):
        assert len(message) < 20_000
        body = json.loads(message)["attachments"][0]["content"]["body"]
        assert {element["type"] for element in body} == {"RichTextBlock"}  # a text block would read Markdown
        for run in (run for element in body for run in element["inlines"]):
            assert run["type"] == "TextRun"
            assert not re.search(r"</?[a-zA-Z!]|\{\{|\$\{\w", run["text"])
            assert run.get("selectAction", {"type": "Action.OpenUrl", "url": ADDRESS})["url"] == ADDRESS
            shown += run["text"] if run["text"] != "Money" and not run["text"].startswith("Digest") else ""
    assert_shown(document, shown, longest=600_000)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_not_only_dropped(text: str) -> None:
    card = card_of(Document(blocks=(Paragraph(spans=(Span(text=text),)),)))
    assert letters(Elements(card_html(card)).shown).startswith(letters(text))

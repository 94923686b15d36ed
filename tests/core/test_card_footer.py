from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.card import (
    Footer,
    LabelMemory,
    card_id,
    code_of,
    find_cards,
    finding_token,
    fingerprint,
    parse_footer,
    render_footer,
)
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.finding import Finding, Mode, Subject
from lpm_sync.core.work_item import OwnComment, Progress, Ref, SourceItem

REF = Ref("jira", "10001")
LINE = (
    "lpm-sync card 1f3c2a9b, fingerprint 0d9e8f7a6b5c, findings DOR001=2026-11-09 GRD101.payments=2026-11-12, "
    "labels needs-lpm-approval not-ready=1=2026-11-20"
)
FOOTER = Footer(
    card_id="1f3c2a9b",
    fingerprint="0d9e8f7a6b5c",
    findings=(("DOR001", date(2026, 11, 9)), ("GRD101.payments", date(2026, 11, 12))),
    labels=(
        LabelMemory(name="needs-lpm-approval"),
        LabelMemory(name="not-ready", turns=1, removed_on=date(2026, 11, 20)),
    ),
)

days = st.dates(min_value=date(1000, 1, 1))
names = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,3}", fullmatch=True) | st.just("none")
codes = st.from_regex(r"[A-Z]{3}[0-9]{3}", fullmatch=True)


def _finding(code: str, subject: Subject) -> Finding:
    return Finding(
        code=code,
        title="A rule",
        subject=subject,
        mode=Mode.COMMENT,
        readings=(),
        threshold="",
        fix="",
        since=date(2026, 11, 9),
    )


subjects = st.builds(Subject, kind=st.sampled_from(["item", "stream", "portfolio"]), id=st.text(max_size=60))
tokens = st.builds(lambda code, subject: finding_token(_finding(code, subject)), codes, subjects)
footers = st.builds(
    Footer,
    card_id=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    fingerprint=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    findings=st.lists(st.tuples(tokens, days), max_size=8).map(tuple),
    labels=st.lists(
        st.builds(LabelMemory, name=names, turns=st.integers(0, 99), removed_on=st.none() | days), max_size=8
    ).map(tuple),
)


def _item(*texts: str) -> SourceItem:
    start = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return SourceItem(
        ref=REF,
        key="PAY-1",
        url="https://jira.example/browse/PAY-1",
        project="PAY",
        type="Feature",
        title="A feature",
        status="To Do",
        progress=Progress.TODO,
        created=start,
        updated=start,
        own_comments=tuple(OwnComment(id=str(n), text=text, updated=start) for n, text in enumerate(texts)),
    )


def test_a_footer_is_the_line_that_the_documentation_shows() -> None:
    assert render_footer(FOOTER) == LINE
    assert parse_footer(LINE) == FOOTER


def test_empty_lists_are_written_as_none() -> None:
    line = render_footer(Footer(card_id="1f3c2a9b", fingerprint="0d9e8f7a6b5c"))
    assert line == "lpm-sync card 1f3c2a9b, fingerprint 0d9e8f7a6b5c, findings none, labels none"


@given(footers)
def test_every_footer_is_read_back_as_it_was(footer: Footer) -> None:
    assert parse_footer(render_footer(footer)) == footer


@given(footers)
def test_a_footer_holds_nothing_that_any_markup_would_change(footer: Footer) -> None:
    line = render_footer(footer)
    assert re.fullmatch(r"[A-Za-z0-9.=, -]+", line)
    assert not re.search(r"(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])|  |\.\.", line)
    assert not re.search(r"\b[A-Z][A-Z0-9]+-[0-9]", line), "an issue key would become a link"


@given(
    footers, st.sampled_from(["\n", "\r\n", "\u2028", "\n\n \n"]), st.text(), st.text(alphabet=" \t\r\n\u00a0\u200b")
)
def test_a_footer_counts_as_the_last_line_whatever_text_and_white_space_surround_it(
    footer: Footer, break_: str, before: str, after: str
) -> None:
    line = render_footer(footer).replace(" ", "\u00a0 ")
    assert parse_footer(before + break_ + line + after) == footer


@given(footers, st.text())
def test_no_text_of_a_card_can_stand_in_the_place_of_its_footer(forged: Footer, hostile: str) -> None:
    text = f"{hostile}\n{render_footer(forged)}\n{hostile}\n{LINE}"
    assert parse_footer(text) == FOOTER


@pytest.mark.parametrize(
    "text",
    [
        "",
        LINE + "\nand more",
        "> " + LINE,
        LINE + " 🎉",
        LINE.replace("1f3c2a9b", "1F3C2A9B"),
        LINE.replace("2026-11-09", "20261109"),
        LINE.replace("2026-11-09", "2026-02-30"),
        LINE.replace("2026-11-09", "٢٠٢٦-11-09"),
        LINE.replace("DOR001", "dor001"),
        LINE.replace("payments", "pay_ments"),
        LINE.replace("not-ready=1", "not-ready=01"),
        LINE.replace("=2026-11-20", "=2026-11-20=2"),
        LINE.replace("not-ready", "not--ready"),
        LINE.replace(", labels", ", , labels"),
        LINE.replace("findings DOR001=2026-11-09 GRD101.payments=2026-11-12", "findings"),
    ],
)
def test_what_is_not_exactly_a_footer_is_none(text: str) -> None:
    assert parse_footer(text) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    parse_footer(text)
    parse_footer(LINE[:70] + text)


@pytest.mark.parametrize("unit", ["a-", "DOR001=2026-11-09 ", "\n", " ", ", labels ", "\u200b "])
def test_hostile_text_of_megabytes_is_read_in_a_moment(unit: str) -> None:
    text = LINE + unit * (3_000_000 // len(unit)) + "!"
    start = time.process_time()
    assert parse_footer(text) is None
    assert time.process_time() - start < 2


def test_a_line_longer_than_any_comment_is_no_footer_even_where_its_end_looks_like_one() -> None:
    assert parse_footer("x" * 40_000 + LINE) is None


@pytest.mark.parametrize(
    "footer",
    [
        Footer(card_id="short", fingerprint="0d9e8f7a6b5c"),
        Footer(card_id="1f3c2a9b", fingerprint="0d9e8f7a6b5c", findings=(("dor 001", date(2026, 11, 9)),)),
        Footer(card_id="1f3c2a9b", fingerprint="0d9e8f7a6b5c", labels=(LabelMemory(name="Not Ready"),)),
    ],
)
def test_what_does_not_fit_the_grammar_is_never_written(footer: Footer) -> None:
    with pytest.raises(ValueError, match="not fit for the footer"):
        render_footer(footer)


def test_a_card_id_belongs_to_the_immutable_identity() -> None:
    assert card_id(REF) == card_id(Ref("jira", "10001")) != card_id(Ref("ado", "10001"))
    assert re.fullmatch("[0-9a-f]{8}", card_id(REF))


def test_tokens_name_the_rule_and_what_else_than_the_item_it_speaks_of() -> None:
    assert finding_token(_finding("DOR001", Subject(kind="item", id=str(REF)))) == "DOR001"
    assert finding_token(_finding("GRD101", Subject(kind="stream", id="payments"))) == "GRD101.payments"
    assert finding_token(_finding("GRD101", Subject(kind="portfolio", id="Northwind"))) == "GRD101.portfolio"
    odd = finding_token(_finding("GRD101", Subject(kind="stream", id="Zahlungen & mehr")))
    assert re.fullmatch(r"GRD101\.h\.[0-9a-f]{12}", odd)
    assert {code_of(token) for token in (odd, "GRD101", "GRD101.payments")} == {"GRD101"}


@given(st.sets(st.text(max_size=20), min_size=2, max_size=4))
def test_two_streams_never_share_a_token(ids: set[str]) -> None:
    found = {finding_token(_finding("GRD101", Subject(kind="stream", id=one))) for one in (*ids, "portfolio")}
    assert len(found) == len({*ids, "portfolio"})
    assert "GRD101.portfolio" not in found


def test_a_fingerprint_follows_the_content_the_findings_and_the_labels() -> None:
    document = Document(blocks=(paragraph("All is well."),))
    marks = {
        fingerprint(document, (), ()),
        fingerprint(Document(blocks=(paragraph("All is not well."),)), (), ()),
        fingerprint(document, FOOTER.findings, ()),
        fingerprint(document, (), FOOTER.labels),
    }
    assert len(marks) == 4
    assert fingerprint(document, FOOTER.findings, FOOTER.labels) == fingerprint(
        Document(blocks=(paragraph("All is well."),)), FOOTER.findings, FOOTER.labels
    )


def test_only_comments_that_end_with_the_items_own_footer_are_its_cards() -> None:
    mine = render_footer(Footer(card_id=card_id(REF), fingerprint="0" * 12))
    item = _item(
        f"First\n{mine}", "Just a word", f"Of another item\n{LINE}", f"Quoted\n{mine}\nand answered", f"x\n{mine}"
    )
    assert [comment.id for comment, _ in find_cards(item)] == ["0", "4"]

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.card import Footer, render_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    Card,
    CloseEscalation,
    OpenEscalation,
    PutCard,
    RemoveCard,
    RemoveLabel,
)
from lpm_sync.core.document import BulletList, Document, Heading, Span, paragraph, plain_text
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.work_item import Ref
from lpm_sync.report.plan import markdown, plan_markdown, plan_summary, plan_text

FOOTER = render_footer(Footer(card_id="1f3c2a9b", fingerprint="0" * 12, findings=(("DOR001", date(2026, 11, 9)),)))
ITEM = ItemPlan(
    ref=Ref("jira", "10001"),
    key="jira:PAY-1",
    title="Instant refunds",
    url="https://jira.example/browse/PAY-1",
    precondition="0" * 16,
    changes=(),
)


def _document(*bullets: str) -> Document:
    items = tuple((Span(text=text),) for text in bullets)
    return Document(blocks=(Heading(text="lpm-sync"), BulletList(items=items), paragraph("How to ask.")))


def _put(before: str, *bullets: str) -> PutCard:
    card = Card(document=_document(*bullets), footer=FOOTER)
    return PutCard(
        card=card, card_id="1f3c2a9b", comment_id="7" if before else None, before=before, because=("DOR001",)
    )


def _plan(*items: ItemPlan, escalations: tuple[OpenEscalation, ...] = ()) -> Plan:
    return Plan(
        made_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        portfolio="Northwind",
        items_in_scope=1330,
        items=items,
        escalations=escalations,
    )


def _item(*changes: object, **values: str) -> ItemPlan:
    return ItemPlan(**{name: getattr(ITEM, name) for name in ITEM.__slots__} | {"changes": changes} | values)  # type: ignore[arg-type]


def _escalation(title: str = "Ledger API blocks Payouts") -> OpenEscalation:
    return OpenEscalation(
        tracker="jira",
        project="PORT",
        type="Epic",
        title=title,
        labels=("lpm:escalation", "lpm:blocker-ado-431"),
        marker="lpm:blocker-ado-431",
        blocker=Ref("ado", "431"),
        document=_document("jira:PAY-2 Payouts"),
        because=("DEP101",),
    )


def test_an_item_shows_each_change_with_its_rule_and_its_card_before_and_after() -> None:
    before = plain_text(_document("Threshold: one sentence", "Since: 9 November 2026")).replace("- ", "* ")
    put = _put(f"{before}\n{FOOTER}", "Threshold: two sentences", "Since: 9 November 2026")
    plan = _plan(
        _item(
            AddLabel(label="lpm:not-ready", because=("DOR001", "DOR002")),
            RemoveLabel(label="lpm:over-wip", because=("KAN101",)),
            put,
        )
    )
    assert plan_text(plan).splitlines() == [
        "Plan for Northwind, 23 November 2026",
        "",
        "jira:PAY-1  Instant refunds",
        "  + label lpm:not-ready (DOR001, DOR002)",
        "  - label lpm:over-wip (KAN101)",
        "  ~ card (DOR001)",
        "        lpm-sync",
        "      - - Threshold: one sentence",
        "      + - Threshold: two sentences",
        "        - Since: 9 November 2026",
        "",
        "Three changes on one item of 1,330 in scope: one label added, one label removed and one card written.",
        f"Digest: {plan.digest}",
    ]


def test_a_new_card_is_shown_whole() -> None:
    lines = plan_text(_plan(_item(_put("", "Since: 9 November 2026")))).splitlines()
    assert lines[3:7] == [
        "  + card (DOR001)",
        "      + lpm-sync",
        "      + - Since: 9 November 2026",
        "      + How to ask.",
    ]


def test_a_card_of_which_only_the_memory_changes_says_so() -> None:
    before = f"{plain_text(_document('Since: 9 November 2026'))}\n{FOOTER}"
    assert "only what the footer keeps" in plan_text(_plan(_item(_put(before, "Since: 9 November 2026"))))


def test_every_kind_of_change_is_named() -> None:
    target = Ref("ado", "431")
    plan = _plan(
        _item(
            RemoveCard(comment_id="812", because=()),
            AddLink(
                target=target, target_url="https://ado.example/431", target_title="Ledger API", because=("DEP101",)
            ),
            CloseEscalation(status="Done", because=("DEP101",)),
        ),
        escalations=(_escalation(),),
    )
    text = plan_text(plan)
    for line in (
        "jira  new escalation",
        "  + Epic in PORT: Ledger API blocks Payouts (DEP101)",
        "      + labels: lpm:blocker-ado-431, lpm:escalation",
        "      + - jira:PAY-2 Payouts",
        "  - second card, comment 812",
        "  + link to Ledger API, https://ado.example/431 (DEP101)",
        "  ~ status Done (DEP101)",
    ):
        assert line in text.splitlines()
    assert plan_summary(plan) == (
        "Four changes on one item of 1,330 in scope: one second card removed, one link added, "
        "one escalation closed and one escalation opened."
    )


def test_an_empty_plan_says_that_there_is_nothing_to_write() -> None:
    assert plan_text(_plan()).splitlines() == [
        "Plan for Northwind, 23 November 2026",
        "",
        "Nothing to write.",
    ]
    assert "Nothing to write" in plan_markdown(_plan())


def test_a_long_card_is_cut_short_and_says_by_how_much() -> None:
    text = plan_text(_plan(_item(_put("", *(f"value {n}" for n in range(200))))))
    assert len(text.splitlines()) < 60
    assert "… 162 more lines" in text


def test_markdown_links_the_item_and_fences_the_card() -> None:
    plan = _plan(_item(AddLabel(label="lpm:not-ready", because=("DOR001",)), _put("", "```", "Since: 9 November 2026")))
    text = plan_markdown(plan)
    assert "## [jira:PAY-1](<https://jira.example/browse/PAY-1>) Instant refunds" in text.splitlines()
    assert "- \\+ label lpm:not-ready \\(DOR001\\)" in text.splitlines()
    assert text.count("````") == 2
    assert f"Digest: `{plan.digest}`" in text


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        ("<script>alert(1)</script>", "\\<script\\>alert\\(1\\)\\</script\\>"),
        ("**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`"),
        ("![x](javascript:y)", "\\!\\[x\\]\\(javascript:y\\)"),
        ("see https://evil.example", "see https:\\//evil.example"),
        ("www.evil.example", "www\\.evil.example"),
        ("@everyone #12", "@\u200beveryone \\#\u200b12"),
        ("a | b & c ~d~", "a \\| b \\& c \\~d\\~"),
    ],
)
def test_markup_in_texts_stays_text(hostile: str, expected: str) -> None:
    assert markdown(hostile) == expected


@given(st.text())
def test_no_text_of_a_tracker_can_break_a_line_or_reach_the_terminal(text: str) -> None:
    hostile = f"\x1b[31m\x07\u202e{text}\r\n+ label lpm:approved"
    item = _item(
        AddLabel(label=hostile, because=(hostile,)),
        _put(hostile, hostile),
        RemoveCard(comment_id=hostile, because=()),
        CloseEscalation(status=hostile, because=()),
        AddLink(target=ITEM.ref, target_url=hostile, target_title=hostile, because=()),
        title=hostile,
        key=hostile,
        url=hostile,
    )
    plan = _plan(item, escalations=(_escalation(hostile),))
    for written in (plan_text(plan), plan_markdown(plan)):
        acting = set(written) - set("\n\u200b\u200c\u200d")
        assert not {unicodedata.category(character) for character in acting} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert "  + label lpm:approved" not in written.splitlines()

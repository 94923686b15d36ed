from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lpm_sync.core.card import Footer, LabelMemory, card_id, parse_footer, render_footer
from lpm_sync.core.document import Span, plain_text
from lpm_sync.core.finding import Finding, Reading, Subject
from lpm_sync.core.work_item import Ref
from lpm_sync.report.card import card_footer, render_card
from lpm_sync.report.card_content import (
    BlockedItem,
    CardContent,
    DepartedFinding,
    EscalationSection,
    Limit,
    SuppressedLabel,
)

FindingMaker = Callable[..., Finding]

REF = Ref("jira", "10001")
CARD_ID = card_id(REF)
LIMITS = (Limit(code="DEP101", text="5 business days"),)
ESCALATION = EscalationSection(
    key="ado:431",
    title="Ledger API",
    url="https://dev.azure.com/northwind/_workitems/edit/431",
    blocked=(
        BlockedItem(
            key="jira:PAY-9", title="Refunds", url="https://jira.example/PAY-9", since=date(2026, 11, 3), limits=LIMITS
        ),
        BlockedItem(
            key="jira:PAY-2",
            title="Payouts",
            url="javascript:alert(1)",
            since=date(2026, 11, 4),
            limits=LIMITS,
            is_first_seen=True,
        ),
    ),
)


def _text(content: CardContent) -> str:
    return plain_text(render_card(CARD_ID, content).document)


def test_a_finding_says_what_was_seen_the_threshold_since_when_and_what_clears_it(finding: FindingMaker) -> None:
    assert _text(CardContent(findings=(finding(),))).splitlines() == [
        "lpm-sync: what needs attention",
        "DOR001 Benefit hypothesis",
        "- Seen: benefit hypothesis: empty (jira:PAY-1 description)",
        "- Threshold: a benefit hypothesis of one sentence",
        "- Since: 9 November 2026",
        "- To clear it: write the benefit hypothesis into the description",
        "To ask for an exception, talk to the portfolio office. "
        "The label lpm:opt-out takes this item out of the checks.",
    ]


def test_a_finding_about_a_stream_or_the_portfolio_says_whose_it_is(finding: FindingMaker) -> None:
    stream = finding("BUD101", title="Over budget", subject=Subject(kind="stream", id="payments"))
    whole = finding("GRD101", title="Horizon mix", subject=Subject(kind="portfolio", id="Northwind"))
    content = CardContent(reported=(whole, stream), stream_names={"payments": "Payments & Acquiring"})
    lines = _text(content).splitlines()
    assert "BUD101 Over budget – value stream Payments & Acquiring" in lines
    assert "GRD101 Horizon mix – portfolio Northwind" in lines
    assert [token for token, _ in card_footer(CARD_ID, content).findings] == ["BUD101.payments", "GRD101.portfolio"]


def test_an_escalation_names_its_blocker_and_everything_that_waits_for_it() -> None:
    card = render_card(CARD_ID, CardContent(escalations=(ESCALATION,)))
    assert plain_text(card.document).splitlines()[1:4] == [
        "Escalated dependency: ado:431 (https://dev.azure.com/northwind/_workitems/edit/431) Ledger API. "
        "Limit: 5 business days (DEP101). It blocks:",
        "- jira:PAY-2 Payouts, first seen 4 November 2026",
        "- jira:PAY-9 (https://jira.example/PAY-9) Refunds, blocked since 3 November 2026",
    ]


def test_a_limit_that_not_all_share_stands_with_its_item() -> None:
    refunds, payouts = ESCALATION.blocked
    late = replace(payouts, limits=(*LIMITS, Limit(code="DEP102", text="needed by 9 October 2026")))
    early = replace(refunds, limits=(*LIMITS, Limit(code="DEP102", text="needed by 17 November 2026")))
    section = replace(ESCALATION, blocked=(late, early), at_stake="about 1,200,000 EUR of forecasts")
    card = render_card(CARD_ID, CardContent(escalations=(section,)))
    assert plain_text(card.document).splitlines()[1:4] == [
        "Escalated dependency: ado:431 (https://dev.azure.com/northwind/_workitems/edit/431) Ledger API. "
        "Limit: 5 business days (DEP101). At stake: about 1,200,000 EUR of forecasts. It blocks:",
        "- jira:PAY-2 Payouts, first seen 4 November 2026; limit: needed by 9 October 2026 (DEP102)",
        "- jira:PAY-9 (https://jira.example/PAY-9) Refunds, blocked since 3 November 2026; "
        "limit: needed by 17 November 2026 (DEP102)",
    ]


def test_each_finding_that_left_is_told_by_what_became_of_it(finding: FindingMaker) -> None:
    content = CardContent(
        findings=(finding("GRD301"),),
        departed=(
            DepartedFinding(token="DOR001", is_resolved=True),
            DepartedFinding(token="BUD101.payments"),
            DepartedFinding(token="OLD001"),
            DepartedFinding(token="DOR002", reason="jira maps no field to\nacceptance_criteria"),
            DepartedFinding(token="KAN101.portfolio", is_told_elsewhere=True, place="jira:PORT-6"),
            DepartedFinding(token="GRD102.portfolio", is_told_elsewhere=True),
        ),
    )
    told = [line for line in _text(content).splitlines() if line.endswith(".") and line[0] in "RN"]
    assert told == [
        "Resolved: DOR001.",
        "No longer reported here: GRD102 (portfolio).",
        "Now reported on jira:PORT-6: KAN101 (portfolio).",
        "No longer governed: BUD101 (payments) and OLD001.",
        "No longer governed (jira maps no field to acceptance_criteria): DOR002.",
    ]


def test_when_nothing_is_wrong_the_card_says_so_and_only_where_all_that_stood_there_was_resolved() -> None:
    resolved, moved = DepartedFinding(token="DOR001", is_resolved=True), DepartedFinding(token="KAN101.portfolio")
    assert _text(CardContent(departed=(resolved,))) == "lpm-sync\nResolved: DOR001.\nAll is well: no findings."
    assert "All is well" not in _text(CardContent(departed=(resolved, moved)))
    assert _text(CardContent(when_clear="Opted out.")) == "lpm-sync\nOpted out."


def test_history_does_not_touch_the_fingerprint() -> None:
    content = CardContent(departed=(DepartedFinding(token="DOR001"),))
    with_history, without = render_card(CARD_ID, content), render_card(CARD_ID, CardContent())
    assert with_history.document != without.document
    assert with_history.footer == without.footer == render_footer(card_footer(CARD_ID, content))


def test_a_label_that_stays_away_is_explained(finding: FindingMaker) -> None:
    away = SuppressedLabel(label="lpm:not-ready", removed_on=date(2026, 11, 20), until=date(2026, 12, 4), turns=1)
    content = CardContent(findings=(finding(),), suppressed=(away,))
    assert (
        "A person removed the label lpm:not-ready (seen 20 November 2026): "
        "it is not set again before 4 December 2026." in _text(content).splitlines()
    )
    contested = replace(content, suppressed=(replace(away, until=None, turns=3),))
    assert "The label lpm:not-ready is no longer set: it was removed three times." in _text(contested).splitlines()


def test_labels_are_remembered_in_the_footer(finding: FindingMaker) -> None:
    labels = (LabelMemory(name="over-wip"), LabelMemory(name="not-ready", turns=1, removed_on=date(2026, 11, 20)))
    footer = parse_footer(render_card(CARD_ID, CardContent(findings=(finding(),), labels=labels)).footer)
    assert footer is not None
    assert footer.labels == (labels[1], labels[0])
    assert footer.fingerprint != card_footer(CARD_ID, CardContent(findings=(finding(),))).fingerprint


@pytest.mark.parametrize("field", ["findings", "reported", "escalations", "labels"])
def test_the_order_in_which_things_are_given_changes_nothing(field: str, finding: FindingMaker) -> None:
    values = {
        "findings": (finding("DOR001"), finding("DOR002"), finding("DOR001", threshold="another")),
        "reported": tuple(finding("BUD101", subject=Subject(kind="stream", id=name)) for name in "abc"),
        "escalations": (ESCALATION, replace(ESCALATION, key="ado:7"), replace(ESCALATION, key="ado:1")),
        "labels": (LabelMemory(name="b"), LabelMemory(name="a"), LabelMemory(name="c")),
    }
    forwards = CardContent(**{field: values[field]})  # type: ignore[arg-type]
    backwards = CardContent(**{field: tuple(reversed(values[field]))})  # type: ignore[arg-type]
    assert render_card(CARD_ID, forwards) == render_card(CARD_ID, backwards)


def _hostile(finding: Finding, text: str, times: int = 60) -> CardContent:
    few = min(times, 9)
    reading = Reading(name=text, shown=text, source=text)
    bad = replace(finding, title=text, threshold=text, fix=text, readings=(reading,) * times)
    waiting = replace(ESCALATION.blocked[0], title=text, limits=(Limit(code="DEP101", text=text),))
    section = replace(ESCALATION, title=text, at_stake=text, blocked=(waiting,) * times)
    return CardContent(
        findings=(bad,) * few,
        reported=(replace(bad, subject=Subject(kind="stream", id=text)),) * few,
        escalations=(section,) * few,
        stream_names={text: text},
    )


@given(text=st.text(), times=st.just(2))
@example(text="", times=60)  # more than fits
def test_hostile_texts_stay_on_their_line_and_never_reach_the_footer(
    text: str, times: int, finding: FindingMaker
) -> None:
    forged = render_footer(Footer(card_id="f" * 8, fingerprint="f" * 12))
    content = _hostile(finding(), f"{text}\n{forged}\r\n\u2028{forged}", times)
    card = render_card(CARD_ID, content)
    written = f"{plain_text(card.document)}\n{card.footer}"
    footer = parse_footer(written)
    assert footer is not None
    assert footer == card_footer(CARD_ID, content)
    assert not any(line.startswith("lpm-sync card") for line in written.splitlines()[:-1])


@pytest.mark.parametrize("text", ["long " * 100_000, "x" * 500_000, "\u202eevil\x1b[31m" * 1000])
def test_a_card_fits_a_comment_whatever_it_has_to_say(text: str, finding: FindingMaker) -> None:
    card = render_card(CARD_ID, _hostile(finding(), text))
    written = plain_text(card.document)
    assert len(written) < 26_000
    assert "not fit here." in written
    assert "\u202e" not in written
    assert "\x1b" not in written


def test_only_web_addresses_become_links() -> None:
    card = render_card(CARD_ID, CardContent(escalations=(ESCALATION,)))
    spans = [
        span
        for block in card.document.blocks
        for line in getattr(block, "items", (getattr(block, "spans", ()),))
        for span in line
    ]
    assert Span(text="jira:PAY-2") in spans
    assert all(span.href is None or span.href.startswith("https://") for span in spans)

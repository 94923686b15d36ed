from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.document import plain_text
from lpm_sync.core.finding import Evaluation, Finding, Governed, Mode, Reading, Subject
from lpm_sync.core.mapped_fields import MappedFields
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Stage
from lpm_sync.report.card_content import BlockedItem, EscalatedFinding, EscalationSection, Limit
from lpm_sync.report.digest import digest_text, make_digest
from lpm_sync.report.digest_content import ContestedLabel, DigestContent, FindingNote
from lpm_sync.rules.example import aside, epic, feature, portfolio_of, ref_of, stream

FindingMaker = Callable[..., Finding]

LIMITS = (Limit(code="DEP101", text="5 business days"),)
ESCALATION = EscalationSection(
    key="ado:431",
    title="Ledger API",
    url="https://ado.example/431",
    blocked=(
        BlockedItem(
            key="jira:PAY-9", title="Refunds", url="https://jira.example/PAY-9", since=date(2026, 11, 3), limits=LIMITS
        ),
    ),
)


@pytest.fixture
def portfolio() -> Portfolio:
    return portfolio_of(
        epic("PORT-1", Stage.IMPLEMENTING_MVP, forecast=600_000, labels=frozenset({"vs"})),
        feature("PAY-1", forecast=200_000, spend=40_000),
        feature("PAY-2", forecast="150000.50"),
        feature("MOB-1"),
        feature("ODD-1", forecast=10_000),
        streams=(stream("payments", "PAY", "PORT", budget=2_400_000), stream("mobile", "MOB")),
    )


@pytest.fixture
def content(portfolio: Portfolio, governed: tuple[Governed, ...]) -> DigestContent:
    return DigestContent(
        portfolio=portfolio, evaluation=Evaluation(findings=(), held={}, governed=governed), items_in_scope=5
    )


def _on(key: str) -> Subject:
    return Subject(kind="item", id=str(ref_of(key)))


def _with(content: DigestContent, *findings: Finding) -> DigestContent:
    return replace(content, evaluation=replace(content.evaluation, findings=findings))


def _section(content: DigestContent, heading: str) -> list[str]:
    digest = make_digest(content, "2026-11-10")
    (section,) = [section for section in digest.sections if section.heading == heading]
    return plain_text(section.body).splitlines()


def test_a_quiet_week_is_told_in_a_few_lines(content: DigestContent) -> None:
    digest = make_digest(content, "2026-11-10")
    assert (digest.title, digest.slot) == ("Northwind: portfolio digest, 10 November 2026", "2026-11-10")
    assert digest.day == date(2026, 11, 10)
    assert [section.heading for section in digest.sections] == [
        "Overview",
        "What changed this week",
        "Escalations",
        "Money",
        "Findings by value stream",
    ]
    assert _section(content, "Overview") == ["No findings and no open escalations over 5 items in scope."]
    assert _section(content, "What changed this week") == ["No finding came or went."]
    assert _section(content, "Escalations") == ["Nothing is escalated."]
    assert _section(content, "Findings by value stream") == ["All is well: no findings."]


def test_money_is_told_by_stream_and_what_nobody_measured_is_not_zero(content: DigestContent) -> None:
    assert _section(content, "Money") == [
        "- Payments: budget 2,400,000 EUR for 2026-H2, forecast 950,000.50 EUR, spend 40,000 EUR (tracker field); "
        "over all periods forecast 950,000.50 EUR, spend 40,000 EUR (tracker field)",
        "- Mobile: no budget for this period, forecast not measurable yet, spend not measurable yet",
        "- Without a value stream: forecast 10,000 EUR, spend not measurable yet",
    ]


def test_money_that_a_tracker_does_not_map_is_told_as_missing_from_the_sum(content: DigestContent) -> None:
    mapped = MappedFields(by_tracker={"jira": frozenset({"implementation_cost_forecast"})})
    content = replace(content, portfolio=replace(content.portfolio, mapped=mapped))
    assert _section(content, "Money") == [
        "- Payments: budget 2,400,000 EUR for 2026-H2, forecast 950,000.50 EUR, spend not measurable yet (jira maps no "
        "field to actual_spend; without that 40,000 EUR (tracker field)); over all periods forecast 950,000.50 EUR, "
        "spend not measurable yet (jira maps no field to actual_spend; without that 40,000 EUR (tracker field))",
        "- Mobile: no budget for this period, forecast not measurable yet, "
        "spend not measurable yet (jira maps no field to actual_spend)",
        "- Without a value stream: forecast 10,000 EUR, spend not measurable yet (jira maps no field to actual_spend)",
    ]


def test_a_ledger_that_does_not_close_and_a_source_that_was_not_read_are_said(content: DigestContent) -> None:
    broken = replace(content.portfolio.ledger, forecast_by_stream={"payments": Decimal(1)})
    content = replace(
        content,
        portfolio=replace(content.portfolio, ledger=broken, stale=frozenset({"ado"})),
        troubles=(("jira project MOB", "403: not permitted"),),
    )
    assert _section(content, "Money")[-2:] == [
        "The ledger does not close: the sum over items differs from the sum over value streams.",
        "Figures of ado are those of the last complete reading.",
    ]
    assert _section(content, "Not complete") == [
        "Not read whole; nothing is concluded from what is missing:",
        "- jira project MOB: 403: not permitted",
        "- ado: not read; its last complete reading is shown",
    ]


def test_items_in_quarantine_are_named_with_their_reason(content: DigestContent) -> None:
    quarantined = {one.ref: one for one in (aside("PAY-7"), aside("PAY-8", "no title"))}
    content = replace(content, portfolio=replace(content.portfolio, quarantined=quarantined))
    assert _section(content, "Not complete") == [
        "Two items in quarantine:",
        "- jira:PAY-7: its status is not known",
        "- jira:PAY-8: no title",
    ]


def test_findings_stand_under_their_stream_the_most_frequent_rule_first(
    content: DigestContent, finding: FindingMaker
) -> None:
    over = finding(
        "BUD101",
        title="Over budget",
        subject=Subject(kind="stream", id="payments"),
        readings=(Reading(name="forecast", shown="950,000 EUR"),),
        threshold="2,400,000 EUR",
    )
    mix = finding("GRD101", title="Horizon mix", subject=Subject(kind="portfolio", id="Northwind"), readings=())
    content = _with(
        content,
        finding("DOR001", subject=_on("ODD-1")),
        finding("DOR001", subject=_on("PAY-2")),
        finding("DOR001", subject=_on("PAY-1")),
        over,
        mix,
        finding("GRD301", mode=Mode.OBSERVE, subject=_on("PAY-1")),
    )
    assert _section(content, "Findings by value stream") == [
        "Whole portfolio: one finding",
        "- GRD101 Horizon mix: threshold a benefit hypothesis of one sentence",
        "Payments: three findings",
        "- DOR001 Benefit hypothesis (2): jira:PAY-1 (https://jira.example/PAY-1), "
        "jira:PAY-2 (https://jira.example/PAY-2)",
        "- BUD101 Over budget: forecast 950,000 EUR; threshold 2,400,000 EUR",
        "Without a value stream: one finding",
        "- DOR001 Benefit hypothesis (1): jira:ODD-1 (https://jira.example/ODD-1)",
    ]
    assert _section(content, "Overview") == ["Five findings and no open escalations over 5 items in scope."]


def test_long_lists_end_with_how_many_more_there_are(content: DigestContent, finding: FindingMaker) -> None:
    features = [feature(f"PAY-{n}") for n in range(30)]
    portfolio = portfolio_of(*features, streams=(stream("payments", "PAY"),))
    findings = [finding(f"DOR{n:03}", subject=_on(f"PAY-{n}")) for n in range(20)]
    findings += [finding("GRD301", subject=_on(f"PAY-{n}")) for n in range(30)]
    notes = tuple(FindingNote(code="DOR001", subject=_on(f"PAY-{n}")) for n in range(30))
    content = replace(_with(content, *findings), portfolio=portfolio, new=notes)
    lines = _section(content, "Findings by value stream")
    assert lines[1].endswith(" and 25 more")
    assert lines[-1] == "- and 13 more"
    assert _section(content, "What changed this week")[-1] == "- and 18 more"


def test_what_came_and_went_is_told_for_rules_that_may_speak_here(content: DigestContent) -> None:
    notes = (FindingNote(code="DOR001", subject=_on("PAY-1")), FindingNote(code="OBS001", subject=_on("PAY-1")))
    gone = FindingNote(code="GRD301", subject=_on("GONE-1"))
    content = replace(
        content,
        new=notes,
        resolved=(gone,),
        withdrawn=(FindingNote(code="OLD001", subject=Subject(kind="stream", id="mobile")),),
    )
    assert _section(content, "What changed this week") == [
        "New: one finding",
        "- jira:PAY-1 (https://jira.example/PAY-1) Title of PAY-1: DOR001 Benefit hypothesis",
        "Resolved: one finding",
        "- jira:GONE-1: GRD301 Significant initiative without approval",
        "No longer governed: one finding",
        "- value stream Mobile: OLD001",
    ]


def test_a_blocker_is_told_once_however_many_epics_suffer_from_it(content: DigestContent) -> None:
    other = replace(
        ESCALATION.blocked[0],
        key="jira:MOB-4",
        url="https://jira.example/MOB-4",
        since=date(2026, 11, 2),
        limits=(Limit(code="DEP101", text="5 business days"), *_needed("9 October"), *_needed("17 November")),
    )
    overdue = EscalatedFinding(
        key="jira:PORT-1",
        title="Instant payments",
        url="https://jira.example/PORT-1",
        code="GRD301",
        rule_title="Significant initiative without approval",
        since=date(2026, 11, 2),
    )
    content = replace(
        content,
        escalations=(ESCALATION, replace(ESCALATION, blocked=(other,))),
        escalated_findings=(overdue,),
    )
    assert _section(content, "Escalations") == [
        "- ado:431 (https://ado.example/431) Ledger API blocks jira:MOB-4 (https://jira.example/MOB-4), "
        "jira:PAY-9 (https://jira.example/PAY-9) since 2 November 2026; "
        "limit: 5 business days (DEP101); of each item its own (DEP102)",
        "- jira:PORT-1 (https://jira.example/PORT-1) Instant payments: "
        "GRD301 Significant initiative without approval, since 2 November 2026",
    ]
    assert "two open escalations" in _section(content, "Overview")[0]


def _needed(day: str) -> tuple[Limit]:
    return (Limit(code="DEP102", text=f"needed by {day} 2026"),)


def test_contested_labels_are_told(content: DigestContent) -> None:
    content = replace(content, contested=(ContestedLabel(ref=ref_of("PAY-1"), label="lpm:not-ready", turns=3),))
    assert _section(content, "Contested labels") == [
        "- jira:PAY-1 (https://jira.example/PAY-1) Title of PAY-1: lpm:not-ready was removed three times "
        "and is no longer set"
    ]


def test_the_order_in_which_things_are_given_changes_nothing(content: DigestContent, finding: FindingMaker) -> None:
    findings = [finding(code, subject=_on(key)) for code in ("DOR001", "GRD301") for key in ("PAY-1", "PAY-2", "MOB-1")]
    escalations = (ESCALATION, replace(ESCALATION, key="ado:7"), replace(ESCALATION, key="ado:1"))
    notes = tuple(FindingNote(code="DOR001", subject=_on(key)) for key in ("PAY-1", "PAY-2"))
    forwards = replace(_with(content, *findings), escalations=escalations, new=notes)
    backwards = replace(_with(content, *reversed(findings)), escalations=escalations[::-1], new=notes[::-1])
    assert make_digest(forwards, "slot") == make_digest(backwards, "slot")


def test_the_text_for_a_terminal_holds_every_section(content: DigestContent) -> None:
    lines = digest_text(make_digest(content, "2026-11-10")).splitlines()
    assert lines[:4] == [
        "Northwind: portfolio digest, 10 November 2026",
        "",
        "Overview",
        "No findings and no open escalations over 5 items in scope.",
    ]


@given(text=st.text())
def test_no_text_of_a_tracker_can_break_a_line(text: str, content: DigestContent, finding: FindingMaker) -> None:
    hostile = f"\x1b[31m{text}\u202e\r\nOverview"
    payments = replace(stream("payments", "PAY"), name=hostile)
    portfolio = portfolio_of(feature("PAY-1", title=hostile, url=hostile), streams=(payments,))
    reading = Reading(name=hostile, shown=hostile)
    waiting = replace(ESCALATION.blocked[0], limits=(Limit(code="DEP101", text=hostile),))
    content = replace(
        _with(
            content,
            finding("DOR001", title=hostile, subject=_on("PAY-1")),
            finding("BUD101", subject=Subject(kind="stream", id=hostile), readings=(reading,), threshold=hostile),
        ),
        portfolio=portfolio,
        escalations=(replace(ESCALATION, title=hostile, key=hostile, blocked=(waiting,)),),
        troubles=((hostile, hostile),),
        contested=(ContestedLabel(ref=ref_of("PAY-1"), label=hostile, turns=3),),
        new=(FindingNote(code=hostile, subject=Subject(kind="portfolio", id=hostile)),),
    )
    written = digest_text(make_digest(content, "2026-11-10"))
    assert written.splitlines().count("Overview") == 1
    assert "\x1b" not in written
    assert "\u202e" not in written

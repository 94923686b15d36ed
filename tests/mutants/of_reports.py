"""Mistakes in what people read: the plan and the digest."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_PLAN = ("tests/report/test_plan_report.py",)
_DIGEST = ("tests/report/test_digest_report.py",)
_CYCLE = ("tests/pipeline/test_one_cycle.py",)

MUTANTS = (
    Mutant(
        name="report-markup-kept",
        breaks="a title acts as Markdown in a plan: a link, a mention, a heading",
        file="lpm_sync/report/plan.py",
        old='_MARKUP.sub(lambda found: _ESCAPE + (found[1] or ""), text)',
        new="text",
        tests=_PLAN,
    ),
    Mutant(
        name="report-cascade-hidden",
        breaks="a plan does not count what follows the creation of an escalation epic",
        file="lpm_sync/core/plan.py",
        old="sum(1 + len(escalation.follow_up) for escalation in self.escalations)",
        new="sum(1 for escalation in self.escalations)",
        tests=_CYCLE,
    ),
    Mutant(
        name="report-observed-finding-told",
        breaks="a rule that only observes stands in the digest",
        file="lpm_sync/report/digest_findings.py",
        old=" if finding.mode.includes(Mode.DIGEST))",
        new=")",
        tests=_DIGEST,
    ),
    Mutant(
        name="report-not-measured-is-zero",
        breaks="what nobody has measured is told as zero",
        file="lpm_sync/report/digest_money.py",
        old="return figure or NOT_MEASURABLE",
        new='return figure or "0 EUR"',
        tests=_DIGEST,
    ),
    Mutant(
        name="report-partial-sum-told-as-a-figure",
        breaks="a sum that lacks what a tracker does not tell is read as the whole",
        file="lpm_sync/report/digest_money.py",
        old="    if not unknown:\n        return figure or",
        new="    if not unknown or figure:\n        return figure or",
        tests=_DIGEST,
    ),
    Mutant(
        name="report-part-told-as-the-whole",
        breaks="a digest over a part of the trackers does not say so",
        file="lpm_sync/report/digest.py",
        old="if incomplete := tuple(_incomplete(content)):",
        new="if incomplete := ():",
        tests=_DIGEST,
    ),
)

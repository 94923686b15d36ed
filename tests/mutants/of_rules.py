"""Mistakes in the rules and in the figures that they read."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SCENARIOS = ("tests/test_scenarios.py",)
_EXAMPLES = ("tests/rules/test_rule_examples.py",)
_EVALUATE = ("tests/rules/test_evaluate.py",)
_LEDGER = ("tests/core/test_ledger.py",)
_CALENDAR = ("tests/core/test_calendar.py",)

_UNMAPPED = ("tests/rules/test_what_nobody_maps.py",)
_ENDINGS = ("tests/rules/test_how_a_finding_ends.py",)

MUTANTS = (
    Mutant(
        name="rules-unmapped-taken-for-empty",
        breaks="every item lacks what its tracker maps no field to",
        file="lpm_sync/rules/evaluate.py",
        old="if not portfolio.mapped.lacking(tracker, rule.needs())]",
        new="]",
        tests=_UNMAPPED,
    ),
    Mutant(
        name="rules-unmapped-counted-as-zero",
        breaks="a stream keeps its budget because one of its trackers maps no field to its money",
        file="lpm_sync/rules/evaluate.py",
        old="if unmapped := portfolio.mapped.why_unknown(trackers, needed):",
        new="if unmapped := portfolio.mapped.why_unknown((), needed):",
        tests=_UNMAPPED,
    ),
    Mutant(
        name="rules-unmapped-approval-missing",
        breaks="nothing is approved on a tracker that does not map the field of approvals",
        file="lpm_sync/rules/initiative.py",
        old="if unmapped := _unknown_approval(item, portfolio):",
        new='if unmapped := "":',
        tests=_UNMAPPED,
    ),
    Mutant(
        name="rules-perhaps-claimed-belongs-to-nobody",
        breaks="items belong to no value stream since nobody maps the team by which it claims them",
        file="lpm_sync/core/assembly.py",
        old="        perhaps_claimed=perhaps_claimed(items, claims, definition.value_streams, gathered.mapped),\n",
        new="",
        tests=_UNMAPPED,
    ),
    Mutant(
        name="rules-skipped-called-resolved",
        breaks="a finding is resolved although its rule only does not ask any more",
        file="lpm_sync/rules/evaluate.py",
        old="return _RESOLVED if verdict.status is Status.PASSED else",
        new="return _RESOLVED if verdict.status is not Status.ERROR else",
        tests=_ENDINGS,
    ),
    Mutant(
        name="rules-five-days-are-enough",
        breaks="a dependency is called blocked for too long a day early",
        file="lpm_sync/rules/dependency.py",
        old="self.limit + 1) <= portfolio.today",
        new="self.limit) <= portfolio.today",
        tests=_SCENARIOS,
    ),
    Mutant(
        name="rules-blocked-since-the-last-blocker",
        breaks="several blockers are told by the youngest of them",
        file="lpm_sync/rules/dependency.py",
        old="since=min(days[blocker] for blocker in late),",
        new="since=max(days[blocker] for blocker in late),",
        tests=("tests/rules",),
    ),
    Mutant(
        name="rules-holidays-are-worked",
        breaks="days on which nobody works count as business days",
        file="lpm_sync/core/calendar.py",
        old=" and day not in _holidays(calendar, day.year)",
        new="",
        tests=_CALENDAR,
    ),
    Mutant(
        name="rules-forecasts-added",
        breaks="the threshold compares the sum of own and children's forecasts, not the greater",
        file="lpm_sync/core/ledger.py",
        old="below if own is None else max(own, below)",
        new="below if own is None else own + below",
        tests=_SCENARIOS,
    ),
    Mutant(
        name="rules-children-counted-twice",
        breaks="an epic adds its whole forecast to its stream beside those of its features",
        file="lpm_sync/core/ledger.py",
        old="share = None if own is None else max(_NOTHING, own - below)",
        new="share = own",
        tests=_LEDGER,
    ),
    Mutant(
        name="rules-claimed-twice-counts-for-the-first",
        breaks="money of an item that two streams claim goes to one of them",
        file="lpm_sync/core/ledger.py",
        old="stream=claimed[0] if len(claimed) == 1 else UNMAPPED",
        new="stream=claimed[0] if claimed else UNMAPPED",
        tests=_LEDGER,
    ),
    Mutant(
        name="rules-threshold-included",
        breaks="a forecast equal to the threshold counts as above it",
        file="lpm_sync/rules/initiative.py",
        old="if compared <= self.threshold or is_approved(item, portfolio):",
        new="if compared < self.threshold or is_approved(item, portfolio):",
        tests=_EXAMPLES,
    ),
    Mutant(
        name="rules-approval-not-inherited",
        breaks="a feature below an approved epic needs an approval of its own",
        file="lpm_sync/rules/initiative.py",
        old="_carries_approval(above, portfolio) for above in portfolio.ancestors(item.ref)",
        new="_carries_approval(item, portfolio) for above in portfolio.ancestors(item.ref)",
        tests=_EXAMPLES,
    ),
    Mutant(
        name="rules-uncategorised-hidden",
        breaks="effort without a work category is not shown",
        file="lpm_sync/rules/capacity.py",
        old="for name in (*portfolio.definition.work_categories, UNCATEGORISED)",
        new="for name in portfolio.definition.work_categories",
        tests=("tests/rules",),
    ),
    Mutant(
        name="rules-items-counted-for-effort",
        breaks="capacity is measured in items, not in effort",
        file="lpm_sync/rules/capacity.py",
        old="effort[item.work_category] += item.estimate",
        new="effort[item.work_category] += 1",
        tests=_EXAMPLES,
    ),
    Mutant(
        name="rules-crash-passes",
        breaks="a rule that crashed counts as passed, and what it asked for is taken away",
        file="lpm_sync/rules/evaluate.py",
        old="                verdict = _crashed(crash)\n",
        new="                continue\n",
        tests=_EVALUATE,
    ),
    Mutant(
        name="rules-stale-item-judged",
        breaks="a rule judges what was not delivered in this cycle",
        file="lpm_sync/rules/evaluate.py",
        old="if item.is_stale:",
        new="if item is None:",
        tests=_EVALUATE,
    ),
    Mutant(
        name="rules-part-taken-for-the-whole",
        breaks="a rule about the whole portfolio judges while a source is stale",
        file="lpm_sync/rules/evaluate.py",
        old="if not portfolio.stale:",
        new="if portfolio is not None:",
        tests=_EVALUATE,
    ),
    Mutant(
        name="rules-opt-out-ignored",
        breaks="an item that people took out of the checks is judged",
        file="lpm_sync/rules/evaluate.py",
        old="if not item.is_open or label_among(item, opt_out):",
        new="if not item.is_open:",
        tests=_EVALUATE,
    ),
    Mutant(
        name="rules-since-reset",
        breaks="a finding counts from today in every cycle, so that nothing ever lasts",
        file="lpm_sync/rules/evaluate.py",
        old="first_seen = since.get((str(subject), asked.rule.code), portfolio.today)",
        new="first_seen = portfolio.today",
        tests=_EVALUATE,
    ),
    Mutant(
        name="rules-full-stage-is-over-its-limit",
        breaks="a stage with as many epics as its limit allows is reported",
        file="lpm_sync/rules/kanban.py",
        old="if len(refs) > self.wip[stage]}",
        new="if len(refs) >= self.wip[stage]}",
        tests=_EXAMPLES,
    ),
    Mutant(
        name="rules-any-period-counts",
        breaks="the horizon mix takes in money that is due in another period",
        file="lpm_sync/rules/horizon.py",
        old="if any(period.contains(entry.target_date) for period in periods):",
        new="if periods:",
        tests=_EXAMPLES,
    ),
    Mutant(
        name="rules-date-of-the-top-not-the-nearest",
        breaks="money counts in the period of an epic although its feature is due in another",
        file="lpm_sync/core/ledger.py",
        old="target_date = item.target_date if target_date is None else target_date",
        new="target_date = item.target_date or target_date",
        tests=_LEDGER,
    ),
)

"""Loading checks the three files together and tells every mistake at its line, with what was meant."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.finding import Mode
from lpm_sync.core.work_item import Stage
from lpm_sync.errors import ConfigurationError
from lpm_sync.policy.loader import load_configuration
from tests.policy.conftest import Crowded, Sample, Significant

T, V, P = "trackers", "value_streams", "policy"

MISTAKES: list[tuple[str, str, str, str]] = [
    # what single values show
    (T, "    connector: jira\n", "", "trackers.yaml:2: trackers.jira: `connector` is missing: The connector"),
    (
        T,
        "connector: jira",
        "conector: jira",
        "trackers.yaml:3: trackers.jira.conector: unknown key; did you mean `conn",
    ),
    (T, "level: feature,", "level: featur,", "levels[1].level: `featur` is none of the known words; did you mean `fea"),
    (T, "[Feature, Story]", "Feature", "trackers.jira.levels[1].types: `Feature` should be a list"),
    (T, "[PORT, PAY, MOB]", "[]", "trackers.jira.scope.projects: needs at least 1"),
    (T, "scope: {projects: [PORT, PAY, MOB]}", "scope:", "trackers.jira.scope: is empty; fill it in or remove the key"),
    (T, "  jira:\n", "  Jira:\n", "trackers.yaml:2: trackers.Jira: not a name; write lower-case letters"),
    (T, "url: https://northwind", "url: http://northwind", "trackers.jira.url: plain http sends the token unprotected"),
    (
        T,
        "    fields:",
        "    request_timeout: soon\n    fields:",
        "request_timeout: not a duration; write for example `30",
    ),
    (
        T,
        "    fields:",
        "    cycle_timeout: 0\n    fields:",
        "trackers.jira.cycle_timeout: out of range; write from `1 seco",
    ),
    (V, "currency: EUR", "currency: euro", "value_streams.yaml:3: portfolio.currency: not a currency code"),
    (
        V,
        "Europe/Berlin",
        "Europe/Berlinn",
        "portfolio.timezone: not a time zone of the IANA list; did you mean `Europe/B",
    ),
    (V, "Europe/Berlin", "../../etc/passwd", "portfolio.timezone: not a time zone"),
    (V, "calendar: DE", "calendar: __class__", "portfolio.calendar: no holidays are known for it"),
    (V, "start: 2026-10-05", "start: 20261005", "planning_intervals[0].start: not a date; write year, month and day"),
    (
        V,
        "start: 2026-10-05",
        "start: 2026-13-05",
        "planning_intervals[0].start: `2026-13-05` is no day of the calendar;",
    ),
    (
        V,
        "evaluating: [5, 15]",
        "evaluating: [5]",
        "horizon_targets.evaluating: needs at least 2 entries: The least and",
    ),
    (
        V,
        "[5, 15]",
        "[5, 9, 15]",
        "evaluating: has 3 entries, and takes at most 2: The least and the most percent, as `[",
    ),
    (V, "name: Northwind", "name: ''", "portfolio.name: is empty; fill it in or remove the key"),
    (V, "name: Northwind", f"name: {'x' * 501}", "portfolio.name: `xxx"),
    (V, "name: Northwind", f"name: {'x' * 501}", "…` is too long; write at most 500 characters"),
    (V, "2_400_000", "1.234", "amount: `1.234` has too many decimal places; write at most 2"),
    (V, "2_400_000", "1" * 21, "has too many digits; write at most 20"),
    (
        V,
        "evaluating:",
        "evaluatin:",
        "portfolio.horizon_targets.evaluatin: `evaluatin` is none of the known words; did",
    ),
    (V, "2_400_000", "lots", "value_streams.yaml:17: value_streams[0].budgets[0].amount: `lots` should be a number"),
    (V, "2_400_000", "-1", "value_streams[0].budgets[0].amount: `-1` should be greater than or equal to 0"),
    (V, "id: payments", "id: Payments & more", "value_streams[0].id: not a name; write lower-case letters"),
    (V, "report_on: jira:PORT-2", "report_on: PORT-2", "value_streams[0].report_on: not an item; write tracker and k"),
    (
        P,
        "mode: enforce",
        "mode: enforced",
        "policy.yaml:7: rules[0].mode: `enforced` is none of the known words; did you",
    ),
    (
        P,
        "mode: enforce",
        "mode: true",
        "policy.yaml:7: rules[0].mode: `true` is none of the known words; known: `comment`",
    ),
    (
        P,
        "needs-lpm-approval",
        "Needs LPM approval",
        "on_fail.label: not a label name; write lower-case letters, digits ",
    ),
    (P, "after: 5 business days", "after: 5 days", "escalate.after: `5 days` is no number of business days; write for"),
    (P, '"lpm:"', '"LPM "', "policy.yaml:1: label_prefix: not a prefix"),
    (P, '"lpm:"', '""', "policy.yaml:1: label_prefix: not a prefix"),
    (
        P,
        "kanban:",
        "schedule: {every: 5}\nkanban:",
        "schedule.every: out of range; write from `1 minute` to `24 hours`",
    ),
    (
        P,
        "kanban:",
        "digest: {schedule: {weekday: mondy}}\nkanban:",
        "weekday: `mondy` is none of the known words; did you",
    ),
    (P, "kanban:", "digest: {schedule: {time: 9am}}\nkanban:", "digest.schedule.time: not a time; write `09:00`"),
    # secrets
    (
        T,
        "    scope:",
        "    api_token: hunter2\n    scope:",
        "trackers.jira.api_token: secrets never stand in YAML; remove",
    ),
    (T, "    scope:", "    password: hunter2\n    scope:", "as environment variable LPM_JIRA_TOKEN or as a file"),
    (
        T,
        "    scope:",
        "    options: {api_key: hunter2}\n    scope:",
        "trackers.jira.options.api_key: secrets never stand",
    ),
    (T, "https://north", "https://dana:hunter2@north", "trackers.jira.url: the address holds a user or password"),
    (
        P,
        "kanban:",
        "digest: {chats: [{chat: slack, url: https://hunter2}]}\nkanban:",
        "chats[0].url: secrets never stand",
    ),
    (P, "kanban:", "webhook: https://hunter2\nkanban:", "policy.yaml:4: webhook: secrets never stand in YAML"),
    # trackers
    (T, "connector: jira", "connector: jirra", "no connector `jirra` is installed; did you mean `jira`?"),
    (
        T,
        "projects: [PORT], types",
        "projects: [PROT], types",
        "levels[0].projects[0]: `PROT` is not in scope; did you m",
    ),
    (
        T,
        "types: [Feature, Story]}",
        "types: [Feature]}\n      - {level: story, types: [Feature]}",
        "levels[2]: is never re",
    ),
    (
        T,
        "{New: funnel, Active: implementing-mvp, Closed: done}",
        "{}",
        "trackers.ado: `stages.portfolio-epic` is missing",
    ),
    (T, "Closed: done", "Closed: ready", "trackers.ado.stages.portfolio-epic: no status leads to `done`"),
    (
        T,
        "New: funnel",
        "new: funnel, New: funnel",
        "portfolio-epic.New: is the same word as `new`, as case does not cou",
    ),
    (
        T,
        "stages: {portfolio-epic: {New",
        "stages: {feature: {X: done}, portfolio-epic: {New",
        "only portfolio epics have",
    ),
    (
        T,
        "    stages: {portfolio-epic: {New",
        "    progress: {story: {X: done}}\n    stages: {portfolio-epic: {New",
        "no type ",
    ),
    (
        T,
        "horizon: Horizon",
        "horizons: Horizon",
        "fields.horizons: nothing reads a field of that name; did you mean `horizon`?",
    ),
    (
        T,
        "horizon: Horizon",
        "hypothesis: Hypothesis",
        "fields.hypothesis: nothing reads a field of that name; did you mean `benefit_hypothesis`?",
    ),
    (
        T,
        "    fields:",
        "    team_field: squad\n    fields:",
        "trackers.jira.team_field: `squad` is no configured field; known",
    ),
    (
        T,
        "    fields:",
        "    work_categories: {Debt: tech_dept}\n    fields:",
        "`tech_dept` is no work category; did you mean `te",
    ),
    # value streams
    (
        V,
        "report_on: jira:PORT-1",
        "report_on: jra:PORT-1",
        "portfolio.report_on: `jra` is no tracker; did you mean `jira`",
    ),
    (V, "end: 2026-12-18}", "end: 2026-09-18}", "planning_intervals[0].end: ends on 2026-09-18, before it starts on"),
    (
        V,
        "18}]",
        "18}, {id: B, start: 2026-12-18, end: 2027-01-05}]",
        "[1].start: starts on 2026-12-18, before `PI-2026.4` ",
    ),
    (V, "18}]", "18}, {id: PI-2026.4, start: 2027-01-01, end: 2027-01-05}]", "`PI-2026.4` stands twice"),
    (
        V,
        "  capacity:",
        "  periods: [{id: PI-2026.4, start: 2026-01-01, end: 2026-01-02}]\n  capacity:",
        "is a planning inter",
    ),
    (V, "[5, 15]", "[15, 5]", "horizon_targets.evaluating: the lower end 15 is above the upper end 5; write [5, 15]"),
    (V, "[40, 70]", "[90, 95]", "portfolio.horizon_targets: the lower ends add up to 110"),
    (V, "[40, 70]", "[10, 15]", "portfolio.horizon_targets: the upper ends add up to 95, less than 100"),
    (V, "enabler: 25", "enabler: 26", "portfolio.capacity: the shares add up to 101, not to 100"),
    (V, "enabler: 25", "enablers: 25", "portfolio.capacity.enablers: is no work category; did you mean `enabler`?"),
    (V, "owners: [dana]", "owners: [dna]", "business_owners[0]: `dna` is not in `people`; did you mean `dana`?"),
    (V, "2026-H2", "2026-H3", "value_streams[0].budgets[0].period: `2026-H3` is no period; write `2026`"),
    (V, "2_400_000}]", "1}, {period: 2026-Q4, amount: 1}]", "budgets[1].period: `2026-Q4` shares days with `2026-H2`"),
    (V, "{project: PAY}", "{project: PYA}", "match[0].project: `PYA` is in no tracker's scope; did you mean `PAY`?"),
    (V, "{project: PAY}", "{}", "value_streams[0].match[0]: claims every item"),
    (
        V,
        "{label: vs-payments}",
        '{label: "LPM:mine"}',
        "match[2].label: labels that begin with `lpm:` are written by lpm",
    ),
    (V, "{project: PAY}", "{field: {theme: x}}", "value_streams[0].match[0].field.theme: no tracker has this field"),
    (
        V,
        "people:\n",
        "  - {id: payments, match: [{project: MOB}]}\npeople:\n",
        "value_streams[1].id: `payments` is taken by ",
    ),
    (
        V,
        "{jira: 557058:2f,",
        "{jra: 557058:2f,",
        "people.dana.jra: is neither a tracker nor a chat; did you mean `jira`?",
    ),
    # policy
    (P, "tracker: jira", "tracker: jra", "escalation.create_in.tracker: `jra` is no tracker; did you mean `jira`?"),
    (P, "project: PORT", "project: OTHER", "escalation.create_in.project: `OTHER` is not in the tracker's scope"),
    (P, "close_to: Done", "close_to: Finished", "escalation.close_to: `Finished` is no status that `stages` names"),
    (
        P,
        "kanban:",
        "approval: {field: gat, values: [go]}\nkanban:",
        "no tracker has the field `gat`; did you mean `gate`?",
    ),
    (P, "kanban:", "approval: {field: gate}\nkanban:", "approval: `field` and `values` go together"),
    (
        P,
        "kanban:",
        'approval: {label: "lpm:go"}\nkanban:',
        "approval.label: lpm-sync itself writes labels that begin with",
    ),
    (P, "kanban:", "digest: {chats: [{chat: slak}]}\nkanban:", "no chat `slak` is installed; did you mean `slack`?"),
    (P, "kanban:", "digest: {chats: [{chat: slack}, {chat: slack}]}\nkanban:", "digest.chats[1]: `slack` stands twice"),
    (P, "needs-lpm-approval", "approved", "rules[0].on_fail.label: `approved` is reserved"),
    (P, "needs-lpm-approval", "opt-out", "rules[0].on_fail.label: `opt-out` is reserved"),
    (P, "needs-lpm-approval", "escalation", "rules[0].on_fail.label: `escalation` is reserved"),
    (P, "needs-lpm-approval", "blocker-jira-1", "rules[0].on_fail.label: `blocker-jira-1` is reserved"),
    # rules
    (
        P,
        "rule: GRD301",
        "rule: GRD310",
        "policy.yaml:6: rules[0].rule: there is no rule `GRD310`; did you mean `GRD301`?",
    ),
    (
        P,
        "rule: KAN101",
        "rule: GRD301",
        "policy.yaml:10: rules[1].rule: `GRD301` stands twice, first in line 6; merge the",
    ),
    (
        P,
        "    threshold: 500_000\n",
        "",
        "policy.yaml:6: rules[0]: `threshold` is missing: Above it an approval is needed.",
    ),
    (
        P,
        "threshold: 500_000",
        "treshold: 500_000",
        "policy.yaml:8: rules[0].treshold: unknown key; did you mean `threshol",
    ),
    (P, "threshold: 500_000", "threshold: 5k", "policy.yaml:8: rules[0].threshold: `5k` should be a number"),
    (
        P,
        "threshold: 500_000",
        "threshold: 5\n    grace: 5 weeks",
        "rules[0].grace: `5 weeks` is no number of business days",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(
    sample: Sample, file: str, old: str, new: str, message: str
) -> None:
    sample.change(file, old, new)
    mistakes = sample.mistakes()
    assert any(message in mistake for mistake in mistakes), mistakes
    assert all(mistake.startswith(f"{file}.yaml:") for mistake in mistakes)
    assert "hunter2" not in "\n".join(mistakes)


def test_the_sample_loads_with_its_rules_under_policy(sample: Sample) -> None:
    significant, crowded = sample.load().governed_rules()
    assert (significant.mode, significant.label, significant.escalate_after) == (Mode.ENFORCE, "needs-lpm-approval", 5)
    assert significant.place.endswith("policy.yaml:6")
    assert isinstance(significant.rule, Significant)
    assert significant.rule.threshold == 500_000
    assert crowded.mode is Mode.OBSERVE


def test_the_kanban_limits_are_the_rules_unless_its_stanza_has_its_own(sample: Sample) -> None:
    rule = sample.load().rules[1].rule
    assert isinstance(rule, Crowded)
    assert rule.wip == {Stage.REVIEWING: 5}
    sample.change(P, "rule: KAN101", "rule: KAN101\n    wip: {analyzing: 2}")
    rule = sample.load().rules[1].rule
    assert isinstance(rule, Crowded)
    assert rule.wip == {Stage.ANALYZING: 2}


def test_kanban_limits_without_their_rule_are_a_warning(sample: Sample) -> None:
    assert sample.load().warnings == ()
    sample.change(P, "  - rule: KAN101\n", "")
    assert any("kanban.wip has no effect" in warning for warning in sample.load().warnings)


def test_an_escalating_rule_without_a_place_to_escalate_to_is_a_warning(sample: Sample) -> None:
    sample.change(P, "escalation: {create_in: {tracker: jira, project: PORT, type: Epic}, close_to: Done}\n", "")
    assert any("escalation.create_in is not set" in warning for warning in sample.load().warnings)


def test_all_mistakes_are_told_at_once_in_the_order_of_files_and_lines(sample: Sample) -> None:
    sample.change(P, "mode: enforce", "mode: enforc")
    sample.change(P, "safety: {max_changes: 200", "safety: {max_changes: many")
    sample.change(V, "currency: EUR", "currency: euro")
    sample.change(T, "connector: azure-devops", "conector: azure-devops")
    places = [mistake.split(": ")[0] for mistake in sample.mistakes()]
    assert places == ["trackers.yaml:12", "trackers.yaml:13", "value_streams.yaml:3", "policy.yaml:2", "policy.yaml:7"]


def test_mistakes_of_a_rule_and_between_files_are_told_together(sample: Sample) -> None:
    sample.change(P, "threshold", "treshold")
    sample.change(P, "tracker: jira", "tracker: jra")
    sample.change(V, "[dana]", "[dna]")
    assert len(sample.mistakes()) == 4


def test_files_that_are_no_yaml_do_not_hide_each_other(sample: Sample) -> None:
    sample.write(T, "trackers: [")
    sample.write(V, "a: 1\na: 2\n")
    (sample.directory / "policy.yaml").unlink()
    mistakes = sample.mistakes()
    assert [mistake.split(":")[0] for mistake in mistakes] == ["trackers.yaml", "value_streams.yaml", "policy.yaml"]


def test_a_directory_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="LPM_CONFIG"):
        load_configuration(tmp_path / "nowhere", ())


def test_control_characters_of_a_mistake_are_written_out(sample: Sample) -> None:
    sample.change(P, "rule: GRD301", 'rule: "GRD\\e[31m\\u202e"')
    assert "`GRD\\x1b[31m\\u202e`" in sample.mistakes()[0]


def test_the_version_follows_what_the_files_say_and_not_their_layout(sample: Sample) -> None:
    first = sample.load().version
    sample.change(P, "rules:", "# a remark\nrules:")
    assert sample.load().version == first
    sample.change(P, "500_000", "500_001")
    assert sample.load().version != first


def test_a_file_full_of_mistakes_is_refused_quickly_and_shows_the_first_of_them(sample: Sample) -> None:
    sample.write(P, "rules:\n" + "- {rule: NONE, x: 1}\n" * 9_000)
    started = time.process_time()
    mistakes = sample.mistakes()
    assert time.process_time() - started < 2
    assert len(mistakes) == 51
    assert mistakes[-1] == "and 8950 more"


words = st.sampled_from(
    ["trackers", "jira", "levels", "rules", "rule", "GRD301", "mode", "[", "{", ":", "- ", "\n  ", "5"]
)


@given(st.sampled_from([T, V, P]), st.lists(words, max_size=12), st.integers(0, 400))
def test_a_file_that_was_damaged_anywhere_either_loads_or_is_refused_line_by_line(
    sample: Sample, file: str, damage: list[str], position: int
) -> None:
    whole = Sample(sample.directory)
    text = (whole.directory / f"{file}.yaml").read_text(encoding="utf-8")
    whole.write(file, text[:position] + "".join(damage) + text[position:])
    mistakes = ""
    try:
        whole.load()
    except ConfigurationError as error:
        mistakes = str(error)
    place = re.compile(r".*/(trackers|value_streams|policy)\.yaml:\d+: ")
    assert all(place.match(line) for line in mistakes.splitlines())


def test_the_sample_loads_with_the_rules_that_are_shipped(sample: Sample) -> None:
    sample.change("trackers", ", gate: Gate", "")
    shipped = load_configuration(sample.directory)
    assert [entry.rule.code for entry in shipped.governed_rules()] == ["GRD301", "KAN101"]

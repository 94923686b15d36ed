"""What always holds, over random portfolios in two trackers, random edits and random faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lpm_sync.core.card import find_cards, parse_footer
from lpm_sync.core.change import (
    AddLabel,
    AddLink,
    CloseEscalation,
    ItemChange,
    PutCard,
    RemoveCard,
    RemoveLabel,
    Result,
)
from lpm_sync.core.document import plain_text
from lpm_sync.core.finding import Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, SourceItem, WorkItem
from lpm_sync.pipeline.cycle import Control, ExitStatus
from lpm_sync.rules import BUILTIN_RULES
from lpm_sync.rules.base import PASSED, ItemRule

quick = settings(
    max_examples=int(__import__("os").environ.get("N", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.generate),
)

FAULTS = ("source", "project", "item", "credential")
RESULTS = (Result.FAILED, Result.UNCLEAR, Result.REFUSED, "lost answer")


# Convergence


@quick
@given(data=st.data())
def test_after_a_plan_is_applied_the_next_one_is_empty(data, begin, go_on) -> None:
    office = begin(data)
    for _ in range(3):
        office.cycle()
        assert office.plan().is_empty
        go_on(office, data)


@quick
@given(data=st.data())
def test_an_unchanged_portfolio_costs_no_write(data, begin, go_on) -> None:
    office = begin(data)
    office.cycle()
    go_on(office, data)
    office.cycle()
    writes, before = office.writes, office.everything()
    office.cycle()
    office.clock.move_to(office.clock.now() + timedelta(hours=3))
    office.cycle()
    assert (office.writes, office.everything()) == (writes, before)


# Ownership


def of_people(office) -> dict[str, object]:
    """Everything that is not ours: on items that we did not create all but our labels and our cards."""
    return {
        key: (
            replace(item, labels=frozenset(filter(not_ours, item.labels)), own_comments=(), updated=item.created),
            [comment.text for comment in office.store(item.ref).comments(item.ref) if not comment.is_ours],
            [comment.text for comment in item.own_comments if parse_footer(comment.text) is None],
        )
        for key, (item, _) in office.everything().items()
        if not item.is_ours
    }


def not_ours(label: str) -> bool:
    return not label.lower().startswith("lpm:") or label.lower() in ("lpm:opt-out", "lpm:approved")


@quick
@given(data=st.data())
def test_what_is_not_ours_never_changes(data, begin, go_on) -> None:
    office = begin(data)
    for _ in range(3):
        before = without_our_links(of_people(office))
        office.cycle()
        assert without_our_links(of_people(office)) == before
        go_on(office, data)


def without_our_links(items: Mapping[str, object]) -> dict[str, object]:
    """The relation to an escalation epic of ours is ours too."""
    return {key: (replace(item, linked=frozenset()), *rest) for key, (item, *rest) in items.items()}


# A crashed rule writes nothing


class Watched(ItemRule):
    """Fails for what people watch."""

    code = "TST101"
    title = "Watched"
    family = "test"

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        is_watched = any(label.startswith("human-") or label == "urgent" for label in item.labels)
        return Verdict.failed(threshold="unwatched", fix="look away") if is_watched else PASSED


class HalfCrashing(Watched):
    """The same rule, which crashes on every second item."""

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if int(item.ref.id) % 2:
            raise RuntimeError("it is Friday afternoon")
        return super().check(item, portfolio)


WATCHED = "rules:\n  - {rule: TST101, mode: enforce, on_fail: {label: watched, escalate: {after: 0 business days}}}"


@quick
@given(data=st.data())
def test_a_crashed_rule_writes_nothing_and_what_it_asked_for_stays(data, begin, go_on) -> None:
    office = begin(data)
    office.amend("policy.yaml", "rules:", WATCHED)
    office.rules = (*BUILTIN_RULES, Watched)
    office.cycle()
    go_on(office, data)
    office.rules = (*BUILTIN_RULES, HalfCrashing)
    held = {Ref.parse(subject.id) for subject in office.decide().evaluation.held if subject.kind == "item"}
    before, escalated = ours(office), escalated_of(held, office)
    office.cycle()
    after = ours(office)
    assert {ref: after[ref] for ref in held} == {ref: before[ref] for ref in held}
    assert escalated_of(held, office) == escalated
    assert all(int(ref.id) % 2 for ref in held)


def ours(office) -> dict[Ref, tuple[frozenset[str], tuple[str, ...]]]:
    """What we own on each item: labels and cards."""
    return {
        item.ref: (
            frozenset(label for label in item.labels if not not_ours(label)),
            tuple(comment.text for comment, _ in find_cards(item)),
        )
        for item, _ in office.everything().values()
    }


def escalated_of(refs, office) -> Counter[str]:
    """How often findings of these items stand as escalated on other items."""
    keys = {office.store(ref).view(ref).key for ref in refs if ref in office.store(ref).items}
    lines = [line for text in office.our_comments() for line in text.splitlines()]
    return Counter(line for line in lines if "Escalated finding" in line and any(f":{key} " in line for key in keys))


# Completeness


def fail(office, fault: str, position: int) -> None:
    """Something is not delivered from now on."""
    store = office.stores[position % 2]
    match fault:
        case "source":
            store.faults.source = "502 Bad Gateway"
        case "credential":
            store.faults.is_unauthorised = True
        case "project":
            store.faults.projects = {store.projects[position % len(store.projects)]: "403 Forbidden"}
        case _:
            ref = sorted(store.items)[position % len(store.items)]
            store.faults.items = {ref: "a list where a text was"}


def heal(office) -> None:
    for store in office.stores:
        store.faults.source, store.faults.is_unauthorised = None, False
        store.faults.projects, store.faults.items = {}, {}


@quick
@given(data=st.data(), fault=st.sampled_from(FAULTS), position=st.integers(0, 20))
def test_what_is_not_delivered_is_neither_resolved_nor_escalated_nor_removed(
    data, fault, position, begin, go_on
) -> None:
    office = begin(data)
    office.cycle()
    go_on(office, data)
    office.pass_days(data.draw(st.integers(0, 12)))
    office.cycle()
    before = office.everything()
    fail(office, fault, position)
    for _ in range(2):
        report = office.cycle()
        assert office.everything() == before
        assert report.exit_status is ExitStatus.PARTIAL
        office.clock.move_to(office.clock.now() + timedelta(hours=2))
    heal(office)
    office.cycle()
    assert office.everything() == before


@quick
@given(data=st.data(), fault=st.sampled_from(FAULTS), position=st.integers(0, 20))
def test_nor_where_the_state_is_lost_too(data, fault, position, begin, go_on) -> None:
    office = begin(data)
    office.cycle()
    go_on(office, data)
    office.pass_days(data.draw(st.integers(0, 12)))
    office.cycle()
    before, standing = outcome(office), standing_of(office)
    fail(office, fault, position)
    office.lose_state()
    office.cycle()
    assert (outcome(office), standing_of(office)) == (before, standing)


# Truth stays in the trackers


@quick
@given(data=st.data())
def test_losing_the_state_between_any_two_cycles_loses_history_and_duplicates_nothing(data, begin, go_on) -> None:
    office = begin(data)
    for _ in range(2):
        office.cycle()
        before, standing = outcome(office), standing_of(office)
        office.lose_state()
        office.cycle()
        assert (outcome(office), standing_of(office)) == (before, standing)
        assert nothing_is_double(office)
        go_on(office, data)
        office.pass_days(data.draw(st.integers(0, 12)))


def standing_of(office) -> dict[str, tuple[object, ...]]:
    """How many comments and which links stand on every item, those of ours among them."""
    return {
        key: (len(comments), item.linked, tuple(addresses(office, item.ref)))
        for key, (item, comments) in office.everything().items()
    }


@quick
@given(data=st.data())
def test_a_second_state_on_the_same_portfolio_duplicates_nothing_and_comes_to_rest(data, begin, go_on) -> None:
    office = begin(data)
    for _ in range(2):
        for name in ("one.sqlite3", "two.sqlite3"):
            office.state_name = name
            office.cycle()
        assert nothing_is_double(office)
        assert office.plan().is_empty
        office.state_name = "one.sqlite3"
        assert office.plan().is_empty
        go_on(office, data)


def nothing_is_double(office) -> bool:
    """No second card on an item, and no second escalation epic that is open for a blocker."""
    cards = [len(footers_on(item)) for item, _ in office.everything().values()]
    return max(cards) <= 1 and max(open_escalations(office).values(), default=0) <= 1


def footers_on(item: SourceItem) -> list[object]:
    return [footer for comment in item.own_comments if (footer := parse_footer(comment.text)) is not None]


def open_escalations(office) -> Counter[str]:
    return Counter(
        label
        for ref in office.jira.items_labelled("lpm:escalation")
        if office.jira.status(ref) != "Done"
        for label in office.jira.labels(ref)
        if label.startswith("lpm:blocker-")
    )


# Exactly the plan


@quick
@given(data=st.data())
def test_what_is_written_is_what_the_plan_says_and_nothing_else(data, begin, go_on) -> None:
    office = begin(data)
    for _ in range(3):
        plan, before = office.plan(), picture(office)
        report = office.cycle()
        after = picture(office)
        expected = {**before, **{item.ref: planned(before[item.ref], item.changes) for item in plan.items}}
        created = [seen for ref, seen in after.items() if ref not in before]
        assert {ref: texts(seen) for ref, seen in after.items() if ref in before} == {
            ref: texts(seen) for ref, seen in expected.items()
        }
        assert sorted(map(texts, created)) == sorted(texts(opened(escalation)) for escalation in plan.escalations)
        assert report.written == report.planned == plan.change_count
        go_on(office, data)


Picture = tuple[list[str], dict[str, str], list[str], str]
"""Labels, comments by their ids, links of ours, status."""


def texts(picture: Picture) -> tuple[object, ...]:
    """A picture without the ids of comments: those of new ones are the tracker's choice."""
    labels, comments, links, status = picture
    return labels, list(comments.values()), links, status


def picture(office) -> dict[Ref, Picture]:
    return {
        item.ref: (
            sorted(item.labels),
            {comment.id: comment.text for comment in office.store(item.ref).comments(item.ref)},
            sorted([*map(str, item.linked), *addresses(office, item.ref)]) if item.is_ours else [],
            item.status,
        )
        for item, _ in office.everything().values()
    }


def addresses(office, ref: Ref) -> list[str]:
    return [address for holder, address in office.store(ref).addresses if holder == ref]


def planned(before: Picture, changes: tuple[ItemChange, ...]) -> Picture:
    labels, comments, links, status = before
    for change in changes:
        match change:
            case AddLabel(label=label):
                labels = sorted({*labels, label})
            case RemoveLabel(label=label):
                labels = sorted({*labels} - {label})
            case PutCard(card=card, comment_id=comment_id, before=text):
                assert comments.get(comment_id, "") == text
                comments = {**comments, comment_id or "new": f"{plain_text(card.document)}\n{card.footer}"}
            case RemoveCard():
                raise AssertionError("there is no second card in this story")
            case AddLink(target=target, target_url=url):
                links = sorted([*links, str(target) if target.tracker == "jira" else url])
            case CloseEscalation(status=closed):
                status = closed
    return labels, comments, links, status


def opened(escalation) -> Picture:
    return planned((sorted(escalation.labels), {}, [], "To Do"), escalation.follow_up)


@quick
@given(data=st.data(), fault=st.sampled_from(FAULTS), position=st.integers(0, 20))
def test_planning_writes_nothing_under_any_fault(data, fault, position, begin, go_on) -> None:
    office = begin(data)
    office.cycle()
    go_on(office, data)
    fail(office, fault, position)
    before, writes = office.everything(), office.writes
    state = (office.folder / office.state_name).read_bytes()
    office.plan()
    assert (office.everything(), office.writes) == (before, writes)
    assert (office.folder / office.state_name).read_bytes() == state


# At most once


@quick
@given(
    data=st.data(),
    position=st.integers(0, 12),
    result=st.sampled_from(RESULTS),
)
def test_two_cycles_after_a_failed_write_all_is_as_if_undisturbed(data, position, result, make_office, random) -> None:
    portfolio, edits = data.draw(random.portfolios), data.draw(random.edits)
    offices = [make_office(), make_office()]
    for office in offices:
        office.controls = Control(accept_smaller=True)
        random.create(office, *portfolio)
        if office is offices[0]:
            break_write(office, position, result)
        office.cycle()
        for edit in edits:
            random.edit(office, edit)
        office.cycle()
        mend(office)
        office.pass_days(1.5)  # a refused change is tried again on the next day
        office.cycle()
        office.cycle()
        assert nothing_is_double(office)
    disturbed, undisturbed = map(outcome, offices)
    assert disturbed == undisturbed
    assert all(office.plan().is_empty for office in offices)


def break_write(office, position: int, result: Result | str) -> None:
    store = office.stores[position % 2]
    if isinstance(result, Result):
        store.faults.change = (position // 2, result)
    else:
        store.faults.loses_next_answer = True


def mend(office) -> None:
    for store in office.stores:
        store.faults.change, store.faults.loses_next_answer = None, False


def outcome(office) -> tuple[dict[Ref, tuple[object, ...]], Counter[str]]:
    """Labels, findings on cards, open escalations: no history lines and days, no card that all is well again."""
    shown = {
        item.ref: (
            sorted(item.labels),
            [token for _, footer in find_cards(item) for token, _ in footer.findings],
        )
        for item, _ in office.everything().values()
        if not item.is_ours
    }
    return shown, open_escalations(office)

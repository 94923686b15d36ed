"""The whole job on the sample: a first cycle, an idle one, what people do meanwhile, what follows, the digest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sandbox.jira import Issue
from connectors.sandbox.jira.documents import text_of
from connectors.sandbox.server import SampleTrackers, start
from connectors.slack.chat import SlackChat
from connectors.teams.chat import TeamsChat
from lpm_sync.pipeline.cycle import CycleReport, ExitStatus, run_cycle
from lpm_sync.pipeline.digesting import post_digest
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.policy import ChatStanza
from lpm_sync.ports import Chat, SandboxRequest
from lpm_sync.settings import Secrets, Settings

FIRST_DAY = date(2026, 12, 16)  # the fortnight from here has weekends, Christmas and the last days of a year
BOT = "lpm-sync"
CHATS = {"slack": SlackChat, "teams": TeamsChat}
REPORTS = {f"jira:PORT-{number}" for number in range(1, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What we wrote on one item."""

    labels: frozenset[str]
    cards: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one story went: its cycles, what people did, and what we showed before and after they did it."""

    sandbox: SampleTrackers
    cycles: tuple[CycleReport, ...]
    sentences: tuple[str, ...]
    first: dict[str, Shown]
    before: dict[str, Shown]
    after: dict[str, Shown]

    @property
    def changed(self) -> set[str]:
        """The items on which the third cycle wrote."""
        return {key for key, shown in self.after.items() if shown != self.before[key]}

    def key(self, role: str) -> str:
        item = self.sandbox.roles[role]
        return f"jira:{item.key}" if isinstance(item, Issue) else f"ado:{item}"

    def epic_above(self, role: str) -> str:
        item = self.sandbox.roles[role]
        assert isinstance(item, Issue)
        return f"jira:{self.sandbox.jira.issue(item.parent_id or '').key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickWorkplace(Workplace):
    """The real one, but for chats that leave no second between two messages."""

    def open_chat(self, stanza: ChatStanza) -> Chat:
        return CHATS[stanza.chat](self.secrets.webhook_for(stanza.called), self.clock, wait=lambda seconds: None)


def workplace(sandbox: SampleTrackers, directory: Path) -> Workplace:
    sandbox.write_configuration(directory / "config")
    return QuickWorkplace(
        settings=Settings(config=directory / "config", state=directory / "state.sqlite3"),
        secrets=Secrets(directory=None, environment=sandbox.environment),
        clock=sandbox.clock,
    )


def shown(sandbox: SampleTrackers) -> dict[str, Shown]:
    """Our labels and comments on every item, and where the items stand."""
    items = {
        f"jira:{issue.key}": Shown(
            labels=frozenset(issue.labels),
            cards=tuple(
                text_of(comment.body) or "" for comment in issue.comments if comment.author is sandbox.jira.bot
            ),
            status=issue.status.name,
        )
        for issue in sandbox.jira.issues.values()
    }
    account = sandbox.azure_devops.account
    return items | {
        f"ado:{number}": Shown(
            labels=frozenset(item.tags),
            cards=tuple(c.text for c in sandbox.azure_devops.comments_of(number) if c.author == account),
            status=item.state,
        )
        for number, item in sandbox.azure_devops.items.items()
    }


def ours(labels: frozenset[str]) -> set[str]:
    return {label for label in labels if label.startswith("lpm:") and label != "lpm:approved"}


def keys_in(sentence: str) -> list[str]:
    return re.findall(r"(?:jira:[A-Z]+-\d+|ado:\d+)", sentence)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    sandbox = start(SandboxRequest(start=datetime(2026, 11, 23, 8, tzinfo=UTC), seed=7))
    assert isinstance(sandbox, SampleTrackers)
    with closing(sandbox):
        place = workplace(sandbox, tmp_path_factory.mktemp("story"))
        cycles = [run_cycle(place), run_cycle(place)]
        first = shown(sandbox)
        sentences = tuple(sandbox.go_on())
        before = shown(sandbox)
        cycles += [run_cycle(place), run_cycle(place)]
        yield Told(
            sandbox=sandbox,
            cycles=tuple(cycles),
            sentences=sentences,
            first=first,
            before=before,
            after=shown(sandbox),
        )


@pytest.mark.parametrize("day", [FIRST_DAY + timedelta(days=number) for number in range(14)], ids=str)
def test_the_demo_runs_on_fourteen_days_in_a_row(day: date, tmp_path: Path) -> None:
    sandbox = start(SandboxRequest(start=datetime(day.year, day.month, day.day, 9, tzinfo=UTC)))
    assert isinstance(sandbox, SampleTrackers)
    with closing(sandbox):
        place = workplace(sandbox, tmp_path)
        cycles = [run_cycle(place), run_cycle(place)]
        sentences = sandbox.go_on()
        cycles += [run_cycle(place), run_cycle(place)]
        postings = post_digest(place, is_scheduled=True)
        assert [cycle.exit_status for cycle in cycles] == [ExitStatus.DONE] * 4, [cycle.troubles for cycle in cycles]
        assert [cycle.planned == 0 for cycle in cycles] == [False, True, False, True]
        assert all(cycle.written == cycle.planned for cycle in cycles)
        assert cycles[2].written < cycles[0].written / 4
        assert cycles[3].escalations > 0
        assert len(sentences) == 7
        assert {posting.chat: posting.messages for posting in postings} == sandbox.accepted_messages()
        assert min(sandbox.accepted_messages().values()) >= 1


def test_the_first_cycle_finds_something_on_one_item_in_six_or_so(told: Told) -> None:
    carded = sum(bool(item.cards) for item in told.first.values())
    assert 0.15 <= carded / told.cycles[0].pulled <= 0.30


def test_the_first_cycle_writes_every_kind_of_label(told: Told) -> None:
    labels = {label for item in told.first.values() for label in ours(item.labels)}
    kinds = {label for label in labels if not label.startswith("lpm:blocker-")}
    assert kinds == {
        *("lpm:blocked", "lpm:dependency-cycle", "lpm:doubly-claimed", "lpm:escalation", "lpm:late"),
        *("lpm:needs-lpm-approval", "lpm:not-ready", "lpm:unmapped"),
    }


def test_no_item_has_two_cards(told: Told) -> None:
    assert max(len(item.cards) for item in told.after.values()) == 1


def test_findings_about_streams_and_the_portfolio_stand_on_the_items_that_they_name(told: Told) -> None:
    assert all(told.first[key].cards for key in REPORTS)


def test_the_blocker_of_an_item_without_an_epic_has_one_escalation_epic(told: Told) -> None:
    epics = {key: item for key, item in told.first.items() if "lpm:escalation" in item.labels}
    (key, epic), *others = epics.items()
    assert not others
    assert told.key("stuck") in epic.cards[0]
    assert epic.status != "Done"
    assert told.after[key].status == "Done"


def test_it_ends_with_open_escalations(told: Told) -> None:
    assert told.cycles[3].escalations > 0


def test_every_step_of_the_story_is_told_with_its_item(told: Told) -> None:
    assert [len(keys_in(sentence)) for sentence in told.sentences] == [1, 1, 1, 1, 1, 2, 0]


def test_the_third_cycle_writes_just_what_follows(told: Told) -> None:
    approved, ready, unlabelled, *_ = (keys_in(sentence)[0] for sentence in told.sentences[:3])
    escalation = next(key for key, item in told.first.items() if "lpm:escalation" in item.labels)
    resolved = {
        blocked
        for link in told.sandbox.jira.links.values()
        if link.inward_id == getattr(told.sandbox.roles["stuck"], "id", "")
        for blocked in [f"jira:{told.sandbox.jira.issue(link.outward_id).key}"]
    }
    above = {
        f"jira:{told.sandbox.jira.issue(issue.parent_id).key}"
        for key in resolved
        if (issue := told.sandbox.jira.issue(key.removeprefix("jira:"))).parent_id
    }
    expected = {approved, ready, unlabelled, escalation, told.key("waiting"), told.epic_above("waiting")}
    assert len(resolved) == 2
    assert told.changed - REPORTS == expected | resolved | above


def test_an_approval_clears_what_asked_for_it(told: Told) -> None:
    approved = keys_in(told.sentences[0])[0]
    assert "lpm:needs-lpm-approval" in told.before[approved].labels
    assert "lpm:needs-lpm-approval" not in told.after[approved].labels
    assert "lpm:approved" in told.after[approved].labels


def test_a_feature_that_was_made_ready_is_no_longer_marked(told: Told) -> None:
    ready = keys_in(told.sentences[1])[0]
    assert ours(told.before[ready].labels) == {"lpm:not-ready"}
    assert not ours(told.after[ready].labels)


def test_a_label_that_a_person_removed_stays_away_while_the_card_says_so(told: Told) -> None:
    unlabelled = keys_in(told.sentences[2])[0]
    assert "lpm:not-ready" in told.first[unlabelled].labels
    assert "lpm:not-ready" not in told.after[unlabelled].labels
    assert told.after[unlabelled].cards != told.before[unlabelled].cards


def test_time_alone_escalates_what_nobody_moved(told: Told) -> None:
    waiting, epic = told.key("waiting"), told.epic_above("waiting")
    assert "lpm:blocked" not in told.first[waiting].labels
    assert "lpm:blocked" in told.after[waiting].labels
    assert any(told.key("slow") in card for card in told.after[epic].cards)
    assert not any(told.key("slow") in card for card in told.first[epic].cards)


def test_what_people_wrote_is_as_they_left_it(told: Told) -> None:
    for key, item in told.after.items():
        assert item.labels - ours(item.labels) == told.before[key].labels - ours(told.before[key].labels)
    human = [comment for issue in told.sandbox.jira.issues.values() for comment in issue.comments]
    assert any("Seen." in (text_of(comment.body) or "") for comment in human)


def test_the_story_can_go_on_for_another_week(tmp_path: Path) -> None:
    with closing(start(SandboxRequest(start=datetime(2026, 11, 23, 8, tzinfo=UTC), seed=3))) as sandbox:
        assert isinstance(sandbox, SampleTrackers)
        place = workplace(sandbox, tmp_path)
        run_cycle(place)
        earlier = sandbox.clock.now()
        for _ in range(2):
            sandbox.go_on()
            assert run_cycle(place).exit_status is ExitStatus.DONE
            assert run_cycle(place).planned == 0
        assert sandbox.clock.now() - earlier >= timedelta(days=14)

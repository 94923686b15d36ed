"""The bench compares fairly: in turn, over medians, against everything that there is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.control import Server, started
from benchmarks.goals import Faster, NotSlower, Within
from benchmarks.measuring import Measurement, Surroundings, medians, run_apart
from benchmarks.report import markdown, svg
from benchmarks.rows import Row, rows
from benchmarks.running import in_turn, judged
from benchmarks.servers import issues
from benchmarks.servers.answering import Behaviour, Connection, Request
from benchmarks.servers.azure_devops import AzureDevOps
from benchmarks.servers.jira import Jira

SURROUNDINGS = Surroundings(servers={}, folder="", prepared="", items=3)
ROW = Row(
    name="example",
    title="three items",
    items=3,
    contestants={"ours": "ours:read", "theirs": "theirs:read"},
    goals=(Faster(one="ours", than="theirs", factor=2), Within(one="ours", figure="memory", limit=100)),
)


def measured(wall: float, *, cpu: float = 1.0, memory: float = 50.0, items: float = 3) -> Measurement:
    return Measurement(wall=wall, cpu=cpu, memory=memory, figures={"items": items})


def test_contestants_take_turns_and_each_begins_once() -> None:
    order: list[str] = []

    def run(case: str, surroundings: Surroundings) -> Measurement:
        order.append(case)
        return measured(1.0)

    in_turn(ROW, SURROUNDINGS, 2, run)

    assert order == ["ours:read", "theirs:read", "theirs:read", "ours:read"]


def test_a_contestant_that_deals_with_fewer_items_is_no_contestant() -> None:
    with pytest.raises(RuntimeError, match="2 of 3 items"):
        in_turn(ROW, SURROUNDINGS, 1, lambda case, surroundings: measured(1.0, items=2))


def test_one_disturbed_run_does_not_move_the_result() -> None:
    assert medians([measured(1.0), measured(50.0), measured(1.2)]).wall == 1.2


def test_a_row_is_reached_where_all_that_decides_is_met() -> None:
    fast = judged(ROW, {"ours": [measured(1.0)], "theirs": [measured(2.0)]})
    slow = judged(ROW, {"ours": [measured(1.0)], "theirs": [measured(1.9)]})
    large = judged(ROW, {"ours": [measured(1.0, memory=101)], "theirs": [measured(9.0)]})

    assert (fast.is_reached, slow.is_reached, large.is_reached) == (True, False, False)


def test_a_goal_for_orientation_does_not_decide() -> None:
    judgement = Within(one="ours", figure="cpu", limit=2, decides=False).judge({"ours": measured(1.0, cpu=3.0)})

    assert not judgement.is_met
    assert not judgement.decides


def test_a_command_may_take_so_many_times_as_long() -> None:
    goal = NotSlower(one="ours", than="theirs", factor=6)

    assert goal.judge({"ours": measured(6.0), "theirs": measured(1.0)}).is_met
    assert not goal.judge({"ours": measured(6.1), "theirs": measured(1.0)}).is_met


def test_table_and_plot_tell_what_was_missed() -> None:
    result = judged(ROW, {"ours": [measured(1.0)], "theirs <fast>": [measured(1.5)], "theirs": [measured(1.5)]})

    table = markdown([result], runs=1, at=datetime(2026, 11, 9, tzinfo=UTC))

    assert "**missed**: ours: at least 2 times theirs: 1.50 times" in table
    assert "theirs &lt;fast&gt;" in svg([result])


SERVED = 2 * issues.EPIC_EACH  # items of each server: two epics among them
CASES = {case: row for row in rows(is_quick=True) for case in row.contestants.values()}


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Server]]:
    with all_started() as servers:
        yield servers


@contextmanager
def all_started() -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(started(name, SERVED, is_rich=True)) for name in ("jira", "ado", "chat")]


@pytest.mark.parametrize("case", CASES)
def test_every_contestant_of_every_row_does_its_work(case: str, servers: list[Server], tmp_path: Path) -> None:
    row = CASES[case]
    items = {"writing": 2, "changed": 2 * SERVED, "unchanged": 2 * SERVED}.get(row.name, min(row.items, SERVED))
    addresses = {server.name: server.address for server in servers if server.name in row.servers}
    surroundings = Surroundings(servers=addresses, folder="", prepared=str(tmp_path), items=items)
    if row.prepare:
        run_apart(row.prepare, surroundings)

    assert run_apart(case, surroundings).figures["items"] == items


def test_a_cycle_without_a_change_asks_seven_things_and_posts_nothing(tmp_path: Path) -> None:
    with all_started() as servers:
        addresses = {server.name: server.address for server in servers}
        surroundings = Surroundings(servers=addresses, folder="", prepared=str(tmp_path), items=2 * SERVED)
        chat = servers[-1]
        chat.reset()
        run_apart("cycle:prepare", surroundings)
        posted = chat.tally()["writes"]
        figures = run_apart("cycle:once_more", surroundings).figures

    assert posted > 0
    assert (figures["jira requests"], figures["ado requests"], figures["chat requests"]) == (3, 4, 0)


def test_quick_rows_are_the_same_rows() -> None:
    assert [row.name for row in rows(is_quick=True)] == [row.name for row in rows()]


def ask(tracker: Jira | AzureDevOps, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    answer = tracker.answer(Request(method=method, path=path, query={}, body=content))
    return json.loads(answer.body or b"null")


def test_the_jira_of_the_bench_hands_out_every_issue_once() -> None:
    tracker = Jira(250, is_rich=False)
    jql = 'project in ("PORT", "PAY", "MOB", "LEND")'
    found: list[str] = []
    token = None
    while True:
        asked = {"jql": jql, "fields": ["summary"], "maxResults": 100, "nextPageToken": token}
        page = ask(tracker, "POST", "/rest/api/3/search/jql", asked)
        found += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        if token is None:
            break

    assert len(found) == len(set(found)) == 250


def test_what_was_changed_is_what_a_search_since_then_finds() -> None:
    tracker = Jira(200, is_rich=False)
    changed = tracker.change(0.05)

    def found_since(time: str) -> int:
        asked = {"jql": f'project in ("PORT", "PAY", "MOB", "LEND") AND updated >= "{time}"', "fields": ["id"]}
        return len(ask(tracker, "POST", "/rest/api/3/search/jql", asked)["issues"])

    assert found_since("2026-01-01 00:00") == changed == 10
    assert found_since("2999-01-01 00:00") == 0


def test_the_azure_devops_of_the_bench_tells_changes_after_a_token() -> None:
    tracker = AzureDevOps(200, is_rich=False)
    place = "/northwind/_apis/wit/reporting/workItemRevisions"
    before = ask(tracker, "GET", place)
    changed = tracker.change(0.05)
    query = {"continuationToken": before["continuationToken"]}
    answer = tracker.answer(Request(method="GET", path=place, query=query, body=b""))

    assert before["values"] == []
    assert len(json.loads(answer.body)["values"]) == changed == 10


class Wire(asyncio.Transport):
    """Keeps what a server sends."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def is_closing(self) -> bool:
        return False


def test_a_request_inside_the_pause_that_was_asked_for_is_counted() -> None:
    behaviour = Behaviour(refuse_each=1)
    wire = Wire()

    async def talk() -> None:
        connection = Connection(Jira(2, is_rich=False), behaviour)
        connection.connection_made(wire)
        write = b"POST /rest/api/3/issueLink HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
        connection.data_received(write[:30])
        connection.data_received(write[30:])
        now = asyncio.get_running_loop().time()
        behaviour.paused["POST /rest/api/3/issueLink"] = (now - 1, now + 60)
        connection.data_received(write)

    asyncio.run(talk())

    assert wire.sent.startswith(b"HTTP/1.1 429")
    assert b"Retry-After: 1\r\n" in wire.sent
    assert (behaviour.tally.writes, behaviour.tally.refused, behaviour.tally.hasty) == (2, 2, 1)

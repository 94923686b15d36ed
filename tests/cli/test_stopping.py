"""`run` and `apply` as real processes that are told to end: between two writes, at once the second time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest

from connectors.sandbox.faults import Message, Receive, Scope, Send
from lpm_sync.cli.stopping import GRACE
from lpm_sync.pipeline.cycle import plan_cycle, run_cycle
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.state.store import State
from tests.pipeline.jira_office import SECRET, Site, open_workplace

PATIENCE = 60.0  # seconds until a test gives up
PROGRAM = """
import sys
from lpm_sync.cli import main, stopping

stopping.GRACE = float(sys.argv.pop(1))
main.main()
"""
Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def workplace(site: Site, tmp_path: Path) -> Workplace:
    return open_workplace(tmp_path, jira=site.server.url)


@pytest.fixture
def start(workplace: Workplace) -> Iterator[Command]:
    """Starts a command in a process of its own, which does not outlive the test."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "LPM_CONFIG": str(workplace.settings.config),
        "LPM_STATE": str(workplace.settings.state),
        "LPM_JIRA_TOKEN": SECRET,
        "LPM_JIRA_EMAIL": "bot@example.com",
    }

    def start(*words: str, grace: float = GRACE) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(grace), *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, env=environment, text=True, **pipes))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@contextmanager
def writes_held(site: Site) -> Iterator[tuple[Event, Event]]:
    """Keeps every write from being answered; the first event tells that there is one, the second lets them go."""
    reached, released = Event(), Event()

    def hold() -> None:
        reached.set()
        released.wait(PATIENCE)

    site.before_write = hold
    try:
        yield reached, released
    finally:
        released.set()
        site.before_write = lambda: None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_write_in_flight_is_settled_and_the_rest_is_not_begun(
    site: Site, workplace: Workplace, start: Command, number: signal.Signals
) -> None:
    with writes_held(site) as (reached, released):
        process = start("run", "--json")
        assert reached.wait(PATIENCE)
        process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)  # it does not leave the write behind
        released.set()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4, err
    figures = json.loads(out)
    assert 0 < figures["written"] < figures["planned"]
    assert (figures["failed"], figures["written"] + figures["not_begun"]) == (0, figures["planned"])
    assert any("not begun: the cycle was asked to stop" in trouble for trouble in figures["troubles"])
    with State.open_for_reading(workplace.settings.state, at=workplace.clock.now()) as state:
        assert state.intents.unfinished() == ()
    assert run_cycle(workplace).troubles == ()
    assert plan_cycle(workplace)[1].plan.is_empty


def test_apply_stops_between_two_writes_too(site: Site, workplace: Workplace, start: Command, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert start("plan", "--out", str(plan)).wait(PATIENCE) == 0
    with writes_held(site) as (reached, released):
        process = start("apply", str(plan))
        assert reached.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        released.set()
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert "not begun: the cycle was asked to stop" in err


def test_a_second_signal_ends_it_at_once(site: Site, start: Command) -> None:
    with writes_held(site) as (reached, _):
        process = start("run")
        assert reached.wait(PATIENCE)
        for _ in range(50):  # two that come at once are one
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
    assert process.returncode == -signal.SIGTERM


def test_while_it_reads_it_stops_without_reading_on(site: Site, start: Command) -> None:
    reached, released = Event(), Event()
    usual = site._application

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        if "search" in scope["path"]:
            reached.set()
            await asyncio.to_thread(released.wait, PATIENCE)
        await usual(scope, receive, send)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            with suppress(RuntimeError):  # it may have hung up
                await send(message)

        await held(scope, receive, tell)

    site._application = answer
    process = start("run", "--json")
    try:
        assert reached.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        said = next(line for line in iter(process.stderr.readline, "") if line.startswith("lpm-sync: "))
        asked = len(site.server.wire.requests)
    finally:
        released.set()
    out, _ = process.communicate(timeout=PATIENCE)
    assert said == "lpm-sync: stopped while the trackers were read: nothing was written\n"
    assert process.returncode == 4
    assert json.loads(out)["exit_code"] == 4
    assert len(site.server.wire.requests) <= asked + 1
    assert site.writes == 0


def test_a_tracker_that_does_not_answer_does_not_hold_it_up(site: Site, start: Command) -> None:
    with writes_held(site) as (reached, _):
        process = start("run", grace=0.3)
        assert reached.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert GRACE < 10.0  # faults.md: out within 10 seconds
    assert "the next cycle finds out what became of the last write" in err

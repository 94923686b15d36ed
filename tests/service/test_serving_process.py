"""`serve` as a real process: it survives failing cycles and ends between two writes when it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PATIENCE = 20.0  # seconds until a test gives up

# Serves on a free port. The first argument names the cycle: `writes` makes writes, each of which waits for the test to
# answer over standard input; `half` always has a mistake of one tracker to tell; `hangs` never comes back; `tells` has
# something to say; `fails` raises twice and is good from then on; `posts` has a digest due, which the chat refuses or
# takes as the test answers.
PROGRAM = """
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from lpm_sync.errors import UnavailableError
from lpm_sync.log import Redactor, configure_logging
from lpm_sync.pipeline.digesting import Posting
from lpm_sync.service.process import Listen
from lpm_sync.service.scheduler import Schedule
from lpm_sync.service.serve import Work, serve
from lpm_sync.state.digests import DigestStatus

configure_logging(Redactor())  # to standard error: an event must not tear a line that the test reads
kind, interval, grace = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
cycles = 0

class Clock:
    def now(self):
        return datetime.now(UTC)

@dataclass(frozen=True)
class Report:
    exit_status: int
    troubles: tuple = ()
    warnings: tuple = ()
    is_blind: bool = False

def say(line):
    print(line, flush=True)

def writes(should_stop):
    for number in range(1_000_000):
        if should_stop():
            say(f"stopped after {number}")
            return Report(4)
        say(f"write {number}")
        sys.stdin.readline()
        say(f"written {number}")

def hangs(should_stop):
    say("hangs")
    threading.Event().wait()

def fails(should_stop):
    global cycles
    cycles += 1
    if cycles == 1:
        raise UnavailableError("no tracker answers")
    if cycles == 2:
        raise ZeroDivisionError("a bug")
    say(f"cycle {cycles} is good")
    return Report(0)

def half(should_stop):
    global cycles
    cycles += 1
    say(f"cycle {cycles} did something")
    return Report(2)

def tells(should_stop):
    say("told")
    return Report(4, ("jira: project PAY is hidden",), ("jira: a field is renamed",))

def posts(should_stop):
    return Report(0)

def run_digest():
    say("digest is due")
    if sys.stdin.readline() == "refuse\\n":
        return (Posting(chat="slack", status=DigestStatus.REFUSED, detail="410: make a new webhook and configure it"),)
    return (Posting(chat="slack", status=DigestStatus.POSTED, messages=1),)

day = datetime.now(UTC) + (timedelta(hours=-3) if kind == "posts" else timedelta(days=3))
serve(
    Work(run_cycle=globals()[kind], run_digest=run_digest),
    schedule=Schedule(
        interval=timedelta(seconds=interval), digest_weekday=day.weekday(), digest_time=time(day.hour), timezone="UTC"
    ),
    listen=Listen(port=0),
    clock=Clock(),
    on_ready=say,
    grace=timedelta(seconds=grace),
)
say("ended")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_finishes_the_write_in_flight_and_begins_no_other(number: signal.Signals) -> None:
    with _serving("writes", interval=3600.0, grace=8.0) as (process, read):
        lines = _read_until(read, "write 0")
        url = next(line for line in lines if line.startswith("http"))
        assert _healthz(url)[1]["status"] == "starting"
        process.send_signal(number)
        began = time.monotonic()
        written = _answer_writes(process, read)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 10
    assert written[-1] == "ended"
    assert f"stopped after {sum(line.startswith('written') for line in written)}" in written


def test_a_cycle_that_does_not_end_is_left_behind_in_time() -> None:
    with _serving("hangs", interval=3600.0, grace=0.3) as (process, read):
        _read_until(read, "hangs")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 10


def test_it_survives_failing_cycles_and_says_so_until_one_is_good() -> None:
    with _serving("fails", interval=0.4, grace=8.0) as (process, read):
        url = next(line for line in _read_until(read, "http") if line.startswith("http"))
        _read_until(read, "cycle 4 is good")
        status, answer = _healthz(url)
        assert status == 200
        assert answer["status"] == "ok"
        assert answer["last_cycle"]["exit_status"] == 0
        assert answer["failures_in_a_row"] == 0
        assert answer["next_cycle"] is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_mistake_of_one_tracker_does_not_make_it_unhealthy() -> None:
    with _serving("half", interval=0.1, grace=8.0) as (process, read):
        url = next(line for line in _read_until(read, "http") if line.startswith("http"))
        _read_until(read, "cycle 6 did something")
        status, answer = _healthz(url)
        assert (status, answer["status"]) == (200, "degraded")
        assert (answer["last_cycle"]["exit_status"], answer["failures_in_a_row"]) == (2, 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_what_a_cycle_would_tell_on_a_terminal_goes_to_the_log() -> None:
    with _serving("tells", interval=3600.0, grace=8.0) as (process, read):
        _read_until(read, "told")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        told = process.stderr.read()
        assert "project PAY is hidden" in told
        assert "a field is renamed" in told


def test_a_refused_digest_is_degraded_and_told_until_the_chat_takes_it() -> None:
    with _serving("posts", interval=0.1, grace=8.0) as (process, read):
        url = next(line for line in _read_until(read, "http") if line.startswith("http"))
        _read_until(read, "digest is due")
        _answer(process, "refuse")
        _read_until(read, "digest is due")
        assert (_healthz(url)[1]["status"], _healthz(url)[1]["digest_owed"]) == ("degraded", True)
        _answer(process, "take")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        [told] = [line for line in process.stderr if "digest_not_posted" in line]
        assert '"warning"' in told
        assert "410: make a new webhook and configure it" in told
        assert "lpm-sync digest --post" in told


def test_only_health_is_answered() -> None:
    with _serving("hangs", interval=3600.0, grace=0.1) as (process, read):
        url = next(line for line in _read_until(read, "http") if line.startswith("http"))
        assert url.startswith("http://127.0.0.1:")
        assert _healthz(url)[0] == 200
        for path in ("/docs", "/openapi.json", "/"):
            assert _get(url + path)[0] == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@contextmanager
def _serving(kind: str, *, interval: float, grace: float) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    command = [sys.executable, "-c", PROGRAM, kind, str(interval), str(grace)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline
    finally:
        process.kill()
        process.communicate()


def _read_until(read: Callable[[], str], start: str) -> list[str]:
    """Lines up to the first that starts with that text; fails when the process ends before."""
    lines: list[str] = []
    while not any(line.startswith(start) for line in lines):
        line = read()
        assert line, f"ended before {start!r}: {lines}"
        lines.append(line.strip())
    return lines


def _answer(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def _answer_writes(process: subprocess.Popen[str], read: Callable[[], str]) -> list[str]:
    """Answers each write, until the process has nothing more to say."""
    assert process.stdin is not None
    lines: list[str] = []
    process.stdin.write("\n")
    process.stdin.flush()
    while line := read():
        lines.append(line.strip())
        if line.startswith("write "):
            process.stdin.write("\n")
            process.stdin.flush()
    return lines


def _healthz(url: str) -> tuple[int, dict[str, Any]]:
    status, body = _get(f"{url}/healthz")
    return status, json.loads(body)


def _get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()

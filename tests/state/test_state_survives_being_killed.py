"""SIGKILL at any moment leaves the state sound: each transaction is there wholly, or not at all."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

# Opens a state in forked children, each of which kills itself after so many steps of SQLite (arguments: the
# folder, a seed, how many); the parent then opens what is left and prints how much of each transaction it finds.
MOMENTS = """
import os, random, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from lpm_sync.core.change import AddLabel
from lpm_sync.core.work_item import Ref
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = InMemoryStore()
for n in range(30):
    store.create_item(project="PAY", type="Feature", title=f"Feature {n}", description="words " * 200)
pull = InMemoryTracker(store).pull()
changes = [AddLabel(label=f"lpm:label-{n}", because=("DOR001",)) for n in range(10)]
connect = sqlite3.connect
steps = 0

def work(path, last_step):
    def step():
        global steps
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)
    def connecting(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_progress_handler(step, 1)
        return connection
    sqlite3.connect = connecting
    with State.open(path, at=NOW) as state:
        state.snapshots.save(pull, NOW)
        state.intents.record(Ref("jira", "1"), changes, Authority(account="b", plan_digest="p", policy_digest="q"), NOW)
        state.cycles.record_start(NOW, "policy")
    sqlite3.connect = connect

work(folder / "whole", -1)
total, steps = steps, 0
for moment in sorted(random.Random(seed).sample(range(1, total), count)):
    path = folder / f"state-{moment}"
    child = os.fork()
    if child == 0:
        work(path, moment)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), moment
    with State.open(path, at=NOW) as state:
        snapshot = state.snapshots.last("memory")
        found = (len(snapshot.items) if snapshot else 0, len(state.intents.unfinished()), len(state.cycles.last()))
        assert state.created == NOW
        state.snapshots.save(pull, NOW)
    print(*found, flush=True)
"""

# Commits for ever, telling the number of each transaction before it begins.
COMMITS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from lpm_sync.core.change import AddLabel
from lpm_sync.core.work_item import Ref
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
with State.open(Path(sys.argv[1]), at=NOW) as state:
    for number in range(1_000_000):
        print(number, flush=True)
        changes = [AddLabel(label=f"lpm:label-{number}", because=("DOR001",)) for _ in range(5)]
        state.intents.record(
            Ref("jira", str(number)), changes, Authority(account="b", plan_digest="p", policy_digest="q"), NOW
        )
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_seeded_steps_of_creation_and_of_commits_it_is_whole_up_to_a_transaction(
    tmp_path: Path, seed: int
) -> None:
    command = [sys.executable, "-c", MOMENTS, str(tmp_path), str(seed), "30"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(found) == 30
    assert set(found) <= {(0, 0, 0), (30, 0, 0), (30, 10, 0), (30, 10, 1)}
    assert found == sorted(found)


@pytest.mark.parametrize("seed", range(4))
def test_killed_from_outside_it_keeps_every_transaction_that_was_reported(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "state.sqlite"
    reported = random.Random(seed).randrange(3, 60)
    with subprocess.Popen([sys.executable, "-c", COMMITS, path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == reported:
                child.kill()
                break
        assert child.wait() == -signal.SIGKILL
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    counts = dict(connection.execute("SELECT ref, count(*) FROM intents GROUP BY ref"))
    connection.close()
    assert set(counts.values()) == {5}
    assert {f"jira:{number}" for number in range(reported)} <= set(counts)

"""The file: private, one at a time, and refused with a remedy where it is not sound."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlite_utils

from lpm_sync.core.change import AddLabel
from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.errors import StateError
from lpm_sync.state import migrations
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State
from lpm_sync.testing.in_memory import InMemoryTracker
from lpm_sync.testing.in_memory_store import InMemoryStore

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_a_state_is_created_with_its_folder_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lib" / "state.sqlite"
    with State.open(path, at=NOW) as state:
        state.cycles.record_start(NOW, "policy")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"state.sqlite", "state.sqlite-wal", "state.sqlite.lock"} <= set(modes)


def test_a_state_that_others_could_read_is_closed_to_them(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    state_path.chmod(0o644)
    State.open(state_path, at=NOW).close()
    assert state_path.stat().st_mode & 0o777 == 0o600


def test_it_remembers_when_it_was_created_and_a_new_one_is_younger(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    with State.open(state_path, at=NOW + timedelta(days=9)) as state:
        assert state.created == NOW
    state_path.unlink()
    with State.open(state_path, at=NOW + timedelta(days=9)) as state:
        assert state.created == NOW + timedelta(days=9)


def test_a_commit_survives_a_power_cut_by_its_settings(state: State) -> None:
    assert state.cycles._database.rows("PRAGMA journal_mode") == [("wal",)]
    assert state.cycles._database.rows("PRAGMA synchronous") == [(2,)]  # FULL


def test_a_second_instance_is_told_who_has_the_state(state: State, state_path: Path) -> None:
    with pytest.raises(StateError, match=r"state\.sqlite: in use by process \d+ on .* since 2026-11-02T09:30"):
        State.open(state_path, at=NOW)
    state.close()
    State.open(state_path, at=NOW).close()


def test_another_process_is_told_too_and_a_dead_one_holds_nothing(state_path: Path) -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path;"
        "from lpm_sync.state.store import State;"
        "state = State.open(Path(sys.argv[1]), at=datetime.now(UTC)); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, state_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StateError, match=f"in use by process {other.pid} "):
            State.open(state_path, at=NOW)
        other.kill()
        other.wait()
    State.open(state_path, at=NOW).close()


def test_a_state_can_be_looked_at_while_a_run_holds_it_and_not_changed(state: State, state_path: Path) -> None:
    state.cycles.record_start(NOW, "policy")
    with State.open_for_reading(state_path, at=NOW) as looked_at:
        assert len(looked_at.cycles.last()) == 1
        with pytest.raises(StateError, match="read-only"):
            looked_at.cycles.record_start(NOW, "policy")


def test_where_there_is_none_it_reads_as_empty_and_creates_nothing(state_path: Path) -> None:
    with State.open_for_reading(state_path, at=NOW) as looked_at:
        assert looked_at.created == NOW
        assert looked_at.findings.since() == {}
        assert looked_at.snapshots.last("jira") is None
        with pytest.raises(StateError, match="read-only"):
            looked_at.cycles.record_start(NOW, "policy")
    assert list(state_path.parent.iterdir()) == []


def test_a_state_belongs_to_the_thread_that_opened_it(state: State) -> None:
    raised: list[BaseException] = []

    def use() -> None:
        try:
            state.cycles.last()
        except sqlite3.ProgrammingError as error:
            raised.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(raised) == 1


def test_a_read_only_state_is_refused(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    state_path.chmod(0o400)
    with pytest.raises(StateError, match=r"state\.sqlite: .*write it"):
        State.open(state_path, at=NOW)
    state_path.chmod(0o600)
    State.open(state_path, at=NOW).close()


def test_a_newer_schema_is_refused(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    _change(state_path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('lpm-sync', 'x', '')")
    for opening in (State.open, State.open_for_reading):
        with pytest.raises(StateError, match="newer version of lpm-sync: run that version"):
            opening(state_path, at=NOW)


def test_an_older_schema_is_brought_up_by_a_run_and_not_by_looking_at_it(
    state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("lpm_sync.state.migrations.STEPS", migrations.STEPS[:-1])
        with closing(sqlite_utils.Database(state_path, execute_plugins=False)) as database:
            migrations.migrations().apply(database)
            database.execute("INSERT INTO state VALUES (1, '2026-10-01T00:00:00.000000+00:00', zeroblob(16))")
    with pytest.raises(StateError, match="older version of lpm-sync: run one cycle"):
        State.open_for_reading(state_path, at=NOW)
    with State.open(state_path, at=NOW) as state:
        assert state.created == datetime(2026, 10, 1, tzinfo=UTC)
        assert state.cycles.last() == ()


def test_what_is_no_state_is_refused_and_left_as_it_is(state_path: Path) -> None:
    state_path.write_bytes(b"# a configuration, given by mistake\n" * 30)
    content = state_path.read_bytes()
    with pytest.raises(StateError, match="never a state of lpm-sync"):
        State.open(state_path, at=NOW)
    assert state_path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_as_it_is(state_path: Path) -> None:
    _change(state_path, "CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    with pytest.raises(StateError, match="another program"):
        State.open(state_path, at=NOW)
    with pytest.raises(StateError, match="another program"):
        State.open_for_reading(state_path, at=NOW)


def test_a_folder_in_the_place_of_the_state_is_refused(state_path: Path) -> None:
    state_path.mkdir()
    with pytest.raises(StateError, match=r"state\.sqlite"):
        State.open(state_path, at=NOW)


def test_a_file_in_the_place_of_its_folder_is_refused(state_path: Path) -> None:
    state_path.write_text("not a folder")
    with pytest.raises(StateError, match=r"state\.sqlite"):
        State.open(state_path / "state", at=NOW)


def test_a_missing_table_is_damage(state_path: Path) -> None:
    State.open(state_path, at=NOW).close()
    _change(state_path, "DROP TABLE findings")
    with pytest.raises(StateError, match="damaged"):
        State.open(state_path, at=NOW)


def test_a_truncated_state_is_refused_wherever_it_was_cut(state_path: Path) -> None:
    content = _furnished(state_path)
    lengths = random.Random(1).sample(range(1, len(content)), 40)
    for length in (1, 100, 4096, len(content) - 1, *lengths):
        state_path.write_bytes(content[:length])
        with pytest.raises(StateError, match=r"state\.sqlite: (damaged|a database)"):
            State.open(state_path, at=NOW)
        assert state_path.read_bytes() == content[:length]


def test_a_flipped_bit_is_refused_or_changes_nothing(state_path: Path) -> None:
    content = _furnished(state_path)
    written = _all_that_it_holds(state_path)
    assert written is not None
    chance = random.Random(2)
    found = []
    for _ in range(150):
        flipped = bytearray(content)
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        state_path.write_bytes(flipped)
        found.append(_all_that_it_holds(state_path))
    assert all(one in (None, written) for one in found)
    assert None in found


def test_a_flipped_bit_in_a_text_of_the_audit_is_refused(state_path: Path) -> None:
    content = _furnished(state_path)
    assert b"lpm:label-7" in content
    state_path.write_bytes(content.replace(b"lpm:label-7", b"lpm:label-5"))
    for opening in (State.open, State.open_for_reading):
        with pytest.raises(StateError, match="damaged"):
            opening(state_path, at=NOW)


def test_a_run_that_was_cut_off_leaves_a_state_without_a_seal_that_is_taken_as_it_is(state_path: Path) -> None:
    _furnished(state_path)
    _change(state_path, "UPDATE state SET seal = NULL")
    _change(state_path, "UPDATE cycles SET policy_digest = 'another'")
    with State.open(state_path, at=NOW) as state:
        assert state.cycles.last()[0].policy_digest == "another"


def test_what_was_damaged_can_be_moved_away_and_a_new_one_begins(state_path: Path) -> None:
    content = _furnished(state_path)
    state_path.write_bytes(content[: len(content) // 2])
    with pytest.raises(StateError, match="move it away"):
        State.open(state_path, at=NOW)
    state_path.rename(state_path.with_suffix(".damaged"))
    with State.open(state_path, at=NOW) as state:
        assert state.cycles.last() == ()


def _furnished(path: Path) -> bytes:
    """The bytes of a state that has one of everything."""
    store = InMemoryStore()
    for n in range(20):
        store.create_item(project="PAY", type="Feature", title=f"Feature {n}", description="words " * 50)
    with State.open(path, at=NOW) as state:
        state.snapshots.save(InMemoryTracker(store).pull(), NOW)
        ref = Ref("memory", "101")
        authority = Authority(account="bot", plan_digest="p", policy_digest="q")
        labels = [AddLabel(label=f"lpm:label-{n}", because=("DOR001",)) for n in range(40)]
        state.intents.record(ref, labels, authority, NOW)
        state.edges.record({Edge(ref, Ref("memory", "102"))}, is_judged=lambda _: True, at=NOW)
        state.escalations.record_opened("lpm:m", ref, NOW)
        state.digests.claim("2026-11-02", "slack", NOW)
        state.cycles.record_finish(state.cycles.record_start(NOW, "policy"), NOW, 0, {"pulled": 20})
    return path.read_bytes()


def _all_that_it_holds(path: Path) -> object:
    """Everything that the state tells; None where it is refused. Another error than StateError fails the test."""
    try:
        with State.open(path, at=NOW) as state:
            edges = state.edges.record((Edge(Ref("memory", "101"), Ref("memory", "102")),), is_judged=bool, at=NOW)
            return (
                state.created,
                state.snapshots.last("memory"),
                state.findings.standing(),
                state.intents.unfinished(),
                edges,
                state.escalations.open(),
                state.digests.status("2026-11-02", "slack"),
                state.cycles.last(9),
            )
    except StateError:
        return None


def _change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()

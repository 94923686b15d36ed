"""Items that an older version wrote as JSON objects read as they did, with their timelines and tombstones."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlite_utils

from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Edge, OwnComment, Progress, Ref, SourceItem
from lpm_sync.errors import StateError
from lpm_sync.state import migrations
from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
INSTANT = "2026-11-02T09:30:00.000000+00:00"
BODY = (
    b'{"ref":{"tracker":"jira","id":"7"},"key":"PAY-7","url":"https://jira.example/browse/PAY-7","project":"PAY",'
    b'"type":"Feature","title":"Refunds","status":"Doing","progress":"doing","created":"2026-11-02T09:30:00Z",'
    b'"updated":"2026-11-02T09:30:00Z","parent":{"tracker":"jira","id":"1"},"labels":["a","b"],"owner":null,'
    b'"area_path":null,"iteration_path":null,"components":["web"],"description":"Why",'
    b'"fields":{"estimate":4.50,"size":8,"team":"A","teams":["A","B"]},'
    b'"edges":[{"blocker":{"tracker":"jira","id":"8"},"blocked":{"tracker":"jira","id":"7"}}],"linked":[],'
    b'"foreign_links":[],"own_comments":[{"id":"3","text":"card","updated":"2026-11-02T09:30:00Z"}]}'
)
ITEM = SourceItem(
    ref=Ref("jira", "7"),
    key="PAY-7",
    url="https://jira.example/browse/PAY-7",
    project="PAY",
    type="Feature",
    title="Refunds",
    status="Doing",
    progress=Progress.DOING,
    created=NOW,
    updated=NOW,
    parent=Ref("jira", "1"),
    labels=frozenset({"a", "b"}),
    components=("web",),
    description="Why",
    fields={"estimate": Decimal("4.50"), "size": Decimal(8), "teams": ("A", "B"), "team": "A"},
    edges=frozenset({Edge(Ref("jira", "8"), Ref("jira", "7"))}),
    own_comments=(OwnComment(id="3", text="card", updated=NOW),),
)


def write_older(path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """A state from before items were arrays; `body` stands where BODY was written."""
    steps = migrations.STEPS[: migrations.STEPS.index(migrations.store_items_as_arrays)]
    digest = hashlib.blake2b(BODY, digest_size=16).digest()
    with monkeypatch.context() as older, closing(sqlite_utils.Database(path, execute_plugins=False)) as database:
        older.setattr("lpm_sync.state.migrations.STEPS", steps)
        migrations.migrations().apply(database)
        with database.atomic():
            database.execute(f"INSERT INTO state VALUES (1, '{INSTANT}', NULL)")
            database.execute(f"INSERT INTO pulls VALUES ('jira', 'bot', '{INSTANT}', '{INSTANT}', 'p', NULL)")
            database.execute("INSERT INTO snapshot_items VALUES ('jira', '7', 'PAY', ?, ?)", (digest, body))
            database.execute("INSERT INTO timelines VALUES ('jira', '7', ?, CAST('[]' AS BLOB))", (digest,))
            database.execute(f"INSERT INTO tombstones VALUES ('jira', '9', '{INSTANT}', ?)", (body,))


def test_they_read_as_they_were_written(state_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_older(state_path, monkeypatch, BODY)
    with State.open(state_path, at=NOW) as state:
        snapshot = state.snapshots.last("jira")
        assert snapshot is not None
        assert (snapshot.items, snapshot.position) == ((ITEM,), "p")
        assert str(snapshot.items[0].fields["estimate"]) == "4.50"
        assert state.timelines.up_to_date([ITEM]) == {ITEM.ref: Timeline(ref=ITEM.ref)}
        assert state.snapshots.tombstone(Ref("jira", "9")) == (ITEM, NOW)


@pytest.mark.parametrize("body", [BODY.replace(b"Refunds", b"Refundz"), b"no item"])
def test_what_was_damaged_before_is_found_after(state_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    write_older(state_path, monkeypatch, body)
    with State.open(state_path, at=NOW) as state, pytest.raises(StateError, match=r"damaged .*jira:7"):
        state.snapshots.last("jira")

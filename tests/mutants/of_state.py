"""Mistakes in the state: damage that nobody finds, items that are lost or taken for others."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SNAPSHOTS = ("tests/state/test_snapshots.py",)
_PAUSES = ("tests/state/test_pauses.py",)
_OLDER = ("tests/state/test_items_of_older_states.py",)

MUTANTS = (
    Mutant(
        name="state-pause-noted-late",
        breaks="who is killed while it waits, or only looks, takes the pause that it was told with it",
        file="lpm_sync/state/pauses.py",
        old="if seconds >= WORTH_NOTING and",
        new="if seconds < 0 and",
        tests=(*_PAUSES, "tests/pipeline/test_pauses_between_processes.py"),
    ),
    Mutant(
        name="state-transaction-undone-by-a-note",
        breaks="a run cannot record what it read, since a plan noted a pause meanwhile",
        file="lpm_sync/state/database.py",
        old='connection.execute("BEGIN IMMEDIATE")',
        new='connection.execute("BEGIN")',
        tests=_PAUSES,
    ),
    Mutant(
        name="state-item-not-proved",
        breaks="an item with a flipped bit is governed as if it stood so",
        file="lpm_sync/state/snapshots.py",
        old="reader.item(body) if encoding.digest(body) == digest else None",
        new="reader.item(body)",
        tests=_SNAPSHOTS,
    ),
    Mutant(
        name="state-item-under-another-id",
        breaks="an item that stands under the id of another is taken for both",
        file="lpm_sync/state/snapshots.py",
        old="if item is None or (item.ref.tracker, item.ref.id, item.project) != (tracker, identifier, project):",
        new="if item is None:",
        tests=_SNAPSHOTS,
    ),
    Mutant(
        name="state-lost-item-unnoticed",
        breaks="an item that was lost from the file counts as gone from its tracker",
        file="lpm_sync/state/seal.py",
        old="SELECT tracker, count(*) FROM snapshot_items GROUP BY tracker ORDER BY tracker",
        new="SELECT tracker FROM pulls ORDER BY tracker",
        tests=_SNAPSHOTS,
    ),
    Mutant(
        name="state-change-unseen",
        breaks="an item that changed stays in the snapshot as it was",
        file="lpm_sync/state/snapshots.py",
        old="elif item_text(item) != body:",
        new="elif item.ref.id != identifier:",
        tests=_SNAPSHOTS,
    ),
    Mutant(
        name="state-delta-buries-the-rest",
        breaks="what a delta does not mention is buried",
        file="lpm_sync/state/snapshots.py",
        old="if pull.is_delta and pull.present is None:",
        new="if pull.is_delta and pull.present == frozenset():",
        tests=("tests/pipeline/test_what_is_believed.py", "tests/pipeline/test_one_cycle.py", *_SNAPSHOTS),
    ),
    Mutant(
        name="state-migration-hides-damage",
        breaks="what was damaged before the items of a state were written anew counts as sound after",
        file="lpm_sync/state/migrations.py",
        old=" WHERE digest = digest_of(body)",
        new=" WHERE digest IS NOT NULL",
        tests=_OLDER,
    ),
)

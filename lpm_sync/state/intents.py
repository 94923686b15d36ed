"""Every write: intended before, its outcome after. The same rows are the audit: who, what, when, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lpm_sync.core.change import Change, OpenEscalation, Outcome, Result
from lpm_sync.core.work_item import Ref
from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase

_COLUMNS = "id, tracker, ref, change, account, plan_digest, policy_digest, created, result, detail, made_ref, finished"

_MAY_STAND = "(result IS NULL OR result IN ('written', 'unclear'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """In whose name and on what ground a plan is applied. `account` is ours in the tracker; digests are as printed."""

    account: str
    plan_digest: str
    policy_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One write. `ref` is the item, or the blocker of an escalation; the rule codes are in `change.because`.

    `result` is None until an outcome is recorded: the write may or may not have been sent. `made` is what it created.
    """

    id: int
    tracker: str
    ref: Ref
    change: Change
    authority: Authority
    created: datetime
    result: Result | None = None
    detail: str = ""
    made: Ref | None = None
    finished: datetime | None = None


class Intents:
    """The outbox and the audit in one."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def record(self, ref: Ref, changes: Sequence[Change], authority: Authority, at: datetime) -> tuple[int, ...]:
        """Notes that these changes of one item are about to be written; returns their ids, in order.

        They are on the disk when this returns. Raises StateError where they are not: then nothing must be written.
        """
        created = encoding.instant_text(at)
        ids: list[int] = []
        with self._database.transaction() as database:
            for change in changes:
                text = encoding.change_text(change)
                inserted = database.execute(
                    "INSERT INTO intents (tracker, ref, change, change_digest, account, plan_digest, policy_digest,"
                    " created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        change.tracker if isinstance(change, OpenEscalation) else ref.tracker,
                        str(ref),
                        text,
                        encoding.digest(text.encode()),
                        authority.account,
                        authority.plan_digest,
                        authority.policy_digest,
                        created,
                    ),
                )
                ids.append(inserted.lastrowid or 0)
        return tuple(ids)

    def record_outcomes(self, ids: Sequence[int], outcomes: Sequence[Outcome], at: datetime) -> None:
        """Notes what became of them, in the order of the ids; raises ValueError where the two are of unlike length."""
        finished = encoding.instant_text(at)
        rows = [
            (outcome.result.value, outcome.detail, outcome.created and str(outcome.created), finished, identifier)
            for identifier, outcome in zip(ids, outcomes, strict=True)
        ]
        self._database.write_many(
            "UPDATE intents SET result = ?, detail = ?, made_ref = ?, finished = ? WHERE id = ?", rows
        )

    def unfinished(self) -> tuple[Intent, ...]:
        """Intents without an outcome, oldest first: the process ended between the two."""
        return self._select("result IS NULL")

    def refusal_of(self, ref: Ref, change: Change) -> Intent | None:
        """The last attempt at exactly this change of this item, if the tracker refused it: repeating does not help."""
        digest = encoding.digest(encoding.change_text(change).encode())
        attempts = self._select("ref = ? AND change_digest = ? AND result IS NOT NULL", str(ref), digest)
        return attempts[-1] if attempts and attempts[-1].result is Result.REFUSED else None

    def unanswered_openings(self, since: datetime) -> Mapping[str, int]:
        """The escalation epics, by marker, of which nobody knows whether they were created since then, and that no
        cycle has looked for yet; with the id of the intent."""
        condition = "created >= ? AND (result IS NULL OR result = 'unclear') AND looked_for IS NULL"
        found = self._select(condition, encoding.instant_text(since))
        return {one.change.marker: one.id for one in found if isinstance(one.change, OpenEscalation)}

    def record_looked_for(self, ids: Sequence[int], at: datetime) -> None:
        """Notes that a cycle looked for what these may have created, and found nothing."""
        rows = [(encoding.instant_text(at), identifier) for identifier in ids]
        self._database.write_many("UPDATE intents SET looked_for = ? WHERE id = ?", rows)

    def between(self, start: datetime, end: datetime) -> tuple[Intent, ...]:
        """Everything intended at or after `start` and before `end`, oldest first."""
        return self._select("created >= ? AND created < ?", *map(encoding.instant_text, (start, end)))

    def about(self, ref: Ref) -> tuple[Intent, ...]:
        """Everything ever intended on an item, oldest first."""
        return self._select("ref = ?", str(ref))

    def made_by_item(self, since: datetime) -> Mapping[Ref, int]:
        """How many changes were made since then, or may have been, by the item that they were intended on."""
        return {Ref.parse(ref): count for ref, count in self._made("ref", since)}

    def written_since(self, since: datetime, tracker: str) -> frozenset[Ref]:
        """The items of a tracker that were changed or created since then, or may have been."""
        query = (
            "SELECT coalesce(made_ref, ref) FROM intents"  # noqa: S608 constants of this module
            f" WHERE created >= ? AND tracker = ? AND {_MAY_STAND}"
        )
        refs = {Ref.parse(ref) for (ref,) in self._database.rows(query, encoding.instant_text(since), tracker)}
        return frozenset(ref for ref in refs if ref.tracker == tracker)  # the blocker of an escalation may be elsewhere

    def made_by_tracker(self, since: datetime) -> Mapping[str, int]:
        """How many changes were made since then, or may have been, by tracker."""
        return dict(self._made("tracker", since))

    def _made(self, column: str, since: datetime) -> list[tuple[str, int]]:
        query = (
            f"SELECT {column}, COUNT(*) FROM intents WHERE created >= ?"  # noqa: S608 constants of this module
            f" AND {_MAY_STAND} GROUP BY {column}"
        )
        found: list[tuple[str, int]] = self._database.rows(query, encoding.instant_text(since))
        return found

    def _select(self, condition: str, *parameters: object) -> tuple[Intent, ...]:
        query = f"SELECT {_COLUMNS} FROM intents WHERE {condition} ORDER BY id"  # noqa: S608 constants of this module
        rows = self._database.rows(query, *parameters)
        with encoding.decoding(self._database.path, "the record of a write"):
            return tuple(
                Intent(
                    id=identifier,
                    tracker=tracker,
                    ref=Ref.parse(ref),
                    change=encoding.change(change),
                    authority=Authority(account=account, plan_digest=plan_digest, policy_digest=policy_digest),
                    created=encoding.instant(created),
                    result=None if result is None else Result(result),
                    detail=detail,
                    made=None if made is None else Ref.parse(made),
                    finished=encoding.optional_instant(finished),
                )
                for (
                    identifier,
                    tracker,
                    ref,
                    change,
                    account,
                    plan_digest,
                    policy_digest,
                    created,
                    result,
                    detail,
                    made,
                    finished,
                ) in rows
            )

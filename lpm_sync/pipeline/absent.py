"""What is not to be asked in this cycle: it cannot be opened, or wants to be left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

from lpm_sync.core.change import Card, ItemChange, OpenEscalation, Outcome, Result
from lpm_sync.core.digest import Digest
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import LpmSyncError
from lpm_sync.ports import Parts, Previous, Pull


class AbsentTracker:
    """Stands in for a tracker: nothing is sent, and everything is answered with the reason."""

    def __init__(self, name: str, reason: LpmSyncError) -> None:
        self._name = name
        self._reason = reason

    @property
    def name(self) -> str:
        return self._name

    def examine(self, escalation: EscalationTarget | None = None) -> Examination:
        self._refuse()

    def discover(self) -> Discovery:
        self._refuse()

    def find(self, key: str) -> SourceItem | None:
        self._refuse()

    def rehearse(self, ref: Ref, *, label: str, card: Card, other: Ref | None = None) -> Sequence[Check]:
        self._refuse()

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        self._refuse()

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        self._refuse()

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        return [Outcome(change=change, result=Result.FAILED, detail=str(self._reason)) for change in changes]

    def open_escalation(self, change: OpenEscalation) -> Outcome:
        return Outcome(change=change, result=Result.FAILED, detail=str(self._reason))

    def ref_for_url(self, url: str) -> Ref | None:
        """Nothing is known of its addresses here; those of the last snapshot are looked up there."""
        return None

    def close(self) -> None:
        """There is nothing to let go of."""

    def _refuse(self) -> NoReturn:
        raise self._reason


class AbsentChat:
    """Stands in for a chat: nothing is posted."""

    def __init__(self, name: str, reason: LpmSyncError) -> None:
        self._name = name
        self._reason = reason

    @property
    def name(self) -> str:
        return self._name

    def post(self, digest: Digest) -> int:
        raise self._reason

"""Which digest went to which chat: marked before it is sent, so that it goes out once a slot."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from lpm_sync.state import encoding
from lpm_sync.state.database import StateDatabase


class DigestStatus(StrEnum):
    """What became of a digest. POSTING without end means that the process died while sending: perhaps sent."""

    POSTING = "posting"
    POSTED = "posted"
    PERHAPS = "perhaps"  # the answer was lost
    REFUSED = "refused"  # the chat would not have it: nobody got it

    @property
    def is_settled(self) -> bool:
        """Whether it is not to be sent again: somebody has it, or may have it."""
        return self is not DigestStatus.REFUSED


class Digests:
    """One row a slot and chat; `slot` is `Digest.slot`."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def claim(self, slot: str, chat: str, at: datetime) -> bool:
        """Marks the slot as being posted, before anything is sent; False where it was marked before: do not send.

        One that the chat refused was delivered to nobody, and may be claimed again.
        """
        with self._database.transaction() as database:
            claimed = database.execute(
                "INSERT INTO digests (slot, chat, status, claimed) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (slot, chat) DO UPDATE SET status = excluded.status, claimed = excluded.claimed "
                "WHERE status = ?",
                (slot, chat, DigestStatus.POSTING.value, encoding.instant_text(at), DigestStatus.REFUSED.value),
            )
            return claimed.rowcount == 1

    def settle(self, slot: str, chat: str, status: DigestStatus, at: datetime, *, detail: str = "") -> None:
        """Notes what became of it."""
        self._database.write(
            "UPDATE digests SET status = ?, settled = ?, detail = ? WHERE slot = ? AND chat = ?",
            status.value,
            encoding.instant_text(at),
            detail,
            slot,
            chat,
        )

    def release(self, slot: str, chat: str) -> None:
        """Gives the slot back where certainly nothing was accepted, so that it may be tried again."""
        self._database.write("DELETE FROM digests WHERE slot = ? AND chat = ?", slot, chat)

    def status(self, slot: str, chat: str) -> DigestStatus | None:
        """What became of the digest of that slot; None where none was begun."""
        rows = self._database.rows("SELECT status FROM digests WHERE slot = ? AND chat = ?", slot, chat)
        return DigestStatus(rows[0][0]) if rows else None

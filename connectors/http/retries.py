"""When a request is tried again, and how long `Retry-After` means."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 86_400.0  # seconds; whoever asks for more gets a day, and the next cycle asks again

TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and after how many seconds, a request is tried again.

    Exponential with full jitter above a half: `first * 2^(n-1) * (0.5 + jitter/2)`, up to `longest`. `patience` bounds
    a single wait where no cycle deadline was set.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 20.0
    patience: float = 60.0
    jitter: Callable[[], float] = random.random  # 0.0 up to 1.0

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after attempt number `attempt` (from 1)."""
        full = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return full * (0.5 + self.jitter() / 2)


def retry_after_seconds(headers: Mapping[str, str], *, now: Callable[[], datetime] | None = None) -> float | None:
    """What `Retry-After` asks for, in seconds, or None where it asks for nothing that can be understood.

    Whole and fractional seconds and HTTP dates are read; a date counts from the `Date` of the answer, so that a
    clock of ours that is wrong does not matter. Negative means now; more than a day means a day. Of several (servers in
    a row may each add one, and they come joined by commas) the longest counts.
    """
    text = headers.get("Retry-After", "").strip()
    since = _http_date(headers.get("Date", "")) or (now or _utc_now)()
    # The comma of a date splits off its weekday only, without which it says the same.
    told = (_seconds(part, since) for part in text.split(","))
    understood = [seconds for seconds in told if seconds is not None]
    return min(max(0.0, *understood), LONGEST_RETRY_AFTER) if understood else None


def _seconds(text: str, since: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        until = _http_date(text)
        return None if until is None else (until - since).total_seconds()
    return None if math.isnan(seconds) else seconds


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _utc_now() -> datetime:
    return datetime.now(UTC)

"""What an examination of a tracker or chat tells: check by check, each with its fault and with what clears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from lpm_sync.core.resolution import Resolution
from lpm_sync.errors import LpmSyncError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was examined.

    `subject` names it (`project PAY: permission Edit Issues`); `note` is what was found where all is well. `fault` says
    what is wrong, None where nothing is, and `remedy` tells an administrator what to grant or to correct. `unknown`
    says why it could not be told; then `remedy` is how to find out. A `note` with a remedy is a warning: it may well be
    meant so.
    """

    subject: str
    fault: str | None = None
    unknown: str | None = None
    remedy: str = ""
    note: str = ""

    @classmethod
    def failed(cls, subject: str, error: LpmSyncError, otherwise: str) -> Check:
        """The fault that an error tells, on one line, with its remedy; `otherwise` where it knows none."""
        return cls(subject=subject, fault="; ".join(error.fault.splitlines()), remedy=error.remedy or otherwise)

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong, as far as it could be told."""
        return self.fault is None

    @property
    def is_warning(self) -> bool:
        """Whether nothing is wrong that may not be meant so."""
        return self.is_ok and self.unknown is None and bool(self.remedy)

    @property
    def line(self) -> str:
        """All of it on one line."""
        found = self.fault or self.unknown or self.note
        said = f"{self.subject}: {found}" if found else self.subject
        return f"{said}; {self.remedy}" if self.remedy else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a tracker was found to be: who we are there, how far its clock is ahead of ours, and each check.

    `clock_skew` is None where the tracker does not tell its time. `resolved` is what configured names lead to, by
    place. `without_cards` is as in a pull.
    """

    account: str
    clock_skew: timedelta | None
    checks: tuple[Check, ...]
    resolved: Mapping[str, Resolution] = field(default_factory=dict)
    without_cards: str = ""

    @property
    def faults(self) -> tuple[Check, ...]:
        """The checks that found something wrong."""
        return tuple(check for check in self.checks if not check.is_ok)

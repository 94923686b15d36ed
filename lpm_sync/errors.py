"""The errors that lpm-sync expects. Anything else is a bug: it ends the run, not the process."""

from __future__ import annotations

from collections.abc import Mapping


class LpmSyncError(Exception):
    """Base of all expected errors. The message is for people: what, where, and what to do; never a secret.

    It ends with the `remedy`, as far as one is known; `fault` is what stands before that.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.fault = message
        self.remedy = remedy


class ConfigurationError(LpmSyncError):
    """A mistake in configuration or usage: exit code 2."""


class UnauthorisedError(LpmSyncError):
    """The tracker does not know us, or does not let us: the source stops."""


class ChangedError(LpmSyncError):
    """What is pinned is not there any more, or is another thing: the source stops until a person has decided."""


class UnavailableError(LpmSyncError):
    """The other side does not answer as it should, for now: the source is put off to the next cycle.

    `retry_after` is how many seconds it asked for, None where it did not say.
    """

    def __init__(self, message: str, *, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class RefusedError(LpmSyncError):
    """The other side understood and will not (400, 403 or 404 on one item): repeating does not help."""


class ForbiddenError(RefusedError):
    """The account lacks the right (403): nothing is said of what is there, as 404 would."""


class ConflictError(LpmSyncError):
    """The item moved between reading and writing (409, 412): read again, decide again."""


class UnclearError(LpmSyncError):
    """A write was sent and its answer lost: it may or may not stand."""


class UnsafePlanError(LpmSyncError):
    """A plan past the safety limits, or a stale one: exit code 3.

    `digest` is the token that approves it, `figures` are what is known of the cycle, by name.
    """

    def __init__(self, message: str, *, digest: str | None = None, figures: Mapping[str, int] | None = None) -> None:
        super().__init__(message)
        self.digest = digest
        self.figures = dict(figures or {})


class StoppedError(LpmSyncError):
    """The cycle was asked to stop before anything was written: exit code 4."""


class StateError(LpmSyncError):
    """The state file cannot be used: damaged, locked, read-only, or of a newer version."""

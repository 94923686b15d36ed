"""Refusals of the embedded Jira, in the form in which Jira words them."""

from __future__ import annotations

from collections.abc import Mapping

NOT_FOUND = "Issue does not exist or you do not have permission to see it."


class RefusalError(Exception):
    """Ends a request with a status and Jira's error body, `ErrorCollection` in the specification."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, messages, errors)
        self.status = status
        self.messages = list(messages)
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})


def invalid(**errors: str) -> RefusalError:
    """A 400 that names the fields at fault."""
    return RefusalError(400, errors=errors)


def issue_not_found() -> RefusalError:
    """The one 404 for what is missing and what is not permitted; `trackers.md`, Credentials."""
    return RefusalError(404, NOT_FOUND)

"""Reads changelogs: when an issue last changed its status, and when its links were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.normalize import instant
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import History

ISSUES_AT_ONCE = 1000  # trackers.md, Search
CHANGES_AT_ONCE = 10_000
PAGE = 100
MOST_PAGES = 1000


class HistoryReader:
    """Reads histories; `keys` are ids by key, `phrases` all wordings of dependencies, in either direction."""

    def __init__(self, client: JiraClient, tracker: str, keys: Mapping[str, str], phrases: Collection[str]) -> None:
        self._client = client
        self._tracker = tracker
        self._keys = keys
        self._phrases = phrases

    def read(self, refs: Collection[Ref]) -> dict[Ref, History]:
        """The histories of those issues; one that is gone is absent.

        Raises UnavailableError on an outage, and where the account may not read them.
        """
        identifiers = sorted({ref.id for ref in refs if ref.tracker == self._tracker})
        if not self._client.is_cloud:
            return self._one_by_one(identifiers)
        found: dict[Ref, History] = {}
        for first in range(0, len(identifiers), ISSUES_AT_ONCE):
            some = identifiers[first : first + ISSUES_AT_ONCE]
            try:
                histories = (self._history(key, logs) for key, logs in self._in_bulk(some).items())
                found |= {history.ref: history for history in histories if history is not None}
            except ForbiddenError as error:
                raise self._forbidden(error) from None
            except RefusedError:  # other implementations lack it
                found |= self._one_by_one(some)
        return found

    def _in_bulk(self, identifiers: Sequence[str]) -> dict[str, list[wire.Changes]]:
        logs: dict[str, list[wire.Changes]] = {}
        payload: dict[str, object] = {"issueIdsOrKeys": list(identifiers), "maxResults": CHANGES_AT_ONCE}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._client.query("changelog/bulkfetch", payload, wire.ChangesPage)
            for log in page.issue_change_logs:
                logs.setdefault(log.issue_id, []).extend(log.change_histories)
            if not page.next_page_token:
                return logs
            if page.next_page_token in seen:
                break
            seen.add(page.next_page_token)
            payload["nextPageToken"] = page.next_page_token
        raise UnavailableError(f"{self._tracker}: the changelogs did not come to their end")

    def _one_by_one(self, identifiers: Sequence[str]) -> dict[Ref, History]:
        histories = self._client.all(self._of_one, identifiers)
        return {history.ref: history for history in histories if history is not None}

    def _of_one(self, identifier: str) -> History | None:
        try:
            if not self._client.is_cloud:
                found = self._client.get(
                    f"issue/{identifier}", wire.IssueWithChanges, fields="created", expand="changelog"
                )
                return self._history(identifier, found.changelog.histories)
            return self._history(identifier, self._pages(identifier))
        except ForbiddenError as error:  # says nothing of the item: taken for no history it would date it from today
            raise self._forbidden(error) from None
        except RefusedError:
            return None

    def _forbidden(self, error: ForbiddenError) -> UnavailableError:
        remedy = "grant Browse Projects to the account, and the reading of issues to its token"
        return UnavailableError(f"{self._tracker}: the changelogs cannot be read; {remedy} ({error})")

    def _pages(self, identifier: str) -> Iterator[wire.Changes]:
        start = 0
        while True:
            path = f"issue/{identifier}/changelog"
            page = self._client.get(path, wire.ChangesOfIssue, startAt=start, maxResults=PAGE)
            yield from page.values
            start += len(page.values)
            if start >= page.total:
                return
            if not page.values:
                raise UnavailableError(f"{self._tracker}: {path}: {start} of {page.total} entries came")

    def _history(self, identifier: str, changes: Iterable[wire.Changes]) -> History | None:
        try:
            return summarise(Ref(self._tracker, identifier), changes, self._keys, self._phrases)
        except (ValueError, OverflowError):
            return None  # a time that cannot be read


def summarise(ref: Ref, changes: Iterable[wire.Changes], keys: Mapping[str, str], phrases: Collection[str]) -> History:
    """What a changelog tells of an issue. `keys` are ids by key, `phrases` all wordings of dependencies.

    Between the same two issues a dependency counts, and not another kind of link that was made later.
    """
    wordings = tuple(phrase.casefold() for phrase in phrases)
    moved: list[datetime] = []
    linked: dict[Ref, tuple[bool, datetime]] = {}
    for change in changes:
        time = _time(change)
        for item in change.items:
            if item.field_id == "status" or (item.field_id is None and item.field == "status"):
                moved.append(time)
            elif item.field == "Link" and (identifier := keys.get(item.to or "")):
                other = Ref(ref.tracker, identifier)
                is_dependency = any(wording in (item.text or "").casefold() for wording in wordings)
                linked[other] = max((is_dependency, time), linked.get(other, (is_dependency, time)))
    return History(
        ref=ref,
        last_status_change=max(moved, default=None),
        link_created={other: time for other, (_, time) in linked.items()},
    )


def _time(change: wire.Changes) -> datetime:
    if isinstance(change.created, int):
        return datetime.fromtimestamp(change.created / 1000, tz=UTC)
    return instant(change.created)

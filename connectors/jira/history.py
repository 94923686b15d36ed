"""Reads changelogs, and makes timelines of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from connectors.jira import wire
from connectors.jira.client import JiraClient
from connectors.jira.fields import is_rich_text
from connectors.jira.normalize import instant
from lpm_sync.core.timeline import DEPENDENCY, LINK, STATUS, TYPE, Entry, Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError

ISSUES_AT_ONCE = 1000  # trackers.md, Search
CHANGES_AT_ONCE = 10_000
PAGE = 100
MOST_PAGES = 1000
_SYSTEM = {"status": STATUS, "issuetype": TYPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the changelogs of one tracker are read with.

    `keys` are ids by key, `phrases` all wordings of dependencies, in either direction, `fields` the configured ones.
    """

    tracker: str
    keys: Mapping[str, str]
    phrases: Collection[str] = ()
    fields: Mapping[str, wire.Field] = field(default_factory=dict)


class HistoryReader:
    """Reads histories in those words."""

    def __init__(self, client: JiraClient, words: Words) -> None:
        self._client = client
        self._tracker = words.tracker
        self._words = words

    def read(self, refs: Collection[Ref]) -> dict[Ref, Timeline]:
        """The histories of those issues; one that is gone is absent.

        Raises UnavailableError on an outage, and where the account may not read them.
        """
        identifiers = sorted({ref.id for ref in refs if ref.tracker == self._tracker})
        if not self._client.is_cloud:
            return self._one_by_one(identifiers)
        found: dict[Ref, Timeline] = {}
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

    def _one_by_one(self, identifiers: Sequence[str]) -> dict[Ref, Timeline]:
        histories = self._client.all(self._of_one, identifiers)
        return {history.ref: history for history in histories if history is not None}

    def _of_one(self, identifier: str) -> Timeline | None:
        try:
            if not self._client.is_cloud:
                found = self._client.get(
                    f"issue/{identifier}", wire.IssueWithChanges, fields="created", expand="changelog"
                )
                return self._history(identifier, found.changelog.histories if found.changelog else ())
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
            if start >= page.total if page.total is not None else not page.values:
                return
            if not page.values:
                raise UnavailableError(f"{self._tracker}: {path}: {start} of {page.total} entries came")

    def _history(self, identifier: str, changes: Iterable[wire.Changes]) -> Timeline | None:
        try:
            return timeline(identifier, changes, self._words)
        except (ValueError, OverflowError):
            return None  # a time that cannot be read


def timeline(identifier: str, changes: Iterable[wire.Changes], words: Words) -> Timeline:
    """What a changelog tells of an issue; raises ValueError or OverflowError for a time that is none."""
    aspects = _aspects(words.fields)
    phrases = tuple(phrase.casefold() for phrase in words.phrases)
    entries: list[Entry] = []
    for change in changes:
        at = _time(change)
        for item in change.items:
            if item.field == "Link":
                entries += _linked(at, item, words, phrases)
            elif (aspect := aspects.get(item.field_id or item.field) or _SYSTEM.get(item.field.casefold())) is not None:
                is_number = aspect in words.fields and _is_number(words.fields[aspect])
                before, after = item.before_text or item.before, item.text or item.to
                if is_number:
                    before, after = _plain_number(before), _plain_number(after)
                entries.append(Entry(at=at, aspect=aspect, before=before, after=after))
    return Timeline.of(Ref(words.tracker, identifier), entries)


def _aspects(fields: Mapping[str, wire.Field]) -> dict[str, str]:
    """Aspects by the names that a changelog has for them: ids on Cloud, on Data Center names where there are no ids."""
    told = {name: one for name, one in fields.items() if not is_rich_text(one)}  # no timeline of whole texts
    named = {text: name for name, one in told.items() for text in (one.name, one.id)}
    return {**named, **_SYSTEM}


def _linked(at: datetime, item: wire.Change, words: Words, phrases: Collection[str]) -> Iterator[Entry]:
    """A link that was made or removed, to an issue that we know."""
    said = f"{item.text or ''} {item.before_text or ''}".casefold()
    aspect = DEPENDENCY if any(phrase in said for phrase in phrases) else LINK
    before, after = (words.keys.get(key or "") for key in (item.before, item.to))
    if before or after:
        yield Entry(at=at, aspect=aspect, before=_ref_text(words, before), after=_ref_text(words, after))


def _ref_text(words: Words, identifier: str | None) -> str | None:
    return str(Ref(words.tracker, identifier)) if identifier else None


def _is_number(definition: wire.Field) -> bool:
    return definition.schema is not None and definition.schema.type == "number"


def _plain_number(text: str | None) -> str | None:
    """Changelogs write 5 as `5` and as `5.0`."""
    try:
        return format(Decimal(text).normalize(), "f") if text else None
    except InvalidOperation:
        return text


def _time(change: wire.Changes) -> datetime:
    if isinstance(change.created, int):
        return datetime.fromtimestamp(change.created / 1000, tz=UTC)
    return instant(change.created)

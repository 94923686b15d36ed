"""The connector to Jira: the port `Tracker`, put together from its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.http import RetryPolicy, check_address, origin
from connectors.http.credentials import ways_to_sign_in
from connectors.jira import preflight
from connectors.jira.changes import pull_changes
from connectors.jira.client import JiraClient, Site
from connectors.jira.credentials import KINDS
from connectors.jira.discovery import discover
from connectors.jira.escalating import find_escalation, open_escalation
from connectors.jira.history import HistoryReader, Words
from connectors.jira.knowing import Inquiry, Known
from connectors.jira.position import account_of, parse, settings_of
from connectors.jira.pulling import pull
from connectors.jira.rehearsing import Scratch
from connectors.jira.search import check_clause
from connectors.jira.writing import apply_changes, ended, result_of
from lpm_sync.core.change import Card, ItemChange, OpenEscalation, Outcome, Result
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.resolution import Resolution
from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import ConfigurationError, ConflictError, LpmSyncError, RefusedError, UnavailableError
from lpm_sync.ports import Clock, Connection, Parts, Previous, Pull, Tracker

REQUESTS_AN_ITEM = 6  # how many request time-outs the changes of one item may take together


def connect(connection: Connection, clock: Clock) -> Tracker:
    """The connector for one configured Jira; talks to nothing yet.

    Raises ConfigurationError for addresses or credentials that cannot be used.
    """
    return JiraTracker(connection, clock)


class JiraTracker:
    """A Jira, Cloud or Data Center. What is read with it is found out anew by each pull that brings anything."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        retries: RetryPolicy | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`retries` and `wait` (seconds) replace chance and time in tests."""
        self._connection = connection
        self._clock = clock
        allowed = connection.options.get("allowed_hosts", "").split()
        self._site_url = check_address(connection.site_url, allowed_hosts=allowed)
        check_clause(connection.name, connection.scope_query)
        self._client = JiraClient(connection, retries=retries, wait=wait)
        self._keys: dict[str, str] = {}
        self._opened: dict[str, Ref] = {}  # by marker
        self._inquiry = Inquiry(self._client, connection, self._site_url, self._keys)
        self._settings = settings_of(connection)
        self._known: Known | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        return self._connection.name

    def examine(self, escalation: EscalationTarget | None = None) -> Examination:
        """As the port says; also phrases of links, the screens, and the scope's query."""
        self._client.start(self._connection.cycle_timeout)
        site = self._client.discover()
        skew = None if site.server_time is None else site.server_time - self._clock.now()
        resolved: dict[str, Resolution] = {}
        checks = preflight.checks(self._client, self._connection, escalation, resolved)
        credential = self._client.credential.check(self._clock.now())
        account = f"{site.called} ({site.account})" if site.called else site.account
        return Examination(account=account, clock_skew=skew, checks=(credential, *checks), resolved=resolved)

    def discover(self) -> Discovery:
        """As the port says."""
        self._client.start(self._connection.cycle_timeout)
        try:
            found = discover(self._client, self._connection.projects)
            return replace(found, credentials=ways_to_sign_in(self._connection, KINDS))
        except RefusedError as error:
            raise UnavailableError(error.fault, remedy=error.remedy) from None

    def find(self, key: str) -> SourceItem | None:
        """As the port says."""
        self._client.start(self._connection.cycle_timeout)
        reader = self._find_out().reader
        try:
            item, _ = reader.issue(key)
        except RefusedError:
            return None
        if isinstance(item, BrokenItem):
            raise RefusedError(f"{self.name}: {item.key} cannot be read: {item.reason}")
        return item

    def rehearse(self, ref: Ref, *, label: str, card: Card, other: Ref | None = None) -> Sequence[Check]:
        """As the port says."""
        self._client.start(self._connection.cycle_timeout)
        reader = self._remembered().reader
        phrase = next(iter(reader.context.phrases), "")
        return list(Scratch(reader=reader, ref=ref, label=label, card=card, phrase=phrase).checks(other))

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        """As the port says."""
        self._client.start(self._connection.cycle_timeout)
        try:
            changes = self._changes(previous, census=census, parts=parts) if previous is not None else None
            if changes is not None:
                return changes
            projects, now = self._connection.projects, self._clock.now()
            return pull(self._find_out(), projects, self._settings, now=now, census=census, parts=parts)
        except (RefusedError, ConflictError) as error:  # of what is asked of the tracker as a whole
            raise UnavailableError(str(error)) from None

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        """As the port says. Links lead to items that the last pull knows."""
        if not refs:
            return {}
        self._client.start(self._connection.cycle_timeout)
        try:
            known = self._remembered()
            phrases = (*self._connection.dependency_links, *known.wordings)
            fields = known.fields.configured
            words = Words(tracker=self.name, keys=self._keys, phrases=phrases, fields=fields)
            return HistoryReader(self._client, words).read(refs)
        except (RefusedError, ConflictError) as error:
            raise UnavailableError(str(error)) from None

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        """As the port says: one read (and those of comments and remote links that pull makes too), then the writes."""
        if not changes:
            return []
        self._start_writing()
        try:
            reader = self._remembered().reader
            return apply_changes(reader, ref, changes, precondition)
        except LpmSyncError as error:
            return ended(changes, result_of(error), str(error))

    def open_escalation(self, change: OpenEscalation) -> Outcome:
        """As the port says: looks for the marker first."""
        self._start_writing()
        try:
            reader = self._remembered().reader
            standing = find_escalation(reader, change.marker, self._opened.get(change.marker))
            if standing is not None:
                return Outcome(change=change, result=Result.UNCHANGED, created=standing)
            created = self._opened[change.marker] = open_escalation(reader, change)
            return Outcome(change=change, result=Result.WRITTEN, created=created)
        except LpmSyncError as error:
            return Outcome(change=change, result=result_of(error), detail=str(error))

    def ref_for_url(self, url: str) -> Ref | None:
        """As the port says: `/browse/KEY` or `selectedIssue=KEY` at the site's or the interface's origin."""
        key = self._key_in(url)
        identifier = self._keys.get(key.upper()) if key else None
        return Ref(self.name, identifier) if identifier else None

    def close(self) -> None:
        self._client.close()

    def _key_in(self, url: str) -> str | None:
        """The key in an address below the site's or the interface's: several Jiras may share an origin."""
        try:
            parts, place = urlsplit(url), origin(url)
            roots = [root for root in (self._site_url, self._connection.url.rstrip("/")) if origin(root) == place]
            selected = parse_qs(parts.query).get("selectedIssue")
        except (ConfigurationError, ValueError):
            return None
        if not any(parts.path.startswith(f"{urlsplit(root).path}/") for root in roots):
            return None
        found = re.search(r"/browse/([A-Za-z][A-Za-z0-9_]*-[0-9]+)/?$", unquote(parts.path))
        return found[1] if found else selected[0] if selected else None

    def _start_writing(self) -> None:
        limit = self._connection.request_timeout * REQUESTS_AN_ITEM
        self._client.start(min(limit, self._connection.cycle_timeout))

    def _remembered(self) -> Known:
        """What the last pull found out; after a restart it is found out now."""
        with self._lock:
            return self._known or self._find_out()

    def _find_out(self, site: Site | None = None) -> Known:
        self._known = self._inquiry.find_out(site)
        return self._known

    def _changes(self, previous: Previous, *, census: bool, parts: Parts | None) -> Pull | None:
        """What changed since an earlier pull; None where its position does not fit this Jira, or us, any more."""
        position = parse(previous.position, self._settings)
        if position is None:
            return None
        try:
            site = self._client.recognise(is_cloud=position.is_cloud)
        except RefusedError:
            return None  # another kind of Jira answers at this address now
        if account_of(site.identities) != position.account:
            return None
        if site.server_time is None or not position.dates_answers:
            site = self._client.discover()
        now = site.server_time or self._clock.now()
        if position.is_later_than(now) or (census and position.is_old(now)):
            return None
        self._known = self._inquiry.recall(site, position)
        return pull_changes(
            self._known,
            position,
            previous,
            self._connection.projects,
            now=now,
            census=census,
            renew=lambda: self._find_out(site),
            parts=parts,
        )

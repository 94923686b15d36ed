"""The connector to Azure DevOps Boards, behind the port `lpm_sync.ports.Tracker`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from connectors.azure_devops.addresses import item_id
from connectors.azure_devops.catalogue import read_account
from connectors.azure_devops.checking import Examiner
from connectors.azure_devops.client import Client
from connectors.azure_devops.comments import CardComments
from connectors.azure_devops.credentials import KINDS
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.discovery import discover
from connectors.azure_devops.escalation import Escalator
from connectors.azure_devops.history import Historian
from connectors.azure_devops.pulling import Puller
from connectors.azure_devops.queries import check_clause
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.rehearsing import Scratch
from connectors.azure_devops.writing import Writer
from connectors.http import RetryPolicy
from connectors.http.credentials import ways_to_sign_in
from lpm_sync.core.change import Card, ItemChange, OpenEscalation, Outcome
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Clock, Connection, Parts, Previous, Pull, Tracker


def connect(connection: Connection, clock: Clock) -> Tracker:
    """The tracker of a connection: `url` is the organisation (`https://dev.azure.com/northwind`).

    Its credential is one of `connectors.azure_devops.credentials`, with "Work items (read & write)". Nothing is sent
    yet. Raises ConfigurationError for an address, a credential or a `scope_query` that cannot be one.
    """
    return AzureDevOpsTracker(connection, clock)


class AzureDevOpsTracker:
    """One organisation."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        *,
        retries: RetryPolicy | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`retries` and `wait` (seconds) replace chance and time in tests."""
        check_clause(connection.scope_query or "", f"{connection.name}: scope_query")
        self._connection = connection
        self._clock = clock
        self._client = Client(connection, retries=retries, wait=wait)
        self._reader = Reader(self._client, connection)
        self._comments = CardComments(self._client)
        self._historian = Historian(self._client, connection, self._reader)
        # One item takes a few requests: a tracker that hangs must not hold up all the others of a plan.
        self._item_timeout = min(connection.cycle_timeout, 4 * connection.request_timeout)
        self._known: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"AzureDevOpsTracker({self._connection.name!r}, {self._client.url!r})"

    @property
    def name(self) -> str:
        return self._connection.name

    def examine(self, escalation: EscalationTarget | None = None) -> Examination:
        self._client.start(self._connection.cycle_timeout)
        account = read_account(self._client, self._connection)
        examiner = Examiner(self._client, self._connection, self._clock, self._comments)
        checks = (self._client.credential.check(self._clock.now()), *examiner.checks(escalation))
        skew, resolved = examiner.clock_skew, examiner.resolved
        return Examination(
            account=account.name,
            clock_skew=skew,
            checks=checks,
            resolved=resolved,
            without_cards=self._comments.missing(),
        )

    def discover(self) -> Discovery:
        self._client.start(self._connection.cycle_timeout)
        try:
            found = discover(self._client, self._connection)
            return replace(found, credentials=ways_to_sign_in(self._connection, KINDS))
        except RefusedError as error:
            raise UnavailableError(error.fault, remedy=error.remedy) from None

    def find(self, key: str) -> SourceItem | None:
        self._client.start(self._item_timeout)
        try:
            current = self._reader.current(key)
        except UnreadableError as error:
            raise RefusedError(f"{self.name}:{key} cannot be read: {error}") from None
        return current.source if current else None

    def rehearse(self, ref: Ref, *, label: str, card: Card, other: Ref | None = None) -> Sequence[Check]:
        self._client.start(self._connection.cycle_timeout)
        scratch = Scratch(
            client=self._client, reader=self._reader, comments=self._comments, ref=ref, label=label, card=card
        )
        return list(scratch.checks(other))

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        self._client.start(self._connection.cycle_timeout)
        puller = Puller(self._client, self._connection, self._reader, self._clock, parts)
        try:
            pull = replace(puller.pull(previous, census=census), without_cards=self._comments.missing())
        except RefusedError as error:  # of what is asked of the organisation as a whole
            raise UnavailableError(str(error)) from None
        before = previous.keys.values() if previous and pull.is_delta else ()
        named = chain(before, (item.ref for item in pull.items), (one.ref for one in pull.broken), pull.present or ())
        self._known = frozenset({ref.id for ref in named}.difference(ref.id for ref in pull.gone))
        return pull

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        self._client.start(self._connection.cycle_timeout)
        try:
            return self._historian.timelines(refs)
        except RefusedError as error:
            raise UnavailableError(str(error)) from None

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        self._client.start(self._item_timeout)
        return Writer(self._client, self._reader, self._comments).apply(ref, changes, precondition)

    def open_escalation(self, change: OpenEscalation) -> Outcome:
        self._client.start(self._item_timeout)
        return Escalator(self._client, self._reader, self.name).open(change)

    def ref_for_url(self, url: str) -> Ref | None:
        identifier = item_id(url, self._connection.site_url, self._connection.url)
        return Ref(self.name, identifier) if identifier in self._known else None

    def close(self) -> None:
        self._client.close()

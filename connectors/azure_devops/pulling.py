"""Decides how to read: on from a position where that is possible, and everything where it is not."""

from __future__ import annotations

from datetime import timedelta

import structlog

from connectors.azure_devops.catalogue import read_account
from connectors.azure_devops.client import Client
from connectors.azure_devops.delta import CannotGoOnError, DeltaReading
from connectors.azure_devops.position import Position, fingerprint, read_locations, read_position
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.whole import WholeReading
from lpm_sync.ports import Clock, Connection, Parts, Previous, Pull

WHOLE_INTERVAL = timedelta(days=7)
"""After this long a census is a whole reading: areas, tags and people that are renamed make no revision of any item."""


class Puller:
    """Reads one organisation."""

    def __init__(
        self, client: Client, connection: Connection, reader: Reader, clock: Clock, parts: Parts | None
    ) -> None:
        self._client = client
        self._connection = connection
        self._reader = reader
        self._clock = clock
        self._parts = parts

    def pull(self, previous: Previous | None, *, census: bool) -> Pull:
        """As `lpm_sync.ports.Tracker.pull` says."""
        if previous and not census:
            self._client.remember(read_locations(previous.position))
        if census:  # so that what a server has learnt is seen within a day
            self._client.doubt()
        account = read_account(self._client, self._connection)
        mark = fingerprint(self._connection, account)
        now = self._clock.now()
        position = read_position(previous.position, mark, self._connection) if previous else None
        # A clause with a macro (@today, @currentIteration) means other items tomorrow: no feed tells that.
        needs_census = census or "@" in (self._connection.scope_query or "")
        if previous and position and not self._is_whole_due(position, census=census):
            known = frozenset(int(ref.id) for ref in previous.keys.values() if ref.id.isdecimal())
            try:
                delta = DeltaReading(self._client, self._connection, self._reader, position)
                if previous.is_unfinished:
                    delta.go_on(self._parts)
                return delta.pull(account, now, known, census=needs_census)
            except CannotGoOnError as reason:
                structlog.get_logger().warning("read_whole_again", tracker=self._connection.name, reason=str(reason))
        whole = WholeReading(self._client, self._connection, self._reader, self._parts)
        before = None if previous and previous.is_unfinished else position  # that never came whole
        return whole.pull(account, now, mark, before, census=census)

    def _is_whole_due(self, position: Position, *, census: bool) -> bool:
        return census and self._clock.now() - position.read_whole >= WHOLE_INTERVAL

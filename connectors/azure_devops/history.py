"""When items last changed their state, and when their dependencies were made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.client import LINKS, UPDATES, Client
from connectors.azure_devops.relations import DEPENDENCIES
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection, History

UPDATES_A_PAGE = 200

_INSTANT = msgspec.json.Decoder(wire.Instant)


class Historian:
    """Tells histories. The feeds of links are read on from where they ended the last time."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._tracker = connection.name
        self._feeds = tuple(_LinkFeed(client, project) for project in dict.fromkeys(connection.projects))

    def histories(self, refs: Collection[Ref]) -> Mapping[Ref, History]:
        """Histories of those items; one that is gone is absent.

        Raises UnavailableError on an outage, and where the account may not read them.
        """
        asked = [ref for ref in dict.fromkeys(refs) if ref.tracker == self._tracker and ref.id.isdecimal()]
        if not asked:
            return {}
        made = self._links_made()
        changes = self._client.in_parallel(self._last_state_change, asked)
        return {
            ref: History(ref=ref, last_status_change=change, link_created=made.get(ref, {}))
            for ref, change in zip(asked, changes, strict=True)
            if not isinstance(change, RefusedError)
        }

    def _last_state_change(self, ref: Ref) -> datetime | RefusedError | None:
        """The instant of the newest update in which System.State changed; creation counts as one."""
        last: datetime | None = None
        skip = 0
        try:
            while updates := self._updates(ref, skip):
                for update in updates:
                    last = _state_change(update) or last
                skip += len(updates)
        except ForbiddenError as error:  # says nothing of the item: taken for no history it would date it from today
            raise _forbidden(f"{self._tracker}: the updates of items", error) from None
        except RefusedError as error:
            return error
        return last

    def _updates(self, ref: Ref, skip: int) -> Sequence[wire.Update]:
        query = {"$top": str(UPDATES_A_PAGE), "$skip": str(skip)}
        return self._client.read(UPDATES, wire.UpdateList, route={"id": ref.id}, query=query).value

    def _links_made(self) -> dict[Ref, dict[Ref, datetime]]:
        """When each dependency was made, by both its ends."""
        made: dict[Ref, dict[Ref, datetime]] = {}
        for dates in self._client.in_parallel(lambda feed: feed.dates(), self._feeds):
            for (source, target), instant in dates.items():
                one, other = Ref(self._tracker, str(source)), Ref(self._tracker, str(target))
                made.setdefault(one, {})[other] = instant
                made.setdefault(other, {})[one] = instant
        return made


class _LinkFeed:
    """The dependencies of one project, by their ends, with the instants at which they were made.

    Links change without a revision of the item, and their updates carry no date of their own: the feed
    `reporting/workitemlinks` does.
    """

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._project = project
        self._token: str | None = None
        self._made: dict[tuple[int, int], datetime] = {}

    def dates(self) -> Mapping[tuple[int, int], datetime]:
        """Reads on to the end of the feed; nothing where the server has none.

        Raises UnavailableError where the account may not read it, or it breaks off.
        """
        is_read_on = self._token is not None
        try:
            self._read_on()
        except ForbiddenError as error:
            raise _forbidden(f"{self._project}: the dates of links", error) from None
        except RefusedError as error:
            has_begun = self._token is not None
            self._token, self._made = None, {}
            if is_read_on:
                return self.dates()  # the token may have grown too old: once more from the beginning
            if has_begun:
                raise UnavailableError(f"the feed of links broke off: {error}") from None
        return self._made

    def _read_on(self) -> None:
        while True:
            query = {"linkTypes": DEPENDENCIES[0]}
            if self._token is not None:
                query["continuationToken"] = self._token
            batch = self._client.read(LINKS, wire.LinkBatch, route={"project": self._project}, query=query)
            for link in batch.values:
                ends = link.source_id, link.target_id
                if link.is_active:
                    self._made[ends] = link.changed_date
                else:
                    self._made.pop(ends, None)
            is_stuck = batch.continuation_token in (None, self._token)
            self._token = batch.continuation_token or self._token
            if batch.is_last_batch or is_stuck:
                return


def _forbidden(what: str, error: ForbiddenError) -> UnavailableError:
    remedy = 'grant "View work items in this node" to the account, and "Work items (read & write)" to its token'
    return UnavailableError(f"{what} cannot be read; {remedy} ({error})")


def _state_change(update: wire.Update) -> datetime | None:
    """The instant of a change of state; None where the update has none, or its instant cannot be read."""
    fields = update.fields
    if fields is None or fields.state is None or fields.changed is None:
        return None
    before, after = fields.state.old_value, fields.state.new_value
    instant = fields.changed.new_value
    if not isinstance(after, msgspec.Raw) or not isinstance(instant, msgspec.Raw):
        return None
    if isinstance(before, msgspec.Raw) and bytes(before) == bytes(after):
        return None
    try:
        return _INSTANT.decode(instant)
    except msgspec.DecodeError:
        return None

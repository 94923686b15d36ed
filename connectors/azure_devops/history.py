"""Makes timelines of the updates of items and of the feed of links."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.client import LINKS, UPDATES, Client
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.feeds import is_last
from connectors.azure_devops.normalize import HTML, field_value
from connectors.azure_devops.paging import next_token
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.relations import DEPENDENCIES
from lpm_sync.core.timeline import DEPENDENCY, STATUS, TYPE, Entry, Timeline
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection

UPDATES_A_PAGE = 200

STATE, KIND, CHANGED = "System.State", "System.WorkItemType", "System.ChangedDate"

_INSTANT = msgspec.json.Decoder(wire.Instant)
_VALUE = msgspec.json.Decoder(float_hook=Decimal)
_TEXT = wire.FieldDefinition(name="", reference_name="", type="string")
Ends = tuple[int, int]
DatedLink = tuple[Ends, datetime, bool]
Aspects = Mapping[str, tuple[str, wire.FieldDefinition]]


class Historian:
    """Tells timelines. The feeds of links are read on from where they ended the last time."""

    def __init__(self, client: Client, connection: Connection, reader: Reader) -> None:
        self._client = client
        self._tracker = connection.name
        self._reader = reader
        self._longest_page = 0  # updates that came at once: so many the server gives, where there are so many
        self._feeds = tuple(_LinkFeed(client, project) for project in dict.fromkeys(connection.projects))

    def timelines(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        """Timelines of those items, with the configured fields; an item that is gone is absent.

        Raises UnavailableError on an outage, and where the account may not read them.
        """
        asked = [ref for ref in dict.fromkeys(refs) if ref.tracker == self._tracker and ref.id.isdecimal()]
        if not asked:
            return {}
        fields = self._reader.fields().named
        aspects = {STATE: (STATUS, _TEXT), KIND: (TYPE, _TEXT)}
        aspects |= {one.reference_name: (name, one) for name, one in fields.items() if one.type.casefold() not in HTML}
        linked = self._linked(frozenset(int(ref.id) for ref in asked))
        changes = self._client.in_parallel(lambda ref: self._changes(ref, aspects), asked)
        return {
            ref: Timeline.of(ref, [*change, *linked.get(int(ref.id), ())])
            for ref, change in zip(asked, changes, strict=True)
            if not isinstance(change, RefusedError)
        }

    def _changes(self, ref: Ref, aspects: Aspects) -> list[Entry] | RefusedError:
        """What the updates of an item tell, its creation included."""
        entries: list[Entry] = []
        skip = 0
        try:
            while updates := self._updates(ref, skip):
                for update in updates:
                    entries += _entries(update, aspects)
                if len(updates) < self._longest_page:
                    break  # the last ones; that a page is shorter than it was asked for says nothing
                self._longest_page = len(updates)
                skip += len(updates)
        except ForbiddenError as error:  # says nothing of the item: taken for no history it would date it from today
            raise _forbidden(f"{self._tracker}: the updates of items", error) from None
        except RefusedError as error:
            return error
        return entries

    def _updates(self, ref: Ref, skip: int) -> Sequence[wire.Update]:
        query = {"$top": str(UPDATES_A_PAGE), "$skip": str(skip)}
        return self._client.read(UPDATES, wire.UpdateList, route={"id": ref.id}, query=query).value

    def _linked(self, ids: Collection[int]) -> dict[int, list[Entry]]:
        """When dependencies of those items were made and removed; links between two projects stand in both feeds."""
        found = [set(changes) for changes in self._client.in_parallel(lambda feed: feed.changes(), self._feeds)]
        entries: dict[int, list[Entry]] = {}
        for ends, at, is_active in sorted(set().union(*found), key=lambda change: change[1]):
            for one, other in (ends, ends[::-1]):
                if one in ids:
                    text = str(Ref(self._tracker, str(other)))
                    before, after = (None, text) if is_active else (text, None)
                    entries.setdefault(one, []).append(Entry(at=at, aspect=DEPENDENCY, before=before, after=after))
        return entries


class _LinkFeed:
    """What came and went of the dependencies of one project: both ends, the instant, and whether it stands since.

    Links change without a revision of the item, and their updates carry no date of their own: the feed
    `reporting/workitemlinks` does.
    """

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._project = project
        self._token: str | None = None
        self._changes: list[DatedLink] = []

    def changes(self) -> Sequence[DatedLink]:
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
            self._token, self._changes = None, []
            if is_read_on:
                return self.changes()  # the token may have grown too old: once more from the beginning
            if has_begun:
                raise UnavailableError(f"the feed of links broke off: {error}") from None
        return self._changes

    def _read_on(self) -> None:
        while True:
            query = {"linkTypes": DEPENDENCIES[0]}
            if self._token is not None:
                query["continuationToken"] = self._token
            batch = self._client.read(LINKS, wire.LinkBatch, route={"project": self._project}, query=query)
            self._changes += [_dated(link.change) for link in batch.values]
            token = next_token(batch.continuation_token, batch.next_link)
            is_stuck = token in (None, self._token)
            self._token = token or self._token
            if is_stuck or is_last(batch.is_last_batch, has_values=bool(batch.values), is_new=True):
                return


def _dated(link: wire.LinkChange) -> DatedLink:
    """A dependency that came or went, and when; both of its ends are items of this organisation."""
    if link.source_id is None or link.target_id is None or link.changed_date is None or link.is_active is None:
        raise UnavailableError(
            "the feed of links tells of a dependency without its ends, its date or whether it stands"
        )
    return (link.source_id, link.target_id), link.changed_date, link.is_active


def _forbidden(what: str, error: ForbiddenError) -> UnavailableError:
    remedy = 'grant "View work items in this node" to the account, and "Work items (read & write)" to its token'
    return UnavailableError(f"{what} cannot be read; {remedy} ({error})")


def _entries(update: wire.Update, aspects: Aspects) -> Iterator[Entry]:
    """What an update changed of that; nothing where its instant cannot be read."""
    told = update.fields or {}
    changed = told.get(CHANGED)
    if changed is None or not isinstance(changed.new_value, msgspec.Raw):
        return
    try:
        at = _INSTANT.decode(changed.new_value)
    except msgspec.DecodeError:
        return
    for name, (aspect, definition) in aspects.items():
        if (field := told.get(name)) is not None:
            before, after = _text(field.old_value, definition), _text(field.new_value, definition)
            if before != after:
                yield Entry(at=at, aspect=aspect, before=before, after=after)


def _text(raw: msgspec.Raw | msgspec.UnsetType, definition: wire.FieldDefinition) -> str | None:
    """A value as a timeline has it; what cannot be read is left out, as the item itself says that aloud."""
    if not isinstance(raw, msgspec.Raw):
        return None
    try:
        value = field_value(_VALUE.decode(raw), definition)
    except (msgspec.DecodeError, UnreadableError):
        return None
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value) if value else None

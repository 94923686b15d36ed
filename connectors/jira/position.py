"""From where a reading goes on: what the connector hands out with a pull, and takes back with the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec
from msgspec import Struct

from connectors.jira import wire
from connectors.jira.fields import Fields
from connectors.jira.normalize import Stamp, instant
from lpm_sync.core.resolution import DEPENDENCY_LINKS, PROJECTS, Resolution, place
from lpm_sync.core.work_item import Direction, SourceItem, precondition
from lpm_sync.ports import Connection

VERSION = 2
OVERLAP = timedelta(minutes=10)
"""How far a reading goes back behind the newest change that was seen: what the index shows late comes with the next."""

SETTLING = OVERLAP
"""How long after its last change an issue is compared as a whole.

Data Center stamps to the second, and an index that lags shows an issue as it was: the same time does not mean the same
issue yet.
"""

CLOCK_TRUST = timedelta(minutes=30)
"""How far ahead of its stamps we take the server's clock to be at most."""

WHOLE_INTERVAL = timedelta(days=7)
"""How often a census becomes a whole reading: a status or component that was renamed moves no `updated` of an issue."""

CLOCK_TOLERANCE = timedelta(minutes=1)
"""How far the clocks of one tracker's servers, and the whole seconds of an answer's date, may lie apart."""

MOST_SEEN = 5000  # remembered in a project; without that memory issues come again, which is harmless


class Seen(Struct, array_like=True):
    """An issue as it was delivered: the time of its last change as it came, and a digest of the item."""

    updated: str
    digest: str


class Place(Struct):
    """Up to where a project was read. `newest` is about the last change, never later than the server's time.

    `seen` are the issues, by id, that the next reading will find again although nothing happened to them.
    """

    id: str
    key: str  # as it was called then
    newest: str
    read: str  # the server's time of that reading
    seen: dict[str, Seen]

    @property
    def start(self) -> datetime:
        """The instant from which the next reading has to look."""
        return instant(self.newest) - OVERLAP

    def knows_newer(self, identifier: str, updated: str) -> bool:
        """Whether the issue was read since as it was changed later: the index of the search shows it as it was."""
        seen = self.seen.get(identifier)
        return seen is not None and instant(seen.updated) > instant(updated)

    def is_unchanged(self, identifier: str, updated: str) -> bool:
        """Whether the issue certainly is as it was read last, without a look at the rest of it."""
        seen = self.seen.get(identifier)
        return seen is not None and seen.updated == updated and instant(updated) + SETTLING < instant(self.read)


class Position(Struct, kw_only=True):
    """`settings` and `account` decide whether it fits; fields and wordings need not be asked for while nothing changed.

    A project without a place is read whole: it failed until now.
    """

    version: int
    settings: str
    account: str
    is_cloud: bool
    fields: Fields
    links: dict[str, Resolution]  # by configured phrase
    wordings: dict[str, Direction]
    whole: str  # the server's time of the last whole reading
    hidden: list[str]  # configured projects that did not show
    places: dict[str, Place]  # by configured project
    dates_answers: bool = True  # whether the date of an answer tells the server's time

    def is_later_than(self, now: datetime) -> bool:
        """Whether the server's clock went back since: then what was changed in between may be stamped before."""
        return any(instant(place.read) > now + CLOCK_TOLERANCE for place in self.places.values())

    def is_old(self, now: datetime) -> bool:
        """Whether it is time to read everything again."""
        return now - instant(self.whole) >= WHOLE_INTERVAL

    @property
    def resolved(self) -> dict[str, Resolution]:
        """What the configured names were found to be, by place."""
        ends = {place(DEPENDENCY_LINKS, phrase): end for phrase, end in self.links.items()}
        projects = {place(PROJECTS, key): Resolution(id=one.id, name=one.key) for key, one in self.places.items()}
        return self.fields.resolved | ends | projects

    def text(self) -> str:
        """As it is kept between pulls."""
        return msgspec.json.encode(self, order="deterministic").decode()


def parse(text: str, settings: str) -> Position | None:
    """The position; None where it is not one of ours, of another version, or was made under other settings."""
    try:
        position = msgspec.json.decode(text, type=Position)
        instant(position.whole)
        for place in position.places.values():
            instant(place.newest)
            instant(place.read)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return position if (position.version, position.settings) == (VERSION, settings) else None


def settings_of(connection: Connection) -> str:
    """A digest of everything configured that decides which items a reading brings, and how they look."""
    told = (
        [connection.name, connection.url, connection.site_url, connection.scope_query, connection.reads_remote_links],
        [sorted(connection.projects), sorted(connection.types), connection.dependency_links],
        sorted(connection.labels_in_scope),
        [sorted(connection.fields.items()), sorted(connection.reference_fields.items())],
        [sorted(connection.previous_accounts), sorted(connection.pinned.items())],
    )
    return _digest(told)


def account_of(identities: Iterable[str]) -> str:
    """A digest of who we are."""
    return _digest(sorted(identities))


def digest_of(item: SourceItem) -> str:
    """What changes with anything at all in an item: the times and names too, which a precondition leaves out."""
    names = [precondition(item), item.key, item.url, item.project, item.progress, item.created, item.updated]
    comments = [(comment.id, comment.updated) for comment in item.own_comments]
    return _digest((names, sorted(map(str, item.linked)), comments))


def place_of(
    project: wire.Project,
    *,
    stamps: Mapping[str, Stamp],
    items: Mapping[str, SourceItem],
    old: Place | None,
    now: datetime,
    digests: Mapping[str, str] = MappingProxyType({}),
) -> Place:
    """The place of a project after a reading that brought those stamps, by id.

    `now` is the server's time when the reading began. A change that is stamped later than that (a clock ahead, an
    import) is seen, and moves nothing. The newest change is a better mark than the server's time, which a proxy may
    have told; but after a while without any the time counts, or many issues that were changed at once would be read
    again for ever. `items` are those that were read as a whole, `digests` are of those that were handed on already; of
    the others the old ones hold.
    """
    here = {identifier: stamp for identifier, stamp in stamps.items() if stamp.project == project.key}
    times = [stamp.time for stamp in here.values()] + ([instant(old.newest)] if old else [])
    earliest = now - CLOCK_TRUST
    newest = max(min(max(times, default=earliest), now), earliest)
    start = newest - OVERLAP - timedelta(minutes=1)  # queries are to the minute
    seen = {
        identifier: Seen(stamp.updated, digests.get(identifier) or _digest_now(identifier, stamp, items, old))
        for identifier, stamp in here.items()
        if stamp.time >= start
    }
    if old is not None:  # what the index does not show as it was read
        seen |= {one: was for one, was in old.seen.items() if one not in here and instant(was.updated) >= start}
    remembered = seen if len(seen) <= MOST_SEEN else {}
    newest_text, read = newest.isoformat(), now.isoformat()
    return Place(id=project.id, key=project.key, newest=newest_text, read=read, seen=remembered)


def _digest_now(identifier: str, stamp: Stamp, items: Mapping[str, SourceItem], old: Place | None) -> str:
    if (item := items.get(identifier)) is not None:
        return digest_of(item)
    seen = old.seen.get(identifier) if old is not None else None
    return seen.digest if seen is not None and seen.updated == stamp.updated else ""


def _digest(value: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=12).hexdigest()

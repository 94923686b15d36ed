"""From where a reading goes on: what the connector hands out with a pull, and takes back with the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from connectors.jira.fields import Fields
from connectors.jira.normalize import instant
from lpm_sync.core.work_item import Direction, SourceItem, precondition
from lpm_sync.ports import Connection

VERSION = 1
OVERLAP = timedelta(minutes=10)
"""How far a reading goes back behind the newest change that was seen: what the index shows late comes with the next."""

SETTLING = timedelta(minutes=2)
"""How long after its last change an issue is compared as a whole.

Data Center stamps to the second, and not all of a change shows at once: the same time does not mean the same issue yet.
"""

MOST_SEEN = 5000  # remembered in a project; without that memory issues come again, which is harmless


class Seen(Struct, array_like=True):
    """An issue as it was delivered: the time of its last change as it came, and a digest of the item."""

    updated: str
    digest: str


class Place(Struct):
    """Up to where a project was read. `newest` is the last change that was seen, never later than the server's time.

    `seen` are the issues, by id, that the next reading will find again although nothing happened to them.
    """

    id: str
    key: str  # as it was called then
    newest: str
    seen: dict[str, Seen]

    @property
    def start(self) -> datetime:
        """The instant from which the next reading has to look."""
        return instant(self.newest) - OVERLAP


class Position(Struct, kw_only=True):
    """`settings` and `account` decide whether it fits; fields and wordings need not be asked for while nothing changed.

    A project without a place is read whole: it is new, failed until now, or has no issue yet.
    """

    version: int
    settings: str
    account: str
    is_cloud: bool
    fields: Fields
    wordings: dict[str, Direction]
    read: str  # the server's time of the last reading
    places: dict[str, Place]  # by configured project

    def text(self) -> str:
        """As it is kept between pulls."""
        return msgspec.json.encode(self, order="deterministic").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where an issue stood when a search brought it, and when it was changed last."""

    project: str
    updated: str


def parse(text: str, settings: str) -> Position | None:
    """The position; None where it is not one of ours, of another version, or was made under other settings."""
    try:
        position = msgspec.json.decode(text, type=Position)
        for place in position.places.values():
            instant(place.newest)
        instant(position.read)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return position if (position.version, position.settings) == (VERSION, settings) else None


def settings_of(connection: Connection) -> str:
    """A digest of everything configured that decides which items a reading brings, and how they look."""
    told = (
        [connection.name, connection.url, connection.site_url, connection.scope_query, connection.reads_remote_links],
        [sorted(connection.projects), sorted(connection.types), connection.dependency_links],
        [sorted(connection.fields.items()), sorted(connection.reference_fields.items())],
        sorted(connection.previous_accounts),
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
    *, project: str, key: str, stamps: Mapping[str, Stamp], digests: Mapping[str, str], old: Place | None, now: datetime
) -> Place | None:
    """The place of a project after a reading that brought those stamps, by id; None while it has no issue.

    `now` is the server's time. A change that is stamped later than that (a clock ahead, an import) is seen, and moves
    nothing. `digests` are those of delivered items; of what was seen before the old ones hold.
    """
    here = {identifier: stamp for identifier, stamp in stamps.items() if stamp.project == key}
    times = {identifier: instant(stamp.updated) for identifier, stamp in here.items()}
    newest = max([*times.values(), *([instant(old.newest)] if old else [])], default=None)
    if newest is None:
        return None
    newest = min(newest, now)
    before = old.seen if old else {}
    seen = {
        identifier: Seen(stamp.updated, digests.get(identifier) or _standing(before.get(identifier), stamp))
        for identifier, stamp in here.items()
        if times[identifier] >= newest - OVERLAP - timedelta(minutes=1)
    }
    return Place(id=project, key=key, newest=newest.isoformat(), seen=seen if len(seen) <= MOST_SEEN else {})


def _standing(seen: Seen | None, stamp: Stamp) -> str:
    return seen.digest if seen is not None and seen.updated == stamp.updated else ""


def _digest(value: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=12).hexdigest()

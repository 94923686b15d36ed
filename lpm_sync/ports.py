"""What lpm-sync asks of the world: trackers, chats and a clock, with the obligations of whoever offers them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lpm_sync.core.change import Card, ItemChange, OpenEscalation, Outcome
from lpm_sync.core.digest import Digest
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.resolution import Resolution
from lpm_sync.core.timeline import Timeline
from lpm_sync.core.work_item import BrokenItem, Ref, SourceItem
from lpm_sync.errors import ConfigurationError


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current instant, with a zone."""
        ...


class Credentials(Protocol):
    """The secrets of one tracker, where somebody keeps them. Its repr shows none of them."""

    def read(self, name: str) -> str | None:
        """The secret of that name (`token`, `client_secret`), read anew; None where there is none.

        A connector asks for those that it knows, again whenever one is refused: they are rotated while it works. Raises
        ConfigurationError where its place cannot be read.
        """
        ...

    def place(self, name: str) -> str:
        """What people call the place of that secret, to be named in messages: `LPM_JIRA_TOKEN`."""
        ...


class KeptPauses(Protocol):
    """How long a tracker asked not to be sent something, kept beyond the connector and the process that were told."""

    def left(self) -> Mapping[str, float]:
        """The seconds that are left, by the connector's own word for what has to wait; read before anything is sent."""
        ...

    def keep(self, what: str, seconds: float) -> None:
        """From now on that has to wait so long; told at once, from any thread. The word shows no secret."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Everything that a connector is told about its tracker.

    `url` is the address of the API, `site_url` the one that people open. `types` are the type names that matter
    (others are counted and left). `fields` maps our field names to the tracker's field (a name, an id, or
    `schema.custom`). `reference_fields` maps `blocked-by` or `blocks` to fields that hold addresses of items elsewhere.
    `dependency_links` are phrases of link types, as read from blocker to blocked (`blocks`).
    `pinned` are ids of what some of these names were resolved to earlier, by place (`core.resolution.place`).
    `scope_query` is a clause in the tracker's query language that is **and**ed to the projects; an item in them that
    carries one of `labels_in_scope` is in scope whatever the clause says.
    `credentials` are its secrets: never to be shown, kept or written down. `credential` asks for one of the connector's
    kinds of credential by its name; without it the secrets that are there tell.
    `requests_at_once` is never exceeded; a connector keeps below it where the tracker is strained.
    `pauses` are those that the tracker asked for before; None where nobody keeps them.
    `written_at` says where each name that the tracker may refute stands, by place: `config/trackers.yaml:12: …`.
    """

    name: str
    url: str
    site_url: str
    projects: tuple[str, ...]
    types: tuple[str, ...] = ()
    scope_query: str | None = None
    labels_in_scope: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    reference_fields: Mapping[str, str] = field(default_factory=dict)
    dependency_links: tuple[str, ...] = ("blocks",)
    pinned: Mapping[str, str] = field(default_factory=dict)
    reads_remote_links: bool = False
    previous_accounts: tuple[str, ...] = ()
    credentials: Credentials = field(repr=False)
    credential: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    request_timeout: float = 30.0  # seconds, for one request, all of it
    cycle_timeout: float = 600.0  # seconds, for one pull
    requests_at_once: int = 8
    pauses: KeptPauses | None = None
    written_at: Mapping[str, str] = field(default_factory=dict)

    def misnamed(self, mistakes: Mapping[str, str]) -> ConfigurationError:
        """What to raise where configured names lead to nothing in the tracker, or could lead to several things.

        `mistakes` says what is wrong, by place (`core.resolution.place`): one line a mistake, as in any other file.
        """
        lines = (f"{self.written_at.get(at, f'{self.name}: {at}')}: {what}" for at, what in mistakes.items())
        return ConfigurationError("\n".join(lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What one reading of a tracker brought.

    `failures` names each project that was not delivered whole, with the reason; `broken` the items that could not be
    read; `ignored_types` how many items of each unnamed type were left. `account` is who we are there. `resolved` is
    what the configured names were found to be, by place, as far as this tracker knows them by ids of its own.

    `position` is from where a later reading may go on; only the connector understands it. A delta brings the items that
    changed since the position it was given, and says nothing of the others but those that are `gone` from the scope.
    `present` is a census: every item that is in scope and visible now, None where it was not taken.
    `interrupted` are those of the `failures` that were not refused, but did not answer: a reading of everything goes on
    with them. `retry_after` are the seconds for which the tracker asked to be left alone, where no project came whole
    for that reason. `without_cards` says why no card can be written there at all, and what would change that; empty
    where cards can.
    """

    tracker: str
    account: str
    server_time: datetime
    items: tuple[SourceItem, ...]
    broken: tuple[BrokenItem, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    ignored_types: Mapping[str, int] = field(default_factory=dict)
    resolved: Mapping[str, Resolution] = field(default_factory=dict)
    position: str | None = None
    is_delta: bool = False
    gone: frozenset[Ref] = frozenset()
    present: frozenset[Ref] | None = None
    interrupted: frozenset[str] = frozenset()
    retry_after: float | None = None
    without_cards: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What is known from earlier pulls: the position of the last one, and all items by the keys that they had then.

    `named_by` tells, for a census, which of those items name an item as parent or at the other end of a link.
    `is_unfinished`: the position is the one that a reading gave to `Parts.begin`, and the items are those that it kept
    before it was stopped. `written` are items that we changed or created since: a delta brings them as they stand, also
    where the tracker's search does not show that yet.
    """

    position: str
    keys: Mapping[str, Ref]
    named_by: Mapping[Ref, Collection[Ref]] = field(default_factory=dict)
    is_unfinished: bool = False
    written: frozenset[Ref] = frozenset()

    @classmethod
    def of(
        cls,
        items: Iterable[SourceItem],
        position: str,
        *,
        with_links: bool = True,
        is_unfinished: bool = False,
        written: Collection[Ref] = (),
    ) -> Previous:
        """What there is to know of those items; without links where no census is asked for."""
        keys: dict[str, Ref] = {}
        named_by: dict[Ref, list[Ref]] = {}
        for item in items:
            keys[item.key] = item.ref
            for other in item.neighbours if with_links else ():
                named_by.setdefault(other, []).append(item.ref)
        return cls(
            position=position,
            keys=keys,
            named_by=named_by,
            is_unfinished=is_unfinished,
            written=frozenset(written),
        )


class Parts(Protocol):
    """Where a reading of everything puts what it has read, so that it can go on from there when it is stopped.

    Every method may be called from any thread, and raises StoppedError, which a connector lets through, as soon as the
    reading is to end. Nothing that is kept is acted on before the pull returns.
    """

    def begin(self, position: str) -> None:
        """Everything is read anew: what was kept before is let go.

        A later pull is given that position, with `is_unfinished`, where this one does not come to its end: it has to
        tell what changes from now on, by the tracker's own time.
        """
        ...

    def expect(self, count: int) -> None:
        """How many items there are at most, as soon as that is known: for people who wait."""
        ...

    def keep(self, items: Sequence[SourceItem]) -> None:
        """Takes items that are read as a pull hands them over. One that was kept before is replaced."""
        ...


class Tracker(Protocol):
    """A tracker, reached through a connector. The conformance suite in `lpm_sync.testing` holds these obligations.

    A connector knows the wire format of its tracker and nothing of portfolios. It raises only the errors of
    `lpm_sync.errors`; a message names the place and the remedy and shows no secret. It retries what is idempotent and
    nothing else, keeps every `Retry-After` (also those of before, in `Connection.pauses`), follows no redirect to
    another origin, and ends by its time-outs.
    """

    @property
    def name(self) -> str:
        """The configured name: the first half of every `Ref` it hands out."""
        ...

    def examine(self, escalation: EscalationTarget | None = None) -> Examination:
        """What would keep this tracker from serving: projects, each permission by its name, fields, scope.

        `resolved` are those of the configured names that are resolved without a fault, as a pull tells them.

        With `escalation` also whether escalation epics can be created there. Every fault comes with its remedy and
        shows no secret. Writes nothing. Raises UnauthorisedError, UnavailableError or ConfigurationError only where
        nothing at all can be asked.
        """
        ...

    def discover(self) -> Discovery:
        """What the tracker has: the types and statuses of the connection's projects, fields, phrases of links.

        Works without any configured type or field. A project that cannot be described stands in `failures`. Raises
        UnauthorisedError, UnavailableError and ConfigurationError.
        """
        ...

    def find(self, key: str) -> SourceItem | None:
        """The item with that key (without the tracker's name) or that id, as a pull hands it over, in scope or not.

        None where there is none that the account sees. Raises as `pull` does, and RefusedError where it is there and
        cannot be read.
        """
        ...

    def rehearse(self, ref: Ref, *, label: str, card: Card, other: Ref | None = None) -> Sequence[Check]:
        """Writes to a scratch item and takes it back: the label, a comment with the card, with `other` a dependency.

        Each is read back as a pull reads it: the footer intact, `ref` blocking `other` and not the reverse. What stood
        before is not touched: a label or a dependency that stands already is a fault. What cannot be taken back is
        named. Raises UnauthorisedError where the credential is not accepted.
        """
        ...

    def pull(self, previous: Previous | None = None, *, census: bool = False, parts: Parts | None = None) -> Pull:
        """Reads everything in scope or, given what is known from before, at least what changed since.

        A connector that cannot go on from a position (it has none, the position is too old, or was made under another
        account, scope or choice of fields) reads everything: `is_delta` tells. Where a project fails, its place in the
        position does not move. `census` asks for `present` too.

        Given `parts`, a reading of everything may begin them and keep its items there, some at a time: `items` then
        holds only those that were not kept, and `present` tells which of the kept ones stand. It may end at any moment.
        A pull whose `previous` is unfinished goes on with it: a delta with a census on what was kept. It asks only for
        what is missing and what changed, keeps the former, and raises UnavailableError where it cannot tell what is
        present. A project that fails then has no place in the position, for it never came whole.

        Complete or named: a project that was not wholly delivered stands in `failures`; an item that cannot be read
        stands in `broken`; nothing is silently left out. Each item appears once, with both its dependency ends, its
        labels as they are, and our comments. Raises UnauthorisedError where the credential is not accepted (also where
        the tracker answers as to a stranger), UnavailableError where nothing could be read, ConfigurationError
        where a configured name does not exist or could be several: then with the id of every candidate. What it raises
        then `Connection.misnamed` makes.

        `resolved` names each configured field: with its id, its name of today, and the tracker's word for its kind.
        A place that is `pinned` leads to what has that id, whatever it is called by now, and to nothing else: where
        that is gone ChangedError is raised before anything is read with another in its place. A pinned project that is
        gone stands in `failures`.
        """
        ...

    def history(self, refs: Collection[Ref]) -> Mapping[Ref, Timeline]:
        """The timelines of those items; one that the tracker does not tell is absent.

        They hold every change of status and type, of each configured field, and of dependencies. Raises ChangedError
        as `pull` does, and UnavailableError where the tracker does not answer: an outage must not pass for an item
        without history.
        """
        ...

    def apply(self, ref: Ref, changes: Sequence[ItemChange], precondition: str | None) -> Sequence[Outcome]:
        """Makes the changes of one item: labels, the card with them or next, the rest; one outcome a change, in order.

        Reads the item first: where `core.work_item.precondition` of it is another, every outcome is MOVED and nothing
        is written; None stands for an item that this plan has just created, which cannot have moved. A change that
        stands already is UNCHANGED and costs no write. Before a comment is added the item's comments are searched for
        one of ours whose last line is a footer with the same `card_id`: it is edited instead. Only labels that a
        change names are touched. After the first change that does not succeed the others of the item are FAILED.
        Every outcome that is not WRITTEN or UNCHANGED has a `detail`. Raises UnauthorisedError only.
        """
        ...

    def open_escalation(self, change: OpenEscalation) -> Outcome:
        """Creates the epic, unless one of ours with that marker label is open (not done in the tracker's own category):
        then UNCHANGED, with that one as `created`. `follow_up` is not the connector's business."""
        ...

    def ref_for_url(self, url: str) -> Ref | None:
        """The item of this tracker that an address leads to, as far as the last pull, or what was known before it,
        knows it; else None."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...


class Chat(Protocol):
    """A place where the weekly digest is posted."""

    @property
    def name(self) -> str: ...

    def post(self, digest: Digest) -> int:
        """Posts the digest within the chat's limits; returns how many messages it took.

        Raises UnavailableError where nothing was accepted, RefusedError where the chat will not have it, and
        UnclearError where it may have arrived: a digest is never posted twice for a lost answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """How embedded trackers are to be started.

    `start` is the instant at which their clock stands, or from which it goes on where `is_running`; `seed` and its date
    decide the sample portfolio. `listen` maps a server's name to a port (absent: a free one), `editions` to the edition
    of its product that it stands for (absent: its usual one). `recorded` are files of recorded items that replace the
    sample; they tell their edition themselves.
    """

    start: datetime
    seed: int = 1
    is_running: bool = False
    listen: Mapping[str, int] = field(default_factory=dict)
    editions: Mapping[str, str] = field(default_factory=dict)
    recorded: tuple[Path, ...] = ()


class Sandbox(Protocol):
    """Embedded trackers and a chat receiver on loopback, running until closed, with one clock for them and for us."""

    @property
    def clock(self) -> Clock: ...

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where each server listens, by name."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings (credentials, chat addresses) that reach it, as environment variables."""
        ...

    def write_configuration(self, directory: Path) -> None:
        """Writes the three files of a configuration that fits what it holds."""
        ...

    def go_on(self) -> Sequence[str]:
        """Moves the clock and lets people change things behind our back; says what happened, a sentence each."""
        ...

    def accepted_messages(self) -> Mapping[str, int]:
        """How many messages each chat accepted so far."""
        ...

    def close(self) -> None:
        """Stops the servers."""
        ...

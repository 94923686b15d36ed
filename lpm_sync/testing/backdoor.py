"""The way behind a connector's back: what a test tracker must offer so that the conformance suite can seed and peek."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lpm_sync.core.work_item import Direction, FieldValue, Ref
from lpm_sync.ports import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The names that the tests use, in the tracker's own words. All of them exist before a test begins.

    `projects` are two, both in scope, as `SourceItem.project` gives them; both know all types. `epic_type` may stand
    above `feature_type` as its parent; both are configured, `ignored_type` is not. Each type has the three statuses,
    and `other_status`, which stands in no configuration.
    `text_field` and `number_field` are configured field names (ours), the first one of a field that the configuration
    gives by what it is called, `person` is someone who can own an item, as
    `SourceItem.owner` gives them, and `secret` the credential that must never be shown.
    """

    projects: tuple[str, str]
    epic_type: str
    feature_type: str
    ignored_type: str
    todo_status: str
    doing_status: str
    done_status: str
    other_status: str
    text_field: str
    number_field: str
    person: str
    secret: str


class Trouble(StrEnum):
    """How a tracker, or what stands before it, answers when it does not answer as it should."""

    CUT_OFF = "cut off"
    """The first half of the real answer."""
    NOTHING = "nothing"
    """Success, and no content."""
    LOGIN_PAGE = "login page"
    """Success, and a page for people to sign in on."""
    STRANGER = "stranger"
    """The credential is not accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekedComment:
    """A comment as it stands in the tracker; `text` as a reader sees it."""

    id: str
    is_ours: bool
    text: str


class TrackerBackdoor(Protocol):
    """A tracker for one test, empty of items, with a connector's configuration that fits it.

    Its clock, where it has one of its own, begins before 2 November 2026: the tests make their history after that.
    Everything but `connect` goes past the connector and is no write of its account. A method that a person could use
    acts as a person who is not our account.
    """

    @property
    def wording(self) -> Wording: ...

    def connect(self, *, projects: tuple[str, ...] | None = None, pinned: Mapping[str, str] | None = None) -> Tracker:
        """A fresh connector with nothing remembered, as after a restart; to both projects, or to those alone.

        With `pinned` its connection has these pins; with neither given it is configured as always.
        """
        ...

    def create_item(  # noqa: PLR0913 an item has these parts, most of them optional
        self,
        *,
        project: str,
        type: str,
        title: str,
        status: str | None = None,
        labels: Collection[str] = (),
        parent: Ref | None = None,
        description: str = "",
        fields: Mapping[str, FieldValue] | None = None,
        owner: str | None = None,
    ) -> Ref:
        """Creates an item in its first status, or in `status`. `fields` are keyed by our names."""
        ...

    def delete_item(self, ref: Ref) -> None: ...

    def change_title(self, ref: Ref, title: str) -> None: ...

    def change_parent(self, ref: Ref, parent: Ref | None) -> None:
        """Puts the item under another one, or under none."""
        ...

    def move_item(self, ref: Ref, project: str) -> None:
        """Moves the item to another project: it stays the same item, its key may change."""
        ...

    def change_status(self, ref: Ref, status: str, *, at: datetime) -> None:
        """Moves the item to another status, so that the tracker tells `at` as the instant of it."""
        ...

    def change_type(self, ref: Ref, type: str, *, at: datetime) -> None:
        """Makes the item one of another type, so that the tracker tells `at` as the instant of it."""
        ...

    def change_field(self, ref: Ref, field: str, value: FieldValue, *, at: datetime) -> None:
        """Sets a configured field, by our name, so that the tracker tells `at` as the instant of it."""
        ...

    def add_label(self, ref: Ref, label: str) -> None: ...

    def remove_label(self, ref: Ref, label: str) -> None: ...

    def add_comment(self, ref: Ref, text: str, *, is_ours: bool = False) -> str:
        """Adds a comment of plain lines, by a person or in the name of our account; returns its id."""
        ...

    def link(self, *, blocker: Ref, blocked: Ref, at: datetime | None = None) -> None:
        """Makes the native dependency, so that the tracker tells `at` as the instant of it."""
        ...

    def unlink(self, *, blocker: Ref, blocked: Ref) -> None:
        """Takes the native dependency away."""
        ...

    def add_foreign_link(self, ref: Ref, url: str, direction: Direction) -> None:
        """Names an address outside the tracker as a dependency, in whatever place is configured for it."""
        ...

    def hide_project(self, project: str) -> None:
        """Takes from our account the permission to see a project."""
        ...

    def show_project(self, project: str) -> None:
        """Gives our account back the permission to see a project that was hidden."""
        ...

    def rename_field(self, field: str, name: str) -> None:
        """Gives the configured field, named by ours, another name in the tracker."""
        ...

    def remove_field(self, field: str) -> None:
        """Takes the configured field, named by ours, away from the tracker, or from the eyes of our account."""
        ...

    def add_namesake(self, field: str) -> None:
        """Adds another field with the name that the configuration gives for the one that is ours."""
        ...

    def forbid_writing(self) -> None:
        """Takes from our account the permission to change anything; reading goes on."""
        ...

    def revoke_credential(self) -> None:
        """From now on the tracker does not know our credential."""
        ...

    def disturb(self, trouble: Trouble, *, after: int = 0) -> None:
        """Lets so many requests pass; all others are answered so, and not carried out, until `calm`."""
        ...

    def calm(self) -> None:
        """Ends every trouble."""
        ...

    def ask_to_wait(self, seconds: float) -> None:
        """The next request is not carried out, and told to come again after so many seconds."""
        ...

    def waited(self) -> float:
        """How many seconds connectors waited in all since the test began, or would have where time is the test's."""
        ...

    def lose_next_answer(self) -> None:
        """The next write takes effect, and its answer does not arrive."""
        ...

    def before_next_write(self, action: Callable[[], None]) -> None:
        """Runs `action` once, just before the next write of the connector reaches the tracker (maybe in a thread)."""
        ...

    def labels(self, ref: Ref) -> frozenset[str]: ...

    def status(self, ref: Ref) -> str: ...

    def comments(self, ref: Ref) -> Sequence[PeekedComment]:
        """All comments of the item, oldest first."""
        ...

    def items_labelled(self, label: str) -> frozenset[Ref]:
        """All items, of whoever, that carry the label."""
        ...

    def count_writes(self) -> int:
        """How many requests that could change something have come from the connector since the test began."""
        ...

"""Writes to a scratch issue and takes it back: a label, a comment with a card, a dependency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from connectors.jira import links, wire
from connectors.jira.client import JiraClient
from connectors.jira.preflight import LINKING, PERMISSIONS
from connectors.jira.reading import Reader, read_link_types
from connectors.jira.render import RichText
from connectors.rehearsal import WRONG_DIRECTION, Rehearsal, perform
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import Card
from lpm_sync.core.examination import Check
from lpm_sync.core.work_item import BrokenItem, Direction, Edge, Ref, SourceItem
from lpm_sync.errors import RefusedError


class StandingLink(Struct, rename="camel"):
    """A link on one of its issues, with the id by which it is removed."""

    id: str
    inward_issue: wire.OtherIssue | None = None
    outward_issue: wire.OtherIssue | None = None


class StandingLinks(Struct):
    issuelinks: list[StandingLink] | None = None


class LinkedIssue(Struct):
    fields: StandingLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A scratch issue, and what is tried on it. `phrase` is read from blocker to blocked."""

    reader: Reader
    ref: Ref
    label: str
    card: Card
    phrase: str

    def checks(self, other: Ref | None) -> Iterator[Check]:
        """One check a rehearsal, in their order. Raises UnauthorisedError."""
        yield perform(self._label())
        yield perform(self._comment())
        if other is not None:
            yield perform(self._dependency(other))

    @property
    def _client(self) -> JiraClient:
        return self.reader.client

    @property
    def _path(self) -> str:
        return f"issue/{self.ref.id}"

    def _item(self, ref: Ref) -> SourceItem:
        item, _ = self.reader.issue(ref.id)
        if isinstance(item, BrokenItem):
            raise RefusedError(f"{item.key} cannot be read: {item.reason}")
        return item

    def _label(self) -> Rehearsal:
        def set_label(verb: str) -> None:
            self._client.write("PUT", self._path, {"update": {"labels": [{verb: self.label}]}})

        def stands() -> bool:
            return self.label in self._item(self.ref).labels

        return Rehearsal(
            subject="a label",
            remedy=f"grant {PERMISSIONS['EDIT_ISSUES'][0]}, and put the field Labels on the edit screen of its type",
            standing=lambda: f"it has the label {self.label} already" if stands() else None,
            write=lambda: set_label("add"),
            fault=lambda: None if stands() else "the label was accepted and does not stand",
            take_back=lambda: set_label("remove"),
            is_gone=lambda: not stands(),
        )

    def _comment(self) -> Rehearsal:
        footer = parse_footer(self.card.footer)

        def ours() -> list[str]:
            return [one.id for one in self._item(self.ref).own_comments if parse_footer(one.text) == footer]

        def add() -> None:
            body = RichText(is_document=self._client.is_cloud).card(self.card)
            self._client.write_and_read("POST", f"{self._path}/comment", {"body": body}, wire.Identified)

        def remove() -> None:
            for identifier in ours():
                self._client.write("DELETE", f"{self._path}/comment/{identifier}")

        names = [PERMISSIONS[name][0] for name in ("ADD_COMMENTS", "DELETE_OWN_COMMENTS")]
        return Rehearsal(
            subject="a comment",
            remedy=f"grant {' and '.join(names)}",
            standing=lambda: "a comment of an earlier rehearsal stands on it" if ours() else None,
            write=add,
            fault=lambda: None if ours() else "the comment came back without its footer, or not as ours",
            take_back=remove,
            is_gone=lambda: not ours(),
        )

    def _dependency(self, other: Ref) -> Rehearsal:
        wanted, reverse = Edge(self.ref, other), Edge(other, self.ref)

        def edges() -> set[Edge]:
            return {edge for ref in (self.ref, other) for edge in self._item(ref).edges if edge in (wanted, reverse)}

        def fault() -> str | None:
            if all(wanted in self._item(ref).edges for ref in (self.ref, other)) and reverse not in edges():
                return None
            return WRONG_DIRECTION

        return Rehearsal(
            subject="a dependency",
            remedy=f"grant {LINKING['LINK_ISSUES'][0]} in both projects, and check dependency_links in trackers.yaml",
            standing=lambda: "a link stands between them already" if self._link_ids(other) else None,
            write=lambda: self._write_link(other),
            fault=fault,
            take_back=lambda: self._remove_links(other),
            is_gone=lambda: not edges() and not self._link_ids(other),
        )

    def _write_link(self, other: Ref) -> None:
        """`inwardIssue` does what the outward phrase says (trackers.md, Writing)."""
        types = read_link_types(self._client) or links.USUAL_TYPES
        kind = next((kind for kind in types if links.dependency_wordings((kind,), (self.phrase,))), None)
        if kind is None:
            raise RefusedError(f"no type of link reads “{self.phrase}” in one direction only")
        is_outward = links.direction(kind.outward, kind.inward, (self.phrase,)) is Direction.BLOCKS
        ends = (self.ref, other) if is_outward else (other, self.ref)
        named = {name: {"id": ref.id} for name, ref in zip(("inwardIssue", "outwardIssue"), ends, strict=True)}
        self._client.write("POST", "issueLink", {"type": links.named(kind), **named})

    def _link_ids(self, other: Ref) -> list[str]:
        """All links between the two, of whatever type: none stood before, so all are of this rehearsal."""
        found = self._client.get(self._path, LinkedIssue, fields="issuelinks").fields.issuelinks or ()
        named = self.reader.context.id_of
        ends = ((link.id, link.inward_issue or link.outward_issue) for link in found)
        return [identifier for identifier, end in ends if end is not None and named(end) == other.id]

    def _remove_links(self, other: Ref) -> None:
        for identifier in self._link_ids(other):
            self._client.write("DELETE", f"issueLink/{identifier}")

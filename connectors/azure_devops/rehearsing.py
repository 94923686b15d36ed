"""Writes to a scratch item and takes it back: a label, a comment with a card, a dependency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.azure_devops import wire
from connectors.azure_devops.client import COMMENTS, ITEM, Client
from connectors.azure_devops.comments import CardComments
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.labels import Operation, label_patch
from connectors.azure_devops.permissions import EDITING, READ_AND_WRITE, TAGGING
from connectors.azure_devops.reading import Current, Reader
from connectors.azure_devops.relations import BLOCKS_REL, direction_of, item_of
from connectors.rehearsal import WRONG_DIRECTION, Rehearsal, perform
from lpm_sync.core.card import parse_footer
from lpm_sync.core.change import AddLabel, Card, RemoveLabel
from lpm_sync.core.examination import Check
from lpm_sync.core.work_item import Edge, Ref
from lpm_sync.errors import RefusedError

BECAUSE = ("rehearsal",)
DEMANDS = "or, where its process demands something else of that work item, fill it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A scratch item, and what is tried on it."""

    client: Client
    reader: Reader
    comments: CardComments
    ref: Ref
    label: str
    card: Card

    def checks(self, other: Ref | None) -> Iterator[Check]:
        """One check a rehearsal, in their order. Raises UnauthorisedError."""
        yield perform(self._label())
        is_cardless = bool(self.comments.missing())
        yield Check(subject="a comment", note="not tried") if is_cardless else perform(self._comment())
        if other is not None:
            yield perform(self._dependency(other))

    def _current(self, ref: Ref) -> Current:
        try:
            current = self.reader.current(ref.id)
        except UnreadableError as error:
            raise RefusedError(f"{ref} cannot be read: {error}") from None
        if current is None:
            raise RefusedError(f"{ref} is not there, or hidden from the account")
        return current

    def _patch(self, ref: Ref, operations: list[Operation]) -> None:
        self.client.write("PATCH", ITEM, wire.WrittenItem, route={"id": ref.id}, body=operations)

    def _label(self) -> Rehearsal:
        def change(changes: list[AddLabel | RemoveLabel]) -> None:
            decoded = self._current(self.ref).decoded
            patch = label_patch(decoded.fields.tags, decoded.revision, changes)
            if patch.operations:
                self._patch(self.ref, patch.operations)

        def stands() -> bool:
            return self.label.casefold() in {label.casefold() for label in self._current(self.ref).source.labels}

        return Rehearsal(
            subject="a label",
            remedy=f"grant {EDITING} and {TAGGING} to the account, and {READ_AND_WRITE} to its token; {DEMANDS}",
            standing=lambda: f"it has the label {self.label} already" if stands() else None,
            write=lambda: change([AddLabel(label=self.label, because=BECAUSE)]),
            fault=lambda: None if stands() else "the label was accepted and does not stand",
            take_back=lambda: change([RemoveLabel(label=self.label, because=BECAUSE)]),
            is_gone=lambda: not stands(),
        )

    def _comment(self) -> Rehearsal:
        footer = parse_footer(self.card.footer)

        def ours() -> list[str]:
            own = self._current(self.ref).source.own_comments
            return [comment.id for comment in own if parse_footer(comment.text) == footer]

        def route() -> dict[str, str]:
            return {"project": self._current(self.ref).source.project, "workItemId": self.ref.id}

        def remove() -> None:
            for identifier in ours():
                self.client.delete(COMMENTS, route={**route(), "commentId": identifier})

        return Rehearsal(
            subject="a comment",
            remedy=f"grant {EDITING} to the account, and {READ_AND_WRITE} to its token; {DEMANDS}",
            standing=lambda: "a comment of an earlier rehearsal stands on it" if ours() else None,
            write=lambda: self.comments.put(route(), self.card),
            fault=lambda: None if ours() else "the comment came back without its footer, or not as ours",
            take_back=remove,
            is_gone=lambda: not ours(),
        )

    def _dependency(self, other: Ref) -> Rehearsal:
        wanted = Edge(self.ref, other)

        def places() -> list[int]:
            return self._places(other)

        def fault() -> str | None:
            for ref in (self.ref, other):
                edges = self._current(ref).source.edges
                if wanted not in edges or Edge(other, self.ref) in edges:
                    return WRONG_DIRECTION
            return None

        def add() -> None:
            link = {"rel": BLOCKS_REL, "url": f"{self.client.url}/_apis/wit/workItems/{other.id}"}
            self._patch(self.ref, [{"op": "add", "path": "/relations/-", "value": link}])

        def remove() -> None:
            # Positions hold for what was just read; removed from the end, the others keep theirs (trackers.md, Link).
            operations: list[Operation] = [{"op": "remove", "path": f"/relations/{place}"} for place in places()]
            if operations:
                self._patch(self.ref, operations)

        return Rehearsal(
            subject="a dependency",
            remedy=f"grant {EDITING} in both projects to the account; {DEMANDS}",
            standing=lambda: "a dependency stands between them already" if places() else None,
            write=add,
            fault=fault,
            take_back=remove,
            is_gone=lambda: not places(),
        )

    def _places(self, other: Ref) -> list[int]:
        """Where the dependencies between the two stand among the relations, the last one first."""
        relations = self._current(self.ref).decoded.relations
        between = (
            place
            for place, relation in enumerate(relations)
            if direction_of(relation.rel) and item_of(relation) == other.id
        )
        return sorted(between, reverse=True)

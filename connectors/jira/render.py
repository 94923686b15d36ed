"""Renders cards and descriptions as rich text for either version of Jira's interface, and reads such text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from connectors.jira import adf, wiki
from lpm_sync.core.change import Card
from lpm_sync.core.document import Block, Document, paragraph

LONGEST_TEXT = 32_000  # characters; the tracker takes 32,767, and what it counts of a document is not documented
SHORTENED = paragraph("This text is longer than the tracker takes, and ends here.")

_Piece = TypeVar("_Piece")


class RichText:
    """Rich text in the form that one version of the interface takes: documents in 3, wiki markup in 2."""

    def __init__(self, *, is_document: bool) -> None:
        self._is_document = is_document

    def card(self, card: Card) -> Any:
        """A comment that ends with the footer, in a paragraph of its own; long ones lose their last blocks, not it."""
        return self._render(card.document.blocks, ending=(paragraph(card.footer),))

    def document(self, document: Document) -> Any:
        """A description."""
        return self._render(document.blocks, ending=())

    def _render(self, blocks: Iterable[Block], *, ending: tuple[Block, ...]) -> Any:
        if self._is_document:
            nodes = _fitting(blocks, ending, adf.block_node, lambda node: len(adf.text_of(adf.document([node]))))
            return adf.document(nodes)
        return "\n\n".join(_fitting(blocks, ending, wiki.block_markup, len))


def plain_text(value: Any) -> str:
    """Rich text of either version as plain lines, None as nothing. Raises ValueError on anything else."""
    if value is None:
        return ""
    return wiki.text_of(value) if isinstance(value, str) else adf.text_of(value)


def addresses_in(value: Any) -> Iterator[str]:
    """The addresses that rich text of either version names, links first; one may come twice."""
    if isinstance(value, dict):
        yield from adf.addresses_in(value)
        value = adf.text_of(value)
    if isinstance(value, str):
        yield from wiki.addresses_in(value)


def _fitting(
    blocks: Iterable[Block],
    ending: tuple[Block, ...],
    render: Callable[[Block], _Piece],
    length: Callable[[_Piece], int],
) -> list[_Piece]:
    """The blocks that fit, with a notice where not all of them do, and then the ending."""
    last = [render(block) for block in ending]
    notice = render(SHORTENED)
    room = LONGEST_TEXT - sum(length(piece) + 2 for piece in (*last, notice))
    pieces: list[_Piece] = []
    for piece in map(render, blocks):
        room -= length(piece) + 2
        if room < 0:
            return [*pieces, notice, *last]
        pieces.append(piece)
    return [*pieces, *last]

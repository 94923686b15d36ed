"""Atlassian documents: what version 3 of Jira's interface takes and gives as rich text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lpm_sync.core.document import Block, BulletList, Heading, Paragraph, Span
from lpm_sync.core.text import is_web_address, visible

Node = dict[str, Any]
DEEPEST = 60  # levels of nodes; what editors make has less than ten
HEADING_LEVEL = 3
_LINES = frozenset({"paragraph", "heading", "codeBlock", "rule", "blockCard", "embedCard", "mediaSingle", "taskItem"})


def document(nodes: list[Node]) -> Node:
    """A whole document of block nodes."""
    return {"type": "doc", "version": 1, "content": nodes}


def block_node(block: Block) -> Node:
    """A block as a node: text in it is never markup."""
    match block:
        case Heading(text=text):
            attributes = {"level": HEADING_LEVEL}
            return {"type": "heading", "attrs": attributes, "content": _inline((Span(text=text),))}
        case Paragraph(spans=spans):
            return {"type": "paragraph", "content": _inline(spans)}
        case BulletList(items=items):
            return {"type": "bulletList", "content": [_list_item(spans) for spans in items]}


def text_of(node: Any) -> str:
    """A document as plain lines: bullets as `- …`, links as `text (address)`, mentions and cards as they are shown.

    Raises ValueError on what is no document, or nested too deep.
    """
    if not isinstance(node, dict) or node.get("type") != "doc":
        raise ValueError("not a document")
    lines: list[str] = []
    _add_lines(node, lines, 0)
    return "\n".join(lines)


def addresses_in(node: Node, depth: int = 0) -> Iterator[str]:
    """The addresses that links and cards in a document lead to."""
    if depth > DEEPEST:
        raise ValueError("a document nested too deep")
    attributes = _attributes(node)
    if node.get("type") in ("inlineCard", "blockCard", "embedCard") and isinstance(attributes.get("url"), str):
        yield attributes["url"]
    for mark in _objects(node, "marks"):
        if isinstance(href := _attributes(mark).get("href"), str):
            yield href
    for child in _children(node):
        yield from addresses_in(child, depth + 1)


def _list_item(spans: tuple[Span, ...]) -> Node:
    return {"type": "listItem", "content": [{"type": "paragraph", "content": _inline(spans)}]}


def _inline(spans: tuple[Span, ...]) -> list[Node]:
    nodes = []
    for span in spans:
        text = visible(span.text)
        if not text:
            continue  # an empty text node is a 400
        marks: list[Node] = [{"type": "strong"}] if span.is_strong else []
        if span.href is not None and is_web_address(span.href):
            marks.append({"type": "link", "attrs": {"href": span.href}})
        nodes.append({"type": "text", "text": text, **({"marks": marks} if marks else {})})
    return nodes


def _add_lines(node: Node, lines: list[str], depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("a document nested too deep")
    kind = node.get("type")
    if isinstance(kind, str) and kind in _LINES:
        lines += _inline_text(node, depth).split("\n")
        return
    below = [] if kind == "listItem" else lines
    for child in _children(node):
        _add_lines(child, below, depth + 1)
    if below is not lines:
        lines += [f"{'  ' if number else '- '}{line}" for number, line in enumerate(below)]


def _inline_text(node: Node, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError("a document nested too deep")
    match node.get("type"):
        case "text":
            return _marked_text(node)
        case "hardBreak":
            return "\n"
        case "rule":
            return "----"
        case "inlineCard" | "blockCard" | "embedCard":
            return str(_attributes(node).get("url", ""))
        case "mention" | "emoji" | "status" | "date" | "placeholder":
            attributes = _attributes(node)
            return str(attributes.get("text") or attributes.get("shortName") or attributes.get("timestamp") or "")
    return "".join([_inline_text(child, depth + 1) for child in _children(node)])


def _marked_text(node: Node) -> str:
    text = str(node.get("text", ""))
    for mark in _objects(node, "marks"):
        href = _attributes(mark).get("href")
        if isinstance(href, str) and href != text:
            return f"{text} ({href})"
    return text


def _children(node: Node) -> list[Node]:
    return _objects(node, "content")


def _objects(node: Node, name: str) -> list[Node]:
    """What a node lists under a name, as far as it is understood."""
    found = node.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _attributes(node: Node) -> Node:
    attributes = node.get("attrs")
    return attributes if isinstance(attributes, dict) else {}

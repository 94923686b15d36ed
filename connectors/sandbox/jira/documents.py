"""Rich text in its two forms: wiki text of version 2 and Atlassian documents of version 3."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jira.model import Body, Json

MAXIMUM_CHARACTERS = 32_767

_BLOCK_NAMES = """paragraph heading bulletList orderedList listItem codeBlock blockquote rule panel table tableRow
    tableCell tableHeader expand nestedExpand mediaSingle mediaGroup media taskList taskItem decisionList decisionItem
    layoutSection layoutColumn blockCard embedCard extension bodiedExtension"""
_INLINE_NAMES = "text hardBreak mention emoji inlineCard date status inlineExtension placeholder"
_MARK_NAMES = """strong em code link strike underline subsup textColor backgroundColor border annotation alignment
    indentation breakout"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_INLINES = frozenset(_INLINE_NAMES.split())
_MARKS = frozenset(_MARK_NAMES.split())


def body_of(value: str | Json) -> Body:
    """Keeps rich text in the form in which it came."""
    return Body(text=value) if isinstance(value, str) else Body(document=value)


def text_of(body: Body | None) -> str | None:
    """The body as version 2 shows it; a document is turned into plain wiki text."""
    if body is None:
        return None
    return body.text if body.text is not None else _blocks((body.document or {}).get("content", []))


def document_of(body: Body | None) -> Json | None:
    """The body as version 3 shows it; text becomes paragraphs, which is what Cloud does with unmarked wiki text."""
    if body is None:
        return None
    return body.document if body.document is not None else _document(body.text or "")


def is_document(value: object) -> bool:
    """Whether `value` is a valid document: version 1, known nodes and marks, text where text belongs.

    `trackers.md`, Writing: version 3 takes an ADF document, a string is a 400.
    """
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    content = value.get("content")
    return isinstance(content, list) and all(_is_node(child, _BLOCKS) for child in content)


def _is_node(node: object, allowed: frozenset[str]) -> bool:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        return False
    if node["type"] == "text":
        return _is_text(node)
    if not isinstance(node.get("attrs", {}), dict):
        return False
    content = node.get("content", [])
    below = _INLINES if node["type"] in ("paragraph", "heading", "codeBlock", "taskItem") else _BLOCKS
    return isinstance(content, list) and all(_is_node(child, below) for child in content)


def _is_text(node: Json) -> bool:
    text, marks = node.get("text"), node.get("marks", [])
    if not isinstance(text, str) or not text or not isinstance(marks, list):
        return False
    for mark in marks:
        if not isinstance(mark, dict) or mark.get("type") not in _MARKS:
            return False
        if mark["type"] == "link" and not isinstance(mark.get("attrs", {}).get("href"), str):
            return False
    return True


def count_characters(value: str | Json) -> int:
    """The characters that a reader sees, which is what the limit of 32,767 counts."""
    if isinstance(value, str):
        return len(value)
    total = len(value["text"]) if isinstance(value.get("text"), str) else 0
    return total + sum(count_characters(child) for child in value.get("content", []) if isinstance(child, dict))


def _document(text: str) -> Json:
    paragraphs = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip("\n")]
    return {"type": "doc", "version": 1, "content": [_paragraph(part.strip("\n")) for part in paragraphs]}


def _paragraph(text: str) -> Json:
    content: list[Json] = []
    for line in text.split("\n"):
        if content:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def _blocks(nodes: list[Any]) -> str:
    return "\n\n".join(_block(node) for node in nodes)


def _block(node: Json) -> str:
    kind = node.get("type")
    children = node.get("content", [])
    if kind == "heading":
        return f"h{node.get('attrs', {}).get('level', 1)}. {_inlines(children)}"
    if kind in ("bulletList", "orderedList"):
        sign = "*" if kind == "bulletList" else "#"
        return "\n".join(f"{sign} {_blocks(item.get('content', []))}" for item in children)
    if kind == "codeBlock":
        return "{code}" + _inlines(children) + "{code}"
    if kind == "rule":
        return "----"
    if kind == "paragraph":
        return _inlines(children)
    return _blocks(children)


def _inlines(nodes: list[Any]) -> str:
    return "".join(_inline(node) for node in nodes)


def _inline(node: Json) -> str:
    attributes = node.get("attrs", {})
    match node.get("type"):
        case "hardBreak":
            return "\n"
        case "mention":
            return f"[~accountid:{attributes.get('id', '')}]"
        case "inlineCard":
            return f"[{attributes.get('url', '')}]"
        case "emoji" | "status":
            return str(attributes.get("text") or attributes.get("shortName") or "")
    text = str(node.get("text", ""))
    for mark in node.get("marks", []):
        text = _marked(text, mark)
    return text


def _marked(text: str, mark: Json) -> str:
    if mark["type"] == "link":
        return f"[{text}|{mark['attrs']['href']}]"
    sign = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}.get(mark["type"])
    if mark["type"] == "code":
        return "{{" + text + "}}"
    return f"{sign}{text}{sign}" if sign else text

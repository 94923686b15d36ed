"""How an answer is spelt and sent: the order of its keys, escapes, packing, the case of its headers."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.sandbox.faults import Message, Send
from connectors.sandbox.variation import AS_IT_IS, Variation

Header = tuple[bytes, bytes]
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
STRANGE_HEADERS: tuple[Header, ...] = (
    (b"etag", b'W/"1"'),
    (b"cache-control", b"no-cache, no-store"),
    (b"vary", b"Accept-Encoding"),
    (b"x-served-by", b"another implementation"),
)


def spelt(variation: Variation, content: Any) -> bytes:
    """A value as JSON, in UTF-8."""
    indent, separators = (2, (",", " : ")) if variation.layout == "indented" else (None, (",", ":"))
    ordered = content if variation.key_order == AS_IT_IS else _ordered(variation, content)
    is_ascii = variation.escapes == "ascii"
    return json.dumps(ordered, ensure_ascii=is_ascii, indent=indent, separators=separators).encode()


def _ordered(variation: Variation, content: Any) -> Any:
    if isinstance(content, list):
        return [_ordered(variation, one) for one in content]
    if not isinstance(content, dict):
        return content
    names = sorted(content) if variation.key_order == "sorted" else reversed(content)
    return {name: _ordered(variation, content[name]) for name in names}


async def send_varied(variation: Variation, start: Message, body: bytes, accepted: str, send: Send) -> None:
    """Sends an answer; `accepted` is what the client says that it can unpack."""
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    if body and variation.coding in PACKERS and variation.coding in accepted:
        body = PACKERS[variation.coding](body)
        headers.append((b"content-encoding", variation.coding.encode()))
    if variation.extra_members:
        headers += STRANGE_HEADERS
    if variation.framing == "closed":
        headers.append((b"connection", b"close"))
    is_chunked = variation.framing == "chunked" and bool(body)
    if not is_chunked and start["status"] != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({**start, "headers": list(_named(variation, headers))})
    middle = len(body) // 2 if is_chunked else 0
    if middle:
        await send({"type": "http.response.body", "body": body[:middle], "more_body": True})
    await send({"type": "http.response.body", "body": body[middle:]})


def _named(variation: Variation, headers: Iterable[Header]) -> Iterable[Header]:
    change = bytes.upper if variation.header_names == "upper" else bytes
    return ((change(name), value) for name, value in headers)

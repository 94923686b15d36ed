"""Reads the body of an answer whole, up to a size, and hides what must not be shown of it."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from io import BytesIO

from requests import PreparedRequest, Response
from urllib3.response import HTTPResponse

from lpm_sync.errors import UnavailableError

PACKED_CHUNK = 65_536  # bytes as they come; a thousand times as many may be in them
CHUNK = 1024 * 1024
LARGEST_BODY = 64 * 1024 * 1024  # bytes after decompression


def read_body(response: Response, where: str, *, largest: int = LARGEST_BODY) -> bytes:
    """The decompressed body, which also stays readable from the response.

    Raises UnavailableError past `largest` bytes, and lets errors of urllib3 through where the body breaks off.
    """
    chunks: list[bytes] = []
    size = 0
    is_packed = "Content-Encoding" in response.headers
    with response.raw as raw:
        while chunk := raw.read(PACKED_CHUNK if is_packed else CHUNK, decode_content=is_packed):
            size += len(chunk)
            if size > largest:
                raise UnavailableError(
                    f"{where}: the answer is larger than {largest // 1024 // 1024} MB unpacked and was cut off; "
                    "narrow the scope, or look at what answers there"
                )
            chunks.append(chunk)
    body = b"".join(chunks)
    response.raw = HTTPResponse(
        body=BytesIO(body), status=response.status_code, reason=response.reason, preload_content=False
    )
    response._content = body  # what `content` hands out: else it is copied again, ten kilobytes at a time
    return body


def secrets_of(request: PreparedRequest) -> tuple[bytes, ...]:
    """Everything in the credential header of a request that must never be shown, decoded and not."""
    header = request.headers.get("Authorization", "")
    value = header.encode() if isinstance(header, str) else header
    token = value.partition(b" ")[2].strip()
    secrets = [token]
    if value.lower().startswith(b"basic "):
        with suppress(binascii.Error):  # not a basic credential after all: the raw value is hidden anyway
            secrets.append(base64.b64decode(token, validate=True).partition(b":")[2])
    return tuple(secret for secret in secrets if len(secret) >= 4)


def without_secrets(body: bytes, secrets: tuple[bytes, ...]) -> bytes:
    """The body with each of the secrets blotted out."""
    for secret in secrets:
        body = body.replace(secret, b"***")
    return body

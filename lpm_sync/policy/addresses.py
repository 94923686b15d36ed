"""Which addresses a configuration may name: https, plain http on loopback only, and none that leads inside a cloud."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

_METADATA_HOSTS = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(address) for address in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are an IPv4 address
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_LOOPBACK_NAME = "localhost"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_address(text: str) -> str:
    """The address without a trailing slash; raises ValueError saying what is wrong, without repeating it.

    The text is not repeated in the message because it may hold a password.
    """
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("the address holds characters that no address has; write it in ASCII, without spaces")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not an address; write for example https://company.atlassian.net") from None
    _check_form(parts, host)
    is_loopback = _is_loopback((host or "").rstrip("."))
    if parts.scheme == "http" and not is_loopback:
        raise ValueError("plain http sends the token unprotected; write https (http is for loopback only)")
    return text.rstrip("/")


def _check_form(parts: SplitResult, host: str | None) -> None:
    if parts.scheme not in {"https", "http"} or not host:
        raise ValueError("not a web address; write for example https://company.atlassian.net")
    if "@" in parts.netloc:
        raise ValueError("the address holds a user or password; remove it and give the token as a secret")
    if parts.query or parts.fragment:
        raise ValueError("the address holds a query or fragment; write only host and path")


def _is_loopback(host: str) -> bool:
    """Whether the host is this machine; raises ValueError for hosts that are refused."""
    address = _literal(host)
    if address is not None:
        if not address.is_loopback and (
            address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address.is_reserved
            or address in _METADATA_ADDRESSES
        ):
            raise ValueError(
                "the address belongs to the machine's own network (link-local or metadata); name the tracker"
            )
        return address.is_loopback
    if host in _METADATA_HOSTS:
        raise ValueError("the address is a cloud's metadata service; name the tracker")
    if re.fullmatch(r"0x[0-9a-f]*|[0-9]+", host.rsplit(".", 1)[-1]):
        raise ValueError("an odd form of a numeric address; write it as four decimal numbers, or by its name")
    if not _HOST_NAME.fullmatch(host):
        raise ValueError("not a host name; write for example https://company.atlassian.net")
    return host == _LOOPBACK_NAME or host.endswith(f".{_LOOPBACK_NAME}")


def _literal(host: str) -> _Address | None:
    try:
        address: _Address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


WebAddress = Annotated[str, AfterValidator(checked_address), Field(max_length=500, json_schema_extra={"format": "uri"})]
"""Where a tracker is reached."""

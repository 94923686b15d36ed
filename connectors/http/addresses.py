"""Which addresses a connector may be pointed at, and what counts as the same place."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from lpm_sync.errors import ConfigurationError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Clouds answer under these with credentials of the machine itself; AWS, Azure, Google, Alibaba, Oracle.
METADATA_HOSTS = frozenset({"metadata", "metadata.google.internal", "metadata.azure.internal", "instance-data"})
METADATA_ADDRESSES = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))
)
DEFAULT_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """Scheme, host and port in one form: `https://host:443`. Raises ConfigurationError where `url` has none."""
    parts = _split(url)
    host = (parts.hostname or "").lower()
    return f"{parts.scheme.lower()}://{f'[{host}]' if ':' in host else host}:{_port(parts)}"


def check_address(url: str, *, allowed_hosts: Collection[str] = ()) -> str:
    """Returns a configured address without its trailing slash.

    It must be https (plain http on loopback only), without user name and password, and lead neither to a link-local or
    metadata address nor to an address in a disguise (`0x7f.1`, `2130706433`). A host in `allowed_hosts` is taken
    as it is, and over plain http too. Raises ConfigurationError.
    """
    parts = _split(url)
    host = (parts.hostname or "").lower()
    if any(ord(character) <= 32 or character == "\\" for character in url):
        raise ConfigurationError(f"the address of {host} has blanks or backslashes in it: write it plainly")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"the address of {host} holds a user name or password: put them with the credentials")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"the address of {host} ends in a query or fragment: write it up to the path")
    if host not in allowed_hosts:
        _check_host(host)
        if parts.scheme.lower() == "http" and not is_loopback(host):
            raise ConfigurationError(f"http://{host} would send the credential in the clear: write https://")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or literal address."""
    address = _literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def check_peer(address: str) -> None:
    """Refuses a connection that a harmless name led to a link-local or metadata address; raises ConfigurationError."""
    literal = _literal(address)
    if literal is not None and _is_forbidden(literal):
        raise ConfigurationError(f"the configured address leads to {address}, a link-local or metadata address")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError as error:
        raise ConfigurationError(f"not an address: {error}; write it as https://host/path") from None
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
        raise ConfigurationError("not an address: write it as https://host/path")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)


def _check_host(host: str) -> None:
    if host.rstrip(".") in METADATA_HOSTS:
        raise ConfigurationError(f"{host} gives out credentials of the machine: it is no tracker")
    address = _literal(host)
    if address is not None:
        if _is_forbidden(address):
            raise ConfigurationError(f"{host} is a link-local or metadata address: it is no tracker")
    elif re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+|[0-9a-fx.]*\.(0x[0-9a-f]+|[0-9]+)", host):
        # What the resolver would take for an address in octal, hexadecimal, or with parts left out.
        raise ConfigurationError(f"{host} is an address in an odd form: write its name or all four numbers")


def _literal(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_forbidden(address: Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA_ADDRESSES

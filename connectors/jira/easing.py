"""A second look at answers that do not fit only because a server writes its ids as numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

Found = TypeVar("Found")
IDS = ("id", "issueId")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def leniently(decode: Callable[[bytes | msgspec.Raw], Found], content: bytes | msgspec.Raw) -> Found:
    """What `decode` makes of JSON, as it is or else with its ids as texts.

    The contract has ids as texts: whoever keeps it is read once. Raises what `decode` raises of the answer as it is.
    """
    try:
        return decode(content)
    except msgspec.ValidationError:
        try:
            return decode(_ENCODER.encode(_eased(_DECODER.decode(content))))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            pass
        raise


def _eased(value: Any) -> Any:  # whatever JSON holds there
    if isinstance(value, list):
        return [_eased(one) for one in value]
    if isinstance(value, dict):
        return {name: str(one) if name in IDS and _is_number(one) else _eased(one) for name, one in value.items()}
    return value


def _is_number(value: Any) -> bool:  # whatever JSON holds there
    return isinstance(value, int) and not isinstance(value, bool)

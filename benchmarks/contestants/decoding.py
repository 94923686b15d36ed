"""The fastest plain JSON decoder that is installed: what a ceiling decodes with."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import msgspec

NAME = "orjson" if find_spec("orjson") else "msgspec.json"


def decoder() -> Callable[[bytes], Any]:
    """Reads JSON into dictionaries and lists: orjson where it is installed, else msgspec without types."""
    if NAME == "orjson":
        loads: Callable[[bytes], Any] = import_module("orjson").loads
        return loads
    return msgspec.json.Decoder().decode

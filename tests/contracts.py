"""Published contracts and recorded answers: where they lie, and what happens where they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CONTRACTS = Path(os.environ.get("LPM_CONTRACTS") or Path(__file__).parents[2] / "shared")
"""The folder that `LPM_CONTRACTS` names; beside the checkout where it names none."""


def contract(name: str) -> Path:
    """The file or folder of that name; skips the test, or the whole module that asks for it, where it is missing."""
    path = CONTRACTS / name
    if not path.exists():
        pytest.skip(f"no {name} in LPM_CONTRACTS ({CONTRACTS})", allow_module_level=True)
    return path

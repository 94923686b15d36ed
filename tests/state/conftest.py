"""A state of its own for each test, and values to keep in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lpm_sync.state.store import State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def state(state_path: Path) -> Iterator[State]:
    with State.open(state_path, at=NOW) as opened:
        yield opened

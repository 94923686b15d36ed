"""Findings and content that the tests of reports share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from lpm_sync.core.finding import Finding, Governed, Mode, Reading, Subject

FindingMaker = Callable[..., Finding]


@pytest.fixture
def governed() -> tuple[Governed, ...]:
    """Three rules: two on the card, one in the digest only."""
    return (
        Governed(code="DOR001", title="Benefit hypothesis", mode=Mode.ENFORCE, label="not-ready"),
        Governed(code="GRD301", title="Significant initiative without approval", mode=Mode.COMMENT),
        Governed(code="BUD101", title="Value stream over budget", mode=Mode.DIGEST),
    )


@pytest.fixture
def finding() -> FindingMaker:
    def make(code: str = "DOR001", **values: Any) -> Finding:
        defaults: dict[str, Any] = {
            "title": "Benefit hypothesis",
            "subject": Subject(kind="item", id="jira:10001"),
            "mode": Mode.ENFORCE,
            "readings": (Reading(name="benefit hypothesis", shown="empty", source="jira:PAY-1 description"),),
            "threshold": "a benefit hypothesis of one sentence",
            "fix": "write the benefit hypothesis into the description",
            "since": date(2026, 11, 9),
        }
        return Finding(code=code, **(defaults | values))

    return make

"""What all tests share: how Hypothesis behaves on a loaded machine, and which contract tests ran."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("shared-machine")

TESTS = Path(__file__).parent


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which of the files that are held against published contracts and recordings passed a test in this run."""
    passed = {report.nodeid.partition("::")[0] for report in terminalreporter.getreports("passed")}
    against = [path for path in TESTS.rglob("test_*.py") if "from tests.contracts import" in path.read_text()]
    names = sorted(path.name for path in against if path.relative_to(TESTS.parent).as_posix() in passed)
    terminalreporter.write_line(f"held against contracts and recordings: {', '.join(names) or 'nothing'}")

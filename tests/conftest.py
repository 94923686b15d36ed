"""What all tests share: how far Hypothesis looks, and which contract tests ran."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from connectors.sandbox.faults import Wire
from tests.example_counts import QUICK, THOROUGH
from tests.request_contracts import Sent

pytest.register_assert_rewrite("lpm_sync.testing.conformance")  # before anything imports it: readable failures

# Machines are shared and slow, so no example has a deadline.
for name, count in (("quick", QUICK), ("thorough", THOROUGH)):
    settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        derandomize=name == "quick",  # the same examples in every run: what is new is for the thorough one to find
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
settings.load_profile(os.environ.get("LPM_HYPOTHESIS", "quick"))

# A state is written to the disk at each step: in memory, where there is such a place with room, nobody waits for that.
IN_MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 1_000_000_000:
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)

# No proxy of this machine stands between a test and its server, and none is looked for at every request.
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost"

TESTS = Path(__file__).parent
SENT = Sent()
Wire.observers.append(SENT.observe)


@pytest.fixture(autouse=True)
def every_request_is_one_of_its_contract() -> Iterator[None]:
    """Whatever our connectors sent to an embedded tracker in a test is held against the published contract."""
    yield
    SENT.check()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which of the files that are held against published contracts and recordings passed a test in this run."""
    passed = {report.nodeid.partition("::")[0] for report in terminalreporter.getreports("passed")}
    against = [path for path in TESTS.rglob("test_*.py") if "from tests.contracts import" in path.read_text()]
    names = sorted(path.name for path in against if path.relative_to(TESTS.parent).as_posix() in passed)
    terminalreporter.write_line(f"held against contracts and recordings: {', '.join(names) or 'nothing'}")

"""Runs `plan` on recorded Jira issues: `python scripts/plan_recorded.py issues_*.jsonl`.

The issues are served by the embedded Jira, with a configuration made for their types and statuses. Prints the plan,
then how many items were pulled and how many findings there are; exits 1 where either is none, 2 for files that cannot
be used.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lpm_sync import plugins
from lpm_sync.errors import ConfigurationError, LpmSyncError
from lpm_sync.pipeline.cycle import plan_cycle
from lpm_sync.pipeline.troubles import troubles
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.ports import SandboxRequest
from lpm_sync.report.plan import plan_text
from lpm_sync.settings import Secrets, Settings


def main(files: list[str]) -> int:
    """The exit code: 0 where items were pulled and findings made."""
    request = SandboxRequest(start=datetime.now(UTC), recorded=tuple(Path(file) for file in files))
    running = plugins.sandbox()(request)
    try:
        with TemporaryDirectory() as folder:
            running.write_configuration(Path(folder))
            workplace = Workplace(
                settings=Settings(config=Path(folder), state=Path(folder) / "state.sqlite3"),
                secrets=Secrets(directory=None, environment=running.environment),
                clock=running.clock,
            )
            reading, decision = plan_cycle(workplace)
    finally:
        running.close()
    print(plan_text(decision.plan))
    for trouble in troubles(reading, decision, ()):
        print(trouble)
    print(f"items pulled: {reading.pulled}, findings: {len(decision.evaluation.findings)}")
    return 0 if reading.pulled and decision.evaluation.findings else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(sys.argv[1:]))
    except LpmSyncError as error:
        print(f"plan_recorded.py: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)

"""How many examples a property test looks at: few in the run that everybody waits for, many in the thorough one."""

from __future__ import annotations

from hypothesis import settings

QUICK, THOROUGH = 25, 200
"""Examples of a test that names no count, in the two profiles that tests/conftest.py registers."""


def examples(count: int) -> int:
    """`count` in the default run, and in another profile as many times more as it has more examples."""
    return max(1, count * settings().max_examples // QUICK)

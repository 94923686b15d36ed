"""Makes failures of the shipped suite readable."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("lpm_sync.testing.conformance")

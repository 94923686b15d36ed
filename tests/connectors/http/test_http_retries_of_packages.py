"""A client package that brings retries of its own does not get to use them."""

from __future__ import annotations

import pytest
from urllib3 import Retry

from lpm_sync.errors import UnclearError
from tests.connectors.http.conftest import Careful, answer, reset


@pytest.mark.parametrize("reply", [reset, answer(503)])
def test_retries_that_a_package_puts_into_the_adapter_repeat_no_write(careful: Careful, reply: object) -> None:
    # msrest lays a policy of its own on every adapter that it finds mounted.
    careful.adapter.max_retries = Retry(3, allowed_methods=None, status_forcelist=[503], backoff_factor=0)
    careful.server.replies = [reply]  # type: ignore[list-item]
    with pytest.raises(UnclearError):
        careful.put()
    assert len(careful.server.requests) == 1

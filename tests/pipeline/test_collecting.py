"""Circular garbage is looked for seldom while a cycle runs, and as usual after it."""

from __future__ import annotations

import gc

import pytest

from lpm_sync.pipeline.collecting import seldom_collecting


def test_it_is_looked_for_as_usual_again_also_after_a_cycle_that_failed() -> None:
    usual = gc.get_threshold()
    with pytest.raises(KeyError), seldom_collecting():
        assert gc.get_threshold() > usual
        raise KeyError
    assert gc.get_threshold() == usual

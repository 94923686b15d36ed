"""Circular garbage is looked for seldom while a cycle runs, and as usual after it."""

from __future__ import annotations

import gc

import pytest

from lpm_sync.pipeline.collecting import seldom_collecting


def test_it_is_looked_for_as_usual_again_also_after_a_cycle_that_failed() -> None:
    usual = gc.get_threshold()
    found: list[tuple[int, int, int]] = []

    @seldom_collecting()
    def fail() -> None:
        found.append(gc.get_threshold())
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert found[0] > usual
    assert gc.get_threshold() == usual

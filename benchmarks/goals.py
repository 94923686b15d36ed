"""What a row has to reach: a ratio to a peer, or a figure within a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from benchmarks.measuring import Measurement

Measured = Mapping[str, Measurement]
"""Medians by the contestant's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a goal came out. One that does not decide is shown for orientation."""

    goal: str
    reached: str
    is_met: bool
    decides: bool = True


class Goal(Protocol):
    """Something that the measurements of a row are held against."""

    def judge(self, measured: Measured) -> Judgement: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Faster:
    """`one` is at least `factor` times as fast as `than`, by the clock."""

    one: str
    than: str
    factor: float

    def judge(self, measured: Measured) -> Judgement:
        one, other = measured[self.one], measured[self.than]
        ratio, cpu = other.wall / one.wall, other.cpu / one.cpu
        return Judgement(
            goal=f"{self.one}: at least {self.factor:g} times {self.than}",
            reached=f"{ratio:.2f} times (CPU {cpu:.2f} times)",
            is_met=ratio >= self.factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSlower:
    """`one` takes at most `factor` times as long as `than`, by the clock."""

    one: str
    than: str
    factor: float

    def judge(self, measured: Measured) -> Judgement:
        one, other = measured[self.one], measured[self.than]
        ratio, cpu = one.wall / other.wall, one.cpu / other.cpu
        return Judgement(
            goal=f"{self.one}: at most {self.factor:g} times as long as {self.than}",
            reached=f"{ratio:.2f} times (CPU {cpu:.2f} times)",
            is_met=ratio <= self.factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A figure of `one` is at most `limit`: `memory` in MB, `cpu` in seconds, or one that the contestant counted."""

    one: str
    figure: str
    limit: float
    decides: bool = True

    def judge(self, measured: Measured) -> Judgement:
        found = measured[self.one]
        value = {"memory": found.memory, "cpu": found.cpu, **found.figures}[self.figure]
        return Judgement(
            goal=f"{self.one}: {self.figure} at most {self.limit:g}",
            reached=f"{value:.5g}",
            is_met=value <= self.limit,
            decides=self.decides,
        )

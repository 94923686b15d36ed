"""Mapping: every item belongs to one value stream, every team serves one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lpm_sync.core.finding import Reading, Status, Verdict
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.value_stream import Match, ValueStream
from lpm_sync.core.work_item import WorkItem
from lpm_sync.rules.base import PASSED, Example, ItemRule, StreamRule
from lpm_sync.rules.evidence import unknown_above
from lpm_sync.rules.example import epic, feature, portfolio_of, stream
from lpm_sync.rules.wording import listed

_FEW = 5  # labels that a fix offers to choose from
_MAY_CLAIM = "{streams} may claim it, by a field that {tracker} does not map"
_NO_STREAMS = Verdict.skipped("the portfolio has no value streams")


class _ClaimRule(ItemRule):
    """Common to the rules about who claims an item."""

    family: ClassVar[str] = "mapping"

    def read(self, item: WorkItem, portfolio: Portfolio) -> tuple[Reading, ...]:
        claims = portfolio.claims.get(item.ref, ())
        return (Reading(name="value streams", shown=listed(claims) or "none", source="match in value_streams.yaml"),)


class Unmapped(_ClaimRule):
    """An item that no value stream claims, neither itself nor through what stands above it."""

    code: ClassVar[str] = "MAP101"
    title: ClassVar[str] = "No value stream"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="no stream claims the item's project",
            given=lambda: portfolio_of(feature("MOB-1"), streams=(_LABELLED,)),
            subject="jira:MOB-1",
            expect=Status.FAILED,
            fix="vs-payments",
        ),
        Example(
            name="a feature belongs to its epic's stream",
            given=lambda: portfolio_of(epic("PAY-1"), feature("MOB-1", parent="PAY-1"), streams=(_LABELLED,)),
            subject="jira:MOB-1",
            expect=Status.PASSED,
        ),
    )

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        if item.ref in portfolio.claims:
            return PASSED
        if not portfolio.definition.value_streams:
            return _NO_STREAMS
        if unknown := unknown_above(item, portfolio):
            return Verdict.error(unknown)
        if perhaps := portfolio.perhaps_claimed.get(item.ref):
            return Verdict.skipped(_MAY_CLAIM.format(tracker=item.ref.tracker, streams=listed(perhaps)))
        streams = portfolio.definition.value_streams
        labels = tuple(dict.fromkeys(match.label for stream in streams for match in stream.matches if match.label))
        mark = (
            f"add the label {' or '.join(labels)}"
            if 0 < len(labels) <= _FEW
            else "give it a label, project or area that a value stream claims"
        )
        return Verdict.failed(
            *self.read(item, portfolio), threshold="exactly one", fix=f"{mark}, or give it a parent that has one"
        )


class DoublyClaimed(_ClaimRule):
    """An item that two or more value streams claim: its money counts for none of them."""

    code: ClassVar[str] = "MAP102"
    title: ClassVar[str] = "Several value streams"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="its project and its label belong to different streams",
            given=lambda: portfolio_of(
                feature("MOB-1", labels=frozenset({"vs-payments"})), streams=(_LABELLED, stream("mobile", "MOB"))
            ),
            subject="jira:MOB-1",
            expect=Status.FAILED,
            fix="all but one of payments and mobile",
        ),
        Example(
            name="one stream claims it twice over",
            given=lambda: portfolio_of(feature("PAY-1", labels=frozenset({"vs-payments"})), streams=(_LABELLED,)),
            subject="jira:PAY-1",
            expect=Status.PASSED,
        ),
    )

    def check(self, item: WorkItem, portfolio: Portfolio) -> Verdict:
        claims = portfolio.claims.get(item.ref, ())
        if len(claims) < 2:
            return PASSED
        return Verdict.failed(
            *self.read(item, portfolio),
            threshold="exactly one",
            fix=f"take away what claims it for all but one of {listed(claims)}",
        )


class SharedTeam(StreamRule):
    """A team that serves this value stream and another: it is named by both, or both have open items of it."""

    code: ClassVar[str] = "MAP103"
    reads: ClassVar[tuple[str, ...]] = ("team",)
    title: ClassVar[str] = "A team serves several value streams"
    family: ClassVar[str] = "mapping"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            name="a team of one stream has open work in another",
            given=lambda: portfolio_of(
                feature("MOB-1", team="Ledger"),
                streams=(stream("payments", "PAY", teams=("Ledger",)), stream("mobile", "MOB")),
            ),
            subject="payments",
            expect=Status.FAILED,
            fix="Ledger",
        ),
        Example(
            name="each team serves one stream",
            given=lambda: portfolio_of(
                feature("MOB-1", team="Apps"),
                streams=(stream("payments", "PAY", teams=("Ledger",)), stream("mobile", "MOB")),
            ),
            subject="payments",
            expect=Status.PASSED,
        ),
    )

    def needs(self) -> tuple[str, ...]:
        return ()

    def weighs(self) -> tuple[str, ...]:
        return self.reads

    def check(self, stream: ValueStream, portfolio: Portfolio) -> Verdict:
        shared = {team: served for team, served in _teams_of(stream, portfolio).items() if len(served) > 1}
        if not shared:
            unmapped = portfolio.mapped.why_unknown({ref.tracker for ref in portfolio.claims}, self.reads)
            return Verdict.skipped(unmapped) if unmapped else PASSED
        return Verdict.failed(
            *_team_readings(shared),
            threshold="one value stream a team",
            fix=f"let {listed(tuple(shared))} serve one value stream, or move its items to the stream that it serves",
        )

    def read(self, stream: ValueStream, portfolio: Portfolio) -> tuple[Reading, ...]:
        return _team_readings(_teams_of(stream, portfolio)) or (Reading(name="teams", shown="none"),)


def _teams_of(stream: ValueStream, portfolio: Portfolio) -> dict[str, tuple[str, ...]]:
    """The streams that each team of the stream serves."""
    return {team: served for team, served in portfolio.served.items() if stream.id in served}


def _team_readings(teams: Mapping[str, tuple[str, ...]]) -> tuple[Reading, ...]:
    return tuple(
        Reading(name=f"team {team}", shown=f"serves {listed(served)}", source="teams of the streams and of open items")
        for team, served in teams.items()
    )


_LABELLED: ValueStream = stream("payments", matches=(Match(project="PAY"), Match(label="vs-payments")))

"""What became of the findings that a card stated and does not state any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from lpm_sync.core.card import Footer, code_of, is_above_items, subject_token
from lpm_sync.core.finding import Evaluation, Finding, Mode, Subject
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import Ref, WorkItem
from lpm_sync.planning.desired import place_of
from lpm_sync.report.card_content import DepartedFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """Tells what the tokens of a footer mean, and what became of those that are gone.

    `above_items` are the subjects of tokens that are not about the item which carries them; `failing` what fails now.
    """

    portfolio: Portfolio
    evaluation: Evaluation
    above_items: Mapping[str, Subject]
    failing: Mapping[tuple[Subject, str], Finding]
    modes: Mapping[str, Mode]

    @classmethod
    def of(cls, portfolio: Portfolio, evaluation: Evaluation) -> Departures:
        return cls(
            portfolio=portfolio,
            evaluation=evaluation,
            above_items=subjects_above_items(portfolio, [rule.code for rule in evaluation.governed]),
            failing={(finding.subject, finding.code): finding for finding in evaluation.findings},
            modes={rule.code: rule.mode for rule in evaluation.governed},
        )

    def subject(self, token: str, ref: Ref) -> Subject | None:
        """What a token on that item's card is about; None for a stream or a rule that is not known any more."""
        return self.above_items.get(token) if is_above_items(token) else Subject(kind="item", id=str(ref))

    def departed(self, item: WorkItem, previous: Footer | None, stated: Collection[str]) -> Iterator[DepartedFinding]:
        """The findings that the card stated before and that are not among the tokens `stated` now."""
        for token, _ in previous.findings if previous else ():
            if token not in stated:
                yield self._departed(token, self.subject(token, item.ref))

    def _departed(self, token: str, subject: Subject | None) -> DepartedFinding:
        code = code_of(token)
        if subject is None or code not in self.modes or not self.modes[code].includes(Mode.COMMENT):
            return DepartedFinding(token=token)
        if (subject, code) in self.failing:
            place = place_of(subject, self.portfolio)
            elsewhere = self.portfolio.items[place].key if place is not None else ""
            return DepartedFinding(token=token, is_told_elsewhere=True, place=elsewhere)
        ending = self.evaluation.ending(subject, code)
        return DepartedFinding(token=token, is_resolved=ending.is_resolved, reason=ending.reason)


def subjects_above_items(portfolio: Portfolio, codes: Collection[str]) -> dict[str, Subject]:
    """What a footer's token means where it is not about the item that carries it."""
    subjects = [Subject(kind="stream", id=stream.id) for stream in portfolio.definition.value_streams]
    subjects.append(Subject(kind="portfolio", id=portfolio.definition.name))
    return {subject_token(code, subject): subject for code in codes for subject in subjects}

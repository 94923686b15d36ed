"""Runs a scenario and tells where what the rules say differs from what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import ValidationError

from lpm_sync.core.finding import Evaluation, Finding, Mode, Subject
from lpm_sync.core.ledger import UNMAPPED
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.errors import ConfigurationError
from lpm_sync.rules.base import GovernedRule, Rule
from lpm_sync.rules.evaluate import evaluate
from lpm_sync.rules.example import ref_of
from lpm_sync.rules.scenario import Expected, GivenRule, Scenario, ScenarioFile, portfolio_in
from lpm_sync.rules.wording import listed

_PORTFOLIO, _UNMAPPED = "portfolio", "unmapped"


def check_scenario(
    file: ScenarioFile, scenario: Scenario, rules: Sequence[type[Rule]], policy: Sequence[GovernedRule] = ()
) -> list[str]:
    """Every difference, one line each; empty when all is as expected.

    The scenario's own rules count, else the file's, else the `policy`. Raises ConfigurationError for a rule or setting
    that does not exist, and for an expectation of something that the scenario does not have.
    """
    given = file.rules if scenario.rules is None else scenario.rules
    governed = [_governed(stanza, rules, scenario) for stanza in given] or policy
    portfolio = portfolio_in(scenario, file.portfolio)
    evaluation = evaluate(portfolio, governed, {})
    differences: list[str] = []
    for name, expected in scenario.expect.items():
        subject = _subject(name, scenario, portfolio)
        differences += (f"{name}: {difference}" for difference in _judged(subject, expected, evaluation, portfolio))
        differences += (f"{name}: {difference}" for difference in _counted(name, subject, expected, portfolio))
    return differences


def _governed(stanza: GivenRule, rules: Sequence[type[Rule]], scenario: Scenario) -> GovernedRule:
    rule = next((rule for rule in rules if rule.code == stanza.rule), None)
    if rule is None:
        raise ConfigurationError(f"scenario “{scenario.name}”: there is no rule {stanza.rule}")
    try:
        return GovernedRule(rule=rule(**stanza.settings), mode=Mode.COMMENT)
    except ValidationError as error:
        fault = error.errors()[0]
        setting = ".".join(str(part) for part in fault["loc"])
        raise ConfigurationError(f"scenario “{scenario.name}”: {stanza.rule}: {setting}: {fault['msg']}") from error


def _subject(name: str, scenario: Scenario, portfolio: Portfolio) -> Subject | None:
    """What the expectation is about; None for what no stream claims."""
    if name in scenario.items:
        return Subject(kind="item", id=str(ref_of(name)))
    if any(stream.id == name for stream in portfolio.definition.value_streams):
        return Subject(kind="stream", id=name)
    if name == _PORTFOLIO:
        return Subject(kind="portfolio", id=portfolio.definition.name)
    if name == _UNMAPPED:
        return None
    raise ConfigurationError(f"scenario “{scenario.name}”: expects something of {name}, which it does not have")


def _judged(subject: Subject | None, expected: Expected, evaluation: Evaluation, portfolio: Portfolio) -> Iterator[str]:
    """What the rules say."""
    found = [finding for finding in evaluation.findings if finding.subject == subject]
    codes = {finding.code for finding in found}
    if expected.findings is not None and codes != set(expected.findings):
        yield f"findings are {_codes(codes)}, expected {_codes(expected.findings)}"
    held = set(evaluation.held.get(subject, {})) if subject else set()
    if expected.held is not None and held != set(expected.held):
        yield f"held are {_codes(held)}, expected {_codes(expected.held)}"
    text = "; ".join(map(_text, found))
    for part in expected.says:
        if part not in text:
            yield f"“{part}” is not said; what is said: {text or 'nothing'}"
    since = min((finding.since for finding in found), default=None)
    if expected.since is not None and since != expected.since:
        yield f"since {since}, expected {expected.since}"
    blockers = {str(ref) for finding in found for ref in finding.blockers}
    if expected.blockers is not None and blockers != {str(ref_of(key)) for key in expected.blockers}:
        yield f"blockers are {_codes(blockers)}, expected {_codes(expected.blockers)}"
    if expected.goes_to is not None and subject is not None:
        above = portfolio.portfolio_epic_above(ref_of(subject.id))
        if above is None or above.ref != ref_of(expected.goes_to):
            yield f"goes to {above.key if above else 'no portfolio epic'}, expected {expected.goes_to}"


def _counted(name: str, subject: Subject | None, expected: Expected, portfolio: Portfolio) -> Iterator[str]:
    """What the ledger says, and which stream claims the item."""
    ledger = portfolio.ledger
    if subject is None or subject.kind == "stream":
        stream = UNMAPPED if subject is None else subject.id
        yield from _amount("forecast", ledger.forecast_by_stream.get(stream, Decimal(0)), expected.forecast)
        yield from _amount("spend", ledger.spend_by_stream.get(stream, Decimal(0)), expected.spend)
    if subject is not None and subject.kind == "item" and (entry := ledger.entries.get(ref_of(name))):
        yield from _amount("share", entry.forecast, expected.share)
        yield from _amount("compared", ledger.compared.get(ref_of(name)), expected.compared)
        stream = entry.stream or _UNMAPPED
        if expected.value_stream is not None and stream != expected.value_stream:
            yield f"belongs to {stream}, expected {expected.value_stream}"


def _amount(name: str, actual: Decimal | None, expected: Decimal | None) -> Iterator[str]:
    if expected is not None and actual != expected:
        yield f"{name} is {actual}, expected {expected}"


def _text(finding: Finding) -> str:
    readings = ", ".join(f"{reading.name} {reading.shown}" for reading in finding.readings)
    return f"{finding.code} {readings}; {finding.threshold}; {finding.fix}"


def _codes(codes: Sequence[str] | set[str]) -> str:
    return listed(sorted(codes)) or "none"

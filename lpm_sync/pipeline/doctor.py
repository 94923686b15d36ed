"""Examines everything that a cycle will need, before the first cycle: trackers, what they have, chats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain

from lpm_sync.core.card import Footer, card_id, fingerprint, render_footer
from lpm_sync.core.change import Card
from lpm_sync.core.document import Document, paragraph
from lpm_sync.core.examination import Check, Examination
from lpm_sync.core.finding import Mode
from lpm_sync.core.governance import EscalationTarget
from lpm_sync.core.resolution import Resolutions
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import (
    ConfigurationError,
    LpmSyncError,
    RefusedError,
    StateError,
    UnauthorisedError,
    UnavailableError,
)
from lpm_sync.pipeline.pinning import orphaned_pins, pin_checks, renew_lock
from lpm_sync.pipeline.reachability import check_reachable
from lpm_sync.pipeline.report_places import place_checks
from lpm_sync.pipeline.vocabulary_checks import mapping_checks, scope_fault, vocabulary_checks
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.planning.cardless import INSTEAD
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker
from lpm_sync.state.pauses import TrackerPauses

LARGEST_SKEW = timedelta(minutes=5)
LABEL_NAME = "write-test"
LATER = "run doctor again in a while; where it stays so, look at the tracker itself and at the network to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A check, and the tracker or chat that it is about."""

    place: str
    check: Check


def diagnose(workplace: Workplace, write_test: Sequence[str] = (), *, pins: bool = False) -> Iterator[Diagnosis]:
    """Every check, one after the other. Nothing is written, except to the scratch items of `write_test`.

    These are one or two keys with their tracker (`jira:PAY-12`), of one tracker: what is written to them is taken back,
    and the second one is for a dependency. With `pins` the names in `trackers.yaml` are resolved anew, and in the end
    the lock is written. Raises ConfigurationError for mistakes in the three files or in these keys.
    """
    configuration = workplace.configuration(goes_by_lock=not pins)
    scratch = _scratch(write_test, configuration)
    pauses, fault = _pauses(workplace, configuration)
    diagnoses = _Doctor(workplace, configuration, scratch, pins, pauses).diagnoses()
    return diagnoses if fault is None else chain([fault], diagnoses)


@dataclass(frozen=True, slots=True)
class _Doctor:
    """One round. `pauses` are those that trackers asked for before; `resolved` is what their names lead to, as far as
    that is known yet."""

    workplace: Workplace
    configuration: Configuration
    scratch: Sequence[Ref]
    pins: bool
    pauses: Mapping[str, TrackerPauses]
    resolved: dict[str, Resolutions] = field(default_factory=dict)

    def diagnoses(self) -> Iterator[Diagnosis]:
        for name in self.configuration.trackers:
            yield from (Diagnosis(place=name, check=check) for check in self._tracker_checks(name))
        for stanza in self.configuration.chats:
            yield Diagnosis(place=stanza.called, check=check_reachable(self.workplace, stanza))
        if self.pins:
            done = renew_lock(self.workplace.settings.config, self.configuration, self.resolved)
        else:
            done = orphaned_pins(self.configuration)
        yield from (Diagnosis(place=place, check=check) for place, check in done)

    def _tracker_checks(self, name: str) -> Iterator[Check]:
        """A tracker that fails is a fault of its own; the others are examined all the same."""
        try:
            tracker = self.workplace.open_tracker(self.configuration, name, self.pauses.get(name))
        except ConfigurationError as error:
            yield Check.failed("credentials and address", error, "then run doctor again")
            return
        except UnavailableError as error:
            yield Check.failed("reachability", error, "run doctor again after that")
            return
        try:
            yield from self._examined(tracker)
            yield from self._rehearsed(tracker)
        except UnauthorisedError as error:
            yield Check.failed("credentials", error, f"check the credential of {name}")
        except UnavailableError as error:
            if error.retry_after and name in self.pauses:
                self.pauses[name].rest(error.retry_after)
            yield Check.failed("reachability", error, LATER)
        except RefusedError as error:
            yield Check.failed("access", error, LATER)
        except LpmSyncError as error:
            yield Check.failed("configuration", error, "correct trackers.yaml")
        finally:
            tracker.close()

    def _examined(self, tracker: Tracker) -> Iterator[Check]:
        configuration = self.configuration
        escalation = _escalation(configuration, tracker.name)
        examination = tracker.examine(escalation)
        self.resolved[tracker.name] = examination.resolved
        yield Check(subject="address", note=configuration.tracker(tracker.name).url)
        yield Check(subject="account", note=examination.account)
        yield _clock_check(examination)
        yield from examination.checks
        if not self.pins:
            yield from pin_checks(configuration, tracker.name, examination.resolved)
        if examination.without_cards:
            yield _cards_check(configuration, examination.without_cards)
        yield from self._vocabulary(tracker, escalation)
        yield from place_checks(configuration, tracker)

    def _vocabulary(self, tracker: Tracker, escalation: EscalationTarget | None) -> Iterator[Check]:
        """Where types and statuses are not told, the rest is examined all the same."""
        try:
            discovery = tracker.discover()
        except UnavailableError as error:
            yield Check.failed("types and statuses", error, LATER)
            return
        yield from vocabulary_checks(self.configuration, tracker.name, discovery, escalation)
        yield from mapping_checks(self.configuration, tracker.name, discovery)

    def _rehearsed(self, tracker: Tracker) -> Iterator[Check]:
        """Looks the scratch items up first: nothing is written outside of the scope."""
        keys = [ref for ref in self.scratch if ref.tracker == tracker.name]
        found: list[Ref] = []
        for key in keys:
            item = tracker.find(key.id)
            fault = "it is not there, or hidden from the account"
            if item is not None:
                fault = scope_fault(self.configuration, item) or ""
            if item is None or fault:
                remedy = "name one that is in scope, and that the account sees"
                yield Check(subject=f"scratch item {key}", fault=fault, remedy=remedy)
                return
            found.append(item.ref)
        if found:
            label = f"{self.configuration.governance().label_prefix}{LABEL_NAME}"
            first, *others = found
            rehearsed = tracker.rehearse(first, label=label, card=_trial_card(first), other=next(iter(others), None))
            places = (str(keys[0]), str(keys[0]), " and ".join(map(str, keys)))  # a label, a comment, a dependency
            for check, where in zip(rehearsed, places, strict=False):
                yield replace(check, subject=f"{check.subject} on {where}")


def _pauses(workplace: Workplace, configuration: Configuration) -> tuple[Mapping[str, TrackerPauses], Diagnosis | None]:
    """What each tracker asked for before; a state that does not tell is a fault of its own."""
    now = workplace.clock.now()
    try:
        with workplace.state_to_read() as state:
            return {name: state.pauses.of_tracker(name, now) for name in configuration.trackers}, None
    except (ConfigurationError, StateError) as error:
        return {}, Diagnosis(
            place="state", check=Check(subject="file", fault=str(error), remedy="then run doctor again")
        )


def _scratch(keys: Sequence[str], configuration: Configuration) -> tuple[Ref, ...]:
    """The keys with their trackers; an id of these is still a key."""
    try:
        refs = tuple(dict.fromkeys(Ref.parse(key) for key in keys))
    except ValueError as error:
        raise ConfigurationError(f"--write-test: {error}") from None
    if len(refs) != len(keys) or len(refs) > 2 or len({ref.tracker for ref in refs}) > 1:
        raise ConfigurationError("--write-test: name one scratch item, or two different ones of the same tracker")
    for ref in refs:
        configuration.tracker(ref.tracker)
    return refs


def _escalation(configuration: Configuration, tracker: str) -> EscalationTarget | None:
    target = configuration.governance().escalation
    return target if target is not None and target.tracker == tracker else None


def _clock_check(examination: Examination) -> Check:
    skew = examination.clock_skew
    if skew is None:
        return Check(subject="clock", note="the tracker does not tell its time")
    seconds = round(skew.total_seconds())
    said = f"the tracker's is {abs(seconds):,} seconds {'ahead of' if seconds > 0 else 'behind'} ours"
    if abs(skew) <= LARGEST_SKEW:
        return Check(subject="clock", note=said if seconds else "")
    remedy = "set the clock of this machine by a time server; where it is right, have the tracker's set"
    return Check(subject="clock", fault=said, remedy=remedy)


def _cards_check(configuration: Configuration, reason: str) -> Check:
    """No fault where no rule would write a card there."""
    if not any(rule.mode.includes(Mode.COMMENT) for rule in configuration.governed_rules()):
        return Check(subject="cards", note=f"none can be written ({reason}); no rule asks for one")
    return Check(subject="cards", fault=f"none can be written, nor anything beside them: {reason}", remedy=INSTEAD)


def _trial_card(ref: Ref) -> Card:
    """A card with an id of its own: should it stay behind, it is not taken for the item's card."""
    document = Document(blocks=(paragraph("A test of lpm-sync: may it comment here? This is deleted in a moment."),))
    footer = Footer(
        card_id=card_id(Ref(ref.tracker, f"{ref.id} {LABEL_NAME}")), fingerprint=fingerprint(document, (), ())
    )
    return Card(document=document, footer=render_footer(footer))

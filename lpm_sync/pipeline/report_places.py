"""Whether the items that carry the findings of streams and of the portfolio can be found."""

from __future__ import annotations

from collections.abc import Iterator

from lpm_sync.core.examination import Check
from lpm_sync.errors import RefusedError
from lpm_sync.pipeline.vocabulary_checks import scope_fault
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Tracker

REMEDY = "correct report_on in value_streams.yaml, or the scope and levels in trackers.yaml"


def place_checks(configuration: Configuration, tracker: Tracker) -> Iterator[Check]:
    """A check for each place in this tracker; the first tracker also says which findings have none."""
    is_first = configuration.trackers[0] == tracker.name
    for _, subject, key in configuration.report_places():
        if key is None:
            if is_first:
                yield Check(subject=f"report_on of {subject}", note="none: its findings go to the digest only")
        elif key.partition(":")[0] == tracker.name:
            yield _check(configuration, tracker, subject, key)


def _check(configuration: Configuration, tracker: Tracker, subject: str, key: str) -> Check:
    named = f"report_on of {subject}"
    try:
        item = tracker.find(key.partition(":")[2])
    except RefusedError as error:
        return Check(subject=named, fault=str(error), remedy=REMEDY)
    if item is None:
        fault: str | None = f"{key} is not there, or hidden from the account"
    else:
        fault = scope_fault(configuration, item)
    return Check(subject=named, fault=fault, remedy=REMEDY if fault else "", note=key)

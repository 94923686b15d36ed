"""The suite that every connector passes: the obligations of `lpm_sync.ports.Tracker`, as tests.

    # conftest.py, before anything imports the suite, for readable failures
    pytest.register_assert_rewrite("lpm_sync.testing.conformance")

    # test_my_tracker_conformance.py
    class TestMyTracker(TrackerConformance):
        @pytest.fixture
        def backdoor(self) -> Iterator[TrackerBackdoor]:
            with MyEmptyTestTracker() as server:
                yield MyBackdoor(server)

The backdoor goes behind the connector's back: what it seeds and peeks never passes through the code under test.
"""

from __future__ import annotations

from lpm_sync.testing.conformance.cards import CardObligations
from lpm_sync.testing.conformance.changes import ChangeObligations
from lpm_sync.testing.conformance.escalations import EscalationObligations
from lpm_sync.testing.conformance.examining import ExaminingObligations
from lpm_sync.testing.conformance.faults import FaultObligations
from lpm_sync.testing.conformance.history import HistoryObligations
from lpm_sync.testing.conformance.labels import LabelObligations
from lpm_sync.testing.conformance.loading import LoadObligations
from lpm_sync.testing.conformance.pins import PinObligations
from lpm_sync.testing.conformance.reading import ReadingObligations
from lpm_sync.testing.conformance.troubles import TroubleObligations

__all__ = ["TrackerConformance"]


class TrackerConformance(
    ExaminingObligations,
    ReadingObligations,
    PinObligations,
    ChangeObligations,
    LoadObligations,
    HistoryObligations,
    LabelObligations,
    CardObligations,
    EscalationObligations,
    FaultObligations,
    TroubleObligations,
):
    """All obligations. A subclass overrides the fixture `backdoor`; with `reads_on = False` less is owed."""

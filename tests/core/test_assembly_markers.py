"""An escalation epic is found again by a label that only its blocker has."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.escalation_marker import EscalationMarks, marker_label
from lpm_sync.core.work_item import Ref
from lpm_sync.rules.example import epic

_NAMES = st.text(st.sampled_from("aAbB1-_. ü"), min_size=1, max_size=6)
_REFS = st.builds(Ref, _NAMES, _NAMES)


def test_an_ordinary_blocker_has_a_label_that_people_can_read() -> None:
    assert marker_label("lpm:", Ref("jira", "10012")) == "lpm:blocker-jira-10012"
    assert marker_label("gov/", Ref("azure-devops", "431")) == "gov/blocker-azure-devops-431"


@given(_REFS, _REFS)
def test_two_blockers_never_share_a_label(one: Ref, other: Ref) -> None:
    assert (marker_label("lpm:", one) == marker_label("lpm:", other)) == (one == other)


@given(st.builds(Ref, st.text(min_size=1), st.text(min_size=1)))
def test_a_label_is_short_and_of_plain_characters(blocker: Ref) -> None:
    label = marker_label("lpm:", blocker)

    assert re.fullmatch(r"lpm:blocker(-[a-z0-9]+)+", label)
    assert len(label) <= 200


def test_the_marker_is_found_among_other_labels_in_any_case() -> None:
    assert _marker({"lpm:escalation", "urgent", "LPM:Blocker-jira-7"}) == "blocker-jira-7"
    assert _marker({"lpm:escalation", "blocker-jira-7"}) is None


def _marker(labels: set[str]) -> str | None:
    return EscalationMarks().marker_of(epic("PORT-9", labels=frozenset(labels), is_ours=True).source)

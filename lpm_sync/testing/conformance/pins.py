"""What is owed to names that were resolved once: the same field for ever, or a word about why not."""

from __future__ import annotations

import pytest

from lpm_sync.core.resolution import FIELDS, place
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ChangedError, ConfigurationError
from lpm_sync.ports import Tracker
from lpm_sync.testing.backdoor import TrackerBackdoor
from lpm_sync.testing.conformance.base import Obligations, pulled
from lpm_sync.testing.mirror import Mirror

WORDS = "Fewer calls to support"


class PinObligations(Obligations):
    """`resolved` and `pinned`."""

    def test_a_pull_tells_what_each_configured_field_was_found_to_be(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        _filled(backdoor)
        mirror = Mirror()
        whole = mirror.read(tracker)
        text, number = (place(FIELDS, name) for name in (backdoor.wording.text_field, backdoor.wording.number_field))
        assert whole.resolved[text].id != whole.resolved[number].id
        assert all(found.name and found.kind for found in (whole.resolved[text], whole.resolved[number]))
        assert mirror.read(tracker).resolved == whole.resolved

    def test_an_examination_tells_the_same_as_a_pull(self, backdoor: TrackerBackdoor, tracker: Tracker) -> None:
        _filled(backdoor)
        assert dict(tracker.examine().resolved) == dict(tracker.pull().resolved)

    def test_a_name_that_leads_to_two_fields_is_refused_with_the_ids_of_both(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        where = _where(backdoor)
        identifier = tracker.pull().resolved[where].id
        backdoor.add_namesake(backdoor.wording.text_field)
        again = backdoor.connect()
        with pytest.raises(ConfigurationError) as raised:
            again.pull()
        assert where in str(raised.value)
        assert identifier in str(raised.value)
        again.close()

    def test_a_pinned_field_is_read_under_whatever_name_it_has(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref, where = _filled(backdoor), _where(backdoor)
        before = tracker.pull().resolved[where]
        backdoor.rename_field(backdoor.wording.text_field, "What It Is Good For")
        backdoor.add_namesake(backdoor.wording.text_field)
        pinned = backdoor.connect(pinned={where: before.id})
        assert pulled(pinned, ref).fields[backdoor.wording.text_field] == WORDS
        now = pinned.pull().resolved[where]
        assert (now.id, now.name, now.kind) == (before.id, "What It Is Good For", before.kind)
        pinned.close()

    def test_a_pinned_field_that_is_gone_is_not_replaced_by_another_of_its_name(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        where = _where(backdoor)
        identifier = tracker.pull().resolved[where].id
        backdoor.remove_field(backdoor.wording.text_field)
        backdoor.add_namesake(backdoor.wording.text_field)
        pinned = backdoor.connect(pinned={where: identifier})
        with pytest.raises(ChangedError) as raised:
            pinned.pull()
        assert where in str(raised.value)
        assert identifier in str(raised.value)
        pinned.close()

    def test_a_pinned_field_that_goes_between_two_readings_does_not_read_as_empty(
        self, backdoor: TrackerBackdoor, tracker: Tracker
    ) -> None:
        ref, where = _filled(backdoor), _where(backdoor)
        pinned = backdoor.connect(pinned={where: tracker.pull().resolved[where].id})
        mirror = Mirror()
        mirror.read(pinned)
        backdoor.remove_field(backdoor.wording.text_field)
        backdoor.change_title(ref, "Refund a payment at once")
        with pytest.raises(ChangedError):
            mirror.read(pinned)
        pinned.close()


def _where(backdoor: TrackerBackdoor) -> str:
    return place(FIELDS, backdoor.wording.text_field)


def _filled(backdoor: TrackerBackdoor) -> Ref:
    wording = backdoor.wording
    project, type_name = wording.projects[0], wording.feature_type
    fields = {wording.text_field: WORDS}
    return backdoor.create_item(project=project, type=type_name, title="Refund a payment", fields=fields)

"""What is pinned in an organisation, and how fields of one display name are told from each other."""

from __future__ import annotations

import pytest

from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ChangedError, ConfigurationError
from lpm_sync.testing.mirror import Mirror
from tests.connectors.azure_devops.conftest import FIELDS, PROJECTS, Backdoor

WAITS = "reference_fields.blocked-by"


def test_a_reference_field_is_pinned_like_any_other(azure_devops_backdoor: Backdoor) -> None:
    store = azure_devops_backdoor.store
    store.add_field("Custom.WaitsFor", "Waits For")
    store.create_work_item(PROJECTS[0], "Feature", "Racks", fields={"Custom.WaitsFor": "https://x.example/browse/A-1"})
    names = {"reference_fields": {"blocked-by": "Waits For"}}
    pin = azure_devops_backdoor.connect(**names).pull().resolved[WAITS]
    assert (pin.id, pin.name, pin.kind) == ("Custom.WaitsFor", "Waits For", "string")
    store.add_field("Custom.WaitsFor", "Hangs On")
    pull = azure_devops_backdoor.connect(**names, pinned={WAITS: pin.id}).pull()
    assert [link.direction for item in pull.items for link in item.foreign_links] == [Direction.BLOCKED_BY]
    assert pull.resolved[WAITS].name == "Hangs On"
    store.remove_field("Custom.WaitsFor")
    with pytest.raises(ChangedError, match=r"pinned to Custom\.WaitsFor"):
        azure_devops_backdoor.connect(**names, pinned={WAITS: pin.id}).pull()


def test_long_texts_of_one_name_are_counted_too(azure_devops_backdoor: Backdoor) -> None:
    store = azure_devops_backdoor.store
    for name in ("Custom.One", "Custom.Two"):
        store.add_field(name, "Why", "html")
    store.create_work_item(PROJECTS[1], "Feature", "Racks", fields={"Custom.Two": "<p>Less</p>"})
    tracker = azure_devops_backdoor.connect(fields={**FIELDS, "horizon": "Why"})
    with pytest.raises(ConfigurationError) as raised:
        tracker.pull()
    said = "Custom.Two (Why, html, filled in 1 item), Custom.One (Why, html, filled in 0 items)"
    assert said in str(raised.value)
    [fault] = tracker.examine().faults
    assert said in str(fault.fault)


def test_pins_that_change_make_an_older_position_useless(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.create_item(project=PROJECTS[0], type="Feature", title="Racks")
    mirror = Mirror()
    mirror.read(azure_devops_backdoor.connect())
    pinned = {"fields.benefit_hypothesis": "Custom.BenefitHypothesis"}
    assert not mirror.read(azure_devops_backdoor.connect(pinned=pinned)).is_delta
    assert mirror.read(azure_devops_backdoor.connect(pinned=pinned)).is_delta

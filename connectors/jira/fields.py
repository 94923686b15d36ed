"""The fields of a tracker that are read, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.jira import wire
from lpm_sync.core.field_kind import Held
from lpm_sync.core.resolution import FIELDS, REFERENCE_FIELDS, Resolution, place
from lpm_sync.core.work_item import Direction

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
TARGET_END = "com.atlassian.jpo:jpo-custom-field-baseline-end"
STORY_POINT_ESTIMATE = "com.pyxis.greenhopper.jira:jsw-story-points"
RICH_TEXT_TYPES = ("com.atlassian.jira.plugin.system.customfieldtypes:textarea",)
HELD = {
    "number": Held.NUMBER,
    "date": Held.DATE,
    "datetime": Held.DATE,
    "option": Held.CHOICE,
    "option-with-child": Held.CHOICE_BELOW_CHOICE,
    "user": Held.PERSON,
    "array": Held.LIST,
    **dict.fromkeys(("component", "group", "issuetype", "priority", "project", "status", "version"), Held.NAME),
}
"""What a field of that schema type holds; `any`, and what else an app may call its own, tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The resolved fields of one tracker.

    `configured` maps our names to definitions, `references` directions to the field that holds such addresses.
    `parents` are the ids of Data Center's hierarchy fields, `epic_name` that of the name an epic needs there.
    """

    configured: Mapping[str, wire.Field]
    references: Mapping[Direction, wire.Field]
    parents: tuple[str, ...] = ()
    epic_name: str | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The ids that a reading has to name, each once."""
        ids = [*(field.id for field in (*self.configured.values(), *self.references.values())), *self.parents]
        return tuple(dict.fromkeys(ids))

    @property
    def resolved(self) -> dict[str, Resolution]:
        """What the configured names were found to be, by place."""
        named = {place(FIELDS, name): resolution_of(field) for name, field in self.configured.items()}
        return named | {place(REFERENCE_FIELDS, way): resolution_of(field) for way, field in self.references.items()}


def is_rich_text(field: wire.Field) -> bool:
    """Whether the field holds rich text rather than a line."""
    is_text_area = field.schema is not None and field.schema.custom in RICH_TEXT_TYPES
    return is_text_area or field.id in ("description", "environment")


def held(field: wire.Field) -> Held | None:
    """What the field holds, None where its schema does not tell."""
    if field.schema is None:
        return None
    if field.schema.type == "string":
        return Held.TEXT if is_rich_text(field) else Held.LINE
    return HELD.get(field.schema.type)


def resolution_of(field: wire.Field) -> Resolution:
    """The field, to be pinned."""
    return Resolution(id=field.id, name=field.name, kind=kind_of(field))


def kind_of(field: wire.Field) -> str:
    """The tracker's word for what the field is; empty where it has none."""
    return (field.schema.custom or field.schema.type) if field.schema is not None else ""

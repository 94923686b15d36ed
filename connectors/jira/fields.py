"""Finds the tracker's field that a configured name, id or type means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connectors.jira import wire
from lpm_sync.core.field_kind import Held, misfit
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ConfigurationError

EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
RICH_TEXT_TYPES = ("com.atlassian.jira.plugin.system.customfieldtypes:textarea",)
LONGEST_LIST = 8  # candidates in a message
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

    `configured` maps our names to definitions, `references` each field that holds addresses to its direction.
    `parents` are the ids of Data Center's hierarchy fields, `epic_name` that of the name an epic needs there.
    """

    configured: Mapping[str, wire.Field]
    references: Mapping[str, Direction]
    parents: tuple[str, ...] = ()
    epic_name: str | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The ids that a reading has to name, each once."""
        ids = [*(field.id for field in self.configured.values()), *self.references, *self.parents]
        return tuple(dict.fromkeys(ids))


def resolve(
    tracker: str,
    configured: Mapping[str, str],
    references: Mapping[str, str],
    known: Sequence[wire.Field],
    *,
    is_cloud: bool,
) -> Fields:
    """Resolves every configured field by id, `schema.custom` or name.

    Raises ConfigurationError that lists every one that does not exist, could be several (with the candidates), or
    holds something else than it has to.
    """
    mistakes: list[str] = []
    fields: dict[str, wire.Field] = {}
    for name, text in configured.items():
        if field := _resolved(f"fields.{name}", text, known, mistakes):
            fields[name] = field
            if (reason := misfit(name, held(field))) is not None:
                mistakes.append(f"fields.{name}: {_listed([field])} {reason}")
    directions: dict[str, Direction] = {}
    for direction, text in references.items():
        if direction not in tuple(Direction):
            mistakes.append(f"reference_fields.{direction}: write blocked-by or blocks")
        elif field := _resolved(f"reference_fields.{direction}", text, known, mistakes):
            directions[field.id] = Direction(direction)
    if mistakes:
        raise ConfigurationError(f"{tracker}: " + "; ".join(mistakes))
    epic_names = _of_type(known, EPIC_NAME)
    return Fields(
        configured=fields,
        references=directions,
        parents=() if is_cloud else (*_of_type(known, PARENT_LINK), *_of_type(known, EPIC_LINK)),
        epic_name=epic_names[0] if epic_names and not is_cloud else None,
    )


def _resolved(place: str, reference: str, known: Sequence[wire.Field], mistakes: list[str]) -> wire.Field | None:
    candidates = _candidates(reference, known)
    if len(candidates) == 1:
        return candidates[0]
    mistakes.append(f"{place}: {_mistake(reference, candidates, known)}")
    return None


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


def _candidates(reference: str, known: Sequence[wire.Field]) -> list[wire.Field]:
    """The fields that a reference means; the first way that finds any counts."""
    folded = reference.casefold().strip()
    ways = (
        [field for field in known if field.id == reference],
        [field for field in known if field.schema is not None and field.schema.custom == reference],
        [field for field in known if field.name == reference],
        [field for field in known if field.name.casefold().strip() == folded],
    )
    return next((way for way in ways if way), [])


def _mistake(reference: str, candidates: Sequence[wire.Field], known: Sequence[wire.Field]) -> str:
    if candidates:
        return f"“{reference}” could be any of {_listed(candidates)}; write the id"
    names = {field.name: field for field in known}
    near = [names[name] for name in get_close_matches(reference, names, n=3, cutoff=0.6)]
    hint = f"near it: {_listed(near)}" if near else "the fields page of the tracker lists what there is"
    return f"there is no field “{reference}”, or it is hidden from the account; {hint}"


def _listed(fields: Iterable[wire.Field]) -> str:
    shown = [f"{field.id} ({field.name})" for field in fields]
    return ", ".join(shown[:LONGEST_LIST]) + (", …" if len(shown) > LONGEST_LIST else "")


def _of_type(known: Sequence[wire.Field], custom: str) -> tuple[str, ...]:
    return tuple(field.id for field in known if field.schema is not None and field.schema.custom == custom)

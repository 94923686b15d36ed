"""From the wire to the core: one work item as a SourceItem, or the reason why it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from urllib.parse import quote

import msgspec

from connectors.azure_devops import wire
from connectors.azure_devops.catalogue import Account, FieldCatalogue, ProjectCatalogue
from connectors.azure_devops.plain_text import html_to_text, markdown_to_text
from connectors.azure_devops.relations import addresses_in, in_order, read_links
from lpm_sync.core.work_item import FieldValue, ForeignLink, OwnComment, Ref, SourceItem

LONGEST_TEXT = 1_000_000  # characters: the most that a text field holds is below it
HTML = frozenset(("html", "history"))

_ITEM = msgspec.json.Decoder(wire.WorkItem)
_SYSTEM_FIELDS = msgspec.json.Decoder(wire.SystemFields)


class UnreadableError(Exception):
    """An item is not of the shape that it should be; the text says where, and holds nothing of its content."""


@dataclass(frozen=True, slots=True)
class DecodedItem:
    """An item off the wire, decoded as far as every item can be."""

    item: wire.WorkItem
    system: wire.SystemFields

    @property
    def relations(self) -> Sequence[wire.Relation]:
        return self.item.relations or ()

    @property
    def may_have_comments(self) -> bool:
        """False only where the server counts none: a card of ours that is not seen would be written again."""
        return self.system.comment_count != 0


def decode_item(raw: msgspec.Raw | bytes) -> DecodedItem:
    """Decodes one item; raises UnreadableError."""
    try:
        item = _ITEM.decode(raw)
        system = _SYSTEM_FIELDS.decode(item.fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"not the shape of a work item: {error}") from None
    if len(system.description or "") > LONGEST_TEXT:
        raise UnreadableError(f"System.Description is longer than {LONGEST_TEXT:,} characters")
    return DecodedItem(item, system)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that one needs to know to read items: the tracker's name and address, who we are, its fields and states.

    `projects` are keyed by their folded names, and so are `spellings`: their names as they are configured.
    """

    tracker: str
    site_url: str
    account: Account
    fields: FieldCatalogue
    projects: Mapping[str, ProjectCatalogue]
    spellings: Mapping[str, str] = field(default_factory=dict)

    def source_item(self, decoded: DecodedItem) -> SourceItem:
        """The item in the words of the core, without comments; raises UnreadableError."""
        system = decoded.system
        ref = Ref(self.tracker, str(decoded.item.id))
        try:
            links = read_links(ref, decoded.relations)
        except ValueError as error:
            raise UnreadableError(str(error)) from None
        values = self._values(decoded)
        project = self.projects.get(system.project.casefold())
        return SourceItem(
            ref=ref,
            key=ref.id,
            url=f"{_items_page(self.site_url, system.project)}/{ref.id}",
            project=self.spellings.get(system.project.casefold(), system.project),
            type=system.type,
            title=system.title,
            status=system.state,
            progress=project.progress_of(system.type, system.state) if project else None,
            created=system.created,
            updated=system.changed,
            parent=links.parent,
            labels=frozenset(tags_of(system.tags)),
            owner=_owner(system.assigned_to),
            area_path=system.area_path,
            iteration_path=system.iteration_path,
            description=html_to_text(system.description or ""),
            fields=self._configured_fields(values),
            edges=links.edges,
            linked=links.linked,
            foreign_links=self._with_references(links.foreign, values),
            is_ours=self.account.is_us(system.created_by),
        )

    def own_comments(self, comments: Sequence[wire.Comment]) -> tuple[OwnComment, ...]:
        """Those of our account, as plain text, oldest first."""
        own = [comment for comment in comments if self.account.is_us(comment.created_by) and not comment.is_deleted]
        return tuple(
            OwnComment(
                id=str(comment.id), text=comment_text(comment), updated=comment.modified_date or comment.created_date
            )
            for comment in sorted(own, key=lambda comment: (comment.created_date, comment.id))
        )

    def _configured_fields(self, values: Mapping[str, object]) -> dict[str, FieldValue]:
        read = {name: field_value(values[one.reference_name], one) for name, one in self.fields.named.items()}
        return {name: value for name, value in read.items() if value is not None}

    def _with_references(self, links: tuple[ForeignLink, ...], values: Mapping[str, object]) -> tuple[ForeignLink, ...]:
        found = set(links)
        for direction, definition in self.fields.references.items():
            found |= addresses_in(str(field_value(values[definition.reference_name], definition) or ""), direction)
        return in_order(found)

    def _values(self, decoded: DecodedItem) -> Mapping[str, object]:
        """The configured fields as they came, by their reference names."""
        names, decoder = self._configured
        try:
            values = msgspec.structs.astuple(decoder.decode(decoded.item.fields))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(f"a configured field cannot be read: {error}") from None
        return dict(zip(names, values, strict=True))

    @cached_property
    def _configured(self) -> tuple[tuple[str, ...], msgspec.json.Decoder[msgspec.Struct]]:
        """The reference names, and a decoder for those fields alone: numbers as they are written, through no float."""
        definitions = (*self.fields.named.values(), *self.fields.references.values())
        names = tuple(dict.fromkeys(one.reference_name for one in definitions))
        shape = msgspec.defstruct(
            "ConfiguredFields",
            [(f"field_{place}", object, msgspec.field(name=name, default=None)) for place, name in enumerate(names)],
        )
        return names, msgspec.json.Decoder(shape, float_hook=Decimal)


def tags_of(text: str | None) -> list[str]:
    """The tags of System.Tags, in their order."""
    return [tag for part in (text or "").split(";") if (tag := part.strip())]


def comment_text(comment: wire.Comment) -> str:
    """What a reader of the comment sees."""
    text = comment.text or ""
    return markdown_to_text(text) if (comment.format or "").casefold() == "markdown" else html_to_text(text)


def field_value(value: object, definition: wire.FieldDefinition) -> FieldValue | None:
    """A number as Decimal, a person as their unique name, HTML as plain text, a date as it came, empty as None.

    Raises UnreadableError for anything else.
    """
    match value:
        case None:
            return None
        case str(text) if len(text) > LONGEST_TEXT:
            raise UnreadableError(f"{definition.reference_name} is longer than {LONGEST_TEXT:,} characters")
        case str(text):
            return (html_to_text(text) if definition.type in HTML else text.strip()) or None
        case Decimal() as number:
            return number
        case bool(flag):
            return "true" if flag else "false"
        case int(number):
            return Decimal(number)
        case {"uniqueName": str(name)}:
            return name or None
        case _:
            raise UnreadableError(f"{definition.reference_name} holds neither a text nor a number nor a person")


@lru_cache(maxsize=1024)
def _items_page(site_url: str, project: str) -> str:
    return f"{site_url}/{quote(project, safe='')}/_workitems/edit"


def _owner(person: wire.Identity | None) -> str | None:
    return person.unique_name or None if person else None

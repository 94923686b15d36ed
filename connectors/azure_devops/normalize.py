"""From the wire to the core: one work item as a SourceItem, or the reason why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from sys import intern
from urllib.parse import quote

from connectors.azure_devops import wire
from connectors.azure_devops.catalogue import Account, ProjectCatalogue
from connectors.azure_devops.decoding import Item, ItemDecoder, UnreadableError, item_decoder
from connectors.azure_devops.fields import FieldCatalogue
from connectors.azure_devops.plain_text import html_to_text, markdown_to_text
from connectors.azure_devops.relations import addresses_in, in_order, read_links
from lpm_sync.core.work_item import FieldValue, ForeignLink, OwnComment, Progress, Ref, SourceItem

HTML = frozenset(("html", "history"))
NO_LABELS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What all items of one type in one state of one project have in common."""

    project: str
    type: str
    state: str
    progress: Progress | None
    page: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that one needs to know to read items: the tracker's name and address, who we are, its fields and states.

    `projects` are keyed by their folded names, and so are `spellings`: their names as they are configured. What is the
    same for many items is worked out once.
    """

    tracker: str
    site_url: str
    account: Account
    fields: FieldCatalogue
    projects: Mapping[str, ProjectCatalogue]
    spellings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def decoder(self) -> ItemDecoder:
        """Decodes items with the configured fields."""
        definitions = (*self.fields.named.values(), *self.fields.references.values())
        return item_decoder(one.reference_name for one in definitions)

    def source_item(self, item: Item) -> SourceItem:
        """The item in the words of the core, without comments; raises UnreadableError."""
        fields = item.fields
        ref = Ref(self.tracker, str(item.id))
        try:
            links = read_links(ref, item.relations)
        except ValueError as error:
            raise UnreadableError(str(error)) from None
        kind = self._kind_of(fields.project, fields.type, fields.state)
        return SourceItem(
            ref=ref,
            key=ref.id,
            url=f"{kind.page}/{ref.id}",
            project=kind.project,
            type=kind.type,
            title=fields.title,
            status=kind.state,
            progress=kind.progress,
            created=fields.created,
            updated=fields.changed,
            parent=links.parent,
            labels=_labels(fields.tags) if fields.tags else NO_LABELS,
            owner=_owner(fields.assigned_to),
            area_path=_shared(fields.area_path),
            iteration_path=_shared(fields.iteration_path),
            description=html_to_text(fields.description) if fields.description else "",
            fields=self._configured_fields(fields),
            edges=links.edges,
            linked=links.linked,
            foreign_links=self._with_references(links.foreign, fields),
            is_ours=self._is_ours(fields.created_by),
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

    def _configured_fields(self, fields: wire.SystemFields) -> dict[str, FieldValue]:
        return {
            name: value
            for name, attribute, definition in self._named
            if (value := field_value(getattr(fields, attribute), definition)) is not None
        }

    def _with_references(self, links: tuple[ForeignLink, ...], fields: wire.SystemFields) -> tuple[ForeignLink, ...]:
        if not self.fields.references:
            return links
        found = set(links)
        for direction, definition in self.fields.references.items():
            value = field_value(getattr(fields, self.decoder.attributes[definition.reference_name]), definition)
            found |= addresses_in(str(value or ""), direction)
        return in_order(found)

    @cached_property
    def _named(self) -> tuple[tuple[str, str, wire.FieldDefinition], ...]:
        """The configured fields: our name, the attribute of an item's fields, the definition."""
        attributes = self.decoder.attributes
        return tuple((name, attributes[one.reference_name], one) for name, one in self.fields.named.items())

    @cached_property
    def _kind_of(self) -> Callable[[str, str, str], _Kind]:
        """By the names of project, type and state."""
        return lru_cache(maxsize=1024)(self._read_kind)

    @cached_property
    def _is_ours(self) -> Callable[[wire.Identity | None], bool]:
        return lru_cache(maxsize=1024)(self.account.is_us)

    def _read_kind(self, project: str, type_name: str, state: str) -> _Kind:
        catalogue = self.projects.get(project.casefold())
        return _Kind(
            project=self.spellings.get(project.casefold(), project),
            type=type_name,
            state=state,
            progress=catalogue.progress_of(type_name, state) if catalogue else None,
            page=f"{self.site_url}/{quote(project, safe='')}/_workitems/edit",
        )


def tags_of(text: str | None) -> list[str]:
    """The tags of System.Tags, in their order."""
    return [tag for part in (text or "").split(";") if (tag := part.strip())]


@lru_cache(maxsize=1024)
def _labels(tags: str) -> frozenset[str]:
    return frozenset(tags_of(tags))


def comment_text(comment: wire.Comment) -> str:
    """What a reader of the comment sees."""
    text = comment.text or ""
    return markdown_to_text(text) if (comment.format or "").casefold() == "markdown" else html_to_text(text)


def field_value(value: object, definition: wire.FieldDefinition) -> FieldValue | None:
    """A number as Decimal, a person as their unique name, HTML as plain text, a date as it came, empty as None.

    Raises UnreadableError for anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > wire.LONGEST_TEXT:
            raise UnreadableError(f"{definition.reference_name} is longer than {wire.LONGEST_TEXT:,} characters")
        return (html_to_text(value) if definition.type in HTML else value.strip()) or None
    match value:
        case Decimal() as number:
            return number
        case bool(flag):
            return "true" if flag else "false"
        case int(number):
            return Decimal(number)
        case {"uniqueName": str(name)} | {"displayName": str(name)}:
            return name or None
        case wire.Identity():
            return _owner(value)
        case datetime() as instant:
            return instant.isoformat()
        case _:
            raise UnreadableError(f"{definition.reference_name} holds neither a text nor a number nor a person")


def _owner(person: wire.Identity | None) -> str | None:
    """By the unique name; by what people call them only where that is not told."""
    return _shared(person.unique_name or person.display_name) or None if person else None


def _shared(text: str | None) -> str | None:
    """The text; equal ones, of which many items have the same, are kept once."""
    return None if text is None else intern(text)

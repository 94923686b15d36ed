"""How another Azure DevOps may answer: the same items in other words, within the published contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.rewording import (
    Defaults,
    Json,
    everywhere,
    number,
    with_defaults,
    with_empties,
    with_extras,
    with_times,
)
from connectors.sandbox.variation import AS_IT_IS, Variation


def _nothing(*names: str) -> Mapping[str, Any]:
    return dict.fromkeys(names)


NULLS = (
    (frozenset(("id", "rev", "fields")), _nothing("relations", "commentVersionRef")),
    (frozenset(("System.Title",)), _nothing("System.Tags", "System.AssignedTo", "System.Description")),
    (frozenset(("displayName", "uniqueName")), _nothing("descriptor", "imageUrl", "directoryAlias", "profileUrl")),
    (frozenset(("workItemId", "text")), _nothing("modifiedBy", "createdOnBehalfOf", "renderedText", "mentions")),
    (frozenset(("rel", "url")), _nothing("attributes")),
    (frozenset(("authorizedDate",)), _nothing("comment", "name")),
    (frozenset(("comments", "count")), _nothing("continuationToken", "nextPage")),
    (frozenset(("queryType",)), _nothing("sortColumns", "workItemRelations")),
    (frozenset(("newValue",)), _nothing("oldValue")),
    (frozenset(("revisedBy",)), _nothing("fields", "relations")),
    (frozenset(("referenceName", "states")), _nothing("xmlForm", "description")),
)
EMPTIES: Defaults = (
    (frozenset(("id", "rev", "fields")), {"relations": []}),
    (frozenset(("workItemId", "text")), {"mentions": [], "reactions": []}),
    (frozenset(("queryType",)), {"sortColumns": [], "workItemRelations": []}),
    (frozenset(("revisedBy",)), {"fields": {}, "relations": {}}),
)
# Lists of which no order is promised; of a query, a feed, a history and a page of comments it is, and a patch names a
# relation by its place in the list.
UNORDERED = ("states", "workItemTypes", "fieldInstances")
UNORDERED_VALUES = re.compile(
    r"/_apis/(projects|wit/(workitemsbatch|workitemtypes|workitemtypecategories|fields))$", re.IGNORECASE
)
OWN_ADDRESSES = ("_links", "url", "imageUrl")
NEXT = ("nextLink", "nextPage")
# Computed by the service, and in no list of fields that are always there.
COMPUTED = frozenset(("System.CommentCount",))
# Beside them, or instead of them, the fields have it; what of a comment is told by its text and its creation.
DOUBLE = frozenset(("rev",))
OF_COMMENTS = frozenset(("version", "modifiedDate", "renderedText"))
NUMBERS = ("id", "rev", "workItemId", "sourceId", "targetId")
PEOPLE = ("System.CreatedBy", "System.AssignedTo", "createdBy")
TIMES = ("System.CreatedDate", "System.ChangedDate", "createdDate", "modifiedDate", "changedDate", "asOf")
PERSONAL = frozenset(("id", "descriptor", "url", "imageUrl", "_links"))
DISCOVERY = re.compile(r"/_apis/(connectionData|ResourceAreas)$|/_apis$", re.IGNORECASE)
CHANGE = frozenset(("oldValue", "newValue"))
GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
AREAS = {"wit": "5264459e-e5e0-4bd8-b118-0985e68a4ec5", "core": "79134c72-4a58-4b42-976c-04e7115f32bf"}


class AzureDevOpsDialect:
    """The answers of an organisation."""

    def reworded(self, variation: Variation, address: str, content: Any) -> Any:
        """As `connectors.sandbox.varying.Dialect` says. What a client finds its way by is only spelt otherwise."""
        if DISCOVERY.search(address):
            is_listed = variation.resource_areas == "listed" and address.casefold().endswith("resourceareas")
            return _areas(address) if is_listed else content
        if variation.result_order != AS_IT_IS and UNORDERED_VALUES.search(address):
            content = {**content, "value": content["value"][::-1]}

        def change(found: Json) -> Json:
            return _changed(variation, found)

        content = with_times(variation, everywhere(content, change))
        return _in_other_case(content) if variation.identifiers != AS_IT_IS else content


def _areas(address: str) -> Json:
    """Areas that all lie in the organisation that was asked."""
    root = DISCOVERY.sub("/", address)
    rows = [{"id": identifier, "name": name, "locationUrl": root} for name, identifier in AREAS.items()]
    return {"count": len(rows), "value": rows}


def _changed(variation: Variation, found: Json) -> Json:
    """One object of an answer. Changes by the names of fields are no object that could have other members."""
    if found and all(isinstance(value, dict) and value.keys() & CHANGE for value in found.values()):
        return found
    if variation.whole_numbers != AS_IT_IS:
        found = {k: number(variation, v) if k.startswith("Custom.") else v for k, v in found.items()}
    if variation.result_order != AS_IT_IS:
        found = _turned(found)
    if variation.rich_text != AS_IT_IS:
        found = {name: _rewritten(value) for name, value in found.items()}
    if variation.empty_lists:
        found = with_defaults(found, EMPTIES)
    if variation.absent == "null":
        found = with_defaults(found, NULLS)
    if variation.absent == "missing":
        found = _without_what_may_be_missing(found)
    if variation.links != AS_IT_IS:
        found = _with_links(variation, found)
    if variation.paging != AS_IT_IS and not found.keys().isdisjoint(NEXT):
        found = {name: value for name, value in found.items() if name not in ("continuationToken", "totalCount")}
    found = with_empties(variation, _in_older_words(variation, found))
    return with_extras(found) if variation.extra_members else found


def _in_older_words(variation: Variation, found: Json) -> Json:
    """Numbers, people and times as texts that say less."""
    if variation.issue_ids != AS_IT_IS:
        found = {k: str(v) if k in NUMBERS and isinstance(v, int) else v for k, v in found.items()}
    if variation.people != AS_IT_IS:
        found = {k: _person(v) if k in PEOPLE and isinstance(v, dict) else v for k, v in found.items()}
    if variation.zones != AS_IT_IS:
        found = {k: v.rstrip("Z") if k in TIMES and isinstance(v, str) else v for k, v in found.items()}
    return found


def _person(person: Json) -> str:
    """As versions before 5.0 have people in fields: `Ada Lovelace <ada@example.com>`."""
    return f"{person['displayName']} <{person['uniqueName']}>"


def _without_what_may_be_missing(found: Json) -> Json:
    """People are named by their unique names alone."""
    left_out = PERSONAL if "uniqueName" in found else COMPUTED | (OF_COMMENTS if "workItemId" in found else DOUBLE)
    return {k: v for k, v in found.items() if v is not None and v != "" and k not in left_out}


def _turned(found: Json) -> Json:
    turned = {k: v[::-1] if k in UNORDERED and isinstance(v, list) else v for k, v in found.items()}
    if isinstance(tags := found.get("System.Tags"), str):
        turned["System.Tags"] = "; ".join(reversed(tags.split("; ")))
    return turned


def _rewritten(value: Any) -> Any:
    """HTML in the wrapping that an editor puts around it, Markdown with the line ends of Windows."""
    if not isinstance(value, str):
        return value
    return f'<div class="ext">{value}</div>' if value.startswith("<p>") else value.replace("\n", "\r\n")


def _with_links(variation: Variation, found: Json) -> Json:
    """The address of a relation is what it says, not the interface's own: it stays."""
    if "rel" in found and "url" in found:
        return found
    if variation.links == "missing":
        return {name: value for name, value in found.items() if name not in (*OWN_ADDRESSES, *NEXT)}
    own = (*OWN_ADDRESSES, *NEXT)
    return {
        name: re.sub(r"^https?://[^/]+", "", value) if name in own and isinstance(value, str) else value
        for name, value in found.items()
    }


def _in_other_case(content: Any) -> Any:
    """Identifiers in capitals, and addresses of items as the specification spells them in other places."""
    if isinstance(content, list):
        return [_in_other_case(one) for one in content]
    if isinstance(content, dict):
        return {name: _in_other_case(value) for name, value in content.items()}
    if not isinstance(content, str):
        return content
    return GUID.sub(lambda found: found[0].upper(), content).replace("/_apis/wit/workItems/", "/_apis/wit/workitems/")

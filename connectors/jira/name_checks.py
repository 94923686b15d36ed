"""Says in advance which configured names of fields and links lead nowhere, or to several things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.http.translation import NotOfferedError
from connectors.jira import links, wire
from connectors.jira.client import JiraClient
from connectors.jira.fields import resolution_of
from connectors.jira.filled import count_filled
from connectors.jira.resolving import find_each
from connectors.jira.resolving_links import resolve_phrases, worded
from connectors.jira.screens import Screens
from connectors.jira.search import within
from lpm_sync.core.examination import Check
from lpm_sync.core.resolution import DEPENDENCY_LINKS, FIELDS, REFERENCE_FIELDS, RENEWAL, Resolution, place
from lpm_sync.errors import ChangedError, ForbiddenError, RefusedError
from lpm_sync.ports import Connection

SWITCHED_OFF = "have an administrator switch issue linking on, or take dependency_links out of trackers.yaml"


def link_checks(client: JiraClient, connection: Connection, resolved: dict[str, Resolution]) -> Iterator[Check]:
    """Each configured phrase: types of links read so, in one direction only. A tracker may tell none of its types."""
    if not connection.dependency_links:
        return
    try:
        types = client.get("issueLinkType", wire.LinkTypes).issue_link_types
    except ForbiddenError:
        raise
    except NotOfferedError:
        for phrase in connection.dependency_links:
            yield Check(subject=f"links that read “{phrase}”", note="this tracker does not tell its types of links")
        return
    except RefusedError as error:  # the published contract, getIssueLinkTypes: 404 where issue linking is disabled
        raise RefusedError(error.fault, remedy=SWITCHED_OFF) from None
    for phrase in connection.dependency_links:
        subject = f"links that read “{phrase}”"
        try:
            ends = resolve_phrases(types, (phrase,), connection.pinned)
        except ChangedError as error:
            yield Check(subject=subject, fault=str(error), remedy=RENEWAL)
            continue
        resolved |= {place(DEPENDENCY_LINKS, phrase): end for end in ends.values()}
        if links.dependency_wordings(types, worded((phrase,), ends)):
            yield Check(subject=subject)
            continue
        known = ", ".join(sorted(f"“{kind.outward}” / “{kind.inward}”" for kind in types)[:12])
        fault = f"no type of link reads so in one direction only; there is {known or 'none'}"
        yield Check(subject=subject, fault=fault, remedy="correct dependency_links in trackers.yaml")


def field_checks(
    client: JiraClient, connection: Connection, screens: Iterable[Screens], resolved: dict[str, Resolution]
) -> Iterator[Check]:
    """Each configured field: there is exactly one, and where the tracker tells its screens it stands on one."""
    known = client.fields()
    told = [one.fields for one in screens if one.fields is not None]
    on_screens = frozenset[str]().union(*told)
    scope = within(connection.scope_query, connection.labels_in_scope)
    found = find_each(
        connection.fields,
        connection.reference_fields,
        known,
        pinned=connection.pinned,
        count=lambda some: count_filled(client, some, connection.projects, scope),
    )
    fields = {place(FIELDS, name): field for name, field in found.configured.items()}
    fields |= {place(REFERENCE_FIELDS, direction): field for direction, field in found.references.items()}
    resolved |= {where: resolution_of(field) for where, field in fields.items()}
    named = [(FIELDS, name) for name in connection.fields] + [
        (REFERENCE_FIELDS, n) for n in connection.reference_fields
    ]
    for section, name in named:
        where, subject = place(section, name), f"field {name}"
        if where in found.changes:
            yield Check(subject=subject, fault=found.changes[where], remedy=RENEWAL)
        elif where in found.mistakes:
            remedy = f"correct {section} in trackers.yaml, or make the field visible to the account"
            yield Check(subject=subject, fault=found.mistakes[where], remedy=remedy)
        else:
            field = fields[where]
            is_custom = field.schema is not None and field.schema.custom is not None
            yield _screen_check(subject, field, is_missing=bool(told) and is_custom and field.id not in on_screens)


def _screen_check(subject: str, field: wire.Field, *, is_missing: bool) -> Check:
    shown = f"{field.name} ({field.id})"
    if not is_missing:
        return Check(subject=subject, note=shown)
    remedy = "associate it with the screens of the types that carry it, so that people can fill it"
    return Check(subject=subject, fault=f"{shown} is on no screen of the projects in scope", remedy=remedy)

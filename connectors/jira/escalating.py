"""Escalation epics of ours: opened once a marker, linked, and closed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from connectors.http import decode
from connectors.http.answers import UnconfirmedError
from connectors.jira import links, wire
from connectors.jira.client import JiraClient
from connectors.jira.easing import leniently
from connectors.jira.normalize import progress_of
from connectors.jira.reading import Reader, read_link_types
from connectors.jira.render import RichText
from connectors.jira.search import find_all, quoted
from lpm_sync.core.change import AddLink, CloseEscalation, OpenEscalation
from lpm_sync.core.text import one_line
from lpm_sync.core.work_item import Progress, Ref, SourceItem
from lpm_sync.errors import RefusedError

FIELDS = ("labels", "creator", "status")
LONGEST_SUMMARY = 255
RESOLUTION = "resolution"  # on the screen of many a transition, where it cannot be left out
LONGEST_LIST = 12  # names in a message


def find_escalation(reader: Reader, marker: str, remembered: Ref | None) -> Ref | None:
    """The oldest open issue that our account created and that carries the marker; labels of people do not count.

    `remembered` is the one that this process opened last: search may show it only minutes later (trackers.md, Search).
    """
    where = f"{reader.context.tracker}: the escalations with the label {marker}"
    if remembered is not None and (standing := _read_again(reader, remembered)) is not None:
        found = [standing]
    else:
        jql = f"labels = {quoted(marker)} ORDER BY key ASC"
        found = list(find_all(reader.client, jql, FIELDS, partial(_escalations, where)).values())
    ours = [int(issue.id) for issue in found if _is_open_and_ours(reader, issue, marker)]
    return reader.context.ref(str(min(ours))) if ours else None


def _escalations(where: str, issues: Iterable[msgspec.Raw]) -> dict[str, wire.Escalation]:
    found = [decode(bytes(raw), wire.Escalation, where, reading=leniently) for raw in issues]
    return {one.id: one for one in found}


def _read_again(reader: Reader, ref: Ref) -> wire.Escalation | None:
    try:
        return reader.client.get(f"issue/{ref.id}", wire.Escalation, fields=",".join(FIELDS))
    except RefusedError:
        return None


def _is_open_and_ours(reader: Reader, issue: wire.Escalation, marker: str) -> bool:
    is_open = progress_of(issue.fields.status) is not Progress.DONE
    return is_open and marker in (issue.fields.labels or ()) and _may_be_ours(reader, issue.fields.creator)


def _may_be_ours(reader: Reader, creator: wire.Account | UnsetType | None) -> bool:
    """Where a server does not tell who created an issue, our label has to do: none is opened beside it."""
    return creator is UNSET or reader.context.is_ours(creator)


def open_escalation(reader: Reader, change: OpenEscalation) -> Ref:
    """Creates the epic with its labels in the same request. Raises the errors of a write."""
    try:
        return _open(reader, change)
    except UnconfirmedError:
        found = find_escalation(reader, change.marker, None)
        if found is None:
            raise
        return found


def _open(reader: Reader, change: OpenEscalation) -> Ref:
    fields: dict[str, Any] = {
        "project": {"key": change.project},
        "issuetype": {"name": change.type},
        "summary": one_line(change.title, LONGEST_SUMMARY),
        "labels": list(change.labels),
        "description": RichText(is_document=reader.client.is_cloud).document(change.document),
    }
    epic_name = reader.context.fields.epic_name
    if epic_name is None:
        return _created(reader, fields)
    try:
        return _created(reader, {**fields, epic_name: fields["summary"]})
    except RefusedError as error:
        # Only epics take a name, and which types are epics Data Center does not tell. A refusal created nothing.
        if epic_name not in str(error):
            raise
        return _created(reader, fields)


def add_link(reader: Reader, item: SourceItem, issue: wire.Issue, change: AddLink) -> bool:
    """Relates an epic of ours to its target; False where that stands. Raises the errors of a write."""
    _require_ours(reader, item, issue)
    if change.target.tracker != item.ref.tracker:
        return _add_remote_link(reader.client, issue, change)
    types = reader.link_types
    if types is None:
        types = reader.link_types = read_link_types(reader.client)
    kind = links.relation_type(types or links.USUAL_TYPES)
    if kind is None:
        names = ", ".join(sorted(f"{known.name} ({known.outward})" for known in types)[:LONGEST_LIST])
        raise RefusedError(f"the tracker has no link that reads “{links.RELATES}”; it has {names or 'none'}")
    for link in issue.fields.issuelinks or ():
        end = link.outward_issue or link.inward_issue
        if links.is_same(link.type, kind) and end is not None and reader.context.id_of(end) == change.target.id:
            return False
    ends = {"inwardIssue": {"id": issue.id}, "outwardIssue": {"id": change.target.id}}
    reader.client.write("POST", "issueLink", {"type": links.named(kind), **ends})
    return True


def close_escalation(reader: Reader, item: SourceItem, issue: wire.Issue, change: CloseEscalation) -> bool:
    """Moves an epic of ours to the status; False where it stands there. Raises the errors of a write."""
    _require_ours(reader, item, issue)
    client = reader.client
    wanted = change.status.casefold()
    if item.status.casefold() == wanted:
        return False
    path = f"issue/{item.ref.id}/transitions"
    transitions = client.get(path, wire.Transitions, expand="transitions.fields").transitions
    found = min((one for one in transitions if one.to.name.casefold() == wanted), key=_demands, default=None)
    if found is None:
        names = ", ".join(sorted({one.to.name for one in transitions})[:LONGEST_LIST])
        raise RefusedError(
            f"{item.key} cannot be moved from “{item.status}” to “{change.status}”; it can go to {names or 'no status'}"
        )
    client.write("POST", path, {"transition": {"id": found.id}, **_filled_in(item, change, found)})
    return True


def _demands(transition: wire.Transition) -> int:
    return len(transition.needed)


def _filled_in(item: SourceItem, change: CloseEscalation, transition: wire.Transition) -> dict[str, Any]:
    """What the screen of a transition asks for: the first resolution there is; anything else is for people."""
    needed = dict(transition.needed)
    resolutions = needed.pop(RESOLUTION).allowed_values if RESOLUTION in needed else None
    first = next((one.id for one in resolutions or () if one.id), None)
    if needed:
        names = ", ".join(sorted(field.name or key for key, field in needed.items())[:LONGEST_LIST])
        raise RefusedError(
            f"{item.key} cannot be moved to “{change.status}” without {names}: move it by hand, "
            "or name another status in escalation.close_to of policy.yaml"
        )
    return {"fields": {RESOLUTION: {"id": first}}} if first else {}


def _created(reader: Reader, fields: dict[str, Any]) -> Ref:
    created = reader.client.write_and_read("POST", "issue", {"fields": fields}, wire.IssueName)
    reader.keys[created.key] = created.id
    return reader.context.ref(created.id)


def _add_remote_link(client: JiraClient, issue: wire.Issue, change: AddLink) -> bool:
    path, global_id = f"issue/{issue.id}/remotelink", links.global_id(change)
    if any(link.global_id == global_id for link in client.get(path, list[wire.RemoteLink])):
        return False
    title = one_line(change.target_title, LONGEST_SUMMARY) or str(change.target)
    payload = {
        "globalId": global_id,
        "relationship": links.RELATES,
        "object": {"url": change.target_url, "title": title},
    }
    client.write_and_read("POST", path, payload, wire.NumberedLink)
    return True


def _require_ours(reader: Reader, item: SourceItem, issue: wire.Issue) -> None:
    if not _may_be_ours(reader, issue.fields.creator):
        raise RefusedError(f"{item.key} was not created by our account: it is not linked or moved")

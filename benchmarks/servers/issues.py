"""Issues as Jira Cloud writes them, with all that a client does not ask for: about 8 KB each where they are rich."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BOT = "557058:bench-bot"
ZONE = ZoneInfo("Europe/Berlin")  # of the bot: in which queries are read
FIRST_ID = 10_001
FEATURE_PROJECTS = ("PAY", "MOB", "LEND")
PROJECTS = ("PORT", *FEATURE_PROJECTS)
EPIC_EACH = 50  # one item in so many is a portfolio epic
LINK_EACH = 100  # one feature in so many blocks the next one
SPACING = timedelta(minutes=5)  # between the last changes of two items
FIELDS = {
    "Implementation Cost Forecast": ("customfield_10101", "number"),
    "Story Points": ("customfield_10102", "number"),
    "Benefit Hypothesis": ("customfield_10103", "string"),
    "Acceptance Criteria": ("customfield_10104", "string"),
    "Work Category": ("customfield_10105", "option"),
    "Horizon": ("customfield_10106", "option"),
    "Planning Interval": ("customfield_10107", "string"),
    "Delivery Team": ("customfield_10108", "string"),
}
STATUSES = (("Funnel", "new"), ("Analyzing", "new"), ("In Progress", "indeterminate"), ("Done", "done"))
LINK_TYPES = (
    {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
    {"id": "10001", "name": "Relates", "inward": "relates to", "outward": "relates to"},
)
WORDS = "the settlement of a card payment has to reach the ledger of the merchant before the next working day begins"


def id_of(number: int) -> str:
    """The id of item `number`, from 0."""
    return str(FIRST_ID + number)


def project_of(number: int) -> str:
    return "PORT" if number % EPIC_EACH == 0 else FEATURE_PROJECTS[number % len(FEATURE_PROJECTS)]


def key_of(number: int) -> str:
    return f"{project_of(number)}-{number + 1}"


def blocked_by(number: int) -> int | None:
    """The item that blocks item `number`."""
    return number - 1 if number % LINK_EACH == 2 else None


def blocks(number: int) -> int | None:
    """The item that item `number` blocks."""
    return number + 1 if number % LINK_EACH == 1 else None


def written(instant: datetime) -> str:
    """`2026-11-22T07:49:20.000+0000`."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000%z")


def document(text: str) -> dict[str, Any]:
    """Rich text of one paragraph."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def issue(number: int, updated: datetime, *, is_rich: bool) -> dict[str, Any]:
    """Item `number` as a whole; `updated` is when it was changed last."""
    identifier, is_epic = id_of(number), number % EPIC_EACH == 0
    fields: dict[str, Any] = {
        "summary": f"Item {number}: {WORDS[:60]}",
        "issuetype": _kind(is_epic=is_epic),
        "project": _project(project_of(number)),
        "status": _status(number),
        "created": written(updated - timedelta(days=90)),
        "updated": written(updated),
        "description": document(" ".join([WORDS] * (12 if is_rich else 3))),
        "labels": ["frontend", f"team-{number % 7}"] if number % 3 == 0 else [],
        "assignee": _user(number % 40),
        "creator": _user(None if is_epic else number % 11),
        "issuelinks": _links(number),
        "components": [_component(number % 5)] if number % 2 else [],
        "comment": _comments(number, updated, 2 if is_rich else 0),
        **_custom(number, is_epic=is_epic),
    }
    if not is_epic:
        fields["parent"] = _end(number - number % EPIC_EACH)
    base = f"https://northwind.atlassian.net/rest/api/3/issue/{identifier}"
    return {"expand": "operations", "id": identifier, "self": base, "key": key_of(number), "fields": fields}


def _custom(number: int, *, is_epic: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "Implementation Cost Forecast": 900_000.0 if number % 5000 == 0 else 40_000.5 if is_epic else 800.25,
        "Story Points": float(number % 13 + 1),
        "Benefit Hypothesis": "Merchants are paid a day sooner, and call support less often.",
        "Acceptance Criteria": "The ledger shows the amount on the same day.",
        "Work Category": {"self": "https://northwind.atlassian.net/x/1", "value": "Feature", "id": "1"},
        "Horizon": {"self": "https://northwind.atlassian.net/x/2", "value": "Horizon 1 investing", "id": "2"},
        "Planning Interval": "PI-1",
        "Delivery Team": f"Team {number % 30}",
    }
    return {FIELDS[name][0]: value for name, value in values.items()}


def _user(number: int | None) -> dict[str, Any]:
    account = BOT if number is None else f"557058:user-{number}"
    avatar = f"https://avatar-management.atlassian.net/{account}/1f2e3d4c-5b6a-4789-90ab-cdef01234567"
    return {
        "self": f"https://northwind.atlassian.net/rest/api/3/user?accountId={account}",
        "accountId": account,
        "avatarUrls": {size: f"{avatar}/{size}" for size in ("48x48", "24x24", "16x16", "32x32")},
        "displayName": f"Person {number}",
        "active": True,
        "timeZone": "Europe/Berlin",
        "accountType": "atlassian",
    }


def _status(number: int) -> dict[str, Any]:
    name, category = STATUSES[number // EPIC_EACH % 4 if number % EPIC_EACH == 0 else number % 10 % 4]
    return {
        "self": f"https://northwind.atlassian.net/rest/api/3/status/{name}",
        "description": "",
        "iconUrl": "https://northwind.atlassian.net/",
        "name": name,
        "id": name,
        "statusCategory": {"id": 2, "key": category, "colorName": "blue-gray", "name": category},
    }


def _kind(*, is_epic: bool) -> dict[str, Any]:
    return {
        "self": "https://northwind.atlassian.net/rest/api/3/issuetype/10000",
        "id": "10000" if is_epic else "10001",
        "description": "A piece of work that a team can finish in a planning interval.",
        "iconUrl": "https://northwind.atlassian.net/images/icons/issuetypes/epic.svg",
        "name": "Epic" if is_epic else "Feature",
        "subtask": False,
        "hierarchyLevel": 1 if is_epic else 0,
    }


def _project(key: str) -> dict[str, Any]:
    avatar = "https://northwind.atlassian.net/rest/api/3/universal_avatar/view/type/project/avatar/10424"
    return {
        "self": f"https://northwind.atlassian.net/rest/api/3/project/{key}",
        "id": project_id(key),
        "key": key,
        "name": f"Project {key}",
        "projectTypeKey": "software",
        "avatarUrls": dict.fromkeys(("48x48", "24x24", "16x16", "32x32"), avatar),
    }


def project_id(key: str) -> str:
    """The id of a project."""
    return str(10_000 + PROJECTS.index(key))


def _component(number: int) -> dict[str, str]:
    return {"self": f"https://northwind.atlassian.net/c/{number}", "id": str(number), "name": f"component-{number}"}


def _end(number: int) -> dict[str, Any]:
    is_epic = number % EPIC_EACH == 0
    fields = {"summary": f"Item {number}", "status": _status(number), "issuetype": _kind(is_epic=is_epic)}
    return {"id": id_of(number), "key": key_of(number), "self": "https://northwind.atlassian.net/", "fields": fields}


def _links(number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if (blocked := blocks(number)) is not None:
        found.append({"id": f"9{number}", "type": LINK_TYPES[0], "outwardIssue": _end(blocked)})
    if (blocker := blocked_by(number)) is not None:
        found.append({"id": f"9{blocker}", "type": LINK_TYPES[0], "inwardIssue": _end(blocker)})
    return found


def _comments(number: int, updated: datetime, count: int) -> dict[str, Any]:
    comments = [
        {
            "self": f"https://northwind.atlassian.net/rest/api/3/issue/{id_of(number)}/comment/{number}{place}",
            "id": f"{number + 1}{place}",
            "author": (author := _user((number + place) % 40)),
            "body": document(WORDS),
            "updateAuthor": author,
            "created": written(updated - timedelta(hours=place + 1)),
            "updated": written(updated - timedelta(hours=place + 1)),
            "jsdPublic": True,
        }
        for place in range(count)
    ]
    return {"comments": comments, "self": "", "maxResults": count, "total": count, "startAt": 0}

"""Holds the configured types and phrases against those of the tracker: a slip of the pen must not read nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from connectors.jira import links, wire
from connectors.jira.client import JiraClient
from lpm_sync.core.resolution import DEPENDENCY_LINKS, TYPES, place
from lpm_sync.errors import RefusedError
from lpm_sync.ports import Connection

LONGEST_LIST = 12  # names in a message


def check_phrases(connection: Connection, types: Sequence[wire.LinkType], phrases: Sequence[str]) -> None:
    """Raises ConfigurationError where a phrase is no wording of any type of link; says nothing where none is known."""
    unknown = links.unknown_phrases(types, phrases) if types else []
    if not unknown:
        return
    known = sorted(links.wordings(types)) or sorted({kind.name for kind in types})
    raise connection.misnamed(
        {
            place(DEPENDENCY_LINKS, phrase): f"no type of link reads {_listed([phrase])}; there is {_listed(known)}"
            for phrase in unknown
        }
    )


def check_types(client: JiraClient, types: Collection[str], read: Collection[str]) -> None:
    """Asks for the tracker's types where of a configured one no issue was read; `read` are the names that came.

    Raises ConfigurationError for those that the tracker does not have. Where it does not tell its types, none counts
    as missing.
    """
    came = {name.casefold() for name in read}
    unread = [name for name in types if name.casefold() not in came]
    if not unread:
        return
    try:
        found = client.get("issuetype", list[wire.IssueType])
    except RefusedError:
        return
    known = {kind.name.casefold(): kind.name for kind in found}
    missing = sorted(name for name in unread if name.casefold() not in known) if known else []
    if missing:
        raise client.misnamed({place(TYPES, name): _no_type(name, known) for name in missing})


def _no_type(name: str, known: Mapping[str, str]) -> str:
    near = [known[one] for one in get_close_matches(name.casefold(), known, n=3, cutoff=0.5)]
    hint = f"near it: {_listed(near)}" if near else f"there is {_listed(sorted(known.values()))}"
    return f"there is no type {_listed([name])}; {hint}"


def _listed(names: Collection[str]) -> str:
    shown = [f"“{name}”" for name in names]
    return ", ".join(shown[:LONGEST_LIST]) + (", …" if len(shown) > LONGEST_LIST else "")

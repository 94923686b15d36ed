"""What another implementation of the trackers' interfaces may do differently within their contracts, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

As = Literal["as it is"]
AS_IT_IS: As = "as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One other implementation; each default is what the embedded trackers do by themselves.

    On the wire: `header_names` in another case, bodies packed by `coding` where the client takes that, `framing` in
    chunks or with a connection that is closed after each answer.

    In the spelling of JSON: `key_order`, `escapes` of everything that is not ASCII, `layout`, `whole_numbers` with or
    without a fraction.

    In what is said: `extra_members` that nobody knows, `absent` values as null or not at all, `empty_lists` where
    others leave them out, `empties` what is empty as null or left out instead (tests hold both against the contracts,
    which demand no list), `result_order` where none is promised, `times` in another spelling or zone, `links` to the
    interface itself relative or left out, `paging` told by the fewest members that suffice, `identifiers` and
    addresses in another case, `rich_text` as an editor would hand it back, `page_size` as the most that any page holds,
    `resource_areas` of Azure DevOps listed, Jira's ids as numbers and Azure DevOps' as texts (`issue_ids`), its
    `people` as texts and its times without their `zones`, issues that others are linked to, or stand below, `named_by`
    one name alone (by "name" it is the types of links), `confirmations` of writes that say nothing but success, and the
    `lacking` addresses, by their names in `LACKING`.
    """

    header_names: Literal["as it is", "upper"] = AS_IT_IS
    coding: Literal["as it is", "gzip", "deflate"] = AS_IT_IS
    framing: Literal["as it is", "chunked", "closed"] = AS_IT_IS
    key_order: Literal["as it is", "sorted", "reversed"] = AS_IT_IS
    escapes: Literal["as it is", "ascii"] = AS_IT_IS
    layout: Literal["as it is", "indented"] = AS_IT_IS
    whole_numbers: Literal["as it is", "integer", "fraction"] = AS_IT_IS
    extra_members: bool = False
    absent: Literal["as it is", "null", "missing"] = AS_IT_IS
    empty_lists: bool = False
    empties: Literal["as it is", "null", "missing"] = AS_IT_IS
    result_order: Literal["as it is", "reversed"] = AS_IT_IS
    times: Literal["as it is", "seconds", "long fraction", "other offset"] = AS_IT_IS
    links: Literal["as it is", "relative", "missing"] = AS_IT_IS
    paging: Literal["as it is", "fewest members"] = AS_IT_IS
    identifiers: Literal["as it is", "other case"] = AS_IT_IS
    rich_text: Literal["as it is", "rewritten"] = AS_IT_IS
    page_size: int | None = None
    resource_areas: Literal["as it is", "listed"] = AS_IT_IS
    issue_ids: Literal["as it is", "number"] = AS_IT_IS
    named_by: Literal["as it is", "key", "id", "name"] = AS_IT_IS
    people: Literal["as it is", "text"] = AS_IT_IS
    zones: Literal["as it is", "missing"] = AS_IT_IS
    confirmations: Literal["as it is", "empty"] = AS_IT_IS
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lacking:
    """Addresses that not every server, or not every gateway to one, answers: a regular expression for their paths.

    `status` is what such a server has for what it does not know; `cloud_alone`: every Data Center has it.
    """

    path: str
    status: int = 404
    cloud_alone: bool = False


LACKING: Mapping[str, Lacking] = MappingProxyType(
    {
        "bulk fetch": Lacking(r"/issue/bulkfetch$", cloud_alone=True),
        "bulk changelogs": Lacking(r"/changelog/bulkfetch$", 501, cloud_alone=True),
        "listing of projects": Lacking(r"/project/search$", cloud_alone=True),
        "version 2": Lacking(r"^/rest/api/2/", cloud_alone=True),  # Cloud's published contract is of version 3 alone
        "what it is": Lacking(r"/serverInfo$", 405),
        "single projects": Lacking(r"/project/(?!search$)[^/]+$"),
        "any projects": Lacking(r"/rest/api/\d/project(/|$)", 501),
        "types of links": Lacking(r"/issueLinkType$", 405),
        "remote links": Lacking(r"/remotelink$"),
        "resource areas": Lacking(r"/_apis/ResourceAreas$"),
        "projects of an organisation": Lacking(r"/_apis/projects$", 501),
    }
)

ALTERNATIVES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "header_names": ("upper",),
        "coding": ("gzip", "deflate"),
        "framing": ("chunked", "closed"),
        "key_order": ("sorted", "reversed"),
        "escapes": ("ascii",),
        "layout": ("indented",),
        "whole_numbers": ("integer", "fraction"),
        "extra_members": (True,),
        "absent": ("null", "missing"),
        "empty_lists": (True,),
        "empties": ("null", "missing"),
        "result_order": ("reversed",),
        "times": ("seconds", "long fraction", "other offset"),
        "links": ("relative", "missing"),
        "paging": ("fewest members",),
        "identifiers": ("other case",),
        "rich_text": ("rewritten",),
        "page_size": (2, 1, 3),
        "resource_areas": ("listed",),
        "issue_ids": ("number",),
        "named_by": ("key", "id", "name"),
        "people": ("text",),
        "zones": ("missing",),
        "confirmations": ("empty",),
        "lacking": (
            frozenset(("bulk fetch", "bulk changelogs", "single projects")),
            frozenset(("listing of projects", "version 2", "types of links")),
            frozenset(("what it is", "any projects", "remote links", "resource areas", "projects of an organisation")),
        ),
    }
)
"""Every way to differ, by the name of its field: all values but the default."""

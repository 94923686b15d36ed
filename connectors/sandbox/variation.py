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
    others leave them out, `result_order` where none is promised, `times` in another spelling or zone, `links` to the
    interface itself relative or left out, `paging` told by the fewest members that suffice, `identifiers` and
    addresses in another case, `rich_text` as an editor would hand it back, `page_size` as the most that any page holds,
    `resource_areas` of Azure DevOps listed, and Jira's `lacking` addresses, by their names in `LACKING`.
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
    result_order: Literal["as it is", "reversed"] = AS_IT_IS
    times: Literal["as it is", "seconds", "long fraction", "other offset"] = AS_IT_IS
    links: Literal["as it is", "relative", "missing"] = AS_IT_IS
    paging: Literal["as it is", "fewest members"] = AS_IT_IS
    identifiers: Literal["as it is", "other case"] = AS_IT_IS
    rich_text: Literal["as it is", "rewritten"] = AS_IT_IS
    page_size: int | None = None
    resource_areas: Literal["as it is", "listed"] = AS_IT_IS
    lacking: frozenset[str] = frozenset()


LACKING: Mapping[str, str] = MappingProxyType(
    {
        "bulk fetch": r"/issue/bulkfetch$",
        "bulk changelogs": r"/changelog/bulkfetch$",
        "listing of projects": r"/project/search$",
        "version 2": r"^/rest/api/2/",  # the published contract of Cloud is of version 3 alone
    }
)
"""Addresses that not every Jira Cloud, or not every gateway to one, answers: regular expressions for their paths."""

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
        "result_order": ("reversed",),
        "times": ("seconds", "long fraction", "other offset"),
        "links": ("relative", "missing"),
        "paging": ("fewest members",),
        "identifiers": ("other case",),
        "rich_text": ("rewritten",),
        "page_size": (2, 1, 3),
        "resource_areas": ("listed",),
        "lacking": (frozenset(("bulk fetch", "bulk changelogs")), frozenset(("listing of projects", "version 2"))),
    }
)
"""Every way to differ, by the name of its field: all values but the default."""

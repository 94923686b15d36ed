"""The location table that `OPTIONS /{organization}/_apis` answers, for the resources that are served.

Identifiers, templates and versions are those of realdata/azure-devops/options_minimal.json, where a client looks up
the address of a resource by its well-known identifier.
"""

from __future__ import annotations

from typing import Any

from connectors.sandbox.azure_devops.releases import Release

_WIT = "{project}/_apis/{area}/{resource}"
# identifier, area, resource, template, version of the resource, oldest version, released version
_LOCATIONS = (
    ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "core", "projects", "_apis/{resource}/{*projectId}", 4, "1.0", "7.1"),
    ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "Location", "ConnectionData", "_apis/{resource}", 1, "1.0", "0.0"),
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}", 1, "3.2", "0.0"),
    ("72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", "wit", "workItems", _WIT + "/{id}", 3, "1.0", "7.1"),
    ("62d3d110-0047-428c-ad3c-4fe872c91c74", "wit", "workItems", _WIT + "/${type}", 3, "1.0", "7.1"),
    ("908509b6-4248-4475-a1cd-829139ba419f", "wit", "workItemsBatch", _WIT, 1, "5.0", "7.1"),
    (
        "1a9c53f7-f243-4447-b110-35ef023636e4",
        "wit",
        "wiql",
        "{project}/{team}/_apis/{area}/{resource}",
        2,
        "1.0",
        "7.1",
    ),
    (
        "6570bf97-d02c-4a91-8d93-3abe9895b1a9",
        "wit",
        "updates",
        "{project}/_apis/{area}/workItems/{id}/updates/{updateNumber}",
        4,
        "1.0",
        "7.1",
    ),
    (
        "a00c85a5-80fa-4565-99c3-bcd2181434bb",
        "wit",
        "revisions",
        "{project}/_apis/{area}/workItems/{id}/revisions/{revisionNumber}",
        3,
        "1.0",
        "7.1",
    ),
    (
        "608aac0a-32e1-4493-a863-b9cf4566d257",
        "wit",
        "comments",
        "{project}/_apis/wit/workItems/{workItemId}/comments/{commentId}",
        4,
        "5.1",
        "0.0",
    ),
    (
        "f828fe59-dd87-495d-a17c-7a8d6211ca6c",
        "wit",
        "workItemRevisions",
        "{project}/_apis/{area}/reporting/{resource}",
        2,
        "2.0",
        "7.1",
    ),
    (
        "b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f",
        "wit",
        "workItemLinks",
        "{project}/_apis/{area}/reporting/{resource}",
        3,
        "2.0",
        "7.1",
    ),
    (
        "f5d33bc9-5b49-4a3c-a9bd-f3cd46dd2165",
        "wit",
        "workItemRelationTypes",
        "_apis/{area}/{resource}/{relation}",
        2,
        "1.0",
        "7.1",
    ),
    ("7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", "wit", "workItemTypes", _WIT + "/{type}", 2, "1.0", "7.1"),
    (
        "9b9f5734-36c8-415e-ba67-f83b45c31408",
        "wit",
        "workItemTypeCategories",
        _WIT + "/{category}",
        2,
        "1.0",
        "7.1",
    ),
    (
        "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        "wit",
        "workItemTypeStates",
        "{project}/_apis/{area}/workitemtypes/{type}/states",
        1,
        "1.0",
        "7.1",
    ),
    ("b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94", "wit", "fields", _WIT + "/{fieldNameOrRefName}", 3, "1.0", "7.1"),
    ("bc15bc60-e7a8-43cb-ab01-2106be3983a1", "wit", "tags", _WIT + "/{tagIdOrName}", 1, "5.2", "7.1"),
    ("a70579d1-f53a-48ee-a5be-7be8659023b9", "wit", "classificationNodes", _WIT, 2, "1.0", "7.1"),
    (
        "5a172953-1b41-49d3-840a-33f79c3ce89f",
        "wit",
        "classificationNodes",
        _WIT + "/{structureGroup}/{*path}",
        2,
        "1.0",
        "7.1",
    ),
)
_KEYS = ("id", "area", "resourceName", "routeTemplate", "resourceVersion", "minVersion", "releasedVersion")


def locations(release: Release) -> list[dict[str, Any]]:
    """The rows of the table, of those resources that the release has."""
    rows: list[dict[str, Any]] = [dict(zip(_KEYS, row, strict=True)) for row in _LOCATIONS]
    return [_of_release(row, release) for row in rows if float(row["minVersion"]) <= float(release.newest)]


def _of_release(row: dict[str, Any], release: Release) -> dict[str, Any]:
    released = min(row["releasedVersion"], release.released)  # never released: "0.0"
    of_release = {**row, "maxVersion": release.newest, "releasedVersion": released}
    return of_release | ({"resourceVersion": release.comments} if row["resourceName"] == "comments" else {})

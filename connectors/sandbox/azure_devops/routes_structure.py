"""Areas, iterations and relation types.

Paths `…/classificationnodes` and `…/workitemrelationtypes` of azure-devops-wit-7.1.swagger.json.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from connectors.sandbox.azure_devops import errors
from connectors.sandbox.azure_devops.catalogue import find_node
from connectors.sandbox.azure_devops.model import Node
from connectors.sandbox.azure_devops.process import LINK_TYPES, RESOURCE_RELATIONS, LinkType
from connectors.sandbox.azure_devops.routing import Call, Route, answer, collection
from connectors.sandbox.azure_devops.views import format_time


def get_root_nodes(call: Call) -> Response:
    """`GET classificationnodes` with `$depth`, or with `ids` (recordings 38 and 43)."""
    project, depth = call.needed_project(), call.number("$depth") or 0
    roots = ((project.areas, "areas"), (project.iterations, "iterations"))
    if "ids" not in call.query:
        return collection([_write_node(call, node, group, depth) for node, group in roots])
    wanted = call.names("ids")
    every = [(node, group) for root, group in roots for node in _walk(root)]
    return collection([_write_node(call, node, group, depth) for node, group in every if str(node.id) in wanted])


def get_node(call: Call) -> Response:
    """`GET classificationnodes/{areas or iterations}/{path}` with `$depth` (recordings 34 and 46)."""
    project, group = call.needed_project(), call.path["group"].casefold()
    root: Node = project.areas if group == "areas" else project.iterations
    below = call.path.get("path", "").replace("/", "\\").strip("\\")
    node = find_node(root, f"{root.path}\\{below}" if below else root.path)
    if node is None:
        raise errors.node_not_found(below)
    return answer(_write_node(call, node, group, call.number("$depth") or 0))


def _walk(node: Node) -> list[Node]:
    return [node, *(found for child in node.children for found in _walk(child))]


def _write_node(call: Call, node: Node, group: str, depth: int) -> dict[str, Any]:
    """A node; its path has the kind of tree after the project (recordings 34, 36 and 42)."""
    project = call.needed_project()
    kind = "area" if group == "areas" else "iteration"
    below = node.path.removeprefix(project.name)
    address = "".join("/" + quote(part) for part in below.strip("\\").split("\\") if part)
    written: dict[str, Any] = {
        "id": node.id,
        "identifier": node.identifier,
        "name": node.name,
        "structureType": kind,
        "hasChildren": bool(node.children),
        "path": f"\\{project.name}\\{kind.capitalize()}{below}",
        "url": f"{call.root}/{project.id}/_apis/wit/classificationNodes/{group.capitalize()}{address}",
    }
    if node.start and node.finish:
        written["attributes"] = {"startDate": format_time(node.start), "finishDate": format_time(node.finish)}
    if depth > 0 and node.children:
        written["children"] = [_write_node(call, child, group, depth - 1) for child in node.children]
    return written


def get_relation_types(call: Call) -> Response:
    """`GET workitemrelationtypes`: the table of realdata/azure-devops/workItemRelationTypes.json."""
    return collection(_relation_types(call))


def get_relation_type(call: Call) -> Response:
    """`GET workitemrelationtypes/{relation}`."""
    wanted = call.path["relation"].casefold()
    for kind in _relation_types(call):
        if kind["referenceName"].casefold() == wanted:
            return answer(kind)
    raise errors.relation_type_not_found(call.path["relation"])


def _relation_types(call: Call) -> list[dict[str, Any]]:
    rows = [row for kind in LINK_TYPES for row in _ends(kind)]
    resource = {"usage": "resourceLink", "editable": False, "enabled": True}
    rows += [(name, label, resource) for name, label in RESOURCE_RELATIONS.items()]
    base = f"{call.root}/_apis/wit/workItemRelationTypes"
    return [
        {"attributes": attributes, "referenceName": name, "name": label, "url": f"{base}/{name}"}
        for name, label, attributes in rows
    ]


def _ends(kind: LinkType) -> list[tuple[str, str, dict[str, Any]]]:
    common = {
        "usage": "workItemLink",
        "editable": kind.is_editable,
        "enabled": True,
        "acyclic": kind.is_directional,
        "directional": kind.is_directional,
        "singleTarget": kind.topology != "tree",
        "topology": kind.topology,
        "remote": kind.is_remote,
    }
    if not kind.is_directional:
        return [(kind.name, kind.forward, common)]
    forward, reverse = f"{kind.name}-Forward", f"{kind.name}-Reverse"
    return [
        (forward, kind.forward, {**common, "isForward": True, "oppositeEndReferenceName": reverse}),
        (reverse, kind.reverse, {**common, "isForward": False, "oppositeEndReferenceName": forward}),
    ]


ROUTES = (
    Route("GET", "{project}/_apis/wit/classificationnodes", get_root_nodes),
    Route("GET", "{project}/_apis/wit/classificationnodes/{group}/{path}", get_node),
    Route("GET", "_apis/wit/workitemrelationtypes", get_relation_types),
    Route("GET", "_apis/wit/workitemrelationtypes/{relation}", get_relation_type),
)

"""Holds what our connectors send against the published contracts, each kind of request once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from connectors.http import USER_AGENT
from connectors.sandbox.faults import Request
from tests.contracts import CONTRACTS

JIRA = CONTRACTS / "specs/jira-cloud-platform-v3.openapi.json"
AZURE_DEVOPS = CONTRACTS / "specs/azure-devops-wit-7.1.swagger.json"
AZURE_DEVOPS_BODIES = CONTRACTS / "specs/azure-devops-wit-7.1.overlay.schema.json"

IS_JIRA_CLOUD = re.compile(r"/rest/api/(3/.*|2/serverInfo)$")
IS_AZURE_DEVOPS = re.compile(r"/_apis(/|$)", re.IGNORECASE)
IN_NO_CONTRACT = re.compile(r"/_apis(/(ResourceAreas|connectionData|projects)(/[^/]*)?)?$", re.IGNORECASE)  # elsewhere

TO_AN_OLDER_SERVER = re.compile(r"api-version=([1-6]\.|7\.0|7\.1-preview\.3)")  # the contract is of 7.1 alone

Operation = dict[str, Any]


class ContractError(AssertionError):
    """A request that is not one of the contract's; the text says which and why."""


class Sent:
    """The kinds of requests of our connectors, as they come over the wires of embedded trackers.

    Two requests are of one kind where method, address, parameters and members of the body are the same but for ids,
    texts and numbers: a contract says of one what it says of the other.
    """

    def __init__(self) -> None:
        self._known: set[object] = set()
        self._waiting: list[Request] = []

    def observe(self, request: Request) -> None:
        """Takes in a request; those that a test makes by itself, or that an older server is asked, do not count."""
        is_ours = request.headers.get("user-agent") == USER_AGENT
        is_asked_elsewhere = TO_AN_OLDER_SERVER.search(request.headers.get("accept", ""))
        if is_ours and not is_asked_elsewhere and (kind := _kind(request)) not in self._known:
            self._known.add(kind)
            self._waiting.append(request)

    def check(self) -> None:
        """Raises ContractError for the first of those that came since, and is no request of its contract."""
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            check_request(request)


def check_request(request: Request) -> None:
    """Raises ContractError where a contract is there, and the request is none of it."""
    if IS_AZURE_DEVOPS.search(request.path):
        if not IN_NO_CONTRACT.search(request.path) and AZURE_DEVOPS.exists() and AZURE_DEVOPS_BODIES.exists():
            _check_azure_devops(request)
    elif (found := IS_JIRA_CLOUD.search(request.path)) is not None and JIRA.exists():
        _check_jira(request, f"/rest/api/3/{found[1].removeprefix('2/').removeprefix('3/')}")


def _kind(request: Request) -> object:
    path = re.sub(r"[A-Z]+-\d+|\d+", "0", re.sub(r"^.*?/(rest|_apis)/", "", request.path))
    query = tuple(sorted(name for name, _ in parse_qsl(request.query)))
    try:
        members = _members(json.loads(request.body)) if request.body else None
    except ValueError:
        members = request.body
    return request.method, path, query, members, request.headers.get("accept"), request.headers.get("content-type")


def _members(value: Any) -> object:
    if isinstance(value, dict):
        return tuple(sorted((name, _members(one)) for name, one in value.items()))
    if isinstance(value, list):
        return frozenset(map(_members, value))
    return type(value).__name__


def _check_jira(request: Request, path: str) -> None:
    """`path` is the one of version 3: discovery goes to version 2 before anybody knows which Jira it is."""
    mock = MockRequest(
        "https://jira.example",
        request.method.lower(),
        path,
        args=parse_qsl(request.query),
        data=request.body or None,
        content_type="application/json",
    )
    try:
        _jira().validate_request(mock)
    except OpenAPIError as error:
        raise ContractError(f"{_told(request)}: {error!r}") from error
    operations = ((names, pattern) for method, pattern, names in _jira_parameters() if method == request.method)
    parameters = next(names for names, pattern in operations if pattern.fullmatch(path))
    unknown = {name for name, _ in parse_qsl(request.query)} - parameters
    if unknown:  # the validator passes over them
        raise ContractError(f"{_told(request)}: parameters that are not known: {unknown}")


def _told(request: Request) -> str:
    return f"{request.method} {request.path}?{request.query} {request.body!r}"


@cache
def _jira_specification() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JIRA.read_text(encoding="utf-8"))
    return found


@cache
def _jira_parameters() -> tuple[tuple[str, re.Pattern[str], frozenset[str]], ...]:
    """Method, pattern of the path and the names of the query's parameters; paths without a part to fill in first."""
    paths = sorted(_jira_specification()["paths"].items(), key=lambda found: found[0].count("{"))
    return tuple(
        (method.upper(), re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), _in_query(operation))
        for path, operations in paths
        for method, operation in operations.items()
    )


def _in_query(operation: Operation) -> frozenset[str]:
    return frozenset(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")


@cache
def _jira() -> OpenAPI:
    specification = {**_jira_specification()}
    specification["servers"] = [{"url": "https://jira.example"}]
    for operations in specification["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)  # only OAuth and basic are known there, and the latter not to the validator
    return OpenAPI.from_dict(specification, config=Config(spec_validator_cls=None))


def _check_azure_devops(request: Request) -> None:
    def demand(is_so: bool, why: str) -> None:
        if not is_so:
            raise ContractError(f"{_told(request)}: {why}")

    path = re.sub(r"^.*?(?=/([^/]+/)?_apis/)", "", request.path)
    fitting = (one for method, pattern, one in _operations() if method == request.method and pattern.fullmatch(path))
    operation = next(fitting, None)
    demand(operation is not None, "no such operation")
    assert operation is not None
    query = dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}
    demand(set(query) <= set(operation["query"]), f"parameters that are not known: {set(query)}")
    for name, value in query.items():
        demand(value in operation["query"][name].get("enum", [value]), f"{name} is no {value}")
    version = re.search(r"api-version=(\S+)", request.headers["accept"])
    demand(version is not None and version[1] in operation["versions"], f"not in a version of {operation['versions']}")
    if request.body:
        _check_azure_devops_body(request, operation["body"], demand)


def _check_azure_devops_body(request: Request, definition: str, demand: Callable[[bool, str], None]) -> None:
    definitions = _bodies()["definitions"]
    body = json.loads(request.body)
    errors = jsonschema.Draft4Validator({"$ref": f"#/definitions/{definition}", **_bodies()}).iter_errors(body)
    demand(next(errors, None) is None, f"no {definition}")
    for part in body if isinstance(body, list) else [body]:
        known = "JsonPatchOperation" if isinstance(body, list) else definition
        demand(set(part) <= set(definitions[known]["properties"]), f"members that are not known: {set(part)}")
    kind = "application/json-patch+json" if definition == "JsonPatchDocument" else "application/json"
    demand(request.headers["content-type"].split(";")[0] == kind, f"not sent as {kind}")


@cache
def _bodies() -> dict[str, Any]:
    return {"definitions": json.loads(AZURE_DEVOPS_BODIES.read_text())["definitions"]}


@cache
def _operations() -> tuple[tuple[str, re.Pattern[str], Operation], ...]:
    """Method, pattern of the path below the organisation, and the operation with its query parameters by name."""
    contract = json.loads(AZURE_DEVOPS.read_text(encoding="utf-8-sig"))
    found: dict[tuple[str, str], Operation] = {}
    for path, methods in (*contract["paths"].items(), *contract["x-ms-paths"].items()):
        template = path.partition("?")[0]
        for method, operation in methods.items():
            merged = found.setdefault((method.upper(), template), {"query": {}, "body": None, "versions": set()})
            for parameter in _parameters(contract, operation):
                if parameter["name"] == "api-version":
                    merged["versions"].update(re.findall(r"set to '([^']+)'", parameter["description"]))
                elif parameter["in"] == "query":
                    merged["query"][parameter["name"]] = parameter
                elif parameter["in"] == "body":
                    merged["body"] = parameter["schema"].get("$ref", "").rpartition("/")[2]
    return tuple((method, _pattern(template), operation) for (method, template), operation in found.items())


def _parameters(contract: dict[str, Any], operation: Operation) -> Iterator[dict[str, Any]]:
    for given in operation["parameters"]:
        yield contract["parameters"][given["$ref"].rpartition("/")[2]] if "$ref" in given else given


def _pattern(template: str) -> re.Pattern[str]:
    """Project and team may be absent; a name that follows a `$` is one part like any other."""
    text = re.escape(template.removeprefix("/{organization}")).replace(r"\{", "{").replace(r"\}", "}")
    text = text.replace("/{project}", "(?:/[^/]+)?").replace("/{team}", "(?:/[^/]+)?")
    text = re.sub(r"{\w*[iI]d}", r"\\d+", text)
    return re.compile(re.sub(r"{\w+}", "[^/]+", text), re.IGNORECASE)

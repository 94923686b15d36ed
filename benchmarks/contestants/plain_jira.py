"""Jira by plain HTTP: what is asked and decoded, and nothing kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3

from benchmarks.contestants.asking import ASKED_FIELDS, JQL
from benchmarks.measuring import Surroundings, Work

AT_ONCE = 8
HEADERS = {"Content-Type": "application/json", "Authorization": "Basic Ym90OmJlbmNo"}
Ask = Callable[[str, Mapping[str, Any]], Any]


def one_by_one(surroundings: Surroundings) -> Work:
    """urllib3 and orjson, page after page."""
    ask = _asking(surroundings)

    def work() -> Mapping[str, float]:
        count, token = 0, None
        while True:
            page = ask("search/jql", _search(ASKED_FIELDS, 100, token))
            count += len(page["issues"])
            token = page.get("nextPageToken")
            if not token:
                return {"items": count}

    return work


def in_parallel(surroundings: Surroundings) -> Work:
    """urllib3 and orjson: the ids first, then bulkfetch over 8 connections."""
    ask = _asking(surroundings)

    def fetch(some: list[str]) -> int:
        return len(ask("issue/bulkfetch", {"issueIdsOrKeys": some, "fields": ASKED_FIELDS})["issues"])

    def work() -> Mapping[str, float]:
        found: list[str] = []
        token = None
        while True:
            page = ask("search/jql", _search(["id"], 5000, token))
            found += [one["id"] for one in page["issues"]]
            token = page.get("nextPageToken")
            if not token:
                break
        parts = [found[start : start + 100] for start in range(0, len(found), 100)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {"items": sum(pool.map(fetch, parts))}

    return work


def _search(fields: list[str], most: int, token: str | None) -> Mapping[str, Any]:
    payload = {"jql": JQL, "fields": fields, "maxResults": most}
    return {**payload, "nextPageToken": token} if token else payload


def _asking(surroundings: Surroundings) -> Ask:
    address = urlsplit(surroundings.servers["jira"])
    pool = urllib3.HTTPConnectionPool(str(address.hostname), port=address.port, maxsize=AT_ONCE, block=True)

    def ask(place: str, payload: Mapping[str, Any]) -> Any:
        answer = pool.request("POST", f"/rest/api/3/{place}", body=json.dumps(payload).encode(), headers=HEADERS)
        return orjson.loads(answer.data)

    return ask

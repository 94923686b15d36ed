"""Finds what is installed beside us by entry points: connectors, chats, embedded trackers, rules."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Chat, Clock, Connection, Sandbox, SandboxRequest, Tracker
from lpm_sync.rules.base import ItemRule, PortfolioRule, StreamRule

Group = Literal["connectors", "chats", "sandboxes", "rules"]
RuleClass = type[ItemRule] | type[StreamRule] | type[PortfolioRule]


def installed(group: Group) -> tuple[str, ...]:
    """The names of what is installed, sorted; nothing is imported for it."""
    return tuple(sorted({point.name for point in _points(group)}))


def connector(name: str) -> Callable[[Connection, Clock], Tracker]:
    """What opens a tracker through the connector `name`; raises ConfigurationError where it is not installed."""
    connect: Callable[[Connection, Clock], Tracker] = _load("connectors", name)
    return connect


def chat(name: str) -> Callable[[str, Clock], Chat]:
    """What opens a chat by its webhook address; raises ConfigurationError where it is not installed."""
    connect: Callable[[str, Clock], Chat] = _load("chats", name)
    return connect


def sandbox(name: str = "embedded") -> Callable[[SandboxRequest], Sandbox]:
    """What starts embedded trackers; raises ConfigurationError where it is not installed."""
    start: Callable[[SandboxRequest], Sandbox] = _load("sandboxes", name)
    return start


def rule_classes() -> tuple[RuleClass, ...]:
    """All installed rules, by code.

    Raises ConfigurationError where a plug-in does not hand over a tuple of rules, or two rules have one code.
    """
    found: dict[str, RuleClass] = {}
    for name in installed("rules"):
        offered = _load("rules", name)
        if not isinstance(offered, tuple):
            raise ConfigurationError(f"the rules plug-in {name!r} offers no tuple of rule classes; ask its author")
        for candidate in offered:
            rule = _checked(candidate, name)
            if found.setdefault(rule.code, rule) is not rule:
                raise ConfigurationError(
                    f"two rules have the code {rule.code}; one is in the plug-in {name!r}: remove it"
                )
    return tuple(found[code] for code in sorted(found))


def _checked(candidate: object, plugin: str) -> RuleClass:
    if (
        inspect.isclass(candidate)
        and issubclass(candidate, ItemRule | StreamRule | PortfolioRule)
        and not inspect.isabstract(candidate)
        and re.fullmatch(r"[A-Z]{3}\d{3}", getattr(candidate, "code", ""))
    ):
        return candidate
    raise ConfigurationError(
        f"the rules plug-in {plugin!r} offers {candidate!r}, which is no rule with a code like DOR001; ask its author"
    )


def _load(group: Group, name: str) -> Any:
    points = [point for point in _points(group) if point.name == name]
    if not points:
        known = ", ".join(installed(group)) or "none"
        raise ConfigurationError(f"no {_one_of(group)} {name!r} is installed; installed: {known}")
    return _imported(group, points[0])


def _points(group: Group) -> tuple[EntryPoint, ...]:
    return _installed_on(tuple(sys.path), f"lpm_sync.{group}")


@lru_cache(maxsize=32)
def _installed_on(_path: tuple[str, ...], group: str) -> tuple[EntryPoint, ...]:
    """What is installed in these places. The files of every package there are read for it: once, not in each cycle."""
    return tuple(entry_points(group=group))


def _imported(group: Group, point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # isolation boundary: importing a stranger's module may raise anything
        distribution = f" of {point.dist.name}" if point.dist else ""
        raise ConfigurationError(
            f"the {_one_of(group)} {point.name!r}{distribution} cannot be loaded: {type(error).__name__}: {error}; "
            "install it again in a version that fits"
        ) from error


def _one_of(group: Group) -> str:
    return {"connectors": "connector", "chats": "chat", "sandboxes": "embedded tracker", "rules": "rules plug-in"}[
        group
    ]

"""What a server says of how much it still has for us."""

from __future__ import annotations

from collections.abc import Mapping

SCARCE = 0.1  # of what there was: so little left, it will soon refuse
_FAMILIES = ("X-RateLimit", "RateLimit")


def is_scarce(headers: Mapping[str, str]) -> bool:
    """Whether little is left, by `X-RateLimit-Remaining` and `-Limit` (trackers.md, Limits), with or without the `X-`.

    Jira Cloud says it itself too, with `X-RateLimit-NearLimit`. What cannot be read says nothing.
    """
    if headers.get("X-RateLimit-NearLimit", "").strip().lower() == "true":
        return True
    return any(_is_low(headers.get(f"{name}-Remaining"), headers.get(f"{name}-Limit")) for name in _FAMILIES)


def _is_low(remaining: str | None, limit: str | None) -> bool:
    try:
        return float(remaining or "") <= SCARCE * float(limit or "")
    except ValueError:
        return False

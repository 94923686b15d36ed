"""Where the next page is: some servers give its token, others only a link that holds it, absolute or relative."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def next_token(token: str | int | None, link: str | None) -> str | None:
    """The continuation token itself, or the one in the link; the link's address is never gone to. None: no more."""
    if token not in (None, ""):
        return str(token)
    try:
        queried = parse_qs(urlsplit(link or "").query)
    except ValueError:
        return None
    return next((values[0] for name, values in queried.items() if name.casefold() == "continuationtoken"), None)

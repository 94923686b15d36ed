"""Times in queries: to the minute, and in the zone of the profile of whoever asks (trackers.md, Incremental)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FARTHEST_WEST = timedelta(hours=12)  # no zone's clocks are further behind UTC


def query_time(instant: datetime, zone_name: str | None) -> str:
    """`yyyy-MM-dd HH:mm` in that zone, at or before the instant, however its reader takes an hour that comes twice.

    Where clocks go back an hour comes twice, and nobody says which of the two a query means: then the text is taken so
    early that the later one still is not after the instant. In a zone that we do not know it is as early as it is
    anywhere.
    """
    whole_minute = instant.astimezone(UTC).replace(second=0, microsecond=0)
    zone = _zone(zone_name)
    if zone is None:
        return _text(whole_minute - FARTHEST_WEST)
    local = whole_minute.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)
    while (late := _latest_meaning(local, zone)) > instant:
        local -= late - whole_minute if late > whole_minute else timedelta(minutes=1)
    return _text(local)


def _latest_meaning(local: datetime, zone: ZoneInfo) -> datetime:
    meanings = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(meanings)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name or "")
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a name that is a folder
        return None


def _text(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M}"

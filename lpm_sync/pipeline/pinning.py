"""Pins what the names in `trackers.yaml` lead to, and says where the pins and the trackers have come apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lpm_sync.core.examination import Check
from lpm_sync.core.resolution import RENAMING, RENEW, RENEWAL, Resolution, Resolutions, changed, renamed
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import read_lock
from lpm_sync.policy.lock import LOCK_FILE, LockFile, configured_names, lock_text, renewed

SUBJECT = "pins"


def pin_checks(configuration: Configuration, tracker: str, resolved: Resolutions) -> Iterator[Check]:
    """Whether the tracker still has what is pinned of it, under the names that it had.

    What is not resolved at all is told by the check of the field, the link or the project itself.
    """
    pins = configuration.pins(tracker)
    is_whole = True
    for misfit in configuration.misfits():
        if misfit.tracker == tracker:
            is_whole = False
            if misfit.place is None or misfit.place in resolved or misfit.place not in _said(configuration, tracker):
                yield Check(subject=_subject(misfit.place), fault=misfit.line, remedy=RENEW)
    known = {where: pin for where, pin in pins.items() if where in resolved}
    for lines, remedy in ((changed(known, resolved), RENEWAL), (renamed(known, resolved), RENAMING)):
        yield from (Check(subject=_subject(where), fault=line, remedy=remedy) for where, line in lines.items())
    if configuration.lock is None:
        yield Check(subject=SUBJECT, note="none yet; to be told of changes: lpm-sync doctor --pin")
    elif is_whole:
        yield Check(subject=SUBJECT, note=f"{len(pins)} in {LOCK_FILE}")


def orphaned_pins(configuration: Configuration) -> Iterator[tuple[str, Check]]:
    """Pins of trackers that `trackers.yaml` does not have any more."""
    for misfit in configuration.misfits():
        if misfit.tracker not in configuration.trackers:
            yield misfit.tracker, Check(subject=SUBJECT, fault=misfit.line, remedy=RENEW)


def renew_lock(
    directory: Path, configuration: Configuration, resolved: Mapping[str, Resolutions]
) -> Iterator[tuple[str, Check]]:
    """Writes the lock where it changes; says of each tracker what is pinned to something else than before, or anew.

    What is not resolved keeps the pin that it had. A lock that is damaged counts for nothing.
    """
    path, before = directory / LOCK_FILE, read_lock(directory)
    lock = renewed(before or LockFile(complete=True), configuration.trackers_file, resolved)
    if (fault := _write(path, lock_text(lock))) is not None:
        remedy = "pin where the configuration is kept, and check the file in"
        yield str(path), Check(subject=SUBJECT, fault=fault, remedy=remedy)
        return
    for name, stanza in configuration.trackers_file.trackers.items():
        old = before.pins(name, stanza) if before is not None else {}
        new = lock.pins(name, stanza)
        for where, pin in new.items():
            if where not in old:
                yield name, Check(subject=f"pinned {where}", note=str(pin))
            elif old[where] != pin:
                yield name, Check(subject=f"pinned {where}", note=f"{_told(pin)}; it was {_told(old[where])}")
        yield name, Check(subject=SUBJECT, note=f"{len(new)} in {path}")


def _subject(where: str | None) -> str:
    return SUBJECT if where is None else f"pin of {where}"


def _said(configuration: Configuration, tracker: str) -> Mapping[str, str]:
    return configured_names(configuration.tracker(tracker))


def _told(pin: Resolution) -> str:
    return f"{pin} of the kind {pin.kind}" if pin.kind else str(pin)


def _write(path: Path, text: str) -> str | None:
    """Writes the file whole or not at all, and not if it says that already; returns why it could not."""
    new = path.with_name(f".{path.name}.new")
    try:
        if not path.is_file() or path.read_bytes() != text.encode():
            new.write_text(text, encoding="utf-8")
            new.replace(path)
    except OSError as error:
        return f"it cannot be written: {error.strerror}"
    return None

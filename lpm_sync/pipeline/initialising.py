"""Asks a tracker what it has, and writes a first configuration for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from lpm_sync import plugins
from lpm_sync.core.discovery import Discovery
from lpm_sync.core.resolution import Resolutions
from lpm_sync.errors import ConfigurationError
from lpm_sync.pipeline.first_configuration import Place, first_configuration
from lpm_sync.pipeline.guessing import guess_levels
from lpm_sync.pipeline.pinning import renew_lock
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.policy.addresses import checked_address
from lpm_sync.policy.loader import load_configuration
from lpm_sync.policy.lock import LOCK_FILE
from lpm_sync.policy.mistakes import is_secret_key, plain, secret_advice
from lpm_sync.ports import Connection

NAME = re.compile("[a-z][a-z0-9-]{0,49}")
FILES = ("trackers.yaml", "value_streams.yaml", "policy.yaml")
MOST_PROJECTS = 50  # named in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person says of the tracker; everything else is asked of it. `name` is what it will be called.

    `site_url`, `credential` and `options` are those of its stanza in `trackers.yaml`.
    """

    connector: str
    name: str
    url: str
    projects: tuple[str, ...]
    site_url: str | None = None
    credential: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def initialise(
    workplace: Workplace, request: Request, directory: Path, *, overwrites: bool = False
) -> tuple[Path, ...]:
    """Writes the three files and returns their paths.

    Raises ConfigurationError, before anything is asked or written, where a file stands already and `overwrites` is not
    set, or what was said cannot be used; and where a project is not there. Raises UnauthorisedError and
    UnavailableError.
    """
    paths = tuple(directory / name for name in FILES)
    standing = [str(path) for path in (*paths, directory / LOCK_FILE) if path.exists()]
    if standing and not overwrites:
        raise ConfigurationError(f"{', '.join(standing)}: there already; name another --directory, or use --force")
    discovery = _discover(workplace, _checked(request))
    place = Place(
        name=request.name,
        connector=request.connector,
        url=request.url.rstrip("/"),
        site_url=request.site_url.rstrip("/") if request.site_url else None,
        credential=request.credential,
        options=request.options,
    )
    texts = first_configuration(place, discovery)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with path.open("w" if overwrites else "x", encoding="utf-8") as file:
                file.write(texts[path.name])
    except FileExistsError as error:  # somebody was faster than the tracker
        raise ConfigurationError(f"{error.filename}: there now; it was left as it is") from None
    except OSError as error:
        raise ConfigurationError(f"{directory}: cannot be written: {error.strerror}") from None
    return paths


def pin(workplace: Workplace, directory: Path) -> Path:
    """Pins what the names in the files just written lead to, and returns the path of the lock."""
    configuration = load_configuration(directory, goes_by_lock=False)
    resolved: dict[str, Resolutions] = {}
    for name in configuration.trackers:
        with closing(workplace.open_tracker(configuration, name)) as tracker:
            resolved[name] = tracker.examine().resolved
    for place, check in renew_lock(directory, configuration, resolved):
        if check.fault is not None:
            raise ConfigurationError(f"{place}: {check.fault}; {check.remedy}")
    return directory / LOCK_FILE


def _checked(request: Request) -> Request:
    if not NAME.fullmatch(request.name):
        raise ConfigurationError(f"--name {request.name}: write lower-case letters, digits and hyphens, up to 50")
    for flag, address in (("--url", request.url), ("--site-url", request.site_url)):
        try:
            checked_address(address or request.url)
        except ValueError as error:
            raise ConfigurationError(f"{flag}: {error}") from None
    for option in request.options:
        if is_secret_key(option):
            raise ConfigurationError(f"--option {plain(option)}: {secret_advice(('trackers', request.name))}")
    return request


def _discover(workplace: Workplace, request: Request) -> Discovery:
    """What the tracker has; refuses to begin with projects that are not there, and with none at all."""
    connect = plugins.connector(request.connector)
    connection = Connection(
        name=request.name,
        url=request.url,
        site_url=request.site_url or request.url,
        projects=tuple(dict.fromkeys(request.projects)),
        credentials=workplace.secrets.credentials_for(request.name),
        credential=request.credential,
        options=request.options,
    )
    with closing(connect(connection, workplace.clock)) as tracker:
        discovery = tracker.discover()
    if not request.projects:
        raise ConfigurationError(f"name the projects with --project; {_visible(discovery)}")
    if discovery.failures:
        said = "\n".join(discovery.failures.values())
        raise ConfigurationError(f"{said}\n{_visible(discovery)}")
    types = [kind for project in discovery.projects for kind in project.types]
    if not guess_levels(types):
        raise ConfigurationError(f"{request.name}: the projects have no type that could be an epic or a feature")
    return discovery


def _visible(discovery: Discovery) -> str:
    keys = discovery.visible_projects
    if not keys:
        return "the account sees no project at all: check whose credential it is, and grant it the right to see them"
    rest = f" and {len(keys) - MOST_PROJECTS} more" if len(keys) > MOST_PROJECTS else ""
    return f"the account sees these projects: {', '.join(keys[:MOST_PROJECTS])}{rest}"

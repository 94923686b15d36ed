"""What an organisation defines, as far as it is needed to read its items: who we are, projects, states."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec import structs

from connectors.azure_devops import wire
from connectors.azure_devops.answers import discovering
from connectors.azure_devops.client import CONNECTION_DATA, PROJECTS, STATES, TYPES, Client
from lpm_sync.core import resolution
from lpm_sync.core.work_item import Progress
from lpm_sync.errors import ForbiddenError, RefusedError, UnauthorisedError
from lpm_sync.ports import Connection

ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
PROJECTS_A_PAGE = 1_000
PROGRESS = {
    "proposed": Progress.TODO,
    "inprogress": Progress.DOING,
    "resolved": Progress.DOING,  # built, and not yet accepted
    "completed": Progress.DONE,
    "removed": Progress.DONE,  # nobody will work on it: it is not open, and it blocks nothing any more
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose comments and items are ours: `names` are ids and unique names, `called` display names, folded."""

    name: str
    names: frozenset[str]
    called: frozenset[str] = frozenset()

    def is_us(self, identity: wire.Identity | None) -> bool:
        """Whether that is our account, today's or a previous one.

        Display names do not count, anyone can choose one; but where a server tells nothing else, one has to do.
        """
        if identity is None:
            return False
        if not identity.names and identity.display_name is not None:
            return identity.display_name.casefold() in self.called | self.names
        return not self.names.isdisjoint(identity.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCatalogue:
    """The types of a project in their order, and the progress that each of their states means, by folded names."""

    types: tuple[str, ...]
    progress: Mapping[str, Mapping[str, Progress]]

    def progress_of(self, type_name: str, state: str) -> Progress | None:
        return self.progress.get(type_name.casefold(), {}).get(state.casefold())


def read_account(client: Client, connection: Connection) -> Account:
    """Who the token belongs to.

    Where the server does not tell, the accounts that are configured have to do. Raises UnauthorisedError where the
    server takes us for a stranger, UnavailableError where it is no such server.
    """
    known = connection.previous_accounts
    with discovering():
        try:
            user = client.read(CONNECTION_DATA, wire.ConnectionData).authenticated_user
        except ForbiddenError:
            raise
        except RefusedError as error:
            if not known:
                raise RefusedError(f"{error}; or name our account in previous_accounts of trackers.yaml") from None
            return Account(name=known[0], names=frozenset(text.casefold() for text in known))
    if user.id in ("", ANONYMOUS):
        remedy = client.credential.authorisation.remedy
        raise UnauthorisedError(f"{connection.name}: the server takes us for a stranger", remedy=remedy)
    name = user.unique_name or user.id
    names = (user.id, user.subject_descriptor, user.unique_name, *known)
    called = (user.provider_display_name, user.custom_display_name)
    return Account(
        name=name,
        names=frozenset(text.casefold() for text in names if text),
        called=frozenset(text.casefold() for text in called if text),
    )


def read_project(client: Client, project: str) -> ProjectCatalogue:
    """The types of one project with their states; raises RefusedError where the project is not there or hidden."""
    kinds = [
        kind if kind.states else structs.replace(kind, states=_states(client, project, kind.name))
        for kind in client.read(TYPES, wire.WorkItemTypeList, route={"project": project}).value
    ]
    progress = {
        kind.name.casefold(): {
            state.name.casefold(): PROGRESS[category]
            for state in kind.states
            if (category := (state.category or "").casefold()) in PROGRESS
        }
        for kind in kinds
    }
    return ProjectCatalogue(types=tuple(sorted(kind.name for kind in kinds)), progress=progress)


def _states(client: Client, project: str, kind: str) -> list[wire.State]:
    """The states of a type that came without: not every server tells them together."""
    try:
        return client.read(STATES, wire.StateList, route={"project": project, "type": kind}).value
    except RefusedError:
        return []


def check_types(connection: Connection, catalogues: Iterable[ProjectCatalogue]) -> None:
    """Raises ConfigurationError where a configured type is one of no project; says nothing where none is told."""
    known = {name.casefold(): name for catalogue in catalogues for name in catalogue.types}
    missing = [name for name in connection.types if name.casefold() not in known] if known else []
    if not missing:
        return
    raise connection.misnamed({resolution.place(resolution.TYPES, name): _no_type(name, known) for name in missing})


def _no_type(name: str, known: Mapping[str, str]) -> str:
    near = [known[one] for one in difflib.get_close_matches(name.casefold(), known, cutoff=0.5)]
    hint = f"near it: {', '.join(near)}" if near else f"there is {', '.join(known.values())}"
    return f"no project has a type {name!r}; {hint}"


def visible_projects(client: Client, wanted: Iterable[str]) -> frozenset[str]:
    """Which of the wanted projects the account sees: as a rule one request for all of them, however many they are."""
    looked_for = {name.casefold(): name for name in wanted}
    seen: dict[str, None] = {}
    while not looked_for.keys() <= seen.keys():
        query = {"$top": str(PROJECTS_A_PAGE), "$skip": str(len(seen))}
        page = {one.name.casefold(): None for one in client.read(PROJECTS, wire.ProjectList, query=query).value}
        if page.keys() <= seen.keys():
            break
        seen |= page
    return frozenset(name for folded, name in looked_for.items() if folded in seen)

"""What is found out about a Jira before its issues are read, or recalled from the last reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.jira import links, wire
from connectors.jira.client import JiraClient, Site
from connectors.jira.configured import check_phrases
from connectors.jira.fields import Fields
from connectors.jira.filled import count_filled
from connectors.jira.form import IssueForm
from connectors.jira.normalize import Context
from connectors.jira.position import Position, account_of
from connectors.jira.reading import Reader, read_link_types
from connectors.jira.resolving import resolve
from connectors.jira.resolving_links import resolve_phrases, worded
from connectors.jira.search import within
from lpm_sync.core.resolution import PROJECTS, RENEWAL, Resolution, place
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ChangedError, ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A Jira, a reader for its issues, and what the phrases of its dependencies say.

    `links` are the ends of links that the configured phrases mean, as far as each means one.
    """

    site: Site
    reader: Reader
    links: Mapping[str, Resolution]
    wordings: Mapping[str, Direction]

    @property
    def fields(self) -> Fields:
        """The fields that the configured ones were found to be."""
        return self.reader.context.fields

    def fits(self, position: Position) -> bool:
        """Whether an issue still is read as it was when that position was made."""
        told = (position.account, position.is_cloud, position.fields, position.links, position.wordings)
        site, links = self.site, dict(self.links)
        return told == (account_of(site.identities), site.is_cloud, self.fields, links, dict(self.wordings))


class Inquiry:
    """Finds out, for one connection. `keys` are ids by key, shared by all readers that it makes."""

    def __init__(self, client: JiraClient, connection: Connection, site_url: str, keys: dict[str, str]) -> None:
        self._client = client
        self._connection = connection
        self._site_url = site_url
        self._keys = keys

    def find_out(self, site: Site | None = None) -> Known:
        """Who we are first: a stranger sees nothing, and nothing must not be taken for an empty tracker.

        Raises ConfigurationError for a field or a phrase that the tracker does not have, ChangedError for one that is
        pinned, UnavailableError where it does not tell its fields or links.
        """
        connection = self._connection
        found = site or self._client.discover()
        try:
            known = self._client.fields()
        except RefusedError as error:
            raise UnavailableError(str(error)) from None
        scope = within(connection.scope_query, connection.labels_in_scope)
        fields = resolve(
            connection,
            known,
            is_cloud=found.is_cloud,
            count=lambda some: count_filled(self._client, some, connection.projects, scope),
        )
        types = self._link_types()
        ends = self._ends(types)
        phrases = worded(connection.dependency_links, ends)
        check_phrases(connection, types, phrases)
        return self._known(found, fields, ends, links.dependency_wordings(types or links.USUAL_TYPES, phrases), types)

    def recall(self, site: Site, position: Position) -> Known:
        """What stood when the position was made; costs no request."""
        return self._known(site, position.fields, position.links, position.wordings)

    def _known(
        self,
        site: Site,
        fields: Fields,
        ends: Mapping[str, Resolution],
        wordings: dict[str, Direction],
        types: list[wire.LinkType] | None = None,
    ) -> Known:
        connection = self._connection
        context = Context(
            tracker=connection.name,
            site_url=self._site_url,
            fields=fields,
            phrases=worded(connection.dependency_links, ends),
            ours=site.identities | frozenset(connection.previous_accounts),
            form=IssueForm(fields),
            keys=self._keys,
            called=site.called,
        )
        reader = Reader(
            client=self._client,
            context=context,
            types=frozenset(connection.types),
            scope_query=connection.scope_query,
            labels_in_scope=connection.labels_in_scope,
            wordings=wordings if connection.reads_remote_links else None,
            keys=self._keys,
            project_ids={
                project: connection.pinned[where]
                for project in connection.projects
                if (where := place(PROJECTS, project)) in connection.pinned
            },
            link_types=types,
        )
        return Known(site=site, reader=reader, links=ends, wordings=wordings)

    def _ends(self, types: list[wire.LinkType]) -> dict[str, Resolution]:
        if not types:
            return {}  # nothing to hold a pin against
        try:
            return resolve_phrases(types, self._connection.dependency_links, self._connection.pinned)
        except ChangedError as error:
            raise ChangedError(f"{self._connection.name}: {error}", remedy=RENEWAL) from None

    def _link_types(self) -> list[wire.LinkType]:
        try:
            return read_link_types(self._client)
        except ForbiddenError as error:  # there may be some: which dependencies there are cannot be told
            raise UnavailableError(str(error)) from None

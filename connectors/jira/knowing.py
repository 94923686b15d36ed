"""What is found out about a Jira before its issues are read, or recalled from the last reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.jira import links, wire
from connectors.jira.client import JiraClient, Site
from connectors.jira.configured import check_phrases
from connectors.jira.fields import Fields, resolve
from connectors.jira.form import IssueForm
from connectors.jira.normalize import Context
from connectors.jira.position import Position, account_of
from connectors.jira.reading import Reader
from lpm_sync.core.work_item import Direction
from lpm_sync.errors import ForbiddenError, RefusedError, UnavailableError
from lpm_sync.ports import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A Jira, a reader for its issues, and what the phrases of its dependencies say."""

    site: Site
    reader: Reader
    wordings: Mapping[str, Direction]

    @property
    def fields(self) -> Fields:
        """The fields that the configured ones were found to be."""
        return self.reader.context.fields

    def fits(self, position: Position) -> bool:
        """Whether an issue still is read as it was when that position was made."""
        told = (position.account, position.is_cloud, position.fields, position.wordings)
        return told == (account_of(self.site.identities), self.site.is_cloud, self.fields, dict(self.wordings))


class Inquiry:
    """Finds out, for one connection. `keys` are ids by key, shared by all readers that it makes."""

    def __init__(self, client: JiraClient, connection: Connection, site_url: str, keys: dict[str, str]) -> None:
        self._client = client
        self._connection = connection
        self._site_url = site_url
        self._keys = keys

    def find_out(self, site: Site | None = None) -> Known:
        """Who we are first: a stranger sees nothing, and nothing must not be taken for an empty tracker.

        Raises ConfigurationError for a field or a phrase that the tracker does not have, UnavailableError where it
        does not tell its fields or links.
        """
        connection = self._connection
        found = site or self._client.discover()
        try:
            known = self._client.fields()
        except RefusedError as error:
            raise UnavailableError(str(error)) from None
        name, references = connection.name, connection.reference_fields
        fields = resolve(name, connection.fields, references, known, is_cloud=found.is_cloud)
        types = self._link_types()
        check_phrases(name, types, connection.dependency_links)
        wordings = links.dependency_wordings(types, connection.dependency_links)
        return self._known(found, fields, wordings)

    def recall(self, site: Site, position: Position) -> Known:
        """What stood when the position was made; costs no request."""
        return self._known(site, position.fields, position.wordings)

    def _known(self, site: Site, fields: Fields, wordings: dict[str, Direction]) -> Known:
        connection = self._connection
        context = Context(
            tracker=connection.name,
            site_url=self._site_url,
            fields=fields,
            phrases=connection.dependency_links,
            ours=site.identities | frozenset(connection.previous_accounts),
            form=IssueForm(fields),
        )
        reader = Reader(
            client=self._client,
            context=context,
            types=frozenset(connection.types),
            scope_query=connection.scope_query,
            wordings=wordings if connection.reads_remote_links else None,
            keys=self._keys,
        )
        return Known(site=site, reader=reader, wordings=wordings)

    def _link_types(self) -> list[wire.LinkType]:
        try:
            return self._client.get("issueLinkType", wire.LinkTypes).issue_link_types
        except ForbiddenError as error:  # there may be some: which dependencies there are cannot be told
            raise UnavailableError(str(error)) from None
        except RefusedError:
            return []  # an administrator can switch links off; then there are none

"""Writes cards as comments: in Markdown where the server takes it, else in HTML; which one is found out once a run."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.azure_devops import wire
from connectors.azure_devops.answers import BadRequestError
from connectors.azure_devops.client import COMMENTS, Client
from connectors.azure_devops.render import card_html, card_markdown
from connectors.azure_devops.versions import MissingResourceError, revision_of
from lpm_sync.core.change import Card

MARKDOWN = "markdown"
FIRST_WITH_FORMAT = 4  # comments know a format from 7.1-preview.4 on


class CardComments:
    """The comments of one organisation that hold cards.

    Nothing is decided by the form that a comment has: a card says the same in both, so that none is written anew when
    a server learns Markdown. It takes the new form with its next change.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._takes_markdown: bool | None = None  # None: not known yet

    def missing(self) -> str:
        """Why there can be no card at all, and what would change that; empty where there can.

        The location table tells (docs/decisions/0007): nothing is tried for it. Raises what discovery raises.
        """
        try:
            self._client.version_of(COMMENTS)
        except MissingResourceError as error:
            return str(error)
        return ""

    def takes_markdown(self) -> bool:
        """As far as is known: by the version of the comments there, and by what came of the first one written."""
        if self._takes_markdown is None:
            return revision_of(self._client.version_of(COMMENTS)) >= FIRST_WITH_FORMAT
        return self._takes_markdown

    def put(self, route: Mapping[str, str], card: Card) -> None:
        """Adds a comment to the item of `route`, or edits the one that it names.

        Raises the errors of a write.
        """
        if not self.takes_markdown():
            self._write(route, card_html(card))
            return
        try:
            written = self._write(route, card_markdown(card), {"format": MARKDOWN})
        except BadRequestError:  # nothing was written: the format is refused, or else the HTML will be too
            self._write(route, card_html(card))
            self._takes_markdown = False
            return
        self._takes_markdown = (written.format or "").casefold() == MARKDOWN
        if not self._takes_markdown:  # the format was passed over: people see the signs of Markdown, but for a moment
            self._write({**route, "commentId": str(written.id)}, card_html(card))

    def _write(
        self, route: Mapping[str, str], text: str, query: Mapping[str, str] | None = None
    ) -> wire.WrittenComment:
        method = "PATCH" if "commentId" in route else "POST"
        return self._client.write(method, COMMENTS, wire.WrittenComment, route=route, query=query, body={"text": text})

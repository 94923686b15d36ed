"""Opens escalation epics, each once: found again by its marker before it is created."""

from __future__ import annotations

from connectors.azure_devops import wire
from connectors.azure_devops.client import NEW_ITEM, Client
from connectors.azure_devops.decoding import UnreadableError
from connectors.azure_devops.items import find_ids, in_batches, read_items
from connectors.azure_devops.queries import tag_condition
from connectors.azure_devops.reading import Reader
from connectors.azure_devops.render import document_html, short_line
from connectors.azure_devops.writing import done_of
from connectors.http.answers import UnconfirmedError
from lpm_sync.core.change import OpenEscalation, Outcome, Result
from lpm_sync.core.work_item import Progress, Ref
from lpm_sync.errors import LpmSyncError, UnavailableError


class Escalator:
    """Creates items of ours."""

    def __init__(self, client: Client, reader: Reader, tracker: str) -> None:
        self._client = client
        self._reader = reader
        self._tracker = tracker

    def open(self, change: OpenEscalation) -> Outcome:
        """As `lpm_sync.ports.Tracker.open_escalation` says."""
        try:
            standing = self._find(change)
            if standing is not None:
                return Outcome(change=change, result=Result.UNCHANGED, created=Ref(self._tracker, str(standing)))
            created = self._created(change)
        except LpmSyncError as error:
            result, detail = done_of(error)
            return Outcome(change=change, result=result, detail=detail)
        return Outcome(change=change, result=Result.WRITTEN, created=Ref(self._tracker, str(created)))

    def _find(self, change: OpenEscalation) -> int | None:
        """The oldest open item with the marker that our account created.

        What cannot be read might be it: then nothing is created.
        """
        reading = self._reader.reading(change.project)
        ids = find_ids(self._client, tag_condition(change.project, change.marker)).ids
        for batch in in_batches(ids):
            delivered = read_items(self._client, reading.decoder, batch)
            if delivered.broken:
                raise self._unreadable(change, next(iter(delivered.broken)))
            for found in delivered.items:
                try:
                    item = reading.source_item(found)
                except UnreadableError:
                    raise self._unreadable(change, found.id) from None
                is_marked = change.marker.casefold() in {label.casefold() for label in item.labels}
                if is_marked and item.is_ours and item.progress is not Progress.DONE:
                    return found.id
        return None

    def _unreadable(self, change: OpenEscalation, identifier: int) -> UnavailableError:
        return UnavailableError(
            f"{self._tracker}: item {identifier} carries {change.marker} and cannot be read: none is opened beside it"
        )

    def _created(self, change: OpenEscalation) -> int:
        """Creates it; where the answer does not name it, it is looked for."""
        try:
            return self._create(change)
        except UnconfirmedError:
            found = self._find(change)
            if found is None:
                raise
            return found

    def _create(self, change: OpenEscalation) -> int:
        values = {
            "System.Title": short_line(change.title),
            "System.Tags": "; ".join(dict.fromkeys((*change.labels, change.marker))),
            "System.Description": document_html(change.document),
        }
        operations = [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in values.items()]
        route = {"project": change.project, "type": change.type}
        return self._client.write("POST", NEW_ITEM, wire.WrittenItem, route=route, body=operations).id

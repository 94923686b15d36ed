"""Posts messages to a chat through an incoming webhook, whose address is itself the secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from urllib.parse import urlsplit

import requests

from connectors.http.adapter import CarefulAdapter
from connectors.http.addresses import check_address
from connectors.http.translation import NOT_OFFERED, translate
from lpm_sync.errors import (
    ConfigurationError,
    LpmSyncError,
    RefusedError,
    UnauthorisedError,
    UnavailableError,
    UnclearError,
)
from lpm_sync.ports import Clock

JSON_TYPE = "application/json; charset=utf-8"
Accepts = Callable[[int, bytes], bool]

_REASON = re.compile(rb'\s*([a-z_]{3,60})\s*|.{0,200}?"code" ?: ?"([A-Za-z]{3,60})".*', re.DOTALL)
"""What a refusal says: one word of Slack's, or the code of a workflow. The rest could quote the address."""


_TALKATIVE = ("urllib3.connectionpool", "urllib3.util.retry")  # loggers that write whole addresses at level DEBUG


@dataclass(frozen=True, slots=True)
class _WithoutAddress:
    """A filter of log records that blots out a webhook's path and query; equal ones are added to a logger once."""

    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> _WithoutAddress:
        parts = urlsplit(url)
        return cls(tuple(part for part in (parts.path.strip("/"), parts.query) if len(part) > 7))

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps every record, without the secrets."""
        message = record.getMessage()
        for secret in self.secrets:
            message = message.replace(secret, "***")
        record.msg, record.args = message, ()
        return True


class Webhook:
    """One incoming webhook. `accepts` tells whether an answer below 300 (status, body) means that a message was taken.

    `spacing` are the seconds between two messages, by `clock`. No message of an error, no log and no repr shows the
    address. Raises ConfigurationError where the address may not be used.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        clock: Clock,
        accepts: Accepts,
        spacing: float,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        check_address(re.split("[?#]", url)[0])
        self._clock = clock
        self._spacing = spacing
        self._last: datetime | None = None
        self._name = name
        self._url = url
        self._accepts = accepts
        self._wait = wait or Event().wait
        adapter = CarefulAdapter(
            name=name,
            origins=(url,),
            place="the webhook",
            translate=self._translate,
            content=self._content,
            wait=self._wait,
        )
        self._session = requests.Session()
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        for logger in _TALKATIVE:
            logging.getLogger(logger).addFilter(_WithoutAddress.of(url))

    def post(self, messages: Sequence[bytes]) -> int:
        """Posts JSON messages in order and returns how many there were; each is sent once.

        Raises UnavailableError or RefusedError where nothing was taken, UnclearError where something may have been: the
        answer to a message was lost, or messages before it were taken.
        """
        for number, message in enumerate(messages):
            try:
                self._keep_distance()
                self._send(message)
            except LpmSyncError as error:
                if number == 0:
                    raise
                taken = f"{number} of {len(messages)} messages were taken before"
                raise UnclearError(f"{error}; {taken}, so none is sent again") from None
        return len(messages)

    def _keep_distance(self) -> None:
        """Waits until `spacing` has passed since the last message, also since that of another post."""
        if self._last is not None:
            passed = (self._clock.now() - self._last).total_seconds()
            if 0 <= passed < self._spacing:
                self._wait(self._spacing - passed)
        self._last = self._clock.now()

    def _send(self, message: bytes) -> None:
        try:
            self._session.post(self._url, data=message, headers={"Content-Type": JSON_TYPE})
        except UnauthorisedError as error:  # sent to a login page: to a chat we have no account
            raise RefusedError(str(error)) from None
        except (requests.RequestException, UnicodeError):
            # Raised before anything is sent, with the whole address in its text.
            raise ConfigurationError(f"{self._name}: the webhook address cannot be used; copy it again") from None

    def _content(
        self, method: str, status: int, headers: Mapping[str, str], body: bytes, where: str
    ) -> LpmSyncError | None:
        if self._accepts(status, body):
            return None
        return UnavailableError(f"{where}: {status}: answered, but not that the message was taken")

    def _translate(self, status: int, headers: Mapping[str, str], body: bytes, where: str) -> LpmSyncError | None:
        """An error answer, for people who look after a chat and not a tracker."""
        if status in (408, 425, 429) or (status >= 500 and status != NOT_OFFERED):
            return translate(status, headers, b"", where)
        found = _REASON.fullmatch(body[:2000])
        said = (found[1] or found[2]).decode() if found else ""
        says = f"{where}: {status}{f' {said}' if said and said not in self._url else ''}"
        if status in (401, 403, 404, 410):
            return RefusedError(f"{says}: the address is not accepted; make a new webhook and configure it")
        return RefusedError(f"{says}: the message is not accepted")

"""Logging: one event a fact, to standard error, for people in a terminal and as JSON elsewhere, without a secret."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Mapping, MutableMapping
from threading import Lock
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus

import structlog

OWN_LOGGERS = ("lpm_sync", "connectors")
REDACTED = "[redacted]"
SHORTEST_SECRET = 4  # characters; shorter ones would blot out words that are none
DEPTH_LIMIT = 6

_SECRET_NAME = re.compile(r"(?i)token|passw|secret|credential|authori[sz]ation|api_?key|webhook|cookie")
_PATTERNS = (
    (re.compile(r"(?i)\b(basic|bearer)\s+[\w+/=.~\[\]-]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)[^/\s@]+@"), rf"\1{REDACTED}@"),
    (
        re.compile(
            r"(?i)([?&;](?:[\w.-]{0,40}(?:token|key|secret|passw|auth)[\w.-]{0,40}|sig|signature|code)=)[^&#\s\"']+"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)(://hooks\.slack\.com/)[^\s\"')]+"), rf"\1{REDACTED}"),
)

Event = MutableMapping[str, Any]


class Redactor:
    """Takes secrets out of text: registered ones, in each form in which they travel, and what looks like one."""

    def __init__(self) -> None:
        self._lock = Lock()  # cycles and web requests read secrets in threads of their own
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def register(self, value: str) -> None:
        """From now on `value` does not appear, nor do its forms in an address or in basic authentication."""
        if len(value) < SHORTEST_SECRET:
            return
        forms = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], *_basic(value)}
        with self._lock:
            if not forms <= self._forms:
                self._forms |= forms
                longest_first = sorted(self._forms, key=len, reverse=True)
                self._pattern = re.compile("|".join(re.escape(form) for form in longest_first))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(REDACTED, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def event(self, logger: object, method: str, event: Event) -> Event:
        """A structlog processor: the event as plain values, without secrets and without control characters."""
        return {self._line(str(key)): self._value(str(key), value, 0) for key, value in event.items()}

    def _value(self, key: str, value: object, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if _SECRET_NAME.search(key):
            return REDACTED
        if key == "exception":
            return self._traceback(str(value))
        if isinstance(value, Mapping) and depth < DEPTH_LIMIT:
            return {self._line(str(name)): self._value(str(name), held, depth + 1) for name, held in value.items()}
        if isinstance(value, list | tuple | set | frozenset) and depth < DEPTH_LIMIT:
            return [self._value("", held, depth + 1) for held in value]
        return self._line(str(value))

    def _line(self, text: str) -> str:
        return visible(self.text(text))

    def _traceback(self, text: str) -> str:
        """A traceback keeps its lines; each is indented, so that none of them can pass for an event."""
        return "\n".join(f"  {visible(line)}" for line in self.text(text).splitlines())


def visible(text: str) -> str:
    """The text with control, direction and other formatting characters, and line ends, written out as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else character
        for character in text
    )


def _basic(value: str) -> tuple[str, ...]:
    """What a token looks like behind `Basic`: it stands after `user:`, whose length shifts it by up to two bytes.

    The first and last characters of the encoding share bits with their neighbours, so they are left off.
    """
    encoded = []
    for shift in range(3):
        text = base64.b64encode(b" " * shift + value.encode()).decode().rstrip("=")
        core = text[(0, 2, 3)[shift] : -1]
        if len(core) >= SHORTEST_SECRET * 2:
            encoded.append(core)
    return tuple(encoded)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes events. One that cannot be written is told as such: its own text may hold what must not be shown."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- the name is logging's
        self.stream.write(f"log event of {record.name} could not be written\n")


def configure_logging(
    redactor: Redactor,
    *,
    level: str = "info",
    style: Literal["auto", "console", "json"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Sends events of structlog and of the standard library alike, through `redactor`, to standard error.

    Events of our own are told from `level` on, those of libraries from `warning` on: theirs may hold request bodies.
    """
    target = stream or sys.stderr
    is_console = style == "console" or (style == "auto" and target.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
    ]
    handler = _Handler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redactor.event,
                _renderer(target, is_console=is_console),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, _number(level)))
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(_number(level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _renderer(stream: TextIO, *, is_console: bool) -> structlog.typing.Processor:
    if is_console:
        return structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    return structlog.processors.JSONRenderer(ensure_ascii=False)

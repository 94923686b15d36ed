"""Logs tell facts, never a secret, and nothing that is logged can pass for something else."""

from __future__ import annotations

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.log import REDACTED, Redactor, configure_logging, visible

CANARY = "canary-7Tq/9+x=Zw"


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("lpm_sync", "connectors"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def configured(*, style: str = "json", level: str = "info", stream: io.StringIO | None = None) -> io.StringIO:
    target = stream or io.StringIO()
    redactor = Redactor()
    redactor.register(CANARY)
    configure_logging(redactor, level=level, style=style, stream=target)  # type: ignore[arg-type]
    return target


def crash() -> None:
    raise ValueError(f"{CANARY}\n2026-11-22 [info] forged_event")


FORMS = {
    "as it is": CANARY,
    "in an address": f"https://host/?q={quote(CANARY, safe='')}",
    "in a path": f"https://host/{quote(CANARY)}",
    "in a form": quote_plus(CANARY),
    "in JSON": json.dumps({"a": CANARY}),
    "alone in basic authentication": base64.b64encode(f":{CANARY}".encode()).decode(),
    "with a user in basic authentication": base64.b64encode(f"bot@x.example:{CANARY}".encode()).decode(),
    "with another user in basic authentication": base64.b64encode(f"dana@northwind:{CANARY}".encode()).decode(),
    "as a header": f"Authorization: Bearer {CANARY}",
}


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_does_not_appear_in_any_form_or_place(style: str, form: str) -> None:
    output = configured(style=style, level="debug")
    text, log = FORMS[form], structlog.get_logger("lpm_sync.anything")
    log.info(text)
    log.info("fact", value=text, nested={"deep": [{text: (text,)}]}, path=Path(text), error=ValueError(text))
    log.info("fact %s", text)
    structlog.contextvars.bind_contextvars(cycle=text)
    log.debug("fact")
    structlog.contextvars.clear_contextvars()
    logging.getLogger("a_library").warning("told %s", text)
    try:
        raise RuntimeError(text)
    except RuntimeError:
        log.exception("crashed")
        logging.getLogger("a_library").exception("crashed")
    written = output.getvalue()
    assert written.count("\n") >= 7
    assert CANARY not in written
    assert text[-12:-4] not in written  # in basic authentication this is a part of the secret, too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://dana:hunter2@host/x", f"https://{REDACTED}@host/x"),
        ("https://host/x?sig=hunter2&page=2", f"https://host/x?sig={REDACTED}&page=2"),
        ("https://host/x?page=2&access_token=hunter2", f"https://host/x?page=2&access_token={REDACTED}"),
        ("https://hooks.slack.com/services/T0/B0/hunter2", f"https://hooks.slack.com/{REDACTED}"),
        ("Authorization: Basic aHVudGVyMg==", f"Authorization: Basic {REDACTED}"),
        ("https://host/browse/PAY-12?page=2", "https://host/browse/PAY-12?page=2"),
    ],
)
def test_an_address_loses_its_secret_parts_though_nobody_registered_them(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


@pytest.mark.parametrize(
    "key", ["token", "jira_token", "password", "Authorization", "webhook_url", "api_key", "cookie"]
)
def test_a_value_whose_name_says_secret_is_not_shown(key: str) -> None:
    output = configured()
    structlog.get_logger("lpm_sync.x").info("fact", **{key: "hunter2"}, headers={key: ["hunter2"]})
    assert "hunter2" not in output.getvalue()


def test_overlapping_secrets_are_taken_out_whole() -> None:
    redactor = Redactor()
    for secret in ("abcd", "abcdefgh"):
        redactor.register(secret)
    assert redactor.text("abcdefgh abcd") == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize(
    "text", ["?" + "token" * 20_000, "a." * 50_000, "basic " * 20_000, "x://" * 25_000, "?k" * 50_000]
)
def test_a_long_text_costs_linear_time(text: str) -> None:
    started = time.process_time()
    Redactor().text(text)
    assert time.process_time() - started < 1


def test_what_is_too_short_to_be_a_secret_does_not_blot_out_words() -> None:
    redactor = Redactor()
    redactor.register("")
    redactor.register("a")
    assert redactor.text("a banana") == "a banana"


@given(st.text(min_size=4), st.text(), st.text())
def test_a_registered_text_is_never_left(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.register(secret)
    cleaned = redactor.text(f"{before}{secret}{after}")
    assert secret not in cleaned or secret in f"{before}{REDACTED}{after}" or secret in REDACTED


def test_an_event_is_one_line_of_json_with_its_fact_level_and_time() -> None:
    output = configured()
    structlog.get_logger("lpm_sync.pipeline").info("cycle_ended", pulled=300, day=date(2026, 11, 22), tracker="jira")
    event = json.loads(output.getvalue())
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "cycle_ended",
        "level": "info",
        "logger": "lpm_sync.pipeline",
        "pulled": 300,
        "day": "2026-11-22",
        "tracker": "jira",
    }


@pytest.mark.parametrize("style", ["json", "console"])
def test_control_and_direction_characters_are_written_out(style: str) -> None:
    output = configured(style=style)
    title = "evil\x1b[31m\r\nforged\u202egnp\u2028\x9b\x00\ud800"
    structlog.get_logger("lpm_sync.x").warning(title, title=title, **{"k\x1bey": 1})
    written = output.getvalue()
    assert written.count("\n") == 1
    assert written.endswith("\n")
    assert written[:-1].isprintable()


@given(st.text())
def test_visible_text_is_one_printable_line_and_says_the_same(text: str) -> None:
    shown = visible(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert visible(shown) == shown


def test_a_traceback_cannot_forge_an_event() -> None:
    output = configured(style="console")
    try:
        crash()
    except ValueError:
        structlog.get_logger("lpm_sync.x").exception("crashed")
    first, *rest = output.getvalue().splitlines()
    assert "crashed" in first
    assert rest
    assert all(line.startswith("  ") for line in rest)


def test_auto_is_console_in_a_terminal_and_json_elsewhere() -> None:
    terminal, pipe = configured(style="auto", stream=Terminal()), None
    structlog.get_logger("lpm_sync.x").info("fact")
    assert "\x1b[" in terminal.getvalue()
    pipe = configured(style="auto")
    structlog.get_logger("lpm_sync.x").info("fact")
    assert json.loads(pipe.getvalue())["event"] == "fact"


def test_console_elsewhere_has_no_colours() -> None:
    output = configured(style="console")
    structlog.get_logger("lpm_sync.x").info("fact")
    assert "\x1b" not in output.getvalue()


def test_libraries_speak_from_warning_on_and_our_own_from_the_level_on() -> None:
    output = configured(level="debug")
    logging.getLogger("urllib3").debug("request body")
    logging.getLogger("urllib3").info("request body")
    structlog.get_logger("connectors.jira").debug("ours")
    logging.getLogger("urllib3").warning("retry")
    assert [json.loads(line)["event"] for line in output.getvalue().splitlines()] == ["ours", "retry"]


def test_below_its_level_nothing_is_told() -> None:
    output = configured(level="warning")
    structlog.get_logger("lpm_sync.x").info("fact")
    assert output.getvalue() == ""


def test_an_event_that_cannot_be_written_shows_nothing_of_itself() -> None:
    output = configured()
    logging.getLogger("a_library").warning("%d", CANARY)
    assert output.getvalue() == "log event of a_library could not be written\n"

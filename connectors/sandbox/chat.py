"""A receiver for Slack incoming webhooks and Teams Workflows that keeps what it accepts.

Follows trackers.md, "Chat", and specs/slack-block-limits.json; the texts of Slack's refusals are those that it
publishes for incoming webhooks. A limit that is passed is a refusal: nothing is cut off silently.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.clock import MovableClock
from connectors.sandbox.faults import Application, Receive, Scope, Send

SLACK_PATH = "/services/T000/B000/secret"
TEAMS_PATH = "/workflows/secret/triggers/manual/paths/invoke"
TEAMS_SIGNATURE = "secret"

# specs/slack-block-limits.json; the number of blocks stands in trackers.md, "Slack"
MOST_BLOCKS = 50
SECTION_TEXT = 3000
HEADER_TEXT = 150
MOST_FIELDS, FIELD_TEXT = 10, 2000
MOST_CONTEXT_ELEMENTS = 10
MOST_ACTIONS, BUTTON_TEXT, BUTTON_URL = 25, 75, 3000
BLOCK_ID = 255

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
CARD_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")  # trackers.md, "Teams": Adaptive Card 1.5
CARD_BYTES = 20 * 1024  # trackers.md, "Teams": under 20 KB


class ChatReceiver:
    """What both chats were told, decoded, in the order of arrival.

    With a `rate_clock`, Slack takes one message a second by that clock and answers 429 with `Retry-After` to more.
    """

    def __init__(self, *, rate_clock: MovableClock | None = None) -> None:
        self.rate_clock = rate_clock
        self.slack_messages: list[dict[str, Any]] = []
        self.teams_messages: list[dict[str, Any]] = []
        self._last_accepted: datetime | None = None

    def is_too_fast(self) -> bool:
        """Whether a second has not passed yet since the last message that Slack took."""
        if self.rate_clock is None or self._last_accepted is None:
            return False
        return self.rate_clock.now() - self._last_accepted < timedelta(seconds=1)

    def accept_slack(self, message: dict[str, Any]) -> None:
        """Keeps a message and the moment at which it came."""
        self.slack_messages.append(message)
        if self.rate_clock is not None:
            self._last_accepted = self.rate_clock.now()


def chat_application(receiver: ChatReceiver) -> Application:
    """The web application of both chats."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        content = await request.body()
        respond = _respond_as_teams if request.url.path.startswith("/workflows/") else _respond_as_slack
        await respond(receiver, request, content)(scope, receive, send)

    return application


def _respond_as_slack(receiver: ChatReceiver, request: Request, content: bytes) -> Response:
    """200 `ok`, or a refusal as plain text: 400, 404, 429 (trackers.md, "Slack")."""
    if request.url.path != SLACK_PATH:
        return _text("no_service", 404)
    if request.method != "POST":
        return _text("method_not_allowed", 405)
    if receiver.is_too_fast():
        return _text("rate_limited", 429, {"Retry-After": "1"})
    message = _decode(content)
    if message is None or not _media_type(request).startswith("application/json"):
        return _text("invalid_payload", 400)
    if refusal := slack_refusal(message):
        return _text(refusal, 400)
    receiver.accept_slack(message)
    return _text("ok", 200)


def slack_refusal(message: dict[str, Any]) -> str | None:
    """Why Slack does not take a message, or None."""
    text, blocks = message.get("text"), message.get("blocks")
    if text is not None and not isinstance(text, str):
        return "invalid_payload"
    if not text and not blocks:
        return "no_text"
    if blocks is None:
        return None
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS or not all(_is_block(block) for block in blocks):
        return "invalid_blocks"
    identifiers = [block["block_id"] for block in blocks if "block_id" in block]
    return None if len(set(identifiers)) == len(identifiers) else "invalid_blocks"


def _is_block(block: Any) -> bool:
    if not isinstance(block, dict) or not _is_short(block.get("block_id", "-"), BLOCK_ID):
        return False
    match block.get("type"):
        case "section":
            return _is_section(block)
        case "header":
            return _is_text(block.get("text"), HEADER_TEXT, ("plain_text",))
        case "context":
            return _are(block.get("elements"), MOST_CONTEXT_ELEMENTS, SECTION_TEXT)
        case "actions":
            elements = block.get("elements")
            return isinstance(elements, list) and 0 < len(elements) <= MOST_ACTIONS and all(map(_is_button, elements))
        case "divider":
            return True
        case _:
            return False


def _is_section(block: dict[str, Any]) -> bool:
    """A section has a text or fields; both have their limits."""
    if "text" not in block and "fields" not in block:
        return False
    if "text" in block and not _is_text(block["text"], SECTION_TEXT):
        return False
    if "accessory" in block and not _is_button(block["accessory"]):
        return False
    return "fields" not in block or _are(block["fields"], MOST_FIELDS, FIELD_TEXT)


def _is_button(element: Any) -> bool:
    if not isinstance(element, dict) or element.get("type") != "button":
        return False
    url_fits = "url" not in element or _is_short(element["url"], BUTTON_URL)
    return url_fits and _is_text(element.get("text"), BUTTON_TEXT, ("plain_text",))


def _are(texts: Any, most: int, longest: int) -> bool:
    return isinstance(texts, list) and 0 < len(texts) <= most and all(_is_text(text, longest) for text in texts)


def _is_text(value: Any, longest: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> bool:
    return isinstance(value, dict) and value.get("type") in kinds and _is_short(value.get("text"), longest)


def _is_short(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest


def _respond_as_teams(receiver: ChatReceiver, request: Request, content: bytes) -> Response:
    """202 with nothing, or a refusal as JSON. 202 means accepted, not delivered (trackers.md, "Teams")."""
    if request.url.path != TEAMS_PATH:
        return _error(404, "WorkflowNotFound", "The workflow could not be found.")
    if request.query_params.get("sig") != TEAMS_SIGNATURE:
        return _error(401, "DirectApiAuthorizationRequired", "The request has no valid signature.")
    if request.method != "POST":
        return _error(405, "MethodNotAllowed", "The trigger takes POST.")
    if _media_type(request) != "application/json;charset=utf-8":
        return _error(400, "InvalidRequestContent", "The content type must be application/json with charset=utf-8.")
    if len(content) >= CARD_BYTES:
        return _error(400, "RequestEntityTooLarge", f"The message must be smaller than {CARD_BYTES} bytes.")
    message = _decode(content)
    if message is None:
        return _error(400, "InvalidRequestContent", "The message is not a JSON object.")
    if refusal := teams_refusal(message):
        return _error(400, "TriggerInputSchemaMismatch", refusal)
    receiver.teams_messages.append(message)
    return Response(status_code=202)


def teams_refusal(message: dict[str, Any]) -> str | None:
    """Why a workflow does not take a message, or None."""
    if message.get("type") != "message":
        return "The type must be message."
    attachments = message.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        return "The message has no attachments."
    for attachment in attachments:
        if not isinstance(attachment, dict) or attachment.get("contentType") != CARD_TYPE:
            return f"The contentType of an attachment must be {CARD_TYPE}."
        if not _is_card(attachment.get("content")):
            return "The content of an attachment must be an Adaptive Card up to version 1.5 with a body."
    return None


def _is_card(card: Any) -> bool:
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard" or card.get("version") not in CARD_VERSIONS:
        return False
    body = card.get("body")
    return isinstance(body, list) and bool(body) and all(isinstance(part, dict) and "type" in part for part in body)


def _decode(content: bytes) -> dict[str, Any] | None:
    try:
        decoded = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").replace(" ", "").replace('"', "").casefold()


def _text(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status_code=status, headers=headers, media_type="text/html")


def _error(status: int, code: str, message: str) -> Response:
    body = {"error": {"code": code, "message": message}}
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json; charset=utf-8")

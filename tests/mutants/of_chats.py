"""Mistakes in the digest's last metre: escaping, limits, what counts as accepted."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SLACK = ("tests/connectors/slack/test_slack_render.py",)
_SLACK_CHAT = ("tests/connectors/slack/test_slack_chat.py",)
_TEAMS = ("tests/connectors/teams/test_teams_render.py",)
_TEAMS_CHAT = ("tests/connectors/teams/test_teams_chat.py",)

MUTANTS = (
    Mutant(
        name="slack-nothing-escaped",
        breaks="a title like <!channel> calls everybody",
        file="connectors/slack/render.py",
        old='_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})',
        new="_ESCAPES = str.maketrans({})",
        tests=_SLACK,
    ),
    Mutant(
        name="slack-formatting-kept",
        breaks="stars, backticks and mentions in a title act",
        file="connectors/slack/render.py",
        old='safe = _EMOJI.sub(":\\u200b", text).translate(_UNFORMATTED)',
        new="safe = text",
        tests=_SLACK,
    ),
    Mutant(
        name="slack-too-many-blocks",
        breaks="a message has more blocks than Slack takes, and is refused",
        file="connectors/slack/render.py",
        old="len(chunk) + len(group) >= MOST_BLOCKS or ",
        new="",
        tests=_SLACK,
    ),
    Mutant(
        name="slack-section-too-long",
        breaks="a section is longer than Slack takes, and the message is refused",
        file="connectors/slack/render.py",
        old="if size > LONGEST_SECTION:",
        new="if size < 0:",
        tests=_SLACK,
    ),
    Mutant(
        name="slack-anything-accepted",
        breaks="an answer that is no confirmation counts as delivered",
        file="connectors/slack/chat.py",
        old="return said in _CONFIRMATIONS or _says_ok(said) or (status in (201, 202, 204) and not said)",
        new="return status < 300",
        tests=_SLACK_CHAT,
    ),
    Mutant(
        name="chat-part-is-posted-again",
        breaks="a digest of which a part was taken is told as not accepted, and comes twice",
        file="connectors/http/webhooks.py",
        old="if number == 0:",
        new="if number >= 0:",
        tests=_SLACK_CHAT,
    ),
    Mutant(
        name="chat-no-distance",
        breaks="messages come faster than the chat takes them",
        file="connectors/http/webhooks.py",
        old="if 0 <= passed < self._spacing:",
        new="if passed < 0:",
        tests=_SLACK_CHAT,
    ),
    Mutant(
        name="chat-address-logged",
        breaks="the webhook's address, a secret, stands in the log",
        file="connectors/http/webhooks.py",
        old='message = message.replace(secret, "***")',
        new="message = message.strip(secret)",
        tests=_SLACK_CHAT,
    ),
    Mutant(
        name="teams-mentions-kept",
        breaks="a title like <at>all</at> or {{DATE()}} acts",
        file="connectors/teams/render.py",
        old='return text.replace("<", "<\\u200b").replace("{", "{\\u200b")',
        new="return text",
        tests=_TEAMS,
    ),
    Mutant(
        name="teams-card-too-large",
        breaks="a card is larger than Teams takes, and is lost",
        file="connectors/teams/render.py",
        old="if chunk and size + length > room:",
        new="if chunk and size + length < 0:",
        tests=_TEAMS,
    ),
    Mutant(
        name="teams-error-accepted",
        breaks="a workflow's report of an error counts as delivered",
        file="connectors/teams/chat.py",
        old=' and b"error" not in body.lower()',
        new="",
        tests=_TEAMS_CHAT,
    ),
)

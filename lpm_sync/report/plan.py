"""The plan for people: everything that would be written, as text for a terminal and as Markdown.

The machine's form is `Plan.to_json`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lpm_sync.core.change import Change
from lpm_sync.core.figures import day_text
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.text import is_web_address, one_line
from lpm_sync.report.plan_changes import ShownChange, shown
from lpm_sync.report.text import listed, number_text

NOTHING = "Nothing to write."
_KINDS = {
    "add_label": ("label added", "labels added"),
    "remove_label": ("label removed", "labels removed"),
    "put_card": ("card written", "cards written"),
    "remove_card": ("second card removed", "second cards removed"),
    "add_link": ("link added", "links added"),
    "close_escalation": ("escalation closed", "escalations closed"),
    "open_escalation": ("escalation opened", "escalations opened"),
}
_ESCAPE = "\\"
_REFERENCE = re.compile(r"[@#](?=\w)")  # a space without width between makes it no mention
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!()$])|(?<=:)(?=//)|(?<=\bwww)(?=\.)")


def plan_text(plan: Plan) -> str:
    """The plan as lines of plain text; what begins with `+`, `-` or `~` after its indentation is a change."""
    return "\n".join(_text_lines(plan)) + "\n"


def plan_markdown(plan: Plan) -> str:
    """The plan as Markdown, for a merge request or a page: other people's texts are escaped, and notify nobody."""
    return "\n".join(_markdown_lines(plan)) + "\n"


def plan_summary(plan: Plan) -> str:
    """`3 changes on two of 330 items in scope: one card written and two labels added.`"""
    if plan.is_empty:
        return NOTHING
    counts: Counter[str] = Counter(change.kind for change in _changes(plan))
    kinds = [number_text(counts[kind], *words) for kind, words in _KINDS.items() if counts[kind]]
    changes = number_text(plan.change_count, "change", "changes")
    touched = number_text(len(plan.items), "item", "items")
    sentence = f"{changes} on {touched} of {plan.items_in_scope:,} in scope: {listed(kinds)}."
    return sentence[0].upper() + sentence[1:]


def _changes(plan: Plan) -> Iterator[Change]:
    yield from plan.escalations
    for item in plan.items:
        yield from item.changes


def _text_lines(plan: Plan) -> Iterator[str]:
    yield _title(plan)
    for escalation in plan.escalations:
        yield from ("", f"{one_line(escalation.tracker)}  new escalation")
        yield from _text_change(shown(escalation))
    for item in plan.items:
        yield from ("", f"{one_line(item.key)}  {one_line(item.title)}")
        for change in item.changes:
            yield from _text_change(shown(change))
    yield from ("", plan_summary(plan))
    if not plan.is_empty:
        yield f"Digest: {plan.digest}"


def _text_change(change: ShownChange) -> Iterator[str]:
    yield f"  {change.headline}"
    yield from (f"      {line}" for line in change.difference)


def _markdown_lines(plan: Plan) -> Iterator[str]:
    yield from (f"# {markdown(_title(plan))}", "", markdown(plan_summary(plan)))
    if not plan.is_empty:
        yield from ("", f"Digest: `{plan.digest}`")
    for escalation in plan.escalations:
        yield from ("", f"## {markdown(one_line(escalation.tracker))}: new escalation", "")
        yield from _markdown_change(shown(escalation))
    for item in plan.items:
        yield from ("", f"## {_markdown_heading(item)}", "")
        for change in item.changes:
            yield from _markdown_change(shown(change))


def _markdown_heading(item: ItemPlan) -> str:
    key = markdown(one_line(item.key))
    return f"{f'[{key}](<{item.url}>)' if is_web_address(item.url) else key} {markdown(one_line(item.title))}"


def _markdown_change(change: ShownChange) -> Iterator[str]:
    yield f"- \\{markdown(change.headline).removeprefix(_ESCAPE)}"  # the sign itself would begin a list
    if change.difference:
        yield from _fenced(change.difference)


def _fenced(lines: Iterable[str]) -> Iterator[str]:
    """A code block whose fence is longer than any run of backticks in it."""
    block = [f"  {line}" for line in lines]
    longest = max((len(run) for line in block for run in re.findall("`+", line)), default=0)
    fence = "  " + "`" * max(3, longest + 1)
    yield from ("", f"{fence}diff", *block, fence, "")


def markdown(text: str) -> str:
    """Plain text on one line as Markdown that shows it as it is: no markup, no HTML, no link, no mention."""
    return _REFERENCE.sub("\\g<0>\u200b", _MARKUP.sub(lambda found: _ESCAPE + (found[1] or ""), text))


def _title(plan: Plan) -> str:
    return f"Plan for {one_line(plan.portfolio)}, {day_text(plan.made_at.date())}"

"""Writes the label, the card and the link of many findings as a cycle does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contestants.asking import MachineClock
from benchmarks.contestants.our_jira import our_jira
from benchmarks.measuring import Surroundings, Work
from lpm_sync.core.card import Footer, card_id, fingerprint, render_footer
from lpm_sync.core.change import AddLabel, AddLink, Card, PutCard, Result
from lpm_sync.core.document import Document, Heading, Paragraph, Span
from lpm_sync.core.plan import ItemPlan, Plan
from lpm_sync.core.work_item import SourceItem, precondition
from lpm_sync.pipeline.remembering import intent_recorder
from lpm_sync.pipeline.writing import write_plan
from lpm_sync.state.intents import Authority
from lpm_sync.state.store import State

LABEL = "lpm:blocked"
TEXT = "Blocked since 9 November 2026 by jira:PAY-3, limit 5 business days. Move it forward, or remove the link."
BECAUSE = ("DEP101",)


def write(surroundings: Surroundings) -> Work:
    """As a cycle writes a plan: an intent on the disk before each item, each item read before it is written."""
    tracker = our_jira(surroundings)
    pull = tracker.pull()
    chosen = [item for item in pull.items if item.is_ours][: surroundings.items]
    now = datetime.now(UTC)
    plan = Plan(
        made_at=now,
        portfolio="bench",
        items_in_scope=len(pull.items),
        items=tuple(_planned(item, pull.items[-1]) for item in chosen),
    )

    def work() -> Mapping[str, float]:
        authority = Authority(account=pull.account, plan_digest="bench", policy_digest="bench")
        with State.open(Path(surroundings.folder) / "state.sqlite3", at=now) as state:
            record = intent_recorder(state, MachineClock(), {"jira": authority})
            outcomes = write_plan(
                plan, {"jira": tracker}, record, should_stop=lambda: False, progress=lambda count: None
            )
        written = sum(outcome.result is Result.WRITTEN for outcome in outcomes)
        return {"items": written / 3}

    return work


def _planned(item: SourceItem, target: SourceItem) -> ItemPlan:
    content = Document(blocks=(Heading(text="Blocked for too long"), Paragraph(spans=(Span(text=TEXT),))))
    identifier = card_id(item.ref)
    findings = ((BECAUSE[0], datetime(2026, 11, 9, tzinfo=UTC).date()),)
    mark = fingerprint(content, findings, ())
    footer = render_footer(Footer(card_id=identifier, fingerprint=mark, findings=findings))
    card = PutCard(
        card=Card(document=content, footer=footer), card_id=identifier, comment_id=None, before="", because=BECAUSE
    )
    link = AddLink(target=target.ref, target_url=target.url, target_title=target.title, because=BECAUSE)
    return ItemPlan(
        ref=item.ref,
        key=f"{item.ref.tracker}:{item.key}",
        title=item.title,
        url=item.url,
        precondition=precondition(item),
        changes=(AddLabel(label=LABEL, because=BECAUSE), card, link),
    )

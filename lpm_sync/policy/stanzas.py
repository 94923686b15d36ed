"""Turns the stanzas of `rules` into governed rules: what is not policy in a stanza is the rule's constructor call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from lpm_sync.plugins import RuleClass
from lpm_sync.policy.explanation import explain
from lpm_sync.policy.mistakes import Remark, meant, plain
from lpm_sync.policy.policy import PolicyFile, RuleStanza
from lpm_sync.policy.yaml_source import YamlDocument
from lpm_sync.rules.base import GovernedRule

KANBAN_RULE = "KAN101"
"""The rule whose `wip` stands under `kanban` where its own stanza has none."""


def govern(
    policy: PolicyFile, document: YamlDocument, rules: Sequence[RuleClass]
) -> tuple[tuple[GovernedRule, ...], list[Remark]]:
    """The rules that the policy governs, in its order, and every mistake in their stanzas."""
    known = {rule.code: rule for rule in rules}
    governed: list[GovernedRule] = []
    remarks: list[Remark] = []
    seen: dict[str, int] = {}
    for position, stanza in enumerate(policy.rules):
        line = document.line(("rules", position))
        first = seen.setdefault(stanza.rule, line)
        if stanza.rule not in known:
            message = f"there is no rule `{plain(stanza.rule)}`; {meant(stanza.rule, known)}"
            remarks.append((("rules", position, "rule"), message))
        elif first != line:
            remarks.append(
                (("rules", position, "rule"), f"`{stanza.rule}` stands twice, first in line {first}; merge them")
            )
        else:
            try:
                rule = known[stanza.rule].model_validate(_settings(stanza, policy))
            except ValidationError as error:
                remarks.extend(explain(error, known[stanza.rule], ("rules", position)))
            else:
                governed.append(
                    GovernedRule(
                        rule=rule,
                        mode=stanza.mode,
                        label=stanza.on_fail.label,
                        escalate_after=stanza.on_fail.escalate.after if stanza.on_fail.escalate else None,
                        place=f"{document.name}:{line}",
                    )
                )
    return tuple(governed), remarks


def _settings(stanza: RuleStanza, policy: PolicyFile) -> Mapping[str, Any]:
    settings = stanza.settings
    if stanza.rule == KANBAN_RULE and policy.kanban.wip:
        settings.setdefault("wip", {stage.value: limit for stage, limit in policy.kanban.wip.items()})
    return settings

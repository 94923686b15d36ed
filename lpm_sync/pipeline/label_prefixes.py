"""Notices that labels of ours stand under a prefix that the policy does not name any more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lpm_sync.core.escalation_marker import labels_on_cards
from lpm_sync.core.governance import Governance, name_under
from lpm_sync.core.portfolio import Portfolio
from lpm_sync.core.work_item import WorkItem
from lpm_sync.errors import ConfigurationError

_PREFIX = re.compile(r"[a-z][a-z0-9-]*[:/._-]")  # as the policy may have named it


def check_prefixes(portfolio: Portfolio, governance: Governance) -> None:
    """Raises ConfigurationError where cards remember labels that stand under another prefix, and none under ours.

    Else the old labels would stay for ever, escalation epics would be opened again, and cards would say that people
    removed what nobody touched. Cards tell it also after the state was lost.
    """
    elsewhere: dict[str, list[str]] = {}
    for item in _carrying(portfolio):
        names = frozenset(label.name for label in labels_on_cards(item.source) if label.removed_on is None)
        if names & {name_under(governance.prefixes, label) for label in item.labels}:
            return
        for prefix in _other_prefixes(names, item.labels):
            elsewhere.setdefault(prefix, []).append(item.key)
    if not elsewhere:
        return
    [(prefix, count)] = Counter({prefix: len(keys) for prefix, keys in elsewhere.items()}).most_common(1)
    more = f" and {count - 1:,} more" if count > 1 else ""
    raise ConfigurationError(
        f"policy.yaml: label_prefix: labels that lpm-sync wrote begin with `{prefix}`, and none with "
        f"`{governance.label_prefix}` (see {elsewhere[prefix][0]}{more}); nothing was done. If the prefix was changed, "
        f'write beside it: previous_label_prefixes: ["{prefix}"]; then they are renamed. Otherwise take it back.'
    )


def _carrying(portfolio: Portfolio) -> Iterator[WorkItem]:
    """Everything that carries a comment of ours and any label."""
    epics = (epic for found in portfolio.escalations.values() for epic in found)
    for item in (*portfolio.items.values(), *epics):
        if item.source.own_comments and item.source.labels:
            yield item


def _other_prefixes(names: Iterable[str], labels: Iterable[str]) -> Iterator[str]:
    for label in map(str.lower, labels):
        for name in names:
            prefix = label.removesuffix(name)
            if prefix != label and _PREFIX.fullmatch(prefix):
                yield prefix

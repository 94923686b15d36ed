"""Titles, texts and remarks of the sample, and the titles that would do harm where they are not shown as text."""

from __future__ import annotations

CAPABILITIES = {
    "payments": (
        *("Refunds", "Chargebacks", "Payment links", "Recurring mandates", "Settlement reports", "Risk checks"),
        *("Strong authentication", "Payout schedules", "Invoice matching", "Currency conversion", "Card tokens"),
        "Dispute evidence",
    ),
    "mobile": (
        *("Push messages", "Account overview", "Card controls", "Spending insights", "Document upload", "Widgets"),
        *("Identity check", "Standing orders", "Shared budgets", "Receipt scan", "Statement search"),
        "Offline balance",
    ),
    "logistics": (
        *("Route planning", "Dock scheduling", "Pick lists", "Carrier labels", "Proof of delivery", "Stock counts"),
        *("Return slips", "Load balancing", "Driver app"),
    ),
    "platform": (
        *("Access tokens", "Event schemas", "Data contracts", "Service catalogue", "Secrets rotation", "Tracing"),
        *("Backups", "Consent records", "Build caches"),
    ),
}
SETTINGS = {
    "payments": (
        *("for marketplaces", "for subscriptions", "for corporate customers", "in the merchant portal"),
        *("over the public API", "with an audit trail", "for in-store terminals", "at checkout", "for the Nordics"),
        "in test mode",
    ),
    "mobile": (
        *("for new customers", "for joint accounts", "on tablets", "in dark mode", "with screen readers"),
        *("for small businesses", "in five languages", "without a connection", "on the lock screen", "for teenagers"),
    ),
    "logistics": (
        *("for cold goods", "for bulky parcels", "in the Rotterdam hub", "for night shifts", "at partner shops"),
        *("over the carrier API", "with handhelds", "for returns"),
    ),
    "platform": (
        *("for all teams", "in the second region", "with self-service", "for batch jobs", "under audit"),
        *("for partner systems", "without downtime", "by default"),
    ),
}

HOSTILE_TITLES = (
    "Tell <!channel>, @here and <@U04DANA> when a payout fails",
    "[~accountid:557058:northwind-dana] {panel}*Totals*{panel} of settlement | h1. export",
    "<img src=x onerror=alert(1)> parcel history <at>all</at> [click](javascript:alert(1))",
    "Invoices in Arabic \u202eفاتورة\u202c, right to left",
    "🚚📦 Delivery slots on the same day 🇩🇪 & < > \"quotes\" 'n' `ticks`",
    '=HYPERLINK("https://example.com","Cost report") +1 -1 @sum',
)
"""Mentions, markup of all trackers and chats, direction marks, emoji, formulas: each is a title and nothing more."""

HUMAN_LABELS = ("regulatory", "customer-promise", "needs-ux", "spike-done", "key-account", "quick-win")

REMARKS = (
    "Talked to the team: the scope is agreed.",
    "Moved the demo to next week, the test data is late.",
    "Please keep the old behaviour behind a switch until the pilot ends.",
    "Legal has no objection.",
    "Numbers from last quarter are in the shared folder.",
    "Can we split this? It looks like two features to me.",
)


def benefit_hypothesis(capability: str) -> str:
    """What a feature is expected to bring."""
    return f"If {capability.lower()} works like this, one in five customers will use it within a quarter."


def acceptance_criteria(capability: str) -> str:
    """When a feature is done."""
    return f"{capability}: the happy path and three refusals pass; answers within 300 ms; shown in the activity log."


def description(title: str, epic: str) -> str:
    """What stands in a feature's description."""
    return f"{title}. Part of the epic “{epic}”."

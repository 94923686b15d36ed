"""The portfolio epics of the sample: what the company invests in, stream by stream, over all Kanban stages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from connectors.sandbox.sample.model import Home

PORTFOLIO_PROJECT = "PORT"


class Column(IntEnum):
    """The columns of the portfolio Kanban, in their order."""

    FUNNEL = 0
    REVIEWING = 1
    ANALYZING = 2
    READY = 3
    MVP = 4
    PERSEVERE = 5
    DONE = 6


# What an epic's status is called in each column.
JIRA_STATUSES = ("Funnel", "Reviewing", "Analyzing", "Ready", "In Progress", "Persevere", "Done")
AZURE_DEVOPS_STATES = ("New", "Reviewing", "Analyzing", "Ready", "Active", "Resolved", "Closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class EpicSketch:
    """An epic: its stream (None: nobody's), column, horizon, own forecast in thousands (None: not given), features.

    `broken_down` is the part of its forecast that its features come to; where it has no own forecast, `weight` stands
    in for it.
    """

    stream: str | None
    title: str
    column: Column
    horizon: str | None = None
    forecast: int | None = None
    features: int = 0
    home: Home = Home.JIRA
    broken_down: float = 0.8
    weight: int = 0
    labels: tuple[str, ...] = ()


def _epic(
    stream: str | None, title: str, column: Column, horizon: str | None = None, forecast: int | None = None
) -> EpicSketch:
    return EpicSketch(stream=stream, title=title, column=column, horizon=horizon, forecast=forecast)


def _built(stream: str, title: str, column: Column, horizon: str, forecast: int | None, features: int) -> EpicSketch:
    """An epic that teams work on; logistics and platform work in Azure DevOps."""
    home = Home.AZURE_DEVOPS if stream in ("logistics", "platform") else Home.JIRA
    return replace(_epic(stream, title, column, horizon, forecast), features=features, home=home)


REPORTS = (
    _epic("platform", "Portfolio office: standing findings", Column.PERSEVERE),
    _epic("payments", "Value stream Payments: standing findings", Column.PERSEVERE),
    _epic("mobile", "Value stream Mobile banking: standing findings", Column.PERSEVERE),
    _epic("logistics", "Value stream Logistics: standing findings", Column.PERSEVERE),
    _epic("platform", "Value stream Shared platform: standing findings", Column.PERSEVERE),
)
"""The first epics of the portfolio project, in the order of the portfolio and its streams: findings stand on them."""

IN_DELIVERY = (
    _built("payments", "Instant payouts for marketplaces", Column.MVP, "Investing", 620, 16),
    _built("payments", "Card vault renewal", Column.PERSEVERE, "Investing", 540, 15),
    _built("payments", "Fraud scoring with graph signals", Column.MVP, "Emerging", 480, 14),
    _built("payments", "Merchant portal self-service", Column.PERSEVERE, "Investing", 510, 14),
    _built("payments", "PSD3 readiness", Column.MVP, "Investing", 430, 13),
    _built("payments", "Buy now, pay later pilot", Column.MVP, "Evaluating", 300, 12),
    _built("payments", "Direct debit consolidation", Column.PERSEVERE, "Extracting", 380, 13),
    _built("payments", "Retire the legacy gateway", Column.PERSEVERE, "Retiring", 140, 6),
    _built("mobile", "One-tap onboarding", Column.MVP, "Investing", 560, 15),
    _built("mobile", "Biometric sign-in everywhere", Column.PERSEVERE, "Investing", 380, 14),
    _built("mobile", "Wallet for teenagers", Column.MVP, "Emerging", 420, 14),
    _built("mobile", "Savings goals", Column.PERSEVERE, "Investing", 360, 13),
    _built("mobile", "Support chat in the app", Column.PERSEVERE, "Extracting", 260, 12),
    _built("mobile", "Voice banking experiment", Column.MVP, "Evaluating", 210, 10),
    replace(_built("mobile", "Accessibility programme", Column.MVP, "Investing", 240, 13), broken_down=1.3),
    _built("mobile", "Farewell to Android 9", Column.PERSEVERE, "Retiring", 90, 5),
    _built("logistics", "Same-day delivery", Column.MVP, "Investing", 640, 15),
    _built("logistics", "Warehouse robotics", Column.PERSEVERE, "Investing", 720, 14),
    replace(_built("logistics", "Parcel tracking renewal", Column.PERSEVERE, "Investing", None, 13), weight=350),
    _built("logistics", "Returns without a label", Column.PERSEVERE, "Extracting", 280, 12),
    _built("platform", "Identity for all channels", Column.MVP, "Investing", 560, 14),
    _built("platform", "Event backbone", Column.PERSEVERE, "Investing", 480, 14),
    _built("platform", "Data products for risk", Column.PERSEVERE, "Emerging", 420, 13),
    _built("platform", "Confidential computing trial", Column.MVP, "Evaluating", 180, 6),
    _built("platform", "Data centre exit", Column.PERSEVERE, "Extracting", 240, 7),
)
"""What teams work on. The horizons' shares lie in the portfolio's bands; logistics alone leaves the future out."""

UNDER_DECISION = (
    _epic("payments", "Payouts in stablecoins", Column.FUNNEL),
    _epic("payments", "Digital central bank money", Column.FUNNEL),
    _epic("mobile", "Marketplace for open banking", Column.FUNNEL),
    _epic("mobile", "Branch in mixed reality", Column.FUNNEL),
    _epic("logistics", "Delivery by drone", Column.FUNNEL),
    _epic("platform", "Certificates for the quantum age", Column.FUNNEL),
    _epic(None, "Carbon footprint per parcel", Column.FUNNEL),
    _epic("mobile", "Family accounts", Column.REVIEWING, "Emerging", 640),
    replace(
        _epic("logistics", "Cross-border customs desk", Column.REVIEWING, "Emerging", 720), labels=("lpm:approved",)
    ),
    _epic("payments", "Loyalty points as a currency", Column.REVIEWING, "Evaluating", 260),
    _epic("platform", "Service mesh everywhere", Column.REVIEWING, "Investing", 310),
    replace(
        _epic("payments", "Instant payments across borders", Column.ANALYZING, "Emerging", 780),
        features=5,
        broken_down=0.3,
    ),
    _epic("platform", "Single customer record", Column.ANALYZING, "Investing", 900),
    _epic("mobile", "Watch app", Column.ANALYZING, "Evaluating", 180),
    _epic("logistics", "Locker network", Column.ANALYZING, "Investing", 420),
    _epic("payments", "Tokenised deposits", Column.ANALYZING, "Evaluating", 350),
    _epic("payments", "Request to pay", Column.READY, "Investing", 460),
    _epic("mobile", "Travel mode", Column.READY, "Investing", 290),
    _epic("logistics", "Hubs at night", Column.READY, "Investing", 380),
    _epic("platform", "Feature flags as a service", Column.READY, "Investing", 240),
    _epic("payments", "Strong customer authentication", Column.DONE, "Investing", 410),
    _epic("mobile", "Dark theme", Column.DONE, "Extracting", 120),
    _epic("logistics", "Depot consolidation", Column.DONE, "Investing", 330),
    _epic("platform", "Log archive", Column.DONE, "Extracting", 150),
)
"""What the portfolio decides about or has decided: one epic too many is analysed, three want an approval."""

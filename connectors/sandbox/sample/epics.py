"""The portfolio epics of the sample: what the company invests in, stream by stream, over all Kanban stages."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sandbox.sample.model import Home

# Statuses of portfolio epics in the order of the Kanban, in Jira and in Azure DevOps.
FUNNEL, REVIEWING, ANALYZING, READY, MVP, PERSEVERE, DONE = range(7)
JIRA_STATUSES = ("Funnel", "Reviewing", "Analyzing", "Ready", "In Progress", "Persevere", "Done")
AZURE_DEVOPS_STATES = ("New", "Reviewing", "Analyzing", "Ready", "Active", "Resolved", "Closed")

PORTFOLIO_PROJECT = "PORT"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpicSketch:
    """An epic: its stream (None: nobody's), stage, horizon, own forecast in thousands (None: not given), features.

    `broken_down` is the part of its forecast that its features come to; where it has no own forecast, `weight` stands
    in for it.
    """

    stream: str | None
    title: str
    stage: int
    horizon: str | None = None
    forecast: int | None = None
    features: int = 0
    home: Home = Home.JIRA
    broken_down: float = 0.8
    weight: int = 0
    labels: tuple[str, ...] = ()


def _epic(
    stream: str | None, title: str, stage: int, horizon: str | None = None, forecast: int | None = None
) -> EpicSketch:
    return EpicSketch(stream=stream, title=title, stage=stage, horizon=horizon, forecast=forecast)


def _built(  # noqa: PLR0913 the columns of a table
    stream: str,
    title: str,
    stage: int,
    horizon: str,
    forecast: int | None,
    features: int,
    broken_down: float = 0.8,
    weight: int = 0,
) -> EpicSketch:
    """An epic that teams work on; logistics and platform work in Azure DevOps."""
    return EpicSketch(
        stream=stream,
        title=title,
        stage=stage,
        horizon=horizon,
        forecast=forecast,
        features=features,
        home=Home.AZURE_DEVOPS if stream in ("logistics", "platform") else Home.JIRA,
        broken_down=broken_down,
        weight=weight,
    )


REPORTS = (
    _epic("platform", "Portfolio office: standing findings", PERSEVERE),
    _epic("payments", "Value stream Payments: standing findings", PERSEVERE),
    _epic("mobile", "Value stream Mobile banking: standing findings", PERSEVERE),
    _epic("logistics", "Value stream Logistics: standing findings", PERSEVERE),
    _epic("platform", "Value stream Shared platform: standing findings", PERSEVERE),
)
"""The first epics of the portfolio project, in the order of the portfolio and its streams: findings stand on them."""

IN_DELIVERY = (
    _built("payments", "Instant payouts for marketplaces", MVP, "Investing", 620, 16),
    _built("payments", "Card vault renewal", PERSEVERE, "Investing", 540, 15),
    _built("payments", "Fraud scoring with graph signals", MVP, "Emerging", 480, 14),
    _built("payments", "Merchant portal self-service", PERSEVERE, "Investing", 510, 14),
    _built("payments", "PSD3 readiness", MVP, "Investing", 430, 13),
    _built("payments", "Buy now, pay later pilot", MVP, "Evaluating", 300, 12),
    _built("payments", "Direct debit consolidation", PERSEVERE, "Extracting", 380, 13),
    _built("payments", "Retire the legacy gateway", PERSEVERE, "Retiring", 140, 6),
    _built("mobile", "One-tap onboarding", MVP, "Investing", 560, 15),
    _built("mobile", "Biometric sign-in everywhere", PERSEVERE, "Investing", 380, 14),
    _built("mobile", "Wallet for teenagers", MVP, "Emerging", 420, 14),
    _built("mobile", "Savings goals", PERSEVERE, "Investing", 360, 13),
    _built("mobile", "Support chat in the app", PERSEVERE, "Extracting", 260, 12),
    _built("mobile", "Voice banking experiment", MVP, "Evaluating", 210, 10),
    _built("mobile", "Accessibility programme", MVP, "Investing", 240, 13, broken_down=1.3),
    _built("mobile", "Farewell to Android 9", PERSEVERE, "Retiring", 90, 5),
    _built("logistics", "Same-day delivery", MVP, "Investing", 640, 15),
    _built("logistics", "Warehouse robotics", PERSEVERE, "Investing", 720, 14),
    _built("logistics", "Parcel tracking renewal", PERSEVERE, "Investing", None, 13, weight=350),
    _built("logistics", "Returns without a label", PERSEVERE, "Extracting", 280, 12),
    _built("platform", "Identity for all channels", MVP, "Investing", 560, 14),
    _built("platform", "Event backbone", PERSEVERE, "Investing", 480, 14),
    _built("platform", "Data products for risk", PERSEVERE, "Emerging", 420, 13),
    _built("platform", "Confidential computing trial", MVP, "Evaluating", 180, 6),
    _built("platform", "Data centre exit", PERSEVERE, "Extracting", 240, 7),
)
"""What teams work on. The shares of the horizons lie in the portfolio's bands; logistics alone leaves the future out."""

UNDER_DECISION = (
    _epic("payments", "Payouts in stablecoins", FUNNEL),
    _epic("payments", "Digital central bank money", FUNNEL),
    _epic("mobile", "Marketplace for open banking", FUNNEL),
    _epic("mobile", "Branch in mixed reality", FUNNEL),
    _epic("logistics", "Delivery by drone", FUNNEL),
    _epic("platform", "Certificates for the quantum age", FUNNEL),
    _epic(None, "Carbon footprint per parcel", FUNNEL),
    _epic("mobile", "Family accounts", REVIEWING, "Emerging", 640),
    EpicSketch(
        stream="logistics",
        title="Cross-border customs desk",
        stage=REVIEWING,
        horizon="Emerging",
        forecast=720,
        labels=("lpm:approved",),
    ),
    _epic("payments", "Loyalty points as a currency", REVIEWING, "Evaluating", 260),
    _epic("platform", "Service mesh everywhere", REVIEWING, "Investing", 310),
    EpicSketch(
        stream="payments",
        title="Instant payments across borders",
        stage=ANALYZING,
        horizon="Emerging",
        forecast=780,
        features=5,
        broken_down=0.3,
    ),
    _epic("platform", "Single customer record", ANALYZING, "Investing", 900),
    _epic("mobile", "Watch app", ANALYZING, "Evaluating", 180),
    _epic("logistics", "Locker network", ANALYZING, "Investing", 420),
    _epic("payments", "Tokenised deposits", ANALYZING, "Evaluating", 350),
    _epic("payments", "Request to pay", READY, "Investing", 460),
    _epic("mobile", "Travel mode", READY, "Investing", 290),
    _epic("logistics", "Hubs at night", READY, "Investing", 380),
    _epic("platform", "Feature flags as a service", READY, "Investing", 240),
    _epic("payments", "Strong customer authentication", DONE, "Investing", 410),
    _epic("mobile", "Dark theme", DONE, "Extracting", 120),
    _epic("logistics", "Depot consolidation", DONE, "Investing", 330),
    _epic("platform", "Log archive", DONE, "Extracting", 150),
)
"""What the portfolio decides about or has decided: one epic too many is analysed, three want an approval."""

"""The rules: pure models that judge items, value streams and the portfolio."""

from lpm_sync.rules.base import Rule
from lpm_sync.rules.budget import ForecastOverBudget, SpendOverBudget
from lpm_sync.rules.capacity import CapacityAllocation
from lpm_sync.rules.dependency import BlockedTooLong, DependencyCircle, LateForNeededBy
from lpm_sync.rules.engagement import OwnerEngagement
from lpm_sync.rules.horizon import HorizonMix, PortfolioHorizonMix
from lpm_sync.rules.initiative import UnapprovedInitiative
from lpm_sync.rules.kanban import WorkInProcess
from lpm_sync.rules.ledger import BrokenDownAbove, ForecastMissing, LedgerOpen
from lpm_sync.rules.mapping import DoublyClaimed, SharedTeam, Unmapped
from lpm_sync.rules.readiness import (
    AcceptanceCriteria,
    BenefitHypothesis,
    Dependencies,
    Estimate,
    Owner,
    Parent,
    Team,
    WorkCategory,
)

BUILTIN_RULES: tuple[type[Rule], ...] = (
    Unmapped,
    DoublyClaimed,
    SharedTeam,
    BenefitHypothesis,
    AcceptanceCriteria,
    Estimate,
    Parent,
    Owner,
    WorkCategory,
    Dependencies,
    Team,
    HorizonMix,
    PortfolioHorizonMix,
    CapacityAllocation,
    UnapprovedInitiative,
    OwnerEngagement,
    SpendOverBudget,
    ForecastOverBudget,
    BrokenDownAbove,
    ForecastMissing,
    LedgerOpen,
    WorkInProcess,
    BlockedTooLong,
    LateForNeededBy,
    DependencyCircle,
)
"""The rules that come with lpm-sync; others join by the entry points `lpm_sync.rules`."""

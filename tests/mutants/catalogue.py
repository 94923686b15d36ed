"""The list of mutants, room by room."""

from __future__ import annotations

from tests.mutants import (
    of_azure_devops,
    of_azure_devops_sandbox,
    of_changes,
    of_chats,
    of_cycles,
    of_examining,
    of_http,
    of_jira,
    of_jira_sandbox,
    of_loads,
    of_pins,
    of_planning,
    of_reports,
    of_rules,
    of_state,
)
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *of_http.MUTANTS,
    *of_chats.MUTANTS,
    *of_jira.MUTANTS,
    *of_azure_devops.MUTANTS,
    *of_changes.MUTANTS,
    *of_jira_sandbox.MUTANTS,
    *of_azure_devops_sandbox.MUTANTS,
    *of_loads.MUTANTS,
    *of_pins.MUTANTS,
    *of_planning.MUTANTS,
    *of_reports.MUTANTS,
    *of_cycles.MUTANTS,
    *of_examining.MUTANTS,
    *of_rules.MUTANTS,
    *of_state.MUTANTS,
)

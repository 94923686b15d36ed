"""The first policy that `init` writes: it watches and tells the digest, and writes nothing to a tracker."""

from __future__ import annotations

POLICY = """\
# Which rules govern, how far each may go, and what lpm-sync may write. Owner: governance.
#
# Written by `lpm-sync init`. It only watches: `observe` records, `digest` also tells the weekly digest. Raise a rule to
# `comment` when its findings are right (also the card on the item), and to `enforce` when people agree (also labels
# and escalations, as `on_fail` says). docs/rules.md explains each rule and its settings.

label_prefix: "lpm:"                      # labels that begin like this are lpm-sync's own
safety:
  max_changes: 200                        # a plan that changes more items needs its digest as approval
  max_share: 0.30                         # and so does one that changes more than this share of the items in scope
# escalation:                             # for blockers of items that have no portfolio epic above them
#   create_in: {escalation}
#   close_to: {closing}
# approval:                               # what counts as a portfolio approval; these stages and a label by default
#   stages: [ready, implementing-mvp, implementing-persevere, done]
kanban:
  wip: {{reviewing: 5, analyzing: 4, implementing-mvp: 6}}   # to be agreed upon
digest:                                   # in the portfolio's time zone
  schedule: {{weekday: monday, time: "09:00"}}
  # chats:                                # the addresses are secrets: LPM_SLACK_WEBHOOK, LPM_TEAMS_WEBHOOK
  #   - chat: slack
  #   - chat: teams
schedule: {{every: 15 minutes}}

rules:
  # Which value stream an item belongs to
  - {{rule: MAP101, mode: digest}}          # no value stream
  - {{rule: MAP102, mode: digest}}          # several value streams
  - {{rule: MAP103, mode: digest}}          # a team serves several value streams

  # Definition of ready
  - {{rule: DOR001, mode: observe}}         # no benefit hypothesis
  - {{rule: DOR002, mode: observe}}         # no acceptance criteria
  - {{rule: DOR003, mode: observe}}         # no estimate that fits one planning interval
  - {{rule: DOR004, mode: observe}}         # no parent
  - {{rule: DOR005, mode: observe}}         # no owner
  - {{rule: DOR006, mode: observe}}         # no work category
  - {{rule: DOR007, mode: observe}}         # a dependency without producer or needed-by date
  - {{rule: DOR008, mode: observe}}         # no team

  # Budget guardrails
  - {{rule: GRD101, mode: digest}}          # a value stream's horizon mix outside its targets
  - {{rule: GRD102, mode: digest}}          # the portfolio's
  - {{rule: GRD201, mode: digest}}          # capacity away from its allocation
  - rule: GRD301                          # significant initiative without approval
    mode: digest
    threshold: 500_000                    # in the portfolio's currency; to be agreed upon
    # on_fail: {{label: needs-lpm-approval, escalate: {{after: 5 business days}}}}
  - {{rule: GRD401, mode: digest}}          # business owners are not engaged

  # Budgets
  - {{rule: BUD101, mode: digest}}          # spend above the budget
  - {{rule: BUD102, mode: digest}}          # forecast above the budget
  - {{rule: BUD103, mode: digest}}          # broken down above its own forecast
  - {{rule: BUD104, mode: observe}}         # forecast missing
  - {{rule: BUD105, mode: digest}}          # the ledger does not close

  # The portfolio Kanban
  - {{rule: KAN101, mode: digest}}          # work in process above its limit, which stands under `kanban`

  # Dependencies
  - rule: DEP101                          # blocked for too long
    mode: digest
    limit: 5 business days
    # on_fail: {{label: blocked, escalate: {{after: 5 business days}}}}
  - {{rule: DEP102, mode: digest}}          # late for its needed-by date
  - {{rule: DEP103, mode: digest}}          # dependencies go in a circle
"""
"""The file, with the place of escalations still to be filled in."""

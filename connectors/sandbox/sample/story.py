"""What people at the sample company do while lpm-sync is not looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, time

from connectors.sandbox.azure_devops.model import WorkItem
from connectors.sandbox.clock import MovableClock
from connectors.sandbox.jira import Account, Issue
from connectors.sandbox.sample import wording
from connectors.sandbox.sample.fields import JIRA_FIELDS
from connectors.sandbox.sample.loading import Trackers
from connectors.sandbox.sample.loading_jira import jira_value
from connectors.sandbox.sample.model import FieldContent
from connectors.sandbox.sample.people import PORTFOLIO_OFFICE, PRODUCT_MANAGERS
from connectors.sandbox.sample.timeline import Timeline

BUSINESS_DAYS = 5  # past the next digest, and no further than what is young at the start stays within the limit

APPROVED, NEEDS_APPROVAL, NOT_READY = "lpm:approved", "lpm:needs-lpm-approval", "lpm:not-ready"
LARGEST_ESTIMATE = 40  # what the policy lets one planning interval take


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """People, their trackers and the days that pass. `roles` are the items that play a part, by the part's name."""

    clock: MovableClock
    trackers: Trackers
    roles: Mapping[str, Issue | int]

    def go_on(self) -> tuple[str, ...]:
        """Five business days pass, and people do what they do; a sentence for each thing that happened.

        What they react to are labels that stand on the items; where there is none of a kind, nobody reacts to it.
        """
        timeline = Timeline.from_instant(self.clock.now())
        days = [timeline.business_days_on(timeline.today, count) for count in range(1, BUSINESS_DAYS + 1)]
        told: list[str] = []
        for day, happening in (
            (days[0], self._approval),
            (days[1], self._readiness),
            (days[2], self._removed_label),
            (days[3], self._resolution),
            (days[3], self._remark),
        ):
            self.clock.move_to(max(self.clock.now(), timeline.at(day, time(11)).astimezone(UTC)))
            told += (f"On {_day_text(day)} {sentence}" for sentence in happening())
        self.clock.move_to(timeline.at(days[-1], time(12)).astimezone(UTC))
        return (*told, *self._standstill(), f"Now it is noon of {_day_text(days[-1])}.")

    def _approval(self) -> Iterator[str]:
        """The portfolio office approves a large initiative that was marked."""
        jira = self.trackers.jira
        for epic in self._labelled(NEEDS_APPROVAL):
            if APPROVED not in epic.labels:
                jira.add_label(epic, APPROVED, actor=self._account(PORTFOLIO_OFFICE.name))
                key = self.trackers.key_of(epic)
                yield f"{PORTFOLIO_OFFICE.name} approved {key}: it has the label {APPROVED} now."
                return

    def _readiness(self) -> Iterator[str]:
        """A product manager gives a feature everything that it lacked."""
        jira, manager = self.trackers.jira, PRODUCT_MANAGERS[0]
        for feature in self._labelled(NOT_READY):
            account = self._account(manager.name)
            complete: dict[str, FieldContent] = {
                "benefit_hypothesis": wording.benefit_hypothesis("This feature"),
                "acceptance_criteria": wording.acceptance_criteria("This feature"),
                "estimate": 8,
                "work_category": "Business Feature",
            }
            lacking = {name: content for name, content in complete.items() if not self._has(feature, name)}
            changes = {JIRA_FIELDS[name].field: jira_value(name, content) for name, content in lacking.items()}
            if feature.assignee is None:
                changes["assignee"] = account
            if feature.parent_id is None:
                changes["parent"] = next(sibling for sibling in self._parents(feature))
            jira.edit(feature, changes, actor=account)
            yield f"{manager.name} made {self.trackers.key_of(feature)} ready: {', '.join(changes)}."
            return

    def _removed_label(self) -> Iterator[str]:
        """Somebody removes a label of ours and leaves what it says as it is."""
        store, manager = self.trackers.azure_devops, PRODUCT_MANAGERS[1]
        marked = (item for item in store.items.values() if NOT_READY in item.tags)
        found: WorkItem | None = next(marked, None)
        if found is not None:
            store.remove_tag(found.id, NOT_READY, actor=manager.name)
            key = self.trackers.key_of(found.id)
            yield f"{manager.name} removed the label {NOT_READY} from {key}, which is no more ready than it was."

    def _resolution(self) -> Iterator[str]:
        """The blocker that held up two items is done."""
        stuck = self.roles["stuck"]
        if isinstance(stuck, Issue) and stuck.status.category.key != "done":
            self.trackers.jira.transition(stuck, "Done", actor=stuck.assignee)
            yield f"{self.trackers.key_of(stuck)} was done: what it blocked can go on."

    def _remark(self) -> Iterator[str]:
        """Somebody comments beside the card."""
        for feature in self._labelled(NOT_READY)[-1:]:
            author = PRODUCT_MANAGERS[2].name
            self.trackers.jira.add_comment(feature, "Seen. We write it down this week.", author=self._account(author))
            yield f"{author} commented on {self.trackers.key_of(feature)}."

    def _standstill(self) -> Iterator[str]:
        """What time alone did."""
        slow, waiting = self.roles["slow"], self.roles["waiting"]
        if isinstance(slow, Issue) and slow.status.category.key != "done":
            yield (
                f"All the time {self.trackers.key_of(waiting)} waited for {self.trackers.key_of(slow)}, "
                "which nobody moved."
            )

    def _labelled(self, label: str) -> list[Issue]:
        return [issue for issue in self.trackers.jira.issues.values() if label in issue.labels]

    def _has(self, feature: Issue, name: str) -> bool:
        value = feature.fields.get(self.trackers.jira.field(JIRA_FIELDS[name].field).id)
        if name == "estimate":
            return isinstance(value, int) and 0 < value <= LARGEST_ESTIMATE
        return bool(value)

    def _parents(self, feature: Issue) -> Iterator[Issue]:
        """Epics to which other features of the same project belong."""
        jira = self.trackers.jira
        for other in jira.issues.values():
            if other.project is feature.project and other.parent_id is not None:
                yield jira.issues[other.parent_id]

    def _account(self, name: str) -> Account:
        return next(account for account in self.trackers.jira.accounts if account.display_name == name)


def _day_text(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

"""Puts the sample into both embedded trackers, items first, then what ties them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.azure_devops.model import ResourceLink
from connectors.sandbox.azure_devops.store import AzureDevOpsStore
from connectors.sandbox.jira import Issue, JiraStore
from connectors.sandbox.sample.fields import JIRA_REFERENCE
from connectors.sandbox.sample.loading_azure_devops import PROJECT, define_azure_devops, load_azure_devops
from connectors.sandbox.sample.loading_jira import define_jira, load_jira
from connectors.sandbox.sample.model import Home, PlannedDependency, Sample
from connectors.sandbox.sample.people import EVERYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Trackers:
    """Both embedded trackers, and the addresses under which people open them."""

    jira: JiraStore
    azure_devops: AzureDevOpsStore
    jira_url: str
    azure_devops_url: str

    def address_of(self, item: Issue | int) -> str:
        """Where people open an item."""
        if isinstance(item, Issue):
            return f"{self.jira_url}/browse/{item.key}"
        return f"{self.azure_devops_url}/{PROJECT}/_workitems/edit/{item}"

    def key_of(self, item: Issue | int) -> str:
        """What people call an item: `jira:PAY-12`, `ado:31`."""
        return f"{Home.JIRA}:{item.key}" if isinstance(item, Issue) else f"{Home.AZURE_DEVOPS}:{item}"


def load(sample: Sample, trackers: Trackers) -> Mapping[str, Issue | int]:
    """Loads everything; returns the issue or the work item's number by the item's name in the sample."""
    define_jira(trackers.jira)
    define_azure_devops(trackers.azure_devops, sample.timeline)
    loaded: dict[str, Issue | int] = {
        **load_jira(trackers.jira, [item for item in sample.items if item.home is Home.JIRA]),
        **load_azure_devops(trackers.azure_devops, [item for item in sample.items if item.home is Home.AZURE_DEVOPS]),
    }
    for dependency in sample.dependencies:
        _tie(dependency, loaded, trackers)
    return loaded


def _tie(dependency: PlannedDependency, loaded: Mapping[str, Issue | int], trackers: Trackers) -> None:
    """A native link within one tracker; over both, the blocked item holds the address of its blocker."""
    blocker, blocked = loaded[dependency.blocker], loaded[dependency.blocked]
    if isinstance(blocked, Issue):
        with trackers.jira.backdate(dependency.made):
            if isinstance(blocker, Issue):
                trackers.jira.link(blocker, blocked, "Blocks")
            else:
                trackers.jira.edit(blocked, {JIRA_REFERENCE: trackers.address_of(blocker)})
    elif isinstance(blocker, Issue):
        _add_hyperlink(trackers.azure_devops, blocked, trackers.address_of(blocker), dependency.made)
    else:
        trackers.azure_devops.link(blocker, blocked, actor=EVERYBODY[0].name, at=dependency.made)


def _add_hyperlink(store: AzureDevOpsStore, number: int, address: str, made: datetime) -> None:
    """A hyperlink as it was made in the past: it stands in a revision of its own."""
    with store.lock:
        item = store.work_item(number)
        hyperlink = ResourceLink(rel="Hyperlink", url=address, comment="blocked by")
        store.revise(item, {}, at=made, actor=EVERYBODY[0].name, resources=(*item.resources, hyperlink))

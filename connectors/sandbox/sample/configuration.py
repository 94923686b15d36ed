"""Writes the configuration that fits the sample: three templates with addresses, fields, people and dates filled in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Template

from connectors.sandbox.sample.fields import AZURE_DEVOPS_FIELDS, JIRA_FIELDS, JIRA_REFERENCE, TrackerField
from connectors.sandbox.sample.people import BUSINESS_OWNERS
from connectors.sandbox.sample.timeline import COUNTRY, TIMEZONE, Timeline
from lpm_sync.core.value_stream import Period

FILES = ("trackers.yaml", "value_streams.yaml", "policy.yaml")


def write_configuration(
    directory: Path, timeline: Timeline, *, jira_url: str, azure_devops_url: str, is_cloud: bool
) -> None:
    """Writes the three files into `directory`, which is made where it is missing; `is_cloud` says which Jira it is."""
    values = {
        "jira_url": jira_url,
        "azure_devops_url": azure_devops_url,
        "jira_fields": _fields(JIRA_FIELDS),
        "azure_devops_fields": _fields(AZURE_DEVOPS_FIELDS),
        "jira_reference": JIRA_REFERENCE,
        "timezone": TIMEZONE,
        "calendar": COUNTRY,
        "planning_intervals": _periods(timeline.intervals),
        "half_years": _periods(timeline.half_years),
        "half_year": timeline.half_years[0].id,
        "next_half_year": timeline.half_years[1].id,
        "people": "\n".join(
            f"  {person.id}: {{jira: {person.jira_account(is_cloud=is_cloud)!r}, ado: {person.mail}, "
            f"slack: {person.slack_account}}}"
            for person in BUSINESS_OWNERS.values()
        ),
    }
    directory.mkdir(parents=True, exist_ok=True)
    templates = resources.files(__package__) / "templates"
    for name in FILES:
        template = Template((templates / name).read_text(encoding="utf-8"))
        (directory / name).write_text(template.substitute(values), encoding="utf-8")


def _fields(fields: Mapping[str, TrackerField]) -> str:
    return "\n".join(f"      {name}: {field.field}" for name, field in fields.items())


def _periods(periods: tuple[Period, ...]) -> str:
    return "\n".join(f"    - {{id: {period.id}, start: {period.start}, end: {period.end}}}" for period in periods)

"""Recorded issues instead of the sample: reads the files, and writes a configuration out of what they hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from connectors.sandbox.jira.model import Deployment
from lpm_sync.errors import ConfigurationError

EPIC, FEATURE, STORY = "portfolio-epic", "feature", "story"
_STAGES = {"new": "funnel", "indeterminate": "implementing-mvp", "done": "done"}
_PROGRESS = {"new": "todo", "indeterminate": "doing", "done": "done"}
_HEADER = "# Made from recorded issues: their projects, types and statuses, as they were found.\n"


class _Project(msgspec.Struct):
    key: str


class _Type(msgspec.Struct, rename={"level": "hierarchyLevel"}):
    name: str
    level: int | None = None
    subtask: bool = False


class _Category(msgspec.Struct):
    key: str


class _Status(msgspec.Struct, rename={"category": "statusCategory"}):
    name: str
    category: _Category


class _Fields(msgspec.Struct):
    summary: str
    created: str
    updated: str
    project: _Project
    issuetype: _Type
    status: _Status


class _Record(msgspec.Struct):
    id: str
    key: str
    fields: _Fields

    @property
    def level(self) -> str:
        """Epics and what stands above them are portfolio epics; Data Center does not tell levels, but names them."""
        kind = self.fields.issuetype
        if kind.subtask or (kind.level or 0) < 0:
            return STORY
        return EPIC if (kind.level or 0) > 0 or (kind.level is None and kind.name == "Epic") else FEATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Recorded issues, each once, as the lines that they are and as far as a configuration needs them."""

    lines: tuple[bytes, ...]
    records: tuple[_Record, ...]

    @property
    def deployment(self) -> Deployment:
        """Cloud where accounts have an account id."""
        return "Cloud" if any(b'"accountId"' in line for line in self.lines) else "Server"

    def write_configuration(self, directory: Path, *, jira_url: str) -> None:
        """Writes the three files of a configuration that fits."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("trackers.yaml", self._trackers(jira_url)),
            ("value_streams.yaml", self._value_streams()),
            ("policy.yaml", _POLICY),
        ):
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
            (directory / name).write_text(_HEADER + text, encoding="utf-8")

    def _projects(self) -> list[str]:
        return sorted({record.fields.project.key for record in self.records})

    def _trackers(self, jira_url: str) -> dict[str, Any]:
        types = _grouped((record.level, record.fields.issuetype.name) for record in self.records)
        categories = self._categories()
        statuses = _grouped((record.level, record.fields.status.name) for record in self.records)
        tracker: dict[str, Any] = {
            "connector": "jira",
            "url": jira_url,
            "scope": {"projects": self._projects()},
            "levels": [
                {"level": level, "types": sorted(types[level])} for level in (EPIC, FEATURE, STORY) if level in types
            ],
            "progress": {
                level: {name: _PROGRESS[categories[name]] for name in sorted(statuses[level])}
                for level in (FEATURE, STORY)
                if level in statuses
            },
            "fields": {"target_date": "duedate"},
            "team_field": "component",
        }
        if EPIC in types:
            stages = {name: _STAGES[categories[name]] for name in sorted(statuses[EPIC])}
            finished = [name for name, category in sorted(categories.items()) if category == "done"]
            tracker["stages"] = {EPIC: stages | dict.fromkeys(finished or ["Done"], "done")}
        return {"trackers": {"jira": tracker}}

    def _categories(self) -> dict[str, str]:
        """The category that most issues in a status show: recordings contradict themselves."""
        shown: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for record in self.records:
            category = record.fields.status.category.key
            shown[record.fields.status.name][category if category in _PROGRESS else "new"] += 1
        return {name: counts.most_common(1)[0][0] for name, counts in shown.items()}

    def _value_streams(self) -> dict[str, Any]:
        streams = [
            {"id": f"project-{key.lower().replace('_', '-')}", "name": key, "match": [{"project": key}]}
            for key in self._projects()
        ]
        portfolio = {"name": "Recorded", "currency": "EUR", "timezone": "UTC"}
        return {"portfolio": portfolio, "value_streams": streams}


def read_recording(files: Iterable[Path]) -> Recording:
    """Reads files of one issue a line; of an issue that was recorded more than once the last counts.

    Raises ConfigurationError where a file cannot be read, a line is no issue, or two issues have one id.
    """
    lines: dict[str, bytes] = {}
    records: dict[str, _Record] = {}
    for file in files:
        for number, line in enumerate(_lines_of(file), start=1):
            if not line.strip():
                continue
            record = _read(line, f"{file}:{number}")
            known = records.get(record.id)
            if known is not None and known.key != record.key:
                raise ConfigurationError(
                    f"{file}:{number}: {record.key} has the id of {known.key}: they come from two sites; "
                    "serve the files of one site at a time"
                )
            lines[record.id], records[record.id] = line, record
    if not records:
        raise ConfigurationError("there is no issue in the recorded files; give files of one issue a line")
    return Recording(lines=tuple(lines.values()), records=tuple(records.values()))


def _lines_of(file: Path) -> Sequence[bytes]:
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None


def _read(line: bytes, place: str) -> _Record:
    try:
        return msgspec.json.decode(line, type=_Record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{place}: no issue as Jira answers it: {error}") from None


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    grouped: defaultdict[str, set[str]] = defaultdict(set)
    for group, name in pairs:
        grouped[group].add(name)
    return dict(grouped)


def _rules() -> Iterator[dict[str, Any]]:
    for code, label in (
        *(("MAP101", "unmapped"), ("DOR004", "not-ready"), ("DOR005", "not-ready")),
        *(("DEP101", "blocked"), ("DEP102", "late"), ("DEP103", "dependency-cycle")),
    ):
        yield {"rule": code, "mode": "enforce", "on_fail": {"label": label}}


_POLICY = {
    "label_prefix": "lpm:",
    "safety": {"max_changes": 1000, "max_share": 1.0},
    "digest": {"schedule": {"weekday": "monday", "time": "09:00"}, "chats": [{"chat": "slack"}, {"chat": "teams"}]},
    "rules": list(_rules()),
}

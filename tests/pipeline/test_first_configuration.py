"""Whatever a tracker calls its things, the first configuration is one that loads and says the same names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lpm_sync.core.discovery import (
    DiscoveredField,
    DiscoveredLink,
    DiscoveredProject,
    DiscoveredStatus,
    DiscoveredType,
    Discovery,
    FieldKind,
)
from lpm_sync.core.work_item import Level, Progress, Stage
from lpm_sync.pipeline.first_configuration import Place, first_configuration
from lpm_sync.pipeline.guessing import guess_fields, guess_levels, guess_link, guess_stages
from lpm_sync.policy.loader import load_configuration
from lpm_sync.policy.yaml_text import quoted

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)
PROGRESS = st.sampled_from([*Progress, None])
STATUSES = st.builds(lambda name, progress: DiscoveredStatus(name=name, progress=progress), NAMES, PROGRESS)


JIRA = Place(
    name="jira",
    connector="jira",
    url="https://api.example/ex/jira",
    site_url="https://jira.example",
    credential="oauth",
    options={"oauth_scope": 'a: "b" #c', "oauth_endpoint": "https://auth.example"},
)


def kind(name: str, rank: int | None, *statuses: DiscoveredStatus) -> DiscoveredType:
    return DiscoveredType(name=name, rank=rank, statuses=statuses)


def status(name: str, progress: Progress | None) -> DiscoveredStatus:
    return DiscoveredStatus(name=name, progress=progress)


def field(identifier: str, name: str, kind: FieldKind, *, is_on_screen: bool | None = None) -> DiscoveredField:
    return DiscoveredField(id=identifier, name=name, kind=kind, is_custom=True, is_on_screen=is_on_screen)


def discovery(*fields: DiscoveredField) -> Discovery:
    return Discovery(projects=(), visible_projects=(), fields=fields)


def test_a_field_whose_name_holds_no_letter_is_no_guess() -> None:
    guesses = guess_fields(discovery(field("f1", ":", FieldKind.NUMBER)))
    assert not any(guess.chosen for guess in guesses.values())


@given(NAMES, NAMES, NAMES, st.lists(STATUSES, min_size=1, max_size=6), NAMES)
def test_any_names_make_a_configuration_that_loads(
    tmp_path_factory: pytest.TempPathFactory,
    project: str,
    epic: str,
    feature: str,
    statuses: list[DiscoveredStatus],
    name: str,
) -> None:
    types = (kind(epic, 1, *statuses), kind(f"{feature} below", 0, *statuses))
    found = Discovery(
        projects=(DiscoveredProject(key=project, name=name, types=types),),
        visible_projects=(project,),
        fields=(field("f1", name, FieldKind.NUMBER), field("f2", "Story Points", FieldKind.NUMBER)),
        links=(DiscoveredLink(phrase=name, inverse="other way"),),
        credentials=(f"LPM_JIRA_TOKEN ({name})",),
    )
    folder = tmp_path_factory.mktemp("first")
    for file, text in first_configuration(JIRA, found).items():
        (folder / file).write_text(text, encoding="utf-8")
    stanza = load_configuration(folder).tracker("jira")
    assert (stanza.url, stanza.site_url, stanza.credential) == (JIRA.url, JIRA.site_url, "oauth")
    assert stanza.options == JIRA.options
    assert stanza.scope.projects == (project.strip(),)
    assert stanza.levels[0].types == (epic.strip(),)
    mapped = {word.casefold() for word in stanza.stages[Level.PORTFOLIO_EPIC]}
    assert mapped == {one.name.strip().casefold() for one in statuses}


@given(st.text())
def test_a_quoted_text_is_read_as_it_was(text: str) -> None:
    written = quoted(text)
    assert written.isprintable()
    assert yaml.safe_load(written) == text


def test_projects_whose_keys_have_no_latin_letters_are_streams_of_their_own(tmp_path: Path) -> None:
    types = (kind("Feature", 0),)
    projects = tuple(
        DiscoveredProject(key=key, name=key, types=types)
        for key in ("支付", "平台", "7 Seas", "PAY", "pay", "Größe Ångström")
    )
    texts = first_configuration(
        Place(name="ado", connector="azure-devops", url="https://x.example"),
        Discovery(projects=projects, visible_projects=()),
    )
    for file, text in texts.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    streams = load_configuration(tmp_path).value_streams_file.value_streams
    assert [stream.id for stream in streams] == [
        "stream",
        "stream-2",
        "stream-7-seas",
        "pay",
        "pay-2",
        "grosse-angstrom",
    ]


@pytest.mark.parametrize(
    ("name", "progress", "stage"),
    [
        ("Funnel", Progress.TODO, Stage.FUNNEL),
        ("Reviewing", Progress.DOING, Stage.REVIEWING),
        ("ANALYZING", Progress.TODO, Stage.ANALYZING),
        ("Portfolio Backlog", Progress.TODO, Stage.READY),
        ("Implementing: MVP", Progress.DOING, Stage.IMPLEMENTING_MVP),
        ("Persevere", Progress.DOING, Stage.IMPLEMENTING_PERSEVERE),
        ("Approved", Progress.DONE, Stage.DONE),
        ("处理中", Progress.DOING, Stage.IMPLEMENTING_MVP),
        ("待办", Progress.TODO, Stage.FUNNEL),
        ("已完成", Progress.DONE, Stage.DONE),
        ("Odd", None, Stage.FUNNEL),
    ],
)
def test_a_status_is_a_stage_by_its_name_or_else_by_its_category(
    name: str, progress: Progress | None, stage: Stage
) -> None:
    last = status("The end", Progress.DONE)
    assert guess_stages([status(name, progress), last])[name] is stage


def test_some_status_ends_the_portfolio_kanban_even_where_none_is_done() -> None:
    assert guess_stages([status("Open", Progress.TODO), status("Shut", Progress.DOING)])["Shut"] is Stage.DONE


def test_where_ranks_are_not_told_names_of_epics_count() -> None:
    types = [kind("Epic", None), kind("史诗", None), kind("Story", None), kind("Sub-task", -1), kind("Épopée", None)]
    assert guess_levels(types) == {Level.PORTFOLIO_EPIC: ["Epic", "史诗", "Épopée"], Level.FEATURE: ["Story"]}


def test_a_type_that_ranks_differently_from_project_to_project_stands_where_it_is_higher() -> None:
    types = [kind("Initiative", 0), kind("Initiative", 2), kind("Story", 0)]
    assert guess_levels(types) == {Level.PORTFOLIO_EPIC: ["Initiative"], Level.FEATURE: ["Story"]}


def test_the_likeliest_name_of_a_field_is_chosen_and_the_others_are_candidates() -> None:
    points, estimate = (
        field("c1", "Story Points", FieldKind.NUMBER),
        field("c2", "Story point estimate", FieldKind.NUMBER),
    )
    guess = guess_fields(discovery(estimate, points))["estimate"]
    assert guess.chosen == points
    assert guess.candidates == (estimate,)


@pytest.mark.parametrize(
    "other",
    [
        field("c1", "Job Size", FieldKind.TEXT),
        field("c1", "Job Size", FieldKind.NUMBER, is_on_screen=False),
        field("c1", "Job sizes", FieldKind.NUMBER),
    ],
)
def test_a_field_of_another_kind_off_all_screens_or_only_alike_is_a_candidate(other: DiscoveredField) -> None:
    guess = guess_fields(discovery(other))["job_size"]
    assert guess.chosen is None
    assert guess.candidates == (other,)


def test_a_link_that_reads_the_same_from_both_ends_is_never_a_dependency() -> None:
    assert guess_link([DiscoveredLink(phrase="blocks", inverse="blocks")]) is None
    clones = DiscoveredLink(phrase="clones", inverse="is cloned by")
    blocks = DiscoveredLink(phrase="bloque", inverse="est bloqué par")
    assert guess_link([clones, blocks]) == blocks
    assert guess_link([clones]) is None

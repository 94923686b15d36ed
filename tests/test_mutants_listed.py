"""The list of mutants fits the code of today, and its runner tells what became of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant, StaleError
from tests.mutants.workshop import Verdict, Workshop, WorkshopError

ROOT = Path(__file__).parents[1]
REVERSED = Mutant(
    name="reversed",
    breaks="a link is read the wrong way round",
    file="connectors/links.py",
    old="blocker, blocked",
    new="blocked, blocker",
    tests=("tests/test_links.py",),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_and_leaves_a_module_that_compiles(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    mutated = mutant.applied_to(text)
    assert mutated != text
    compile(mutated, mutant.file, "exec")
    assert all((ROOT / test).exists() for test in mutant.tests)


def test_every_mutant_has_a_name_of_its_own_and_a_mistake_of_its_own() -> None:
    assert not [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1]
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("text", ["", "blocker, blocked = blocker, blocked"])
def test_a_text_that_does_not_stand_once_is_called_stale_with_what_to_do(text: str) -> None:
    with pytest.raises(StaleError, match=r"list of mutants is stale: reversed .* connectors/links\.py"):
        REVERSED.applied_to(text)


def small_repository(root: Path) -> Path:
    """A repository with one function that a test calls, and one that none does."""
    for package in ("lpm_sync", "connectors"):
        (root / package).mkdir()
        (root / package / "__init__.py").touch()
    links = "def ends(blocker, blocked):\n    return blocked, blocker\n\n\ndef unused():\n    return 1\n"
    (root / "connectors" / "links.py").write_text(links)
    (root / "tests").mkdir()
    test = "def test_the_blocked_end_comes_first():\n    assert ends(1, 2) == (2, 1)\n"
    (root / "tests" / "test_links.py").write_text(f"from connectors.links import ends\n\n\n{test}")
    (root / "config").mkdir()
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n")
    return root


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    root = small_repository(tmp_path_factory.mktemp("repository"))
    return Workshop(root, tmp_path_factory.mktemp("workshop"))


def test_a_mistake_that_a_test_notices_is_caught_and_the_test_is_named(workshop: Workshop) -> None:
    trial = workshop.try_out(REVERSED)
    assert (trial.verdict, trial.detail) == (Verdict.CAUGHT, "test_the_blocked_end_comes_first")


def test_a_mistake_that_no_test_notices_survives_and_leaves_nothing_behind(workshop: Workshop) -> None:
    assert workshop.try_out(replace(REVERSED, old="return 1", new="return 2")).verdict is Verdict.SURVIVED
    assert workshop.try_out(REVERSED).verdict is Verdict.CAUGHT
    assert workshop.baseline(REVERSED.selection).verdict is Verdict.SURVIVED


def test_a_mutant_of_old_is_stale(workshop: Workshop) -> None:
    assert workshop.try_out(replace(REVERSED, old="successor")).verdict is Verdict.STALE


@pytest.mark.parametrize(
    "mutant",
    [replace(REVERSED, new="blocker blocked"), replace(REVERSED, tests=("tests/test_that_is_gone.py",))],
    ids=["a module that cannot be imported", "tests that do not exist"],
)
def test_where_no_test_runs_nothing_is_called_caught(workshop: Workshop, mutant: Mutant) -> None:
    assert workshop.try_out(mutant).verdict is Verdict.BROKEN


def test_a_copy_whose_packages_would_not_be_imported_is_refused(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    root = small_repository(tmp_path / "repository")
    (root / "connectors" / "__init__.py").unlink()  # now the installed package is found first
    with pytest.raises(WorkshopError, match="would import"):
        Workshop(root, tmp_path / "workshop")

"""Mistakes in readings of everything that are stopped half way and go on."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_STATE = ("tests/state/test_loads.py",)
_CYCLE = ("tests/pipeline/test_first_load.py",)
_JIRA = ("tests/connectors/jira/test_jira_loads.py",)
_AZURE_DEVOPS = ("tests/connectors/azure_devops/test_azure_devops_loads.py",)

MUTANTS = (
    Mutant(
        name="load-starts-over",
        breaks="a first load that is cut off in every cycle never comes to its end",
        file="lpm_sync/pipeline/delivering.py",
        old="    if load is not None:\n        written",
        new="    if load is None:\n        raise AssertionError\n    if not load.kept:\n        written",
        tests=_CYCLE,
    ),
    Mutant(
        name="load-own-writes-not-told",
        breaks="while one project waits, what we wrote to another is read as a lagging index shows it",
        file="lpm_sync/pipeline/delivering.py",
        old="load.position, is_unfinished=True, written=written)",
        new="load.position, is_unfinished=True)",
        tests=_CYCLE,
    ),
    Mutant(
        name="load-part-taken-for-all",
        breaks="what a connector did not count is acted on as if it were everything",
        file="lpm_sync/pipeline/delivering.py",
        old="kept = frozenset(ref for ref in present if ref.id in loaded) - newer",
        new="kept = frozenset(Ref(name, one) for one in loaded) - newer",
        tests=_CYCLE,
    ),
    Mutant(
        name="load-overtaken-plan-believed",
        breaks="a plan beside a run shows the rest of a tracker as all of it",
        file="lpm_sync/pipeline/delivering.py",
        old="if pull.is_delta and any(ref.id not in loaded for ref in question.kept):",
        new="if loaded is None:",
        tests=_CYCLE,
    ),
    Mutant(
        name="load-stop-loses-what-waits",
        breaks="what was read and not yet written is lost when the cycle is stopped",
        file="lpm_sync/pipeline/intake.py",
        old="                self._take(self._queue.get_nowait())\n        self._commit()",
        new="                self._take(self._queue.get_nowait())\n        self._waiting.clear()",
        tests=_CYCLE,
    ),
    Mutant(
        name="load-killed-loses-everything",
        breaks="a first load that is killed begins anew, since its parts are written at its end",
        file="lpm_sync/pipeline/intake.py",
        old="        except Empty:\n            self._commit()\n        rows",
        new="        except Empty:\n            return\n        rows",
        tests=("tests/pipeline/test_killed.py",),
        only="first_load",
    ),
    Mutant(
        name="load-failed-project-in-the-snapshot",
        breaks="half of a project that failed in the first load stands in the snapshot as all of it",
        file="lpm_sync/state/loads.py",
        old="kept.difference(ids)",
        new="kept.intersection(())",
        tests=_STATE,
    ),
    Mutant(
        name="load-of-a-failed-project-let-go",
        breaks="a project that failed half way is read from its beginning in every cycle",
        file="lpm_sync/state/snapshots.py",
        old="goes_on=bool(pull.interrupted)",
        new="goes_on=False",
        tests=_STATE,
    ),
    Mutant(
        name="load-kept-beside-a-forgotten-position",
        breaks="after an item moved under a write a half-read load is gone on with",
        file="lpm_sync/state/snapshots.py",
        old="            self._loads.end(tracker)",
        new="            pass",
        tests=_STATE,
    ),
    Mutant(
        name="load-jira-fetches-what-is-kept",
        breaks="a Jira that goes on fetches everything again",
        file="connectors/jira/changes.py",
        old="missing = present - self.known_refs |",
        new="missing = present |",
        tests=_JIRA,
    ),
    Mutant(
        name="load-jira-failed-project-moves-on",
        breaks="a project that never came whole counts as read up to when the load began",
        file="connectors/jira/changes.py",
        old="elif not self.previous.is_unfinished:",
        new="else:",
        tests=_JIRA,
    ),
    Mutant(
        name="load-jira-begins-at-its-newest-change",
        breaks="what changes while a stopped load waits is lost",
        file="connectors/jira/pulling.py",
        old="return place_of(project, stamps={}, items={}, old=None, now=server_time)",
        new="return place_of(project, stamps={}, items={}, old=None, now=server_time + timedelta(days=1))",
        tests=_JIRA,
    ),
    Mutant(
        name="load-jira-orphans-forgotten",
        breaks="issues that wait for the ids of their parents are not kept",
        file="connectors/jira/pulling.py",
        old="            keeper.finish()",
        new="            pass",
        tests=_JIRA,
    ),
    Mutant(
        name="load-jira-part-in-a-failed-search-fetched-again",
        breaks="where one search for all projects fails, each project fetches again what had come",
        file="connectors/jira/pulling.py",
        old="known=keeper.handed, expect",
        new="known={}, expect",
        tests=_JIRA,
    ),
    Mutant(
        name="load-azure-devops-failed-project-moves-on",
        breaks="a project that never came whole counts as read up to when the load began",
        file="connectors/azure_devops/delta.py",
        old="places = {} if self._is_unfinished else dict(self._position.projects)",
        new="places = dict(self._position.projects)",
        tests=_AZURE_DEVOPS,
    ),
    Mutant(
        name="load-azure-devops-comments-at-the-end",
        breaks="items with comments are kept only when everything else is read",
        file="connectors/azure_devops/client.py",
        old="waiting.extendleft(reversed(list(then(argument, future.result()))))",
        new="waiting.extend(then(argument, future.result()))",
        tests=_AZURE_DEVOPS,
    ),
    Mutant(
        name="load-azure-devops-tokens-after-the-reading",
        breaks="links that change while a stopped load waits are lost",
        file="connectors/azure_devops/whole.py",
        old="self._parts.begin(self._position(tokens, mark, now, before).text())",
        new="self._parts.begin('')",
        tests=_AZURE_DEVOPS,
    ),
)

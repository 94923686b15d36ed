"""Reads what changed since an earlier reading, all projects in one search, and loses nothing of it.

In a cycle in which nothing changed three requests go out: who we are (and in which zone), which projects we see, and
what was changed. Definitions of fields and links are asked for again as soon as there is anything to read with them.
Deletions, and whatever else moves no `updated` of the issues that it concerns, show in the census: what named an issue
that it misses is read again. A reading of everything that was stopped goes on in the same way: to the census it is what
was not read yet that is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from connectors.jira import wire
from connectors.jira.bulk import fetch_current, fetch_issues
from connectors.jira.census import count
from connectors.jira.configured import check_types
from connectors.jira.keeping import Keeper
from connectors.jira.knowing import Known
from connectors.jira.outcomes import Failure, ScopeError, interrupted, named, once_each, raise_if_nothing
from connectors.jira.position import Place, Position, digest_of, place_of
from connectors.jira.projects import visible_projects
from connectors.jira.pulling import look, places_of, position_of, read_whole, with_parents
from connectors.jira.query_times import query_time
from connectors.jira.reading import Kept, ProjectReading, Reader, Sorted
from connectors.jira.search import quoted
from lpm_sync.core.work_item import Ref, SourceItem
from lpm_sync.errors import RefusedError, UnavailableError
from lpm_sync.ports import Parts, Previous, Pull


def pull_changes(  # noqa: PLR0913 what is known, from before and now, and what is asked
    known: Known,
    position: Position,
    previous: Previous,
    projects: Sequence[str],
    *,
    now: datetime,
    census: bool,
    renew: Callable[[], Known],
    parts: Parts | None,
) -> Pull | None:
    """A delta; None where it turns out that the position does not fit any more.

    `now` is the server's time, `renew` finds the definitions out again. Into `parts` goes what is missing of a reading
    that was stopped. Raises as `pulling.pull` does.
    """
    with ExitStack() as opened:
        goes_on = parts if previous.is_unfinished else None
        return _Delta(known, position, previous, now, renew, goes_on, opened).pull(projects, census=census)


@dataclass(slots=True)
class _Delta:
    """One reading in progress. `seen` are the projects that are read on, by configured key, as they are today."""

    known: Known
    position: Position
    previous: Previous
    now: datetime
    renew: Callable[[], Known]
    parts: Parts | None
    opened: ExitStack
    keeper: Keeper | None = None
    seen: dict[str, wire.Project] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    readings: list[ProjectReading] = field(default_factory=list)
    gone: set[Ref] = field(default_factory=set)
    is_renewed: bool = False
    known_refs: frozenset[Ref] = field(init=False)

    def __post_init__(self) -> None:
        self.known_refs = frozenset(self.previous.keys.values())

    @property
    def reader(self) -> Reader:
        return self.known.reader

    def pull(self, projects: Sequence[str], *, census: bool) -> Pull | None:
        for key, ref in self.previous.keys.items():
            self.reader.keys.setdefault(key, ref.id)
        self._look_for_projects(projects)
        if not self._are_as_they_were():
            return None
        found = self._without_older(self.reader.sort(self._as_we_wrote(self._search())))
        new = [one for one in projects if one not in self.position.places and one not in self.failures]
        if (new or census) and not self._still_fits():
            return None
        self._learn(found)
        self._complete(self._touched(found))
        if self.parts is not None:
            self.keeper = self.opened.enter_context(Keeper(self.reader, self.parts, self.now))
        shown, hidden = look(self.reader, new)
        wholes, failed = read_whole(self.reader, shown, self.keeper)
        self.failures |= hidden | failed
        self.readings += wholes.values()
        raise_if_nothing(self.reader, self.failures, is_all=len(self.failures) == len(projects))
        present = self._count(wholes) if census else None
        if self.keeper is not None:
            self.keeper.finish()
        for reading in self.readings:
            self.reader.keys.update(reading.keys)
        pull = self._pulled(found, wholes, present)
        says_nothing = not (pull.items or pull.broken or pull.gone)
        return pull if says_nothing or self._still_fits() else None

    def _still_fits(self) -> bool:
        """Whether fields and links are what they were; asked only where something is to be concluded from them."""
        if not self.is_renewed:
            self.known, self.is_renewed = self.renew(), True
            self.reader.project_keys.update(self._project_keys())
        return self.known.fits(self.position)

    def _project_keys(self) -> set[str]:
        return {*self.seen, *(project.key for project in self.seen.values())}

    def _look_for_projects(self, projects: Sequence[str]) -> None:
        places = self.position.places
        shown = visible_projects(self.reader.client, {place.id for place in places.values()})
        for project in projects:
            if project in places or project in self.position.hidden:
                found = shown.get(places[project].id) if project in places else None
                try:
                    self.seen[project] = found or self.reader.look(project)
                except (RefusedError, UnavailableError) as error:
                    self.failures[project] = error

    def _are_as_they_were(self) -> bool:
        """Whether no project is renamed, or visible again: then other issues are not as they were read.

        They have other keys, or had links to issues that did not show; and none of them counts as changed.
        """
        is_shown_again = any(project in self.seen for project in self.position.hidden)
        places = self.position.places
        return not is_shown_again and all(places[one].key == project.key for one, project in self.seen.items())

    def _search(self) -> list[Kept]:
        """All projects at once; where that fails each by itself, so that one does not stop the others."""
        if not self.seen:
            return []
        try:
            return list(self.reader.find(self._jql(self.seen)).values())
        except (RefusedError, UnavailableError) as error:
            outcomes = {next(iter(self.seen)): error} if len(self.seen) == 1 else self._search_each()
        for project, outcome in outcomes.items():
            if not isinstance(outcome, list):
                del self.seen[project]
                self.failures[project] = ScopeError(str(outcome)) if isinstance(outcome, RefusedError) else outcome
        return [one for outcome in outcomes.values() if isinstance(outcome, list) for one in outcome]

    def _as_we_wrote(self, found: list[Kept]) -> list[Kept]:
        """With what we wrote to as it stands: the search of Cloud shows it after seconds to minutes."""
        written = [ref.id for ref in self.previous.written]
        if not (written and self.seen and self.reader.client.is_cloud):
            return found
        try:
            current = fetch_current(self.reader.client, written, self.reader.kept_by(self.reader.take))
        except (RefusedError, UnavailableError):
            return found  # then the search has to do
        here = {project.key for project in self.seen.values()}
        shown = {identifier: one for identifier, one in current.items() if one.project in here}
        return [*(one for one in found if one.id not in shown), *shown.values()]

    def _without_older(self, found: Sorted) -> Sorted:
        """Without the issues that the index shows as they were before they were read last."""
        places = self.position.places.values()
        older = {
            identifier
            for identifier, stamp in found.stamps.items()
            if any(place.knows_newer(identifier, stamp.updated) for place in places)
        }
        return _but(found, older) if older else found

    def _search_each(self) -> Mapping[str, list[Kept] | Failure]:
        def search(project: str) -> list[Kept] | Failure:
            try:
                return list(self.reader.find(self._jql([project])).values())
            except (RefusedError, UnavailableError) as error:
                return error

        return dict(zip(self.seen, self.reader.client.all(search, self.seen), strict=True))

    def _jql(self, projects: Iterable[str]) -> str:
        """What was changed in each project since its own place: those that stand at one minute share a clause."""
        windows: dict[str, list[str]] = {}
        for project in projects:
            since = query_time(self.position.places[project].start, self.known.site.time_zone)
            windows.setdefault(since, []).append(quoted(self.seen[project].key))
        clauses = [f'project in ({", ".join(keys)}) AND updated >= "{since}"' for since, keys in windows.items()]
        return self.reader.scoped(clauses[0] if len(clauses) == 1 else f"(({') OR ('.join(clauses)}))")

    def _touched(self, found: Sorted) -> Sorted:
        """Without the issues that certainly are as they were read last."""
        same = {
            identifier
            for identifier, stamp in found.stamps.items()
            if any(place.is_unchanged(identifier, stamp.updated) for place in self.position.places.values())
        }
        return _but(found, same)

    def _learn(self, found: Sorted) -> None:
        self.reader.keys.update(found.keys)
        self.reader.project_keys.update(self._project_keys())

    def _complete(self, touched: Sorted) -> None:
        """Project by project; what cannot be completed fails its project alone, and is read again."""
        here = {project.key: configured for configured, project in self.seen.items()}
        place = {one.ref.id: one.project for one in touched.broken}
        place |= {identifier: stamp.project for identifier, stamp in touched.stamps.items()}
        for key in sorted(set(place.values())):
            part = _but(touched, {identifier for identifier, project in place.items() if project != key})
            if key not in here:  # it moved out of the scope while the index still has it there
                self.gone.update(map(self.reader.context.ref, part.stamps))
                continue
            self.gone.update(map(self.reader.context.ref, part.ignored))
            try:
                self.readings.append(self.reader.complete(part))
            except UnavailableError as error:
                self.failures[here[key]] = error
                del self.seen[here[key]]

    def _count(self, wholes: Mapping[str, ProjectReading]) -> frozenset[Ref] | None:
        """The census; None where it was not to be had: the next reading tries again.

        Of a reading that was stopped nothing can be told without it: then raises UnavailableError.
        """
        reader = self.reader
        projects = [*self.seen.values(), *(one.project for one in wholes.values() if one.project is not None)]
        try:
            present = count(reader, {project.key for project in projects})
            missing = present - self.known_refs | self._beside(self._lost(present)) & present
            missing -= {reader.context.ref(one) for reading in self.readings for one in reading.ids}
            self.readings.append(reader.complete(reader.sort(self._fetch(missing, len(present)))))
        except (RefusedError, UnavailableError) as error:
            if not self.previous.is_unfinished:
                return None
            raise UnavailableError(str(error), retry_after=getattr(error, "retry_after", None)) from None
        if self.previous.is_unfinished and not self.failures:  # the reading that was stopped did not come so far
            check_types(reader.client, reader.types, ())
        return present

    def _fetch(self, missing: Collection[Ref], count: int) -> Collection[Kept]:
        if not missing:
            return ()
        reader, keeper = self.reader, self.keeper
        if keeper is not None:
            keeper.expect(count)
        take = reader.take if keeper is None else keeper.take
        return fetch_issues(reader.client, sorted(ref.id for ref in missing), reader.kept_by(take)).values()

    def _lost(self, present: Collection[Ref]) -> set[Ref]:
        """What was there and is gone, where its project is not: its address leads nowhere any more."""
        failed = named(self.failures, self.position.places)
        lost = {
            key: ref
            for key, ref in self.previous.keys.items()
            if ref not in present and key.rpartition("-")[0] not in failed
        }
        for key in lost:
            self.reader.keys.pop(key, None)
        return set(lost.values())

    def _beside(self, lost: Iterable[Ref]) -> set[Ref]:
        """What named those: they took their links along, and the issues at the other ends do not show that."""
        return {ref for one in lost for ref in self.previous.named_by.get(one, ())}

    def _pulled(self, found: Sorted, wholes: Mapping[str, ProjectReading], present: frozenset[Ref] | None) -> Pull:
        items = once_each(with_parents(self.reader, self.readings))
        broken = {one.ref: one for reading in self.readings for one in reading.broken if one.ref.id not in items}
        ignored: Counter[str] = Counter()
        for reading in self.readings:
            ignored.update(reading.ignored_types)
        position = self._position(self._places(found, items) | places_of(wholes, items, self.now, self.keeper))
        return Pull(
            tracker=self.reader.context.tracker,
            account=self.known.site.account,
            server_time=self.now,
            items=tuple(item for item in items.values() if not self._is_as_delivered(item)),
            broken=tuple(broken.values()),
            failures=named(self.failures, self.position.places),
            interrupted=interrupted(self.failures),
            ignored_types=ignored,
            resolved=position.resolved,
            position=position.text(),
            is_delta=True,
            gone=frozenset(self.gone - {item.ref for item in items.values()}),
            present=present,
        )

    def _places(self, found: Sorted, items: Mapping[str, SourceItem]) -> dict[str, Place]:
        """Where a project failed its place does not move; one that never came whole has none."""
        places: dict[str, Place] = {}
        for configured, old in self.position.places.items():
            if (project := self.seen.get(configured)) is not None:
                places[configured] = place_of(project, stamps=found.stamps, items=items, old=old, now=self.now)
            elif not self.previous.is_unfinished:
                places[configured] = old
        return places

    def _position(self, places: dict[str, Place]) -> Position:
        last, failures = self.position, self.failures
        return position_of(self.known, last.settings, places, whole=last.whole, failures=failures)

    def _is_as_delivered(self, item: SourceItem) -> bool:
        """Whether the last reading brought exactly that, and it has been kept."""
        seen = (place.seen.get(item.ref.id) for place in self.position.places.values())
        digests = {one.digest for one in seen if one is not None}
        return bool(digests) and item.ref in self.known_refs and digest_of(item) in digests


def _but(found: Sorted, left_out: Collection[str]) -> Sorted:
    """The same without some issues."""
    return Sorted(
        issues=tuple(one for one in found.issues if one.id not in left_out),
        broken=tuple(one for one in found.broken if one.ref.id not in left_out),
        ignored={identifier: kind for identifier, kind in found.ignored.items() if identifier not in left_out},
        keys=found.keys,
        stamps={identifier: stamp for identifier, stamp in found.stamps.items() if identifier not in left_out},
    )

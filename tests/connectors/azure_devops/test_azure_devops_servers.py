"""Azure DevOps Server, release by release: the versions it speaks, cards in HTML where it has no Markdown, one card."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from connectors.azure_devops.versions import fitting_version
from connectors.sandbox.azure_devops.application import azure_devops_application
from connectors.sandbox.azure_devops.releases import (
    SERVER_2019,
    SERVER_2019_1,
    SERVER_2020,
    SERVER_2022,
    SERVER_2022_1,
    SERVICE,
    Release,
)
from connectors.sandbox.faults import Fault, Receive, Scope, Send
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.change import Result
from lpm_sync.core.work_item import Ref
from lpm_sync.ports import Tracker
from lpm_sync.testing.conformance.base import decide_and_apply, footer, last_line, put_card
from lpm_sync.testing.conformance.examining import CARD, LABEL
from tests.connectors.azure_devops.conftest import PROJECTS, Backdoor

Open = Callable[[Release], Backdoor]

HOSTILE = "<b>@Ada</b> & #12 [x](javascript:alert(1)) <!-- *a* --> \u202eright\u202c 😀 ```code``` | a | b |"
releases = pytest.mark.parametrize(
    ("release", "released", "comments"),
    [
        (SERVICE, "7.1", "7.1-preview.4"),
        (SERVER_2022_1, "7.1", "7.1-preview.4"),
        (SERVER_2022, "7.0", "7.1-preview.3"),
        (SERVER_2020, "6.0", "6.1-preview.3"),
        (SERVER_2019_1, "5.0", "5.1-preview.3"),
    ],
    ids=["service", "2022.1", "2022", "2020", "2019.1"],
)


def create(door: Backdoor, title: str = "Feature") -> Ref:
    return door.create_item(project=PROJECTS[0], type="Feature", title=title)


def put(tracker: Tracker, ref: Ref, *texts: str, version: int = 1) -> Result:
    [outcome] = decide_and_apply(tracker, ref, put_card(ref, *texts, version=version))
    return outcome.result


def written(door: Backdoor) -> list[tuple[str, str]]:
    """The writes so far, each with its query, which are forgotten."""
    found = [(one.method, one.query) for one in door.writes()]
    door.server.wire.requests.clear()
    return found


def stored(door: Backdoor, ref: Ref) -> list[tuple[str, str]]:
    return [(one.format, one.text) for one in door.store.comments_of(int(ref.id))]


@releases
def test_the_versions_that_a_release_has_are_the_ones_it_is_asked_in(
    open_release: Open, release: Release, released: str, comments: str
) -> None:
    door = open_release(release)
    one, other = create(door), create(door)
    door.link(blocker=one, blocked=other)
    tracker = door.connect()
    assert put(tracker, one, "Card.") is Result.WRITTEN
    assert tracker.pull().failures == {}
    assert tracker.history([one, other])[other].link_created
    spoken = {one.headers["accept"].partition("api-version=")[2] for one in door.requests if "/_apis/wit/" in one.path}
    assert spoken == {released, comments}


@releases
def test_a_card_is_written_edited_in_place_and_left_alone_whatever_the_release(
    open_release: Open, release: Release, released: str, comments: str
) -> None:
    door = open_release(release)
    ref, tracker = create(door), door.connect()
    assert put(tracker, ref, HOSTILE) is Result.WRITTEN
    [(form, text)] = stored(door, ref)
    assert form == ("markdown" if release.knows_formats else "html")
    assert ("<p>" in text) is (form == "html")
    assert last_line(tracker.pull().items[0].own_comments[0].text) == footer(ref)
    written(door)
    assert put(tracker, ref, HOSTILE) is Result.UNCHANGED
    assert put(door.connect(), ref, HOSTILE) is Result.UNCHANGED
    assert written(door) == []
    assert put(tracker, ref, "All is well.", version=2) is Result.WRITTEN
    assert [method for method, _ in written(door)] == ["PATCH"]
    assert len(stored(door, ref)) == 1


def test_on_a_server_without_markdown_nothing_in_a_card_is_html(open_release: Open) -> None:
    door = open_release(SERVER_2020)
    ref, tracker = create(door), door.connect()
    put(tracker, ref, HOSTILE)
    [(_, text)] = stored(door, ref)
    assert set(re.findall(r"<\s*/?\s*([^\s>]+)", text)) == {"h3", "p"}
    assert "@" not in text
    assert "#12" not in text
    [comment] = tracker.pull().items[0].own_comments
    assert comment.text.splitlines()[1] == (
        "<b>@Ada</b> & #12 [x](javascript:alert(1)) <!-- *a* --> right 😀 ```code``` | a | b |"
    )
    assert [query for _, query in written(door)] == [""]


def test_a_server_that_passes_over_the_format_gets_html_into_the_same_comment(open_release: Open) -> None:
    door = open_release(SERVER_2022_1)
    door.store.behaviour.comment_formats = "passed over"
    first, second, tracker = create(door), create(door), door.connect()
    assert put(tracker, first, HOSTILE) is Result.WRITTEN
    assert written(door) == [("POST", "format=markdown"), ("PATCH", "")]
    [(form, text)] = stored(door, first)
    assert form == "html"
    assert text.startswith("<h3>")
    assert put(tracker, second, HOSTILE) is Result.WRITTEN
    assert written(door) == [("POST", "")]  # it was found out once
    assert put(door.connect(), first, HOSTILE) is Result.UNCHANGED
    assert written(door) == []


def test_a_server_that_refuses_the_format_gets_html(open_release: Open) -> None:
    door = open_release(SERVER_2022_1)
    door.store.behaviour.comment_formats = "refused"
    ref, tracker = create(door), door.connect()
    assert put(tracker, ref, HOSTILE) is Result.WRITTEN
    assert [form for form, _ in stored(door, ref)] == ["html"]
    assert put(tracker, ref, "Other.", version=2) is Result.WRITTEN
    assert written(door) == [("POST", "format=markdown"), ("POST", ""), ("PATCH", "")]


def test_a_comment_that_is_refused_in_either_form_says_nothing_of_markdown(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    ref, tracker = create(door), door.connect()
    body = json.dumps({"message": "The text is too long."}).encode()
    door.server.wire.faults.append(Fault(path="/comments", method="POST", status=400, body=body, times=2))
    [outcome] = decide_and_apply(tracker, ref, put_card(ref, "Card."))
    assert (outcome.result, "too long" in outcome.detail) == (Result.REFUSED, True)
    assert put(tracker, ref, "Card.") is Result.WRITTEN
    assert [form for form, _ in stored(door, ref)] == ["markdown"]


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_what_no_format_can_be_blamed_for_is_not_tried_as_html(azure_devops_backdoor: Backdoor, status: int) -> None:
    door = azure_devops_backdoor
    ref, tracker = create(door), door.connect()
    door.server.wire.faults.append(Fault(path="/comments", method="POST", status=status, body=b"{}"))
    assert put(tracker, ref, "Card.") is not Result.WRITTEN
    assert [query for _, query in written(door)] == ["format=markdown"]


def test_a_card_in_html_stays_as_it_is_when_the_server_learns_markdown(open_release: Open) -> None:
    door = open_release(SERVER_2020)
    ref = create(door)
    put(door.connect(), ref, "Card.")
    door.store.organization = "Contoso-updated"
    door.store.behaviour.release = SERVICE
    tracker = door.connect()
    written(door)
    assert put(tracker, ref, "Card.") is Result.UNCHANGED
    assert written(door) == []
    assert put(tracker, ref, "Other.", version=2) is Result.WRITTEN
    assert written(door) == [("PATCH", "format=markdown")]
    assert [form for form, _ in stored(door, ref)] == ["markdown"]


def test_a_collection_may_stand_below_a_folder_of_its_server(open_release: Open) -> None:
    door = open_release(SERVER_2020)
    ref, inner = create(door), azure_devops_application(door.store)

    async def below_tfs(scope: Scope, receive: Receive, send: Send) -> None:
        paths = {"path": scope["path"].removeprefix("/tfs"), "raw_path": scope["raw_path"].removeprefix(b"/tfs")}
        await inner({**scope, **paths} if scope["path"].startswith("/tfs/") else {**scope, "path": "/"}, receive, send)

    with LoopbackServer(below_tfs) as server:
        url = f"{server.url}/tfs/{door.store.organization}"
        tracker = door.connect(url=url, site_url=url)
        assert put(tracker, ref, "Card.") is Result.WRITTEN
        [found] = tracker.pull().items
        assert (tracker.ref_for_url(found.url), len(found.own_comments)) == (ref, 1)
        assert tracker.ref_for_url(f"{server.url}/{door.store.organization}/_workitems/edit/{ref.id}") is None


def test_a_server_without_comments_is_read_whole_and_says_so_before_anything_is_tried(open_release: Open) -> None:
    door = open_release(SERVER_2019)
    quiet, discussed = create(door, "Quiet"), create(door, "Discussed")
    door.add_comment(discussed, "Hello")
    tracker = door.connect()
    pull = tracker.pull()
    assert ([item.ref for item in pull.items], pull.broken) == ([quiet, discussed], ())
    examination = tracker.examine()
    assert examination.faults == ()
    assert pull.without_cards == examination.without_cards
    assert pull.without_cards.endswith("does not have it; update it to Azure DevOps Server 2019 Update 1 or newer")
    assert not [one for one in door.requests if "comments" in one.path]
    [outcome] = tracker.apply(quiet, [put_card(quiet, "Card.")], None)
    assert (outcome.result, "Azure DevOps Server 2019 Update 1" in outcome.detail) == (Result.REFUSED, True)
    _, comment = tracker.rehearse(quiet, label=LABEL, card=CARD)
    assert (comment.is_ok, comment.note) == (True, "not tried")


def test_a_server_with_comments_is_not_said_to_have_none(open_release: Open) -> None:
    tracker = open_release(SERVER_2019_1).connect()
    assert (tracker.pull().without_cards, tracker.examine().without_cards) == ("", "")


@pytest.mark.parametrize(
    ("release", "note"),
    [
        (SERVICE, "speaks 7.1, comments 7.1-preview.4; cards in Markdown"),
        (SERVER_2020, "speaks 6.0, comments 6.1-preview.3; cards in HTML: its comments know no Markdown"),
    ],
    ids=["service", "2020"],
)
def test_the_examination_tells_which_interface_is_spoken(open_release: Open, release: Release, note: str) -> None:
    examination = open_release(release).connect().examine()
    assert {check.subject: check.note for check in examination.checks}["server"] == note
    assert examination.faults == ()


def test_the_examination_tells_that_a_feed_lacks(azure_devops_backdoor: Backdoor) -> None:
    door = azure_devops_backdoor
    door.server.wire.faults.append(Fault(path="workItemLinks", status=404, body=b"{}", times=-1))
    [told] = [check for check in door.connect().examine().checks if check.subject == "feeds of changes"]
    assert told.is_ok
    assert told.note.startswith("not to be had, so that every cycle reads everything (ado: GET ")


@pytest.mark.parametrize(
    ("wanted", "oldest", "newest", "released", "revision", "fitting"),
    [
        ("7.1", 1.0, 7.2, "7.1", 3, "7.1"),
        ("7.1", 1.0, 7.2, "7.2", 3, "7.1"),
        ("7.1", 1.0, 7.1, "7.0", 3, "7.0"),
        ("7.1", 1.0, 6.1, "6.0", 3, "6.0"),
        ("7.1", 5.2, 5.2, "5.1", 1, "5.2-preview.1"),  # younger than what is released
        ("7.1", 7.2, 7.3, "7.2", 3, "7.2"),  # too old by now
        ("7.1", 1.0, 6.1, None, 2, "6.1-preview.2"),
        ("7.1-preview.4", 5.1, 7.2, "0.0", 4, "7.1-preview.4"),
        ("7.1-preview.4", 5.1, 7.2, "0.0", 5, "7.1-preview.4"),
        ("7.1-preview.4", 5.1, 7.1, "0.0", 3, "7.1-preview.3"),
        ("7.1-preview.4", 5.1, 8.0, "8.0", 5, "7.1"),  # not in preview any more
    ],
)
def test_the_version_is_the_newest_released_that_is_known(
    wanted: str, oldest: float, newest: float, released: str | None, revision: int, fitting: str
) -> None:
    location = SimpleNamespace(
        min_version=oldest, max_version=newest, released_version=released, resource_version=revision
    )
    assert fitting_version(wanted, location) == fitting

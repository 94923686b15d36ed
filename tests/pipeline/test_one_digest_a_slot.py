"""The digest goes to each chat once a slot, whatever becomes of its answer or of the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from lpm_sync.core.digest import Digest
from lpm_sync.errors import ConfigurationError, LpmSyncError, RefusedError, UnavailableError, UnclearError
from lpm_sync.pipeline.cycle import ExitStatus
from lpm_sync.pipeline.digesting import Posting, is_digest_settled, post_digest, show_digest
from lpm_sync.policy.configuration import Configuration
from lpm_sync.ports import Chat
from lpm_sync.state.digests import DigestStatus
from tests.pipeline.conftest import InMemoryWorkplace, Office


@dataclass
class Wall:
    """A chat in memory; `error` is what the next post ends with."""

    name: str = "slack"
    digests: list[Digest] = field(default_factory=list)
    error: LpmSyncError | None = None

    def post(self, digest: Digest) -> int:
        self.digests.append(digest)
        error, self.error = self.error, None
        if error is not None:
            raise error
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkplaceWithChat(InMemoryWorkplace):
    """The workplace of the office, with a chat."""

    wall: Wall

    def chats(self, configuration: Configuration) -> dict[str, Chat]:
        return {self.wall.name: self.wall}


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def post(office: Office, wall: Wall) -> Callable[[], Posting]:
    """Posts as the schedule does, in a state that is older than the slot."""
    office.amend("policy.yaml", "rules:", "digest: {chats: [{chat: slack}]}\nrules:")
    office.cycle()
    office.pass_days(7)

    def posted() -> Posting:
        usual = office.workplace
        workplace = WorkplaceWithChat(
            settings=usual.settings, secrets=usual.secrets, clock=usual.clock, stores=usual.stores, wall=wall
        )
        [posting] = post_digest(workplace, is_scheduled=True)
        return posting

    return posted


def test_it_is_posted_once_and_again_a_week_later(office: Office, wall: Wall, post: Callable[[], Posting]) -> None:
    assert post().status is DigestStatus.POSTED
    assert post().status is DigestStatus.POSTED
    assert len(wall.digests) == 1
    office.pass_days(7)
    post()
    assert len({digest.slot for digest in wall.digests}) == 2


def test_it_is_not_posted_again_where_it_may_have_arrived(
    office: Office, wall: Wall, post: Callable[[], Posting]
) -> None:
    wall.error = UnclearError("the answer was lost")
    assert (post().status, post().is_settled) == (DigestStatus.PERHAPS, True)
    assert len(wall.digests) == 1
    assert is_digest_settled(office.workplace)


def test_a_refused_one_is_posted_once_the_chat_takes_it(
    office: Office, wall: Wall, post: Callable[[], Posting]
) -> None:
    for reason in ("410", "404"):
        wall.error = RefusedError(reason)
        refused = post()
        assert (refused.status, refused.detail, refused.is_settled) == (DigestStatus.REFUSED, reason, False)
        assert not is_digest_settled(office.workplace)
    assert (post().status, post().is_settled) == (DigestStatus.POSTED, True)
    assert len(wall.digests) == 3
    assert is_digest_settled(office.workplace)


def test_it_is_posted_later_where_certainly_nothing_arrived(wall: Wall, post: Callable[[], Posting]) -> None:
    wall.error = UnavailableError("refused connection")
    assert post().status is None
    assert post().status is DigestStatus.POSTED


def test_a_chat_that_asks_to_be_left_alone_is_posted_to_after_that_and_not_before(
    office: Office, wall: Wall, post: Callable[[], Posting]
) -> None:
    wall.error = UnavailableError("429", retry_after=7200.0)
    assert post().status is None
    office.pass_days(1 / 24)
    posting = post()
    assert (posting.status, len(wall.digests)) == (None, 1)
    assert "it asked to be left alone until 2026-11-16 10:00:" in posting.detail
    office.pass_days(1 / 24)
    office.pass_days(1 / 24)
    assert (post().status, len(wall.digests)) == (DigestStatus.POSTED, 2)


def test_a_webhook_that_turns_out_unusable_leaves_the_slot_for_later(wall: Wall, post: Callable[[], Posting]) -> None:
    wall.error = ConfigurationError("slack: the webhook address cannot be used; copy it again")
    posting = post()
    assert (posting.status, posting.is_mistaken) == (None, True)
    assert post().status is DigestStatus.POSTED


def test_after_the_loss_of_the_state_it_waits_for_the_next_slot(
    office: Office, wall: Wall, post: Callable[[], Posting]
) -> None:
    post()
    office.pass_days(1)
    office.lose_state()
    waits = post()
    assert (waits.status, waits.is_settled) == (None, True)
    assert len(wall.digests) == 1
    office.pass_days(7)
    post()
    assert len(wall.digests) == 2


def test_where_no_tracker_could_be_read_the_slot_is_left_for_later(
    office: Office, wall: Wall, post: Callable[[], Posting]
) -> None:
    for store in (office.jira, office.ado):
        store.faults.source = "down"
    posting = post()
    assert posting.status is None
    assert "down" in posting.detail
    assert not wall.digests
    shown = show_digest(office.workplace)
    assert (shown.is_blind, shown.exit_status) == (True, ExitStatus.FAILED)
    office.ado.faults.source = None
    assert (post().status, post().is_whole) == (DigestStatus.POSTED, False)
    assert show_digest(office.workplace).exit_status is ExitStatus.PARTIAL
    assert len(wall.digests) == 1

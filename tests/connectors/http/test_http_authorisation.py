"""What was obtained with a credential is kept while it is good, renewed in time, and asked for no more than needed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Deadline
from connectors.http.authorisation import Authorisation, Grant, KeptGrants
from connectors.http.credentials import Credential, CredentialKind
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnauthorisedError, UnavailableError

KIND = CredentialKind(name="pass", title="pass", needs=("secret",))


class Issuer:
    """Issues numbered tokens, each good for `seconds`; it also holds the clock and the secret. `error` is raised once
    it is set."""

    def __init__(self, seconds: float | None = 3600.0) -> None:
        self.seconds = seconds
        self.now = 1000.0
        self.secret = "canary-1"
        self.issued = 0
        self.error: LpmSyncError | None = None
        self.kept = KeptGrants()

    def authorisation(self) -> Authorisation:
        return Authorisation("jira", self.read, self, kept=self.kept, monotonic=lambda: self.now)

    def read(self) -> Credential:
        return Credential(kind=KIND, secrets={"secret": self.secret})

    def obtain(self, secrets: Mapping[str, str]) -> Grant:
        if self.error is not None:
            raise self.error
        self.issued += 1
        number = "" if self.seconds is None else f"-{self.issued}"
        return Grant(header=f"Bearer {secrets['secret']}{number}", seconds=self.seconds)

    def start(self, deadline: Deadline) -> None:
        """Nothing takes time here."""

    def close(self) -> None:
        """Nothing to let go of."""


@given(
    seconds=st.floats(0.1, 100_000),
    steps=st.lists(st.floats(0, 20_000), max_size=30),
)
def test_no_token_is_sent_that_is_over_and_none_is_renewed_long_before(seconds: float, steps: list[float]) -> None:
    issuer = Issuer(seconds)
    authorisation = issuer.authorisation()
    obtained, last = issuer.now, ""
    for step in steps:
        issuer.now += step
        header = authorisation.header()
        if header != last:
            assert not last or issuer.now - obtained >= seconds - max(300.0, seconds / 4) - 1e-6
            obtained, last = issuer.now, header
        assert issuer.now - obtained < seconds
        assert authorisation.seconds_left == pytest.approx(seconds - (issuer.now - obtained), abs=1e-6)


def test_a_token_outlives_the_connector_that_obtained_it() -> None:
    issuer = Issuer()
    assert issuer.authorisation().header() == issuer.authorisation().header()
    assert issuer.issued == 1


def test_another_secret_is_another_token() -> None:
    issuer = Issuer()
    first = issuer.authorisation().header()
    issuer.secret = "canary-2"
    assert issuer.authorisation().header() != first


def test_tokens_that_are_over_are_forgotten() -> None:
    issuer = Issuer(10.0)
    for number in range(5):
        issuer.secret = f"canary-{number}"
        issuer.authorisation().header()
        issuer.now += 100.0
    assert len(issuer.kept._grants) == 1


def test_a_token_that_still_holds_is_used_on_while_no_new_one_is_to_be_had() -> None:
    issuer = Issuer(1000.0)
    authorisation = issuer.authorisation()
    first = authorisation.header()
    issuer.now += 800.0
    issuer.error = UnavailableError("down")
    assert authorisation.header() == first
    issuer.error = None
    assert authorisation.header() == first  # asked for again in a while, not with each request
    issuer.now += 31.0
    assert authorisation.header() != first


def test_a_token_that_is_over_is_not_sent_where_no_new_one_is_to_be_had() -> None:
    issuer = Issuer(1000.0)
    authorisation = issuer.authorisation()
    authorisation.header()
    issuer.now += 1000.0
    issuer.error = UnavailableError("down")
    with pytest.raises(UnavailableError):
        authorisation.header()


def test_a_refused_secret_is_not_tried_again_until_it_is_another() -> None:
    issuer = Issuer()
    issuer.error = UnauthorisedError("refused")
    authorisation = issuer.authorisation()
    with pytest.raises(UnauthorisedError):
        authorisation.header()
    issuer.error = None
    with pytest.raises(UnauthorisedError):
        authorisation.header()
    issuer.secret = "canary-2"
    assert authorisation.header() == "Bearer canary-2-1"


def test_after_a_refusal_all_threads_go_on_with_one_new_token() -> None:
    issuer = Issuer()
    authorisation = issuer.authorisation()
    refused = authorisation.header()
    with ThreadPoolExecutor(8) as pool:
        others = set(pool.map(lambda _: authorisation.after_refusal(refused), range(8)))
    assert others == {"Bearer canary-1-2"}


def test_a_second_refusal_is_final_for_what_costs_a_sign_in() -> None:
    issuer = Issuer()
    authorisation = issuer.authorisation()
    second = authorisation.after_refusal(authorisation.header())
    assert second is not None
    assert authorisation.after_refusal(second) is None
    assert issuer.issued == 2


def test_a_written_secret_is_read_anew_at_each_refusal_and_repeated_where_it_is_another() -> None:
    issuer = Issuer(None)
    authorisation = issuer.authorisation()
    refused = authorisation.header()
    assert authorisation.after_refusal(refused) is None
    issuer.secret = "canary-2"
    assert authorisation.after_refusal(refused) == "Bearer canary-2"
    assert authorisation.after_refusal("Bearer canary-2") is None
    assert authorisation.seconds_left is None


def test_a_secret_that_cannot_be_read_anew_is_a_refusal_and_no_mistake_that_ends_the_cycle() -> None:
    issuer = Issuer(None)

    def read() -> Credential:
        if issuer.issued:
            raise ConfigurationError("gone")
        return issuer.read()

    authorisation = Authorisation("jira", read, issuer, kept=issuer.kept)
    with pytest.raises(UnauthorisedError, match="no other stands there: gone"):
        authorisation.after_refusal(authorisation.header())


def test_nothing_shows_a_secret_or_a_token() -> None:
    issuer = Issuer()
    authorisation = issuer.authorisation()
    authorisation.header()
    shown = [authorisation, authorisation._current, issuer.read(), Grant(header="Bearer canary"), issuer.kept]
    assert all("canary" not in repr(one) for one in shown)
    assert "canary" not in repr(vars(issuer.kept))

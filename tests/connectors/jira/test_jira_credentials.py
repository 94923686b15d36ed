"""Each kind of credential signs in where it should, is renewed in time, and goes nowhere else."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connectors.jira.connector import JiraTracker
from connectors.jira.credentials import JiraCredential
from connectors.sandbox.faults import Fault, Request
from connectors.sandbox.jira import jira_application
from connectors.sandbox.jira.gateway import CLOUD_ID, JiraGateway
from connectors.sandbox.serving import LoopbackServer
from lpm_sync.core.change import Result
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnauthorisedError, UnavailableError
from lpm_sync.testing.conformance.base import put_card
from lpm_sync.testing.credentials import GivenCredentials
from tests.connectors.jira.conftest import SECRET, JiraSite, is_write

CLIENT_SECRET = "canary-client-secret-8Kq"
SCOPED = "canary-scoped-token-3Zx"
CLIENTS = count(1)  # a client of its own for each test: tokens are kept as long as the process lives
EMAIL = "bot@example.com"


@dataclass(frozen=True, slots=True)
class Atlassian:
    """A site, and the gateway before it; the gateway also issues the tokens."""

    site: JiraSite
    gateway: JiraGateway
    server: LoopbackServer
    credentials: GivenCredentials

    def connect(self, **differences: Any) -> JiraTracker:
        """A connector through the gateway, with the client's id and secret where nothing else is said."""
        options = {"oauth_endpoint": f"{self.server.url}/oauth/token", **differences.pop("options", {})}
        given = {"credentials": self.credentials, "url": f"{self.server.url}/ex/jira/{CLOUD_ID}", **differences}
        return self.site.connect(options=options, **given)

    def asked(self, path: str) -> list[Request]:
        return [one for one in self.server.wire.requests if one.path == path]

    @property
    def calls(self) -> list[Request]:
        return [one for one in self.server.wire.requests if one.path.startswith("/ex/jira")]


@pytest.fixture
def atlassian(cloud: JiraSite) -> Iterator[Atlassian]:
    client = (f"client-{next(CLIENTS)}", CLIENT_SECRET)
    gateway = JiraGateway(cloud.store, jira_application(cloud.store), client=client, scoped_token=SCOPED)
    cloud.create_item(project="PAY", type="Feature", title="Refunds")
    credentials = GivenCredentials({"client_id": client[0], "client_secret": client[1]})
    with LoopbackServer(gateway) as server:
        yield Atlassian(cloud, gateway, server, credentials)


def headers(requests: list[Request]) -> set[str]:
    return {one.headers.get("authorization", "") for one in requests}


def test_an_email_address_and_a_token_are_basic_at_the_site(cloud: JiraSite) -> None:
    cloud.connect().pull()
    assert headers(list(cloud.requests)) == {f"Basic {base64.b64encode(f'{EMAIL}:{SECRET}'.encode()).decode()}"}


def test_a_token_alone_is_a_bearer_on_data_center(data_center: JiraSite) -> None:
    data_center.connect().pull()
    assert headers(list(data_center.requests)) == {f"Bearer {SECRET}"}


@pytest.mark.parametrize("user", [{}, {"email": EMAIL}])
def test_a_scoped_token_is_taken_at_the_gateway_and_links_lead_to_the_site(
    atlassian: Atlassian, user: dict[str, str]
) -> None:
    [item] = atlassian.connect(credentials=GivenCredentials({"token": SCOPED, **user})).pull().items
    assert item.url == f"{atlassian.site.server.url}/browse/{item.key}"
    assert len(headers(atlassian.calls)) == 1
    assert not atlassian.site.requests


def test_an_oauth_client_becomes_a_bearer_and_the_token_is_asked_for_once(atlassian: Atlassian) -> None:
    for _ in range(2):  # connectors are opened anew for each cycle
        with_token = atlassian.connect()
        assert len(with_token.pull().items) == 1
    assert headers(atlassian.calls) == {f"Bearer {SECRET}-access-1"}
    [asked] = atlassian.asked("/oauth/token")
    assert asked.method == "POST"
    assert dict(parse_qsl(asked.body.decode())) == {
        "client_id": atlassian.gateway.client[0],
        "client_secret": CLIENT_SECRET,
        "grant_type": "client_credentials",
    }
    assert "authorization" not in asked.headers


def test_scopes_are_asked_for_where_they_are_configured(atlassian: Atlassian) -> None:
    atlassian.connect(options={"oauth_scope": "READ WRITE"}).pull()
    assert dict(parse_qsl(atlassian.asked("/oauth/token")[0].body.decode()))["scope"] == "READ WRITE"


def test_the_id_of_the_site_is_looked_up_there_once_and_as_a_stranger(atlassian: Atlassian) -> None:
    tracker = atlassian.connect(url=f"{atlassian.server.url}/ex/jira", site_url=atlassian.server.url)
    tracker.pull()
    tracker.pull()
    [asked] = atlassian.asked("/_edge/tenant_info")
    assert "authorization" not in asked.headers
    assert all(one.path.startswith(f"/ex/jira/{CLOUD_ID}/rest/api/") for one in atlassian.calls)


def test_the_id_of_the_site_may_be_configured(atlassian: Atlassian) -> None:
    atlassian.connect(url=f"{atlassian.server.url}/ex/jira", options={"cloud_id": CLOUD_ID}).pull()
    assert not atlassian.asked("/_edge/tenant_info")
    assert atlassian.calls


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="tenant_info", status=404),
        Fault(path="tenant_info", status=401),
        Fault(path="tenant_info", status=200, body=b"{}"),
        Fault(path="tenant_info", status=200, body=b'{"cloudId": "../../x"}'),
        Fault(path="tenant_info", status=302, headers={"Location": "https://elsewhere.example/"}),
    ],
)
def test_a_site_that_does_not_tell_its_id_fails_this_tracker_alone(atlassian: Atlassian, fault: Fault) -> None:
    atlassian.server.wire.faults.append(fault)
    with pytest.raises(UnavailableError):
        atlassian.connect(url=f"{atlassian.server.url}/ex/jira", site_url=atlassian.server.url).pull()
    assert not atlassian.calls


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ({"url": "https://api.atlassian.com/ex/jira", "site_url": "https://api.atlassian.com/ex/jira"}, "site_url"),
        ({"url": "https://northwind.atlassian.net", "options": {}}, "https://api.atlassian.com/ex/jira"),
        ({"url": "https://api.atlassian.com/ex/jira", "options": {"cloud_id": "a/b"}}, "cloud_id"),
        ({"options": {"oauth_endpoint": "http://auth.example/oauth/token"}}, "https"),
    ],
)
def test_addresses_that_do_not_go_with_the_credential_are_mistakes_of_configuration(
    atlassian: Atlassian, differences: dict[str, Any], said: str
) -> None:
    options = {"options": {}, **differences}
    with pytest.raises(ConfigurationError, match=said):
        atlassian.site.connect(credentials=atlassian.credentials, **options)


@pytest.mark.parametrize(
    ("secrets", "named"),
    [
        ({}, ["email and token", "client_id and client_secret"]),
        ({"client_id": "x"}, ["client_id alone", "client_secret"]),
        ({"client_secret": CLIENT_SECRET}, ["client_secret alone", "client_id"]),
        ({"email": EMAIL}, ["email alone", "token"]),
        (
            {"token": SECRET, "client_id": "x", "client_secret": CLIENT_SECRET},
            ["token, client_id and client_secret do"],
        ),
    ],
)
def test_no_half_a_or_two_credentials_are_one_mistake_that_names_the_secrets(
    cloud: JiraSite, secrets: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        cloud.connect(credentials=secrets)
    assert all(part in str(raised.value) for part in named)
    assert "canary" not in str(raised.value)


def test_a_kind_that_is_asked_for_has_to_be_there_and_whole(cloud: JiraSite) -> None:
    with pytest.raises(ConfigurationError, match="there are basic, bearer, oauth"):
        cloud.connect(credential="kerberos")
    with pytest.raises(ConfigurationError, match="set only token"):
        cloud.connect(credential="bearer")
    cloud.connect(credential="basic").pull()


@pytest.mark.parametrize(
    ("url", "secrets", "remedy"),
    [
        (
            "https://jira.northwind.example",
            ("email", "token"),
            "a Jira Data Center takes a personal access token, and no ",
        ),
        ("https://jira.northwind.example", ("token",), "check token: a personal access token of the account"),
        ("https://northwind.atlassian.net", ("email", "token"), "check email and token: an account of this site"),
        (
            "https://northwind.atlassian.net",
            ("token",),
            "set email too: a Jira Cloud takes the API token of an account",
        ),
        ("https://api.atlassian.com/ex/jira/1", ("token",), "check token: a token of a service account of this site"),
        ("https://api.atlassian.com/ex/jira/1", ("client_id", "client_secret"), "give the service account access"),
    ],
)
def test_each_place_says_what_it_takes_where_it_accepts_nothing(
    cloud: JiraSite, url: str, secrets: tuple[str, ...], remedy: str
) -> None:
    credentials = GivenCredentials(dict.fromkeys(secrets, "canary"))
    credential = JiraCredential(replace(cloud.connection, url=url, site_url=url, credentials=credentials))
    assert credential.authorisation.remedy.startswith(remedy)


def test_an_email_address_with_the_token_of_a_data_center_is_to_be_unset(data_center: JiraSite) -> None:
    tracker = data_center.connect(credentials=GivenCredentials({"email": EMAIL, "token": SECRET}))
    with pytest.raises(UnauthorisedError) as raised:
        tracker.examine()
    assert "unset email, and set token to one of the account" in raised.value.remedy


def test_a_revoked_access_token_is_replaced_in_the_middle_and_the_write_repeated(atlassian: Atlassian) -> None:
    tracker = atlassian.connect()
    [item] = tracker.pull().items
    atlassian.gateway.revoke()
    [outcome] = tracker.apply(item.ref, [put_card(item.ref, "Card.")], None)
    assert outcome.result is Result.WRITTEN
    assert atlassian.gateway.issued == 2
    assert len(atlassian.site.comments(item.ref)) == 1


def test_tokens_that_are_refused_again_stop_the_source_after_one_more(atlassian: Atlassian) -> None:
    tracker = atlassian.connect()
    tracker.pull()
    atlassian.server.wire.faults.append(Fault(path="/ex/jira", status=401, times=-1))
    for _ in range(3):
        with pytest.raises(UnauthorisedError):
            tracker.pull()
    assert atlassian.gateway.issued == 2


def test_a_refused_client_is_not_asked_for_again_and_names_where_its_secret_stands(atlassian: Atlassian) -> None:
    atlassian.gateway.client = (atlassian.gateway.client[0], "another")
    tracker = atlassian.connect()
    for _ in range(3):
        with pytest.raises(UnauthorisedError, match="client_id and client_secret") as raised:
            tracker.pull()
        assert "invalid_client" in str(raised.value)
        assert CLIENT_SECRET not in str(raised.value)
    assert len(atlassian.asked("/oauth/token")) == 1
    assert not atlassian.calls


def test_a_secret_that_was_rotated_in_the_middle_is_read_anew(atlassian: Atlassian) -> None:
    tracker = atlassian.connect()
    tracker.pull()
    atlassian.gateway.client = (atlassian.gateway.client[0], "the next secret")
    atlassian.gateway.revoke()
    atlassian.credentials.rotate(client_secret="the next secret")
    assert len(tracker.pull().items) == 1


@pytest.mark.parametrize("refuses", [True, False])
def test_a_rotated_token_is_read_anew_once_whether_the_site_says_401_or_answers_a_stranger(
    cloud: JiraSite, refuses: bool
) -> None:
    feature = cloud.create_item(project="PAY", type="Feature", title="Refunds")
    credentials = GivenCredentials({"email": EMAIL, "token": SECRET})
    cloud.store.behaviour.refuse_bad_credentials = refuses
    tracker = cloud.connect(credentials=credentials)
    tracker.pull()
    cloud.store.bot.token = "rotated-canary"
    credentials.rotate(token="rotated-canary")
    cloud.server.wire.requests.clear()
    [outcome] = tracker.apply(feature, [put_card(feature, "Card.")], None)
    assert outcome.result is Result.WRITTEN
    assert len(cloud.comments(feature)) == 1
    assert [one.headers["authorization"] for one in cloud.requests].count(_basic(SECRET)) == 1


def test_a_token_that_was_not_rotated_stops_the_source_with_one_request(cloud: JiraSite) -> None:
    tracker = cloud.connect()
    tracker.pull()
    cloud.store.bot.token = "rotated-canary"
    cloud.server.wire.requests.clear()
    with pytest.raises(UnauthorisedError):
        tracker.pull()
    assert len(cloud.requests) == 1


def test_a_write_that_is_refused_for_good_is_sent_once(cloud: JiraSite) -> None:
    feature = cloud.create_item(project="PAY", type="Feature", title="Refunds")
    tracker = cloud.connect()
    tracker.pull()
    cloud.server.wire.requests.clear()
    cloud.fail("/comment", method="POST", status=401, times=-1)
    with pytest.raises(UnauthorisedError):
        tracker.apply(feature, [put_card(feature, "Card.")], None)
    assert len([one for one in cloud.requests if is_write(one.method, one.path)]) == 1


def test_a_secret_that_is_gone_when_it_is_needed_again_stops_this_source_alone(cloud: JiraSite) -> None:
    credentials = GivenCredentials({"email": EMAIL, "token": SECRET})
    tracker = cloud.connect(credentials=credentials)
    tracker.pull()
    credentials.rotate(token="")
    cloud.store.bot.token = "rotated-canary"
    with pytest.raises(UnauthorisedError, match="email alone is no credential"):
        tracker.pull()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(path="oauth", status=503, times=-1), UnavailableError),
        (Fault(path="oauth", status=429, times=-1, headers={"Retry-After": "90000"}), UnavailableError),
        (Fault(path="oauth", status=404, times=-1), UnavailableError),
        (Fault(path="oauth", status=302, headers={"Location": "https://elsewhere.example/"}), UnavailableError),
        (Fault(path="oauth", status=200, body=b"{}"), UnavailableError),
        (Fault(path="oauth", status=200, body=b'{"access_token": "x", "token_type": "mac"}'), ConfigurationError),
        (
            Fault(path="oauth", status=200, body=b'{"access_token": "a\\nb", "token_type": "bearer"}'),
            ConfigurationError,
        ),
        (Fault(path="oauth", status=400, body=b'{"error": "invalid_scope"}'), UnauthorisedError),
        (Fault(path="oauth", status=403, body=CLIENT_SECRET.encode()), UnauthorisedError),
    ],
)
def test_a_token_endpoint_that_fails_is_told_without_a_secret(
    atlassian: Atlassian, caplog: pytest.LogCaptureFixture, fault: Fault, error: type[LpmSyncError]
) -> None:
    caplog.set_level(logging.DEBUG)
    atlassian.server.wire.faults.append(fault)
    tracker = atlassian.connect()
    with pytest.raises(error) as raised:
        tracker.pull()
    assert not atlassian.calls
    for shown in (str(raised.value), repr(raised.value), caplog.text, repr(tracker), repr(atlassian.credentials)):
        assert "canary" not in shown


def test_no_secret_and_no_token_is_logged_at_any_level(atlassian: Atlassian, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tracker = atlassian.connect()
    tracker.pull()
    atlassian.gateway.revoke()
    tracker.pull()
    assert caplog.text
    assert "canary" not in caplog.text
    assert SECRET not in caplog.text


def test_the_doctor_is_told_the_kind_and_the_end_of_the_access_token(atlassian: Atlassian) -> None:
    credential, *_ = atlassian.connect().examine().checks
    assert credential.is_ok
    assert credential.note.startswith("OAuth 2.0 client of a service account; its access token lasts until 20")
    credential, *_ = atlassian.connect(credentials=GivenCredentials({"token": SCOPED})).examine().checks
    assert credential.note == "personal access token, or token of a service account"


def _basic(token: str) -> str:
    return f"Basic {base64.b64encode(f'{EMAIL}:{token}'.encode()).decode()}"

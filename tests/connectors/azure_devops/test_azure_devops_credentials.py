"""Each kind of credential signs in where it should, through the real `azure-identity`, and shows itself nowhere."""

from __future__ import annotations

import base64
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.azure_devops.entra import SCOPE
from lpm_sync.core.change import Result
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnauthorisedError, UnavailableError
from lpm_sync.ports import Tracker
from lpm_sync.testing.conformance.base import put_card
from lpm_sync.testing.credentials import GivenCredentials
from tests.connectors.azure_devops.conftest import SECRET, Backdoor
from tests.connectors.azure_devops.entra_authority import TENANT, Authority, serving, write_certificate

CLIENT_SECRET = "canary-client-secret-5Wd"
PASSWORD = "canary-password-9Lm"
ASSERTION = "canary-assertion-2Rt"
APPLICATION = {"tenant_id": TENANT, "client_id": "application-1"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("entra") / "server.pem")


@pytest.fixture
def authority(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that issues the token that the embedded organisation takes, and that this process trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serving(Authority(token=SECRET), certificate) as listening:
        yield listening


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """A platform that lends this machine an identity, as App Service does."""
    with serving(Authority(token=SECRET)) as listening:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{listening.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "canary-identity-header")
        yield listening


def connect(backdoor: Backdoor, authority: Authority, secrets: dict[str, str], **differences: Any) -> Tracker:
    return backdoor.connect(credentials=secrets, options={"authority": authority.url}, **differences)


def with_secret(**others: str) -> dict[str, str]:
    return {**APPLICATION, "client_secret": CLIENT_SECRET, **others}


def bearers(backdoor: Backdoor) -> set[str | None]:
    return {one.headers.get("authorization") for one in backdoor.requests}


def test_an_application_with_a_secret_gets_a_bearer_for_azure_devops(
    azure_devops_backdoor: Backdoor, authority: Authority
) -> None:
    tracker = connect(azure_devops_backdoor, authority, with_secret())
    assert not authority.paths
    tracker.pull()
    assert bearers(azure_devops_backdoor) == {f"Bearer {SECRET}"}
    [form] = authority.forms
    assert (form["grant_type"], form["client_id"]) == ("client_credentials", "application-1")
    assert (form["scope"], form["client_secret"]) == (SCOPE, CLIENT_SECRET)
    assert all(path.split()[1].startswith(f"/{TENANT}/") for path in authority.paths)
    assert all("authorization" not in sent for sent in authority.headers)


def test_the_token_outlives_the_cycle(azure_devops_backdoor: Backdoor, authority: Authority) -> None:
    for _ in range(3):
        connect(azure_devops_backdoor, authority, with_secret()).pull()
    assert len(authority.forms) == 1


def test_an_application_with_a_certificate_signs_an_assertion(
    azure_devops_backdoor: Backdoor, authority: Authority, tmp_path: Path
) -> None:
    path = write_certificate(tmp_path / "application.pem", password=PASSWORD)
    secrets = {**APPLICATION, "certificate_file": str(path), "certificate_password": PASSWORD}
    tracker = connect(azure_devops_backdoor, authority, secrets)
    tracker.pull()
    [form] = authority.forms
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert len(form["client_assertion"].split(".")) == 3
    assert "client_secret" not in form
    credential, *_ = tracker.examine().checks
    assert credential.note.startswith(
        "Entra application with a certificate; it lasts until 2040-01-31 12:00 UTC; its access token lasts until 20"
    )


def test_a_workload_identity_hands_over_the_token_of_its_platform(
    azure_devops_backdoor: Backdoor, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "federated"
    path.write_text(ASSERTION)
    connect(azure_devops_backdoor, authority, {**APPLICATION, "federated_token_file": str(path)}).pull()
    assert authority.forms[0]["client_assertion"] == ASSERTION
    assert bearers(azure_devops_backdoor) == {f"Bearer {SECRET}"}


def test_a_workload_identity_that_is_asked_for_finds_what_its_platform_set(
    azure_devops_backdoor: Backdoor, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "federated").write_text(ASSERTION)
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", "application-2")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "federated"))
    connect(azure_devops_backdoor, authority, {}, credential="workload-identity").pull()
    assert authority.forms[0]["client_id"] == "application-2"


@pytest.mark.parametrize("assigned", [{}, {"client_id": "identity-7"}])
def test_a_managed_identity_is_lent_by_the_machine(
    azure_devops_backdoor: Backdoor, lender: Authority, assigned: dict[str, str]
) -> None:
    tracker = azure_devops_backdoor.connect(credentials=assigned, credential="managed-identity")
    tracker.pull()
    assert bearers(azure_devops_backdoor) == {f"Bearer {SECRET}"}
    [form] = lender.forms
    assert form["resource"] == SCOPE.removesuffix("/.default")
    assert form.get("client_id") == assigned.get("client_id")
    credential, *_ = tracker.examine().checks
    assert credential.note.startswith("managed identity of this machine; its access token lasts until 20")


def test_a_machine_that_lends_nothing_says_so_soon(
    azure_devops_backdoor: Backdoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", nobody)
    tracker = azure_devops_backdoor.connect(credentials={"client_id": "nobody"}, credential="managed-identity")
    started = time.monotonic()
    with pytest.raises(UnauthorisedError, match="this machine lends no identity"):
        tracker.pull()
    assert time.monotonic() - started < 20
    assert not azure_devops_backdoor.requests


@pytest.mark.parametrize(
    ("secrets", "named"),
    [
        ({}, ["there is no credential", "token", "tenant_id, client_id and client_secret", "managed-identity"]),
        ({"tenant_id": TENANT, "client_id": "x"}, ["tenant_id and client_id alone are", "client_secret"]),
        ({"client_secret": CLIENT_SECRET}, ["client_secret alone", "tenant_id and client_id"]),
        ({"token": SECRET, "tenant_id": TENANT}, ["token and tenant_id do not make one"]),
        (with_secret(token=SECRET), ["token, tenant_id, client_id and client_secret do not make one"]),
        (with_secret(certificate_file="/x"), ["client_secret and certificate_file do not make one"]),
        ({**APPLICATION, "certificate_file": "/nowhere.pem"}, ["certificate_file", "/nowhere.pem is no file"]),
        ({**APPLICATION, "certificate_file": "/"}, ["certificate_file: / is no file"]),
    ],
)
def test_no_half_a_or_two_credentials_are_one_mistake_that_names_the_secrets(
    azure_devops_backdoor: Backdoor, secrets: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        azure_devops_backdoor.connect(credentials=secrets)
    assert all(part in str(raised.value) for part in named)
    assert "canary" not in str(raised.value)


def test_a_kind_that_is_asked_for_does_not_go_with_the_secrets_of_another(azure_devops_backdoor: Backdoor) -> None:
    with pytest.raises(ConfigurationError, match="token do not make one credential"):
        azure_devops_backdoor.connect(credentials={"token": SECRET}, credential="managed-identity")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://login.example", "https://169.254.169.254", "login"])
def test_an_authority_that_no_secret_should_go_to_is_refused(azure_devops_backdoor: Backdoor, url: str) -> None:
    with pytest.raises(ConfigurationError):
        azure_devops_backdoor.connect(credentials=with_secret(), options={"authority": url})


@pytest.mark.parametrize(
    ("status", "refusal", "error", "said"),
    [
        (401, "AADSTS7000215: Invalid client secret provided: {secret}", UnauthorisedError, "not its id"),
        (401, "AADSTS7000222: expired {secret}", UnauthorisedError, "AADSTS7000222; the client secret has expired"),
        (400, "AADSTS700016: no application", UnauthorisedError, "check client and tenant id"),
        (400, "AADSTS1234567: {secret}", UnauthorisedError, "AADSTS1234567; the credential is not accepted"),
        (400, "{secret}", UnauthorisedError, "tenant_id, client_id, client_secret"),
        (400, "AADSTS90033: temporarily unavailable", UnavailableError, "AADSTS90033"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_what_to_do(
    azure_devops_backdoor: Backdoor,
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
    status: int,
    refusal: str,
    error: type[LpmSyncError],
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    authority.status, authority.refusal = status, refusal.format(secret=CLIENT_SECRET)
    tracker = connect(azure_devops_backdoor, authority, with_secret(client_id=f"refused-{refusal[:14]}"))
    with pytest.raises(error) as raised:
        tracker.pull()
    assert said in str(raised.value)
    assert authority.url in str(raised.value)
    for shown in (str(raised.value), repr(raised.value), repr(raised.value.__cause__), caplog.text, repr(tracker)):
        assert "canary" not in shown
    assert not azure_devops_backdoor.requests


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_authority_that_fails_puts_the_source_off(
    azure_devops_backdoor: Backdoor, authority: Authority, status: int
) -> None:
    authority.status = status
    tracker = connect(azure_devops_backdoor, authority, with_secret(client_id=f"late-{status}"), cycle_timeout=1.0)
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="signing in"):
        tracker.pull()
    assert time.monotonic() - started < 10
    assert len(authority.forms) <= 4


def test_an_authority_that_hangs_holds_up_no_longer_than_a_request_may_take(
    azure_devops_backdoor: Backdoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        tracker = azure_devops_backdoor.connect(
            credentials=with_secret(client_id="hanging"),
            options={"authority": url},
            request_timeout=0.3,
            cycle_timeout=1.0,
        )
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="signing in"):
            tracker.pull()
    assert time.monotonic() - started < 5


def test_a_secret_goes_to_no_other_server_than_the_authority(
    azure_devops_backdoor: Backdoor, authority: Authority, certificate: Path
) -> None:
    with serving(Authority(token=SECRET), certificate) as other:
        authority.redirects_to = f"{other.url}/token"
        tracker = connect(azure_devops_backdoor, authority, with_secret(client_id="astray"))
        with pytest.raises(UnavailableError, match="another server than the configured one; not sent"):
            tracker.pull()
        assert not other.paths


def test_an_authority_out_of_reach_is_named_and_not_the_address_of_the_tracker(azure_devops_backdoor: Backdoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://127.0.0.1:{closed.getsockname()[1]}"
    secrets = with_secret(client_id="out of reach")
    tracker = azure_devops_backdoor.connect(credentials=secrets, options={"authority": url}, cycle_timeout=1.0)
    with pytest.raises(UnavailableError) as raised:
        tracker.examine()
    assert raised.value.remedy.startswith(f"let this machine reach {url} through proxy (HTTPS_PROXY, NO_PROXY) and")


def test_an_application_that_the_organisation_does_not_know_is_to_be_added_there(
    azure_devops_backdoor: Backdoor, authority: Authority
) -> None:
    authority.token = "canary-of-nobody"
    with pytest.raises(UnauthorisedError) as raised:
        connect(azure_devops_backdoor, authority, with_secret(client_id="not added")).examine()
    assert "known to Entra, and not to this organisation: add it to its users" in raised.value.remedy


def test_a_certificate_that_cannot_be_used_is_named_without_a_word_of_it(
    azure_devops_backdoor: Backdoor, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "broken.pem"
    path.write_text("-----BEGIN canary-----")
    tracker = connect(azure_devops_backdoor, authority, {**APPLICATION, "certificate_file": str(path)})
    with pytest.raises(ConfigurationError) as raised:
        tracker.pull()
    assert raised.value.fault == f"ado: certificate_file: {path} is no certificate that can be used (ValueError)"
    assert "certificate and its private RSA key into that one file, in PEM form" in raised.value.remedy
    assert "canary" not in str(raised.value)


def test_no_secret_and_no_token_is_logged_at_any_level(
    azure_devops_backdoor: Backdoor, authority: Authority, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    path = write_certificate(tmp_path / "application.pem", password=PASSWORD)
    (tmp_path / "federated").write_text(ASSERTION)
    application = {**APPLICATION, "client_id": "logged"}
    certified = {"certificate_file": str(path), "certificate_password": PASSWORD}
    for secrets in (with_secret(**application), {**application, **certified}):
        connect(azure_devops_backdoor, authority, secrets).pull()
    connect(
        azure_devops_backdoor, authority, {**application, "federated_token_file": str(tmp_path / "federated")}
    ).pull()
    assert len(authority.forms) == 3
    assert caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("is_write_first", [True, False])
def test_a_rotated_personal_access_token_is_read_anew_once(
    azure_devops_backdoor: Backdoor, is_write_first: bool
) -> None:
    ref = azure_devops_backdoor.create_item(project="Payments", type="Feature", title="Refunds")
    credentials = GivenCredentials({"token": SECRET})
    tracker = azure_devops_backdoor.connect(credentials=credentials)
    tracker.pull()
    azure_devops_backdoor.store.token = "canary-rotated"
    credentials.rotate(token="canary-rotated")
    azure_devops_backdoor.server.wire.requests.clear()
    if is_write_first:
        [outcome] = tracker.apply(ref, [put_card(ref, "Card.")], None)
        assert outcome.result is Result.WRITTEN
        assert len(azure_devops_backdoor.comments(ref)) == 1
    else:
        assert tracker.pull().items
    assert [one.headers["authorization"] for one in azure_devops_backdoor.requests].count(_pat(SECRET)) == 1


def test_a_personal_access_token_that_was_not_rotated_stops_the_source(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    tracker.pull()
    azure_devops_backdoor.store.token = "canary-rotated"
    azure_devops_backdoor.server.wire.requests.clear()
    with pytest.raises(UnauthorisedError):
        tracker.pull()
    assert len(azure_devops_backdoor.requests) == 1


def test_an_access_token_that_is_refused_in_the_middle_is_replaced_once(
    azure_devops_backdoor: Backdoor, authority: Authority
) -> None:
    tracker = connect(azure_devops_backdoor, authority, with_secret(client_id="revoked"))
    tracker.pull()
    azure_devops_backdoor.store.token = authority.token = "canary-next"
    assert tracker.pull()
    azure_devops_backdoor.store.token = "canary-third"
    for _ in range(2):
        with pytest.raises(UnauthorisedError):
            tracker.pull()
    assert len(authority.forms) == 2


def _pat(token: str) -> str:
    return f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"

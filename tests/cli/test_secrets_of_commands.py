"""No secret of any kind is shown by a command, logged, or written down, also where signing in fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.jira import jira_application
from connectors.sandbox.jira.gateway import CLOUD_ID, JiraGateway
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import TOKEN, Answer, Desk
from tests.connectors.azure_devops.entra_authority import TENANT, Authority, serving, write_certificate

CLIENT_SECRET = f"{TOKEN}-client-secret"


@pytest.fixture
def office(desk: Desk) -> Iterator[tuple[Desk, LoopbackServer]]:
    """A Jira behind the gateway, for an OAuth client whose secret stands in a file; logs tell everything."""
    store, _ = desk.jira()
    store.create_issue("PORT", "Epic", "Instant payments")
    store.create_issue("PAY", "Feature", "Refunds")
    for name in ("LPM_JIRA_TOKEN", "LPM_JIRA_EMAIL"):
        desk.patch.delenv(name)
    secret = desk.folder.parent / f"{desk.folder.name}-secret"
    secret.write_text(CLIENT_SECRET, encoding="utf-8")
    desk.patch.setenv("LPM_JIRA_CLIENT_ID", f"client-{desk.folder.name}")
    desk.patch.setenv("LPM_JIRA_CLIENT_SECRET_FILE", str(secret))
    desk.patch.setenv("LPM_LOG_LEVEL", "debug")
    gateway = JiraGateway(store, jira_application(store), client=(f"client-{desk.folder.name}", CLIENT_SECRET))
    server = desk.servers.enter_context(LoopbackServer(gateway))
    endpoint = f"oauth_endpoint={server.url}/oauth/token"
    place = ("--url", f"{server.url}/ex/jira", "--site-url", server.url, "--option", endpoint)
    done = desk.type("init", "--connector", "jira", *place, "--project", "PORT", "--project", "PAY")
    assert done.code == 0, done.err
    yield desk, server
    secret.unlink(missing_ok=True)


def written(desk: Desk) -> bytes:
    """Everything that stands in files."""
    return b"\n".join(path.read_bytes() for path in Path(desk.folder).rglob("*") if path.is_file())


def all_commands(desk: Desk) -> list[Answer]:
    """Each says nothing secret, which `type` looks at."""
    plan = ("plan", "--out", str(desk.folder / "plan.json"))
    return [desk.type(*words) for words in (plan, ("doctor",), ("run", "--json"), ("digest",))]


def test_an_oauth_client_does_the_whole_job_and_shows_no_secret(office: tuple[Desk, LoopbackServer]) -> None:
    desk, server = office
    answers = all_commands(desk)
    assert [answer.code for answer in answers] == [0, 0, 0, 0], [answer.err for answer in answers]
    assert "credential: OAuth 2.0 client of a service account; its access token lasts until" in answers[1].out
    assert all(one.path.startswith(f"/ex/jira/{CLOUD_ID}/") for one in server.wire.requests if "/rest/" in one.path)
    assert TOKEN.encode() not in written(desk)


@pytest.mark.parametrize("status", [200, 400, 401, 503])
def test_a_token_endpoint_that_repeats_what_it_was_sent_brings_no_secret_to_light(
    office: tuple[Desk, LoopbackServer], status: int
) -> None:
    desk, server = office
    desk.amend("trackers.yaml", tracker__cycle_timeout=1)
    desk.patch.setenv("LPM_JIRA_CLIENT_ID", "another")  # nothing is kept of it
    body = f'{{"error": "{CLIENT_SECRET}", "error_description": "{CLIENT_SECRET}"}}'.encode()
    server.wire.faults.append(Fault(path="oauth/token", status=status, body=body, times=-1))
    assert all(answer.code != 0 for answer in all_commands(desk)[:3])
    assert TOKEN.encode() not in written(desk)


def test_what_init_wrote_names_each_kind_of_credential_and_holds_none(office: tuple[Desk, LoopbackServer]) -> None:
    desk, _ = office
    text = (desk.config / "trackers.yaml").read_text(encoding="utf-8")
    for line in (
        "#   LPM_JIRA_EMAIL and LPM_JIRA_TOKEN (account's e-mail address with its API token)",
        "#   LPM_JIRA_TOKEN (personal access token, or token of a service account)",
        "#   LPM_JIRA_CLIENT_ID and LPM_JIRA_CLIENT_SECRET (OAuth 2.0 client of a service account)",
    ):
        assert line in text


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize("kind", ["client-secret", "certificate", "workload-identity"])
def test_signing_in_to_entra_shows_no_secret(desk: Desk, kind: str, refuses: bool) -> None:
    store, server = desk.azure_devops()
    store.create_work_item("Platform", "Feature", "Single sign-on")
    assert desk.initialise_azure_devops(server).code == 0
    certificate = write_certificate(desk.folder.parent / f"{desk.folder.name}.pem", password=f"{TOKEN}-password")
    federated = desk.folder.parent / f"{desk.folder.name}.jwt"
    federated.write_text(f"{TOKEN}-assertion", encoding="utf-8")
    of_kind = {
        "client-secret": {"CLIENT_SECRET": CLIENT_SECRET},
        "certificate": {"CERTIFICATE_FILE": str(certificate), "CERTIFICATE_PASSWORD": f"{TOKEN}-password"},
        "workload-identity": {"FEDERATED_TOKEN_FILE": str(federated)},
    }
    desk.patch.delenv("LPM_ADO_TOKEN")
    identity = {"TENANT_ID": TENANT, "CLIENT_ID": f"{kind}-{refuses}"}
    for name, value in (identity | of_kind[kind]).items():
        desk.patch.setenv(f"LPM_ADO_{name}", value)
    trusted = write_certificate(desk.folder.parent / f"{desk.folder.name}-server.pem")
    desk.patch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    desk.patch.setenv("LPM_LOG_LEVEL", "debug")
    authority = Authority(token=TOKEN, status=401 if refuses else 200, refusal=f"AADSTS7000215: {CLIENT_SECRET}")
    with serving(authority, trusted):
        desk.amend("trackers.yaml", tracker__options={"authority": authority.url})
        answers = all_commands(desk)
    assert [answer.code == 0 for answer in answers[:3]] == [not refuses] * 3, [answer.err for answer in answers]
    assert ("AADSTS7000215" in answers[1].out) is refuses
    assert TOKEN.encode() not in written(desk)


def test_a_credential_that_does_not_go_together_names_its_variables_and_no_value(desk: Desk) -> None:
    _, server = desk.jira()
    assert desk.initialise_jira(server).code == 0
    desk.patch.setenv("LPM_JIRA_CLIENT_SECRET", CLIENT_SECRET)
    refused = desk.type("plan")
    assert refused.code == 2
    assert "LPM_JIRA_EMAIL, LPM_JIRA_TOKEN and LPM_JIRA_CLIENT_SECRET do not make one credential" in refused.err

"""The package serves as session and discovery, and none of its habits shows."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from connectors.sandbox.azure_devops import locations
from connectors.sandbox.faults import Fault
from lpm_sync.core.change import AddLabel, Result
from lpm_sync.core.work_item import Ref
from lpm_sync.errors import ConfigurationError, LpmSyncError, UnauthorisedError, UnavailableError
from lpm_sync.ports import Previous
from lpm_sync.testing.conformance.base import put_card
from tests.connectors.azure_devops.conftest import PROJECTS, SECRET, Backdoor

ROOT = Path(__file__).parents[3]
PAYMENTS = PROJECTS[0]
OPENING = """
import os
from connectors.azure_devops import package
before = dict(os.environ)
package.package()
assert dict(os.environ) == before
print(__import__("azure.devops._file_cache", fromlist=["x"]).DEFAULT_CACHE_DIR)
"""


def test_nothing_is_sent_before_it_is_needed(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.connect()
    assert not azure_devops_backdoor.requests


@pytest.mark.parametrize(
    "url",
    [
        "http://dev.azure.com/northwind",
        "https://bot:secret@dev.azure.com/northwind",
        "https://169.254.169.254/northwind",
        "file:///etc/passwd",
        "dev.azure.com/northwind",
    ],
)
def test_an_address_that_no_token_should_go_to_is_refused(azure_devops_backdoor: Backdoor, url: str) -> None:
    with pytest.raises(ConfigurationError):
        azure_devops_backdoor.connect(url=url)


@pytest.mark.parametrize("credentials", [{}, {"token": ""}])
def test_a_missing_token_is_a_mistake_of_configuration(
    azure_devops_backdoor: Backdoor, credentials: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        azure_devops_backdoor.connect(credentials=credentials)


def test_the_token_goes_as_basic_authentication_with_an_empty_user(azure_devops_backdoor: Backdoor) -> None:
    azure_devops_backdoor.connect().pull()
    sent = {one.headers.get("authorization") for one in azure_devops_backdoor.requests}
    assert sent == {"Basic " + base64.b64encode(f":{SECRET}".encode()).decode()}


def test_the_cache_folder_of_the_package_is_temporary_and_the_environment_as_before(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "AZURE_DEVOPS_CACHE_DIR"}
    environment |= {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", OPENING], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert not folder.exists()
    assert not (tmp_path / "home").exists()


def test_neither_token_nor_content_is_logged_at_any_level(
    azure_devops_backdoor: Backdoor, caplog: pytest.LogCaptureFixture
) -> None:
    ref = azure_devops_backdoor.create_item(
        project="Payments", type="Feature", title="Confidential takeover", description="top-secret"
    )
    caplog.set_level(logging.DEBUG)
    tracker = azure_devops_backdoor.connect()
    tracker.pull()
    tracker.apply(ref, [AddLabel(label="lpm:x", because=("DOR001",)), put_card(ref, "Classified words")], None)
    encoded = base64.b64encode(f":{SECRET}".encode()).decode()
    for private in (SECRET, encoded, "Confidential takeover", "top-secret", "Classified words"):
        assert private not in caplog.text


def test_the_connector_does_not_show_its_token(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    assert SECRET not in repr(tracker)
    assert SECRET not in repr(azure_devops_backdoor.connection)


def test_a_write_whose_answer_is_lost_is_sent_once(azure_devops_backdoor: Backdoor) -> None:
    ref = azure_devops_backdoor.create_item(project="Payments", type="Feature", title="Feature")
    azure_devops_backdoor.lose_next_answer()
    [outcome] = azure_devops_backdoor.connect().apply(ref, [put_card(ref, "Card.")], None)
    assert outcome.result is Result.UNCLEAR
    assert azure_devops_backdoor.count_writes() == 1
    assert len(azure_devops_backdoor.comments(ref)) == 1


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "/Contoso/_signin"])
def test_a_redirect_is_not_followed(azure_devops_backdoor: Backdoor, target: str) -> None:
    fault = Fault(path="onnectionData", status=302, headers={"Location": target})
    azure_devops_backdoor.server.wire.faults.append(fault)
    with pytest.raises((UnavailableError, UnauthorisedError)):
        azure_devops_backdoor.connect().pull()
    assert not any("_signin" in one.path for one in azure_devops_backdoor.requests)


def test_an_address_without_the_organisation_fails_this_tracker_alone(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect(url=f"{azure_devops_backdoor.server.url}/Nobody")
    with pytest.raises(UnavailableError, match=r"no Azure DevOps answers at this address; check `url`"):
        tracker.pull()
    with pytest.raises(UnavailableError, match=r"check `url` in trackers\.yaml"):
        tracker.history([Ref("ado", "1")])
    assert {one.method for one in azure_devops_backdoor.requests} == {"OPTIONS"}


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (403, UnauthorisedError, "access to the organisation"),
        (404, UnavailableError, "name our account in previous_accounts of trackers.yaml"),
        (501, UnavailableError, "check `url` in trackers.yaml"),
    ],
)
def test_an_organisation_that_will_not_say_who_we_are_fails_this_tracker_alone(
    azure_devops_backdoor: Backdoor, status: int, error: type[LpmSyncError], said: str
) -> None:
    azure_devops_backdoor.server.wire.faults.append(Fault(path="onnectionData", status=status, times=-1, body=b"{}"))
    with pytest.raises(error) as raised:
        azure_devops_backdoor.connect().pull()
    assert said in str(raised.value)


def test_an_organisation_that_does_not_tell_who_we_are_is_told_by_the_configuration(
    azure_devops_backdoor: Backdoor,
) -> None:
    ref = azure_devops_backdoor.create_item(project=PAYMENTS, type="Feature", title="Refunds")
    azure_devops_backdoor.add_comment(ref, "Ours", is_ours=True)
    [item] = azure_devops_backdoor.connect().pull().items
    azure_devops_backdoor.server.wire.faults.append(Fault(path="onnectionData", status=404, times=-1))
    account = azure_devops_backdoor.store.account.unique_name
    [without] = azure_devops_backdoor.connect(previous_accounts=(account,)).pull().items
    assert without.own_comments == item.own_comments != ()


@pytest.mark.parametrize("left_out", ["connectionData", "projects"])
def test_what_has_one_address_everywhere_need_not_be_in_the_table(
    azure_devops_backdoor: Backdoor, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    rows = [row for row in locations._LOCATIONS if row[2].casefold() != left_out.casefold()]
    monkeypatch.setattr(locations, "_LOCATIONS", tuple(rows))
    pull = azure_devops_backdoor.connect().pull()
    assert not pull.failures
    assert azure_devops_backdoor.connect().pull(Previous.of(pull.items, pull.position or "")).is_delta


@pytest.mark.parametrize("kind", ["text/plain", "text/json; charset=utf-8", "application/octet-stream"])
def test_json_is_json_whatever_it_is_called(azure_devops_backdoor: Backdoor, kind: str) -> None:
    azure_devops_backdoor.create_item(project=PAYMENTS, type="Feature", title="Refunds")
    rows = locations.locations(azure_devops_backdoor.store.behaviour.release)
    table = json.dumps({"count": len(rows), "value": rows}).encode()
    named = Fault(path="_apis", method="OPTIONS", times=-1, status=200, headers={"Content-Type": kind}, body=table)
    azure_devops_backdoor.server.wire.faults.append(named)
    assert azure_devops_backdoor.connect().pull().items


def test_discovery_is_asked_for_once_by_each_connector(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect()
    tracker.pull()
    tracker.pull()
    assert len([one for one in azure_devops_backdoor.requests if one.method == "OPTIONS"]) <= 1
    assert not [one for one in azure_devops_backdoor.requests if one.path.endswith("ResourceAreas")]


def test_a_closed_connector_leaves_no_thread(azure_devops_backdoor: Backdoor) -> None:
    tracker = azure_devops_backdoor.connect(name="closing")
    tracker.pull()
    tracker.close()
    tracker.close()
    assert not [one for one in _threads() if one.startswith("lpm-sync-closing")]


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]

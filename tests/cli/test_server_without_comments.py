"""An Azure DevOps Server without comments: it is said once that no card can be written there, and what then."""

from __future__ import annotations

import pytest

from connectors.sandbox.azure_devops.releases import SERVER_2019
from connectors.sandbox.serving import LoopbackServer
from tests.cli.conftest import Desk
from tests.connectors.azure_devops.conftest import is_write

LACKS = "ado: comments: this server does not have it; update it to Azure DevOps Server 2019 Update 1 or newer"


@pytest.fixture
def server(desk: Desk) -> LoopbackServer:
    """With three unready features, a discussion on one of them, and a policy that asks for cards."""
    store, listening = desk.azure_devops()
    store.organization, store.behaviour.release = "northwind-2019", SERVER_2019
    for title in ("Single sign-on", "Audit trail", "Sessions"):
        number = store.create_work_item("Platform", "Feature", title)
    store.add_comment(number, store.account, "Hello")
    address = ("--connector", "azure-devops", "--url", f"{listening.url}/northwind-2019", "--name", "ado")
    assert desk.type("init", *address, "--project", "Platform").code == 0
    desk.amend("policy.yaml", rules=[{"rule": "DOR002", "mode": "comment"}])
    return listening


def test_the_doctor_says_what_then_and_only_where_a_rule_asks_for_cards(desk: Desk, server: LoopbackServer) -> None:
    [(subject, fault)] = desk.doctor("--write-test", "ado:1").faults.items()
    assert (subject, fault["fault"]) == ("ado: cards", f"none can be written, nor anything beside them: {LACKS}")
    assert "mode observe or digest" in fault["remedy"]
    desk.amend("policy.yaml", rules=[{"rule": "DOR002", "mode": "digest"}])
    answer = desk.doctor("--write-test", "ado:1")
    assert (answer.code, answer.checks["ado: cards"]["ok"]) == (0, True)


def test_a_cycle_says_it_once_tries_nothing_and_reads_what_is_discussed(desk: Desk, server: LoopbackServer) -> None:
    for _ in range(2):
        server.wire.requests.clear()
        shown = desk.type("run")
        assert (shown.code, "pulled 3, findings 3, planned 0" in shown.out) == (4, True)
        assert shown.err.count(LACKS) == 1
        assert "3 items (ado:1, ado:2 and ado:3): nothing is written, since no card can be" in shown.err
        assert not [one for one in server.wire.requests if is_write(one.method, one.path, one.query)]

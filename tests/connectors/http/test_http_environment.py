"""Proxies and certificates come from the environment, as for everyone on the machine."""

from __future__ import annotations

import pytest
from requests import Session

from connectors.http.environment import settle

TRACKER = "https://tracker.example/rest"


@pytest.fixture
def session() -> Session:
    return Session()


def settings(session: Session) -> dict[str, object]:
    """What the session would send a request with."""
    return session.merge_environment_settings(TRACKER, {}, None, None, None)


def test_a_proxy_and_an_authority_hold_from_then_on(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/authority.pem")
    settle(session, TRACKER)
    monkeypatch.setenv("https_proxy", "http://other.example:3128")
    found = settings(session)
    assert found["verify"] == "/etc/authority.pem"
    assert isinstance(found["proxies"], dict)
    assert found["proxies"]["https"] == "http://proxy.example:3128"


def test_a_tracker_that_needs_no_proxy_is_asked_without(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "tracker.example")
    settle(session, TRACKER)
    assert not settings(session)["proxies"]

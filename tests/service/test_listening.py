"""An address that cannot be listened on is a mistake of configuration, with its remedy."""

from __future__ import annotations

import socket

import pytest

from lpm_sync.errors import ConfigurationError
from lpm_sync.service.process import Listen, listening


def test_it_listens_on_loopback_unless_configured() -> None:
    assert Listen().host == "127.0.0.1"
    with listening(Listen(port=0)) as (listener, url):
        assert url == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_port_in_use_is_named_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}.*LPM_LISTEN_PORT"), listening(Listen(port=port)):
            pass


def test_an_address_that_is_not_of_this_machine_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1"), listening(Listen(host="192.0.2.1")):
        pass

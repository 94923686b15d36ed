"""Which addresses may be configured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import check_address, origin
from connectors.http.addresses import check_peer
from lpm_sync.errors import ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "https://northwind.atlassian.net",
        "https://jira.corp.example/context/",
        "https://api.atlassian.com/ex/jira/11223344-a1b2-3b33-c444-def123456789",
        "https://10.1.2.3:8443",
        "https://[2001:db8::1]",
        "http://localhost:8080",
        "http://127.0.0.1:8080/jira",
        "http://[::1]:8080",
    ],
)
def test_https_anywhere_and_http_on_loopback_may_be_configured(url: str) -> None:
    assert check_address(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://jira.corp.example", "in the clear"),
        ("http://10.1.2.3", "in the clear"),
        ("ftp://jira.corp.example", "https://host/path"),
        ("file:///etc/passwd", "https://host/path"),
        ("jira.corp.example", "https://host/path"),
        ("https://", "https://host/path"),
        ("https://[", "https://host/path"),
        ("https://host:99999", "https://host/path"),
        ("", "https://host/path"),
        ("https://bot:canary@jira.corp.example", "user name or password"),
        ("https://@jira.corp.example", "user name or password"),
        ("https://jira.corp.example/?token=canary", "query"),
        ("https://jira.corp.example/#part", "fragment"),
        ("https://jira.corp.example/a b", "blanks"),
        ("https://jira.corp.example\\@evil.example", "blanks or backslashes"),
        ("https://169.254.169.254/latest", "link-local or metadata"),
        ("https://[fe80::1]", "link-local or metadata"),
        ("https://[::ffff:169.254.169.254]", "link-local or metadata"),
        ("https://[fd00:ec2::254]", "link-local or metadata"),
        ("https://100.100.100.200", "link-local or metadata"),
        ("https://0.0.0.0", "link-local or metadata"),
        ("https://metadata.google.internal", "credentials of the machine"),
        ("https://2852039166", "odd form"),
        ("https://0xa9fea9fe", "odd form"),
        ("https://0xa9.0xfe.0xa9.0xfe", "odd form"),
        ("https://0251.0376.0251.0376", "odd form"),
        ("https://169.254.43518", "odd form"),
        ("http://127.1", "odd form"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        check_address(url)
    assert "canary" not in str(raised.value)


def test_a_host_that_is_allowed_by_name_is_taken_as_it_is() -> None:
    assert check_address("http://169.254.7.7", allowed_hosts=("169.254.7.7",)) == "http://169.254.7.7"


def test_an_origin_is_scheme_host_and_port_in_one_form() -> None:
    assert (
        origin("HTTPS://Jira.Example/browse/PAY-1") == origin("https://jira.example:443") == "https://jira.example:443"
    )
    assert origin("http://[::1]:8080/x") == "http://[::1]:8080"
    assert origin("https://jira.example") != origin("https://jira.example:8443")


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254"])
def test_a_harmless_name_that_leads_to_a_metadata_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        check_peer(address)


def test_ordinary_peers_are_fine() -> None:
    for address in ("127.0.0.1", "::1", "10.0.0.1", "104.192.136.240"):
        check_peer(address)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_mistake_in_configuration(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            check_address(url)
        except ConfigurationError:
            continue

"""Addresses in a configuration: https, http on loopback only, and nothing that leads inside a cloud."""

from __future__ import annotations

import pytest

from lpm_sync.policy.addresses import checked_address


@pytest.mark.parametrize(
    "address",
    [
        "https://northwind.atlassian.net",
        "https://dev.azure.com/northwind",
        "https://jira.intern:8443/jira",
        "https://10.1.2.3/jira",
        "https://[fd12:3456::1]/jira",
        "http://127.0.0.1:8080",
        "http://[::1]:8080/x",
        "http://localhost:2990/jira",
    ],
)
def test_an_address_of_a_tracker_is_taken(address: str) -> None:
    assert checked_address(address) == address


def test_a_slash_at_the_end_does_not_count() -> None:
    assert checked_address("https://northwind.atlassian.net/") == "https://northwind.atlassian.net"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://northwind.example", "plain http"),
        ("http://10.1.2.3", "plain http"),
        ("http://localhost.example", "plain http"),
        ("file:///etc/passwd", "not a web address"),
        ("ftp://northwind.example", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        ("northwind.atlassian.net", "not a web address"),
        ("https://", "not a web address"),
        ("https://[::1", "not an address"),
        ("https://host:99999", "not an address"),
        ("https://host:port", "not an address"),
        ("https://dana:hunter2@northwind.example", "user or password"),
        ("https://hunter2@northwind.example", "user or password"),
        ("https://northwind.example?token=hunter2", "query or fragment"),
        ("https://northwind.example#hunter2", "query or fragment"),
        ("https://north wind.example", "characters"),
        ("https://northwind.example\\@evil.example", "characters"),
        ("https://nörthwind.example", "characters"),
        ("https://１６９.254.169.254", "characters"),
        ("https://northwind.example\n", "characters"),
        ("https://169.254.169.254/latest/meta-data", "metadata"),
        ("http://169.254.169.254", "metadata"),
        ("https://169.254.169.254./", "metadata"),
        ("https://[fe80::1]", "metadata"),
        ("https://[::ffff:169.254.169.254]", "metadata"),
        ("https://[64:ff9b::a9fe:a9fe]", "metadata"),
        ("https://[2002:a9fe:a9fe::1]", "metadata"),
        ("https://[fd00:ec2::254]", "metadata"),
        ("https://100.100.100.200", "metadata"),
        ("https://metadata.google.internal", "metadata"),
        ("https://0.0.0.0", "metadata"),
        ("https://[::]", "metadata"),
        ("https://224.0.0.1", "metadata"),
        ("https://2852039166", "odd form"),
        ("https://0xa9fea9fe", "odd form"),
        ("https://0251.0376.0251.0376", "odd form"),
        ("https://127.1", "odd form"),
        ("https://169.254.0xa9fe", "odd form"),
        ("https://-north.example", "not a host name"),
        ("https://nor%74h.example", "not a host name"),
    ],
)
def test_an_address_that_is_unsafe_or_none_is_refused_without_repeating_it(address: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        checked_address(address)
    assert "hunter2" not in str(caught.value)

"""What the environment says of a connection: proxies, and certificates to trust."""

from __future__ import annotations

from requests import Session


def settle(session: Session, address: str) -> None:
    """Takes from the environment what requests to that address need, once and for all of them.

    A session that trusts the environment looks through every variable of it with each request.
    """
    found = session.merge_environment_settings(address, {}, None, None, None)
    session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False

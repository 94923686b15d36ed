"""The secrets of a tracker, given by hand and rotated by hand."""

from __future__ import annotations

from collections.abc import Mapping


class GivenCredentials:
    """The port `Credentials` over a mapping; what `rotate` sets is found by the next read."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = dict(secrets or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(sorted(self._secrets))})"

    def read(self, name: str) -> str | None:
        """The secret of that name as it stands now; None where there is none or it is empty."""
        return self._secrets.get(name) or None

    def place(self, name: str) -> str:
        """Its own name: nobody keeps it elsewhere."""
        return name

    def rotate(self, **secrets: str) -> None:
        """Puts other secrets in the place of those that are named."""
        self._secrets |= secrets

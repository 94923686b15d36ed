"""The kinds of credential that a connector knows, and which of them the secrets of a tracker make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lpm_sync.errors import ConfigurationError
from lpm_sync.ports import Connection, Credentials

PLACES = (
    "each as an environment variable, as a file that this variable with _FILE behind its name leads to, or as a file "
    "of that name in LPM_SECRETS_DIR"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialKind:
    """A way to sign in, made of the secrets `needs`, and of those in `may_have` that are there.

    `title` is what people call it. `is_lent`: the platform that we run on can lend it, so that none of its secrets is
    needed; then it has to be asked for by its `name`.
    """

    name: str
    title: str
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    is_lent: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of all secrets that it may be made of."""
        return (*self.needs, *self.may_have)

    def fits(self, given: Collection[str], *, is_asked_for: bool) -> bool:
        """Whether exactly these secrets make it."""
        if self.is_lent and is_asked_for:
            return set(given) <= set(self.secrets)
        return bool(self.needs) and set(self.needs) <= set(given) <= set(self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A kind with its secrets by name; its repr shows none of them."""

    kind: CredentialKind
    secrets: Mapping[str, str] = field(repr=False)


def read_credential(connection: Connection, kinds: Sequence[CredentialKind]) -> Credential:
    """The one credential that the secrets of a tracker make, as they stand now.

    The connection's `credential` asks for a kind by its name; without it the secrets tell. Raises one
    ConfigurationError that names what is set, what is missing and what does not go together; never a secret.
    """
    asked = _asked_for(connection, kinds)
    names = dict.fromkeys(name for kind in kinds for name in kind.secrets)
    read = ((name, connection.credentials.read(name)) for name in names)
    secrets = {name: secret for name, secret in read if secret}
    possible = kinds if asked is None else (asked,)
    found = next((kind for kind in possible if kind.fits(secrets, is_asked_for=asked is not None)), None)
    if found is None:
        fault, remedy = _fault(connection.credentials, possible, secrets)
        raise ConfigurationError(f"{connection.name}: {fault}", remedy=f"{remedy}; {PLACES}")
    _check(connection, secrets)
    return Credential(kind=found, secrets=secrets)


def ways_to_sign_in(connection: Connection, kinds: Sequence[CredentialKind]) -> tuple[str, ...]:
    """A line for each way in which secrets make a credential, naming their places: for people who choose one."""
    return tuple(_ways(connection.credentials, kinds))


def reread_credential(connection: Connection, kinds: Sequence[CredentialKind], kind: CredentialKind) -> Credential:
    """The credential anew, to be of the same kind as before; raises ConfigurationError as `read_credential` does."""
    credential = read_credential(connection, kinds)
    if credential.kind is not kind:
        message = f"the {kind.title} became the {credential.kind.title}; the next cycle begins with that"
        raise ConfigurationError(f"{connection.name}: {message}")
    return credential


def _asked_for(connection: Connection, kinds: Sequence[CredentialKind]) -> CredentialKind | None:
    if connection.credential is None:
        return None
    for kind in kinds:
        if kind.name == connection.credential:
            return kind
    known = ", ".join(kind.name for kind in kinds)
    raise ConfigurationError(
        f"{connection.name}: `credential: {connection.credential[:60]}` in trackers.yaml is no kind of credential",
        remedy=f"there are {known}",
    )


def _fault(credentials: Credentials, kinds: Sequence[CredentialKind], given: Collection[str]) -> tuple[str, str]:
    """Why the secrets that are there make no credential, and what would."""
    ways = "; or ".join(_ways(credentials, kinds))
    if not given:
        return "there is no credential", f"set {ways}"
    told = _joined(credentials.place(name) for name in given)
    begun = [kind for kind in kinds if set(given) <= set(kind.secrets)]
    if not begun:
        return f"{told} do not make one credential together", f"unset what is not meant, and set only {ways}"
    missing = "; or ".join(
        f"{_joined(credentials.place(name) for name in kind.needs if name not in given)} for the {kind.title}"
        for kind in begun
    )
    return f"{told} alone {'is' if len(given) == 1 else 'are'} no credential", f"set also {missing}"


def _ways(credentials: Credentials, kinds: Iterable[CredentialKind]) -> Iterator[str]:
    for kind in kinds:
        if kind.needs:
            yield f"{_joined(map(credentials.place, kind.needs))} ({kind.title})"
        if kind.is_lent:
            yield f"`credential: {kind.name}` in trackers.yaml ({kind.title})"


def _joined(names: Iterable[str]) -> str:
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _check(connection: Connection, secrets: Mapping[str, str]) -> None:
    """What stands in a header is printable ASCII; anything else was copied wrongly."""
    for name, secret in secrets.items():
        is_free = name.endswith(("_file", "_password"))
        if not is_free and not (secret.isascii() and secret.isprintable()):
            place = connection.credentials.place(name)
            raise ConfigurationError(
                f"{connection.name}: {place} holds characters that none has", remedy="copy it again"
            )

"""What it means that nobody was signed in, told by its code and in our words: the server's could repeat a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError

CODE = re.compile(r"AADSTS\d{4,7}")
REMEDIES = {  # Microsoft, "Microsoft Entra authentication and authorization error codes"
    "AADSTS7000215": "the client secret is wrong: it is the value of the secret that is wanted, not its id",
    "AADSTS7000222": "the client secret has expired: create a new one for the application",
    "AADSTS700016": "the tenant does not know the application: check client and tenant id",
    "AADSTS7000112": "the application is disabled: have an administrator enable it",
    "AADSTS90002": "there is no such tenant: check the tenant id, and options.authority for another cloud",
    "AADSTS900023": "there is no such tenant: check the tenant id",
    "AADSTS900382": "the application is in another cloud: set options.authority",
    "AADSTS700027": "the certificate is not registered with the application, or has expired",
    "AADSTS700024": "the assertion is not valid now: check the clock of this machine, and the certificate",
    "AADSTS70021": "no federated credential of the application fits: check its issuer, subject and audience",
    "AADSTS700211": "no federated credential of the application has this issuer",
    "AADSTS700213": "no federated credential of the application has this subject",
    "AADSTS700212": "no federated credential of the application has this audience",
    "AADSTS500011": "the tenant knows no Azure DevOps: sign in to its organisation once as a user of this tenant",
    "AADSTS53003": "a conditional access policy forbids it: have an administrator exempt the application",
}
TRANSIENT = frozenset({"AADSTS90033", "AADSTS90055", "AADSTS50196"})  # temporarily unavailable, or too often


def sign_in_error(error: BaseException, name: str, authority: str, places: str) -> LpmSyncError:
    """The error for one of `azure-identity`, which carries what our transport found out in its causes.

    `places` is where people keep the secrets. No word of the server is repeated, but for its code.
    """
    chain = tuple(_chain(error))
    ours = next((one for one in chain if isinstance(one, LpmSyncError)), None)
    reach = (
        f"let this machine reach {authority} through proxy (HTTPS_PROXY, NO_PROXY) and firewall, or set "
        "options.authority to where the tenant signs in"
    )
    if isinstance(ours, UnavailableError) and ours.remedy:  # one that fails by itself was reached, and has none
        return UnavailableError(f"{ours.fault} ({authority})", remedy=reach, retry_after=ours.retry_after)
    if ours is not None:
        return ours
    kinds = {base.__name__ for one in chain for base in type(one).__mro__}
    if "CredentialUnavailableError" in kinds:  # of managed identities, also where their endpoint does not answer
        return UnauthorisedError(
            f"{name}: this machine lends no identity, or not this one",
            remedy="assign a managed identity to it, check the client id of a user-assigned one, or set another "
            "credential",
        )
    if kinds & {"ServiceRequestError", "ServiceResponseError"}:
        return UnavailableError(f"{name}: signing in at {authority}: no answer", remedy=reach)
    code = next((found[0] for one in chain if (found := CODE.search(str(one)))), None)
    if code in TRANSIENT:
        return UnavailableError(f"{name}: signing in at {authority}: {code}; it is tried again in the next cycle")
    says = f"{name}: signing in at {authority}: {code or 'refused'}"
    remedy = REMEDIES.get(code or "", "the credential is not accepted")
    return UnauthorisedError(says, remedy=f"{remedy}{f'; check {places}' if places else ''}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__

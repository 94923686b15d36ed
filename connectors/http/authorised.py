"""The transport of a tracker that wants to know who asks: the credential is put on here, and nowhere else."""

from __future__ import annotations

from typing import Any

from requests import PreparedRequest, Response

from connectors.http.adapter import CarefulAdapter
from connectors.http.authorisation import Authorisation
from connectors.http.deadline import Deadline
from lpm_sync.errors import UnauthorisedError


class AuthorisedAdapter(CarefulAdapter):
    """A careful adapter that signs each request; `settings` are those of `CarefulAdapter`.

    A refusal (401, or an answer as to a stranger) means that nothing was carried out. So the credential is read anew,
    once, and the request repeated where it became another one, also a write.
    """

    def __init__(self, authorisation: Authorisation, **settings: Any) -> None:
        super().__init__(**settings)
        self._authorisation = authorisation

    def start(self, deadline: Deadline) -> None:
        """As in `CarefulAdapter`; signing in shares the budget."""
        super().start(deadline)
        self._authorisation.start(deadline)

    def interrupt(self) -> None:
        """As in `CarefulAdapter`; signing in ends too."""
        super().interrupt()
        self._authorisation.close()

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """As in `CarefulAdapter`, with the credential; whatever the session put there is replaced."""
        header = self._authorisation.header()
        request.headers["Authorization"] = header
        try:
            return super().send(request, *arguments, **options)
        except UnauthorisedError as error:
            other = self._authorisation.after_refusal(header)
            if other is None:
                raise self._with_remedy(error) from None
        request.headers["Authorization"] = other
        try:
            return super().send(request, *arguments, **options)
        except UnauthorisedError as error:
            raise self._with_remedy(error) from None

    def _with_remedy(self, refusal: UnauthorisedError) -> UnauthorisedError:
        """What to do about this credential, and about what else the answer hints at."""
        remedies = (self._authorisation.remedy, refusal.remedy)
        return UnauthorisedError(refusal.fault, remedy="; or ".join(filter(None, remedies)))

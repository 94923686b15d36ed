"""Mistakes in what all connectors share: retries, pauses, answers, addresses."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_RETRIES = ("tests/connectors/http/test_http_retries.py",)
_ANSWERS = ("tests/connectors/http/test_http_answers.py",)
_ADDRESSES = ("tests/connectors/http/test_http_addresses.py",)

MUTANTS = (
    Mutant(
        name="http-retry-after-ignored",
        breaks="a request is repeated before the server allowed it",
        file="connectors/http/adapter.py",
        old="self._pause(max(backoff, found.told or 0.0, self._pauses.due(method, path)), where)",
        new="self._pause(backoff, where)",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-pause-not-shared",
        breaks="the next request to an endpoint does not wait for a pause that an earlier one was told",
        file="connectors/http/adapter.py",
        old="self._pause(self._pauses.due(method, path), where)",
        new="self._pause(0.0, where)",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-write-repeated",
        breaks="a write whose answer was lost is sent again: a second comment",
        file="connectors/http/adapter.py",
        old="found.is_transient and (is_read or not found.may_stand)",
        new="found.is_transient",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-package-repeats",
        breaks="the retries of a client package stay in, and repeat writes",
        file="connectors/http/adapter.py",
        old="self.max_retries = Retry(0, read=False)",
        new="pass",
        tests=("tests/connectors/http/test_http_retries_of_packages.py",),
    ),
    Mutant(
        name="http-unclear-write-called-failed",
        breaks="a write that may stand is told as one that does not",
        file="connectors/http/adapter.py",
        old="if is_read or not failure.may_stand:",
        new="if failure.error is not None:",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-waits-past-the-cycle",
        breaks="a server that asks for a day stops the cycle for a day",
        file="connectors/http/adapter.py",
        old="if seconds > budget:",
        new="if seconds < 0:",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-date-not-understood",
        breaks="Retry-After as a date is taken for none",
        file="connectors/http/retries.py",
        old="until = _http_date(text)",
        new="until = None",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-retry-after-not-clamped",
        breaks="a negative or endless Retry-After is taken at its word",
        file="connectors/http/retries.py",
        old="min(max(seconds, 0.0), LONGEST_RETRY_AFTER)",
        new="seconds",
        tests=_RETRIES,
    ),
    Mutant(
        name="http-redirect-followed",
        breaks="a redirect is followed",
        file="connectors/http/adapter.py",
        old="if 300 <= status < 400:",
        new="if status == 304:",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-any-origin",
        breaks="a request, and the token with it, goes to another server",
        file="connectors/http/adapter.py",
        old='if origin(request.url or "") not in self._origins:',
        new="if not self._origins:",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-203-accepted",
        breaks="the answer of Azure DevOps to a stranger is taken for data",
        file="connectors/http/answers.py",
        old="if status == 203:",
        new="if status == 299:",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-login-page-called-unavailable",
        breaks="a login page is not told as a credential that is not accepted",
        file="connectors/http/answers.py",
        old="if LOGIN.search(body[:100_000]):",
        new="if not body:",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-truncated-json-accepted",
        breaks="half an answer is handed on as a whole one",
        file="connectors/http/answers.py",
        old="_decoder(msgspec.Raw).decode(body)",
        new="_decoder(msgspec.Raw)",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-body-cap-removed",
        breaks="512 MB behind gzip fill the memory",
        file="connectors/http/bodies.py",
        old="if size > largest:",
        new="if size < 0:",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-secret-in-message",
        breaks="a token that the server repeats stands in the message of the error",
        file="connectors/http/adapter.py",
        old="without_secrets(body, secrets_of(request))",
        new="body",
        tests=_ANSWERS,
    ),
    Mutant(
        name="http-metadata-address-allowed",
        breaks="a configured address may lead to the credentials of the machine",
        file="connectors/http/addresses.py",
        old="address.is_link_local or ",
        new="",
        tests=_ADDRESSES,
    ),
    Mutant(
        name="http-in-the-clear",
        breaks="a token goes over plain http beyond loopback",
        file="connectors/http/addresses.py",
        old='if parts.scheme.lower() == "http" and not is_loopback(host):',
        new='if parts.scheme.lower() == "ftp":',
        tests=_ADDRESSES,
    ),
)

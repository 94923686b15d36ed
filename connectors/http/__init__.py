"""What every connector shares: one careful transport for the sessions of whatever client package it uses.

    adapter = CarefulAdapter(
        name="ado",                                # opens every message
        origins=(origin(url), "https://vssps.dev.azure.com"),   # a request to any other origin is not sent
        request_timeout=connection.request_timeout,
        reads=re.compile(r"/_apis/wit/(wiql|workitemsbatch)$"),  # POST paths that only read
    )
    session.mount("https://", adapter)             # and "http://": plain http passes on loopback only
    adapter.start(Deadline(connection.cycle_timeout))  # the budget of what follows, shared by all threads

A mounted session answers with the whole body read and checked, and a status below 300; everything else is raised as
one of `lpm_sync.errors`, through whatever package called (neither `jira` nor `msrest` catches those). So the callers
never see an error status, a redirect, a login page, half a body or JSON that does not parse. `send` retries network
errors, 408, 425, 429, 500, 502, 503, 504 and answers that are not whole, of GET, HEAD, OPTIONS and POST reads; a write
only where it cannot have been carried out (429, or no connection came about). A write whose answer is lost, or is 5xx,
raises UnclearError; one that never left raises UnavailableError. No redirect is followed.

Statuses that mean something to one tracker go through `translate=`: a callable with the signature of
`translate(status, headers, body, where)`, which may return None to let the answer pass (for example 400 with
`AlreadyExists`); call the default for the rest. `reach=` tells from the headers of a 429 how far its pause reaches.

When a request may go: not while a pause runs that the server asked for (with `pauses=Pauses(connection.pauses,
server=origin(url))` also in an earlier cycle or process), not faster than `rates=` allow, and never more than
`at_once=` under way. That number shrinks while the server is strained (429, 503, `Retry-After` on any answer, little
left by `X-RateLimit-Remaining`, answers that take much longer than they use to) and grows again: docs/decisions/0009.

For tests: `wait= (seconds), `monotonic=`, and `retries=RetryPolicy(jitter=...)` replace time and chance.
`decode(body, Shape, where)` reads checked bytes into a msgspec struct, and raises UnavailableError for `null`, `[]`, an
error body or a missing field, so that a wrong answer is never taken for an empty one; `is_write=True` makes that
UnclearError. Around request and `decode`, `expecting(Shape)` has the body decoded as it is checked, and not once more.
"""

from connectors.http.adapter import USER_AGENT, CarefulAdapter
from connectors.http.addresses import check_address, origin
from connectors.http.answers import NOT_DECODED, Decoding, decode, expecting
from connectors.http.deadline import Deadline
from connectors.http.pauses import Pauses, Reach
from connectors.http.rates import Rate
from connectors.http.retries import RetryPolicy, retry_after_seconds
from connectors.http.translation import translate

__all__ = [
    "NOT_DECODED",
    "USER_AGENT",
    "CarefulAdapter",
    "Deadline",
    "Decoding",
    "Pauses",
    "Rate",
    "Reach",
    "RetryPolicy",
    "check_address",
    "decode",
    "expecting",
    "origin",
    "retry_after_seconds",
    "translate",
]

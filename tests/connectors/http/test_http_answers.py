"""What counts as an answer, and how long and how large it may be."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Callable
from threading import Thread

import msgspec
import pytest
import requests
from msgspec import Struct
from urllib3 import HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError, SSLError

from connectors.http import Decoding, RetryPolicy, decode, expecting
from connectors.http.attempts import connection_failure
from lpm_sync.errors import LpmSyncError, UnauthorisedError, UnavailableError, UnclearError
from tests.connectors.http.conftest import Careful, answer, drip, hang

SECRET = "canary-51ab07"  # no real credential: what must never be shown
ONCE = RetryPolicy(attempts=1)


class Page(Struct):
    issues: list[int]


def test_an_answer_comes_whole_and_the_connection_is_kept(careful: Careful) -> None:
    bodies = [b'{"issues":[1]}', b'{"issues":[2,3]}']
    careful.server.will(*(answer(body=body) for body in bodies))
    assert [careful.get().content for _ in bodies] == bodies
    assert careful.server.connections == 1


def test_a_compressed_answer_is_unpacked(careful: Careful) -> None:
    careful.server.will(answer(body=gzip.compress(b'{"a": 1}'), Content_Encoding="gzip"))
    assert careful.get().json() == {"a": 1}


def test_an_answer_is_decoded_once_where_it_is_known_what_it_will_be(careful: Careful) -> None:
    class Counted(Decoding[Page]):
        times = 0

        def decode(self, body: bytes) -> Page:
            self.times += 1
            return msgspec.json.decode(body, type=Page)

    counted = Counted()
    careful.server.will(answer(body=b'{"issues":[1'), answer(body=b'{"issues":[1]}'))
    with expecting(counted):
        assert decode(careful.get().content, counted, "here").issues == [1]
    assert counted.times == len(careful.server.requests) == 2


def test_an_answer_of_another_shape_than_expected_is_no_reason_to_ask_again(careful: Careful) -> None:
    careful.server.will(answer(body=b'{"total":7}'))
    with expecting(Page), pytest.raises(UnavailableError, match="not what was asked for"):
        decode(careful.get().content, Page, "here")
    assert len(careful.server.requests) == 1


def test_an_answer_in_chunks_is_put_together(careful: Careful) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    careful.server.will(head + b'4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n')
    assert careful.get().json() == {"a": 1}


def test_what_is_small_packed_and_huge_unpacked_is_cut_off(make: Callable[..., Careful]) -> None:
    careful = make(largest_body=1024 * 1024)
    careful.server.will(answer(body=gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"))
    with pytest.raises(UnavailableError, match="larger than 1 MB"):
        careful.get()
    assert len(careful.server.requests) == 1


@pytest.mark.parametrize(
    "slow",
    [
        hang,
        drip(0.02, *[bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000]),
        drip(0.02, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", *[b" "] * 1000),
    ],
    ids=["says nothing", "a byte at a time in the headers", "a byte at a time in the body"],
)
def test_a_request_ends_by_its_deadline_however_slowly_the_answer_comes(
    make: Callable[..., Careful], slow: Callable[..., None]
) -> None:
    careful = make(request_timeout=0.3, retries=ONCE, monotonic=time.monotonic)
    careful.server.will(slow)
    with pytest.raises(UnavailableError, match="no whole answer in time"):
        careful.get()


def test_a_write_that_gets_no_answer_in_time_is_unclear(make: Callable[..., Careful]) -> None:
    careful = make(request_timeout=0.2)
    careful.server.will(hang)
    with pytest.raises(UnclearError):
        careful.put()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(body=b'{"issues":[1,'), UnavailableError),
        (answer(body=b"[" * 100_000), UnavailableError),
        (answer(body=b"\xff\xfe"), UnavailableError),
        (answer(body=b""), UnavailableError),
        (answer(body=b"<html>Maintenance</html>", kind="text/html"), UnavailableError),
        (answer(body=b"<html>Maintenance</html>"), UnavailableError),
        (answer(body=b"<form><input type='password'></form>", kind="text/html"), UnauthorisedError),
        (answer(body=b"<title>Sign in to your account</title>", kind="text/html;charset=utf-8"), UnauthorisedError),
        (answer(203, b"<html></html>", kind="text/html"), UnauthorisedError),
        (answer(302, b"", Location="/login.jsp?from=there"), UnauthorisedError),
        (answer(302, b"", Location="https://login.example/oauth"), UnauthorisedError),
        (answer(301, b"", Location="https://elsewhere.example/rest"), UnavailableError),
        (answer(307, b"", Location="/rest/other"), UnavailableError),
    ],
)
def test_what_is_no_data_is_never_taken_for_data(
    make: Callable[..., Careful], reply: bytes, error: type[LpmSyncError]
) -> None:
    careful = make(retries=ONCE)
    careful.server.will(reply)
    with pytest.raises(error, match=r"^tracker: GET /rest/items"):
        careful.get()


def test_a_redirect_is_not_followed_so_the_token_stays(careful: Careful, make: Callable[..., Careful]) -> None:
    careful.server.will(answer(302, b"", Location=f"{careful.server.url}/elsewhere"))
    with pytest.raises(UnavailableError, match="not followed"):
        careful.get()
    assert len(careful.server.requests) == 1


def test_a_request_to_another_origin_is_not_sent(careful: Careful) -> None:
    with pytest.raises(UnavailableError, match="not sent"):
        careful.session.get(careful.server.url.replace("127.0.0.1", "localhost") + "/rest/items")
    assert careful.server.requests == []


@pytest.mark.parametrize("reply", [answer(201, b""), answer(204, b"")])
def test_a_write_may_be_answered_with_nothing(careful: Careful, reply: bytes) -> None:
    careful.server.will(reply)
    assert careful.put().content == b""


def test_a_write_that_is_answered_by_a_web_page_is_unclear(careful: Careful) -> None:
    careful.server.will(answer(body=b"<html>Oops</html>", kind="text/html"))
    with pytest.raises(UnclearError):
        careful.put()


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b'{"errorMessages":["no"]}', b'{"issues":null}', b"", b"{"])
def test_another_shape_is_an_error_and_not_an_empty_result(body: bytes) -> None:
    with pytest.raises(UnavailableError, match=r"^tracker: search: "):
        decode(body, Page, "tracker: search")
    with pytest.raises(UnclearError):
        decode(body, Page, "tracker: search", is_write=True)


def test_the_expected_shape_is_decoded() -> None:
    assert decode(b'{"issues":[1,2],"more":true}', Page, "tracker: search").issues == [1, 2]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500])
def test_an_error_says_place_and_reason_and_never_the_secret(make: Callable[..., Careful], status: int) -> None:
    careful = make(retries=ONCE)
    careful.session.auth = ("bot@example.com", SECRET)
    encoded = requests.auth._basic_auth_str("bot@example.com", SECRET).split()[1]
    said = f'{{"errorMessages":["Bad {SECRET} and {encoded}"],"errors":{{"labels":"no blanks\\n"}}}}'
    careful.server.will(answer(status, said.encode()))
    with pytest.raises(LpmSyncError) as raised:
        careful.get()
    text = f"{raised.value} {raised.value!r}"
    assert "GET /rest/items" in text
    assert "labels: no blanks" in text
    assert SECRET not in text
    assert encoded not in text


def test_a_long_reason_is_cut_and_stands_on_one_line(make: Callable[..., Careful]) -> None:
    careful = make(retries=ONCE)
    careful.server.will(answer(400, b'{"message":"' + b"\\u001b[31m\\r\\n" * 5000 + b'"}'))
    with pytest.raises(LpmSyncError) as raised:
        careful.get()
    assert len(str(raised.value)) < 500
    assert str(raised.value).isprintable()


def test_a_tracker_may_let_a_status_pass_that_means_something_to_it(make: Callable[..., Careful]) -> None:
    careful = make(translate=lambda status, headers, body, where: None)
    careful.server.will(answer(400, b'{"typeKey":"AlreadyExists"}'))
    assert careful.get().status_code == 400


def test_retries_that_a_client_package_puts_in_do_nothing(careful: Careful) -> None:
    careful.adapter.max_retries = Retry(3, status_forcelist=[503], allowed_methods=None)
    careful.server.will(answer(503))
    with pytest.raises(UnclearError):
        careful.put()
    assert len(careful.server.requests) == 1


def test_one_adapter_serves_many_threads(careful: Careful) -> None:
    careful.server.will(answer(body=b'{"issues":[1]}'))
    found: list[int] = []
    threads = [Thread(target=lambda: found.append(careful.get().status_code)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert found == [200] * 24
    assert careful.server.connections <= 8


def test_a_message_has_the_path_and_not_the_query(make: Callable[..., Careful]) -> None:
    careful = make(retries=ONCE)
    careful.server.will(answer(500))
    with pytest.raises(UnavailableError) as raised:
        careful.get("/rest/items?jql=secret")
    assert not re.search("jql|secret", str(raised.value))


def test_a_refused_connection_is_said_so_with_its_place(make: Callable[..., Careful]) -> None:
    nowhere = make(origins=("http://127.0.0.1:1",), retries=ONCE)
    with pytest.raises(UnavailableError, match=r"^tracker: GET /rest/items: http://127\.0\.0\.1:1 cannot be reached"):
        nowhere.session.get("http://127.0.0.1:1/rest/items")


def test_a_name_that_nobody_knows_and_a_certificate_that_nobody_trusts_are_said_so() -> None:
    unknown = NameResolutionError("jira.example", HTTPConnection("jira.example"), socket.gaierror(-2, "not known"))
    pool = HTTPSConnectionPool("jira.example")
    for reason, said in (
        (unknown, "the name of https://jira.example:443 is not known"),
        (SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), "certificate of the server is not trusted"),
    ):
        error = requests.ConnectionError(MaxRetryError(pool, "/rest", reason))
        failure = connection_failure(error, "tracker: PUT /rest", "https://jira.example:443")
        assert said in str(failure.error)
        assert not failure.may_stand

"""The troubles of the conformance suite, as faults on the wire to an embedded tracker."""

from __future__ import annotations

from connectors.sandbox.faults import Fault
from lpm_sync.testing.backdoor import Trouble

LOGIN_PAGE = b"<html><body><form>Sign in <input type='password'></form></body></html>"


def fault_of(trouble: Trouble, *, after: int, login_status: int) -> Fault:
    """For ever, from the request after so many; `login_status` is the one that the tracker's login page comes with."""
    match trouble:
        case Trouble.CUT_OFF:
            return Fault(path="", times=-1, skip=after, cuts=True)
        case Trouble.NOTHING:
            return Fault(path="", times=-1, skip=after, status=200)
        case Trouble.LOGIN_PAGE:
            headers = {"content-type": "text/html; charset=utf-8"}
            return Fault(path="", times=-1, skip=after, status=login_status, headers=headers, body=LOGIN_PAGE)
        case Trouble.STRANGER:
            return Fault(path="", times=-1, skip=after, status=401, body=b"{}")


def fault_that_asks_to_wait(seconds: float) -> Fault:
    """For the next request alone."""
    return Fault(path="", status=429, headers={"Retry-After": f"{seconds:g}"}, body=b"{}")

"""One thread finds out whether an edit brings a comment along; what others do meanwhile, and afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from connectors.jira.joining import Joining


def test_those_who_waited_for_the_trial_do_not_wait_for_each_other() -> None:
    joining = Joining()
    together = Barrier(2)

    def edit() -> bool:
        with joining.trial():
            return together.wait(timeout=10) >= 0

    with ThreadPoolExecutor(max_workers=2) as pool:
        with joining.trial():
            waiting = [pool.submit(edit) for _ in range(2)]
            joining.settle(works=True)
        assert all(one.result() for one in waiting)

"""`serve`: scheduler and web in one process, until a signal ends it between two writes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from typing import Protocol

import structlog
import uvicorn
from fastapi import FastAPI

from lpm_sync.errors import ConfigurationError, LpmSyncError, StoppedError, UnavailableError, UnsafePlanError
from lpm_sync.pipeline.cycle import Control, run_cycle
from lpm_sync.pipeline.digesting import Posting, is_digest_settled, post_digest
from lpm_sync.pipeline.workplace import Workplace
from lpm_sync.ports import Clock
from lpm_sync.service.health import Health
from lpm_sync.service.process import Listen, ending_signals, listening
from lpm_sync.service.scheduler import CycleScheduler, Schedule
from lpm_sync.service.web import create_application
from lpm_sync.state.digests import DigestStatus

log = structlog.get_logger(__name__)

_POSTED_AGAIN = "once that is mended it is posted within the hour, while its day lasts; at once: lpm-sync digest --post"
_LOOK_THERE = "look in the chat; it is not posted again"
_LOOKS_FOR_A_SIGNAL = 0.2  # seconds
_WEB_ENDS_WITHIN = 1  # seconds


class CycleReport(Protocol):
    """What a cycle hands back."""

    @property
    def exit_status(self) -> int:
        """The exit code that the program would have had."""
        ...

    @property
    def is_blind(self) -> bool:
        """Whether nothing could be read, so that nothing was done."""
        ...

    @property
    def troubles(self) -> Sequence[str]:
        """A line about each thing that did not go through."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """A line about each thing that a person should look at."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is run. `run_cycle` is given the question whether to stop, which it asks before each write.

    `run_digest` returns what became of the current slot's in each chat, now or before; `is_digest_settled` whether
    it is settled meanwhile, by hand for example.
    """

    run_cycle: Callable[[Callable[[], bool]], CycleReport]
    run_digest: Callable[[], Sequence[Posting]]
    is_digest_settled: Callable[[], bool] = lambda: False


def serve_workplace(workplace: Workplace) -> None:
    """Serves a workplace on the schedule of its configuration, at the address of its settings.

    Configuration is read anew by each cycle; a new schedule counts from the next start. Raises ConfigurationError.
    """
    configuration = workplace.configuration()
    digest = configuration.digest_schedule
    serve(
        Work(
            run_cycle=lambda should_stop: run_cycle(workplace, Control(should_stop=should_stop)),
            run_digest=lambda: post_digest(workplace, is_scheduled=True),
            is_digest_settled=lambda: is_digest_settled(workplace),
        ),
        schedule=Schedule(
            interval=configuration.interval,
            digest_weekday=digest.weekday,
            digest_time=digest.time,
            timezone=configuration.timezone,
        ),
        listen=Listen(host=workplace.settings.listen_host, port=workplace.settings.listen_port),
        clock=workplace.clock,
    )


def serve(
    work: Work,
    *,
    schedule: Schedule,
    listen: Listen,
    clock: Clock,
    on_ready: Callable[[str], None] = lambda url: None,
    grace: timedelta = timedelta(seconds=8),
) -> None:
    """Runs until SIGTERM or SIGINT; `on_ready` is told the address of the web.

    A cycle that is running is told to stop after the write in flight. One that has not within `grace` is left behind:
    its intents are recorded, and the next cycle finds out what became of them.

    Raises ConfigurationError where the address cannot be listened on.
    """
    stop = Event()
    health = Health(clock, schedule.interval)
    scheduler = CycleScheduler(
        schedule,
        run_cycle=lambda: _run_cycle(work, stop, health, clock),
        run_digest=lambda: _run_digest(work, health),
        on_skipped=health.record_skipped,
    )
    application = create_application(health=health.report, next_cycle=scheduler.next_cycle)
    with listening(listen) as (listener, url), ending_signals() as received, _answering(application, listener) as web:
        log.info("serving", url=url, interval_seconds=schedule.interval.total_seconds())
        on_ready(url)
        scheduler.start()
        while not received and web.is_alive():
            web.join(_LOOKS_FOR_A_SIGNAL)
        stop.set()
        log.info("stopping", signals=received)
        if not scheduler.stop(grace):
            log.warning("cycle_left_behind", waited_seconds=grace.total_seconds())
    if not received:
        raise UnavailableError("the web server ended by itself; the log says why")


@contextmanager
def _answering(application: FastAPI, listener: socket.socket) -> Iterator[Thread]:
    """The web in a thread of its own: in the main one it would take the signals for itself."""
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_WEB_ENDS_WITHIN
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join(_WEB_ENDS_WITHIN)


def _run_cycle(work: Work, stop: Event, health: Health, clock: Clock) -> None:
    started = clock.now()
    did_something = False

    def run() -> int:
        nonlocal did_something
        report = work.run_cycle(stop.is_set)
        did_something = not report.is_blind
        return _told(report)

    exit_status = _exit_status(run)
    health.record_cycle(started, exit_status, did_something=did_something)
    if health.report().is_digest_owed and _is_done(work.is_digest_settled):
        health.record_digest(is_settled=True)


def _told(report: CycleReport) -> int:
    """The exit status, having told the log what people would see on a terminal: nobody watches one here."""
    for trouble in report.troubles:
        log.warning("cycle_trouble", trouble=trouble)
    for remark in report.warnings:
        log.warning("cycle_remark", remark=remark)
    return report.exit_status


def _are_settled(postings: Sequence[Posting]) -> bool:
    """Whether each chat's is, having told the log why one is not, or perhaps not, in its chat."""
    for posting in postings:
        if posting.status is not DigestStatus.POSTED and not posting.is_for_next_slot:
            remedy = _LOOK_THERE if posting.is_settled else _POSTED_AGAIN
            log.warning(
                "digest_not_posted", chat=posting.chat, status=posting.status, reason=posting.detail, remedy=remedy
            )
    return all(posting.is_settled for posting in postings)


def _run_digest(work: Work, health: Health) -> bool:
    is_settled = _is_done(lambda: _are_settled(work.run_digest()))
    health.record_digest(is_settled=is_settled)
    return is_settled


def _is_done(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except LpmSyncError as error:
        log.error("digest_failed", error=str(error))
    except Exception:  # the boundary of a run: a bug in a digest ends that digest, not the service
        log.exception("digest_crashed")
    return False


def _exit_status(run: Callable[[], int]) -> int:
    """The exit code of a cycle, also of one that fails: the next may well succeed."""
    try:
        return int(run())
    except StoppedError:
        log.info("cycle_stopped")
        return 4
    except UnsafePlanError as error:
        log.warning("cycle_refused", error=str(error), digest=error.digest)
        return 3
    except ConfigurationError as error:
        log.error("cycle_failed", error=str(error))
        return 2
    except LpmSyncError as error:
        log.error("cycle_failed", error=str(error))
        return 1
    except Exception:  # the boundary of a run: a bug ends the run, not the process
        log.exception("cycle_crashed")
        return 1

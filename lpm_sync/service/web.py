"""The web application: `/healthz`, for whoever restarts or alarms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from lpm_sync.service.health import Condition, HealthReport


def create_application(*, health: Callable[[], HealthReport], next_cycle: Callable[[], datetime | None]) -> FastAPI:
    """The application. It shows figures and times, never a message: those may quote a tracker."""
    application = FastAPI(title="lpm-sync", docs_url=None, redoc_url=None, openapi_url=None)

    @application.get("/healthz")
    def healthz() -> JSONResponse:
        report = health()
        status = 503 if report.condition is Condition.FAILING else 200
        return JSONResponse(health_answer(report, next_cycle()), status_code=status)

    return application


def health_answer(report: HealthReport, next_cycle: datetime | None) -> dict[str, Any]:
    """The report as JSON values, instants as ISO 8601 with their zone."""
    last = report.last_cycle
    return {
        "status": report.condition.value,
        "started": report.started.isoformat(),
        "last_cycle": last
        and {
            "started": last.started.isoformat(),
            "finished": last.finished.isoformat(),
            "exit_status": last.exit_status,
        },
        "next_cycle": next_cycle and next_cycle.isoformat(),
        "failures_in_a_row": report.failures_in_a_row,
        "skipped": report.skipped,
        "digest_owed": report.is_digest_owed,
    }

"""Opens the workplace that the environment describes, with logging set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpm_sync.pipeline.workplace import Workplace


def open_workplace() -> Workplace:
    """The workplace of this environment; every secret that is read is kept out of the log."""
    from lpm_sync.log import Redactor, configure_logging
    from lpm_sync.pipeline.workplace import SystemClock, Workplace
    from lpm_sync.settings import load_settings

    settings = load_settings()
    redactor = Redactor()
    configure_logging(redactor, level=settings.log_level, style=settings.log_format)
    return Workplace(settings=settings, secrets=settings.secrets(redactor.register), clock=SystemClock())

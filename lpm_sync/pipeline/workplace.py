"""Where a cycle works: configuration, state, trackers and chats, opened when they are used and closed after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lpm_sync import plugins
from lpm_sync.errors import ConfigurationError, UnavailableError
from lpm_sync.pipeline.absent import AbsentChat, AbsentTracker
from lpm_sync.policy.configuration import Configuration
from lpm_sync.policy.loader import load_configuration
from lpm_sync.policy.policy import ChatStanza
from lpm_sync.ports import Chat, Clock, KeptPauses, Tracker
from lpm_sync.settings import Secrets, Settings
from lpm_sync.state.pauses import TrackerPauses
from lpm_sync.state.store import State


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What a cycle is given. Configuration and secrets are read anew each time they are asked for."""

    settings: Settings
    secrets: Secrets
    clock: Clock

    def configuration(self, *, goes_by_lock: bool = True) -> Configuration:
        """Raises ConfigurationError with every mistake in the three files, and in the lock unless that is to go."""
        return load_configuration(self.settings.config, goes_by_lock=goes_by_lock)

    @contextmanager
    def trackers(self, configuration: Configuration, state: State) -> Iterator[dict[str, Tracker]]:
        """All configured trackers by name, open for one cycle.

        One that cannot be opened, or that asked to be left alone for longer, answers everything with that reason. What
        they ask for meanwhile is recorded in the end, however that comes, where the state may be written; long pauses
        are noted in any case, as soon as they are told.
        """
        with ExitStack() as opened:
            if state.may_write:
                opened.callback(lambda: state.pauses.record(self.clock.now()))
            trackers: dict[str, Tracker] = {}
            for name in configuration.trackers:
                trackers[name] = self._opened(configuration, name, state)
                opened.callback(trackers[name].close)
            yield trackers

    def _opened(self, configuration: Configuration, name: str, state: State) -> Tracker:
        try:
            return self.open_tracker(configuration, name, state.pauses.of_tracker(name, self.clock.now()))
        except (ConfigurationError, UnavailableError) as error:
            return AbsentTracker(name, error)

    def open_tracker(self, configuration: Configuration, name: str, pauses: TrackerPauses | None = None) -> Tracker:
        """One of them, for the caller to close.

        Raises ConfigurationError for a secret or an address that is wrong, UnavailableError where it is not to be asked
        anything yet.
        """
        if pauses is not None and pauses.until is not None:
            raise UnavailableError(f"{name}: {resting(pauses.until)}")
        return self.connect(configuration, name, pauses)

    def connect(self, configuration: Configuration, name: str, pauses: KeptPauses | None) -> Tracker:
        """Through the installed connector. Raises ConfigurationError."""
        connect = plugins.connector(configuration.tracker(name).connector)
        return connect(configuration.connection(name, self.secrets.credentials_for(name), pauses), self.clock)

    def chats(self, configuration: Configuration) -> dict[str, Chat]:
        """All chats by the name that they have here; one that cannot be opened says so when it is to post."""
        return {stanza.called: self._opened_chat(stanza) for stanza in configuration.chats}

    def _opened_chat(self, stanza: ChatStanza) -> Chat:
        try:
            return self.open_chat(stanza)
        except ConfigurationError as error:
            return AbsentChat(stanza.called, error)

    def open_chat(self, stanza: ChatStanza) -> Chat:
        """One of them. Raises ConfigurationError for an address that is missing or wrong."""
        return plugins.chat(stanza.chat)(self.secrets.webhook_for(stanza.called), self.clock)

    def state(self) -> State:
        """The state, for this run alone. Raises StateError where another run holds it or it cannot be used.

        Raises ConfigurationError where its path cannot be that of a file.
        """
        return State.open(_file(self.settings.state), at=self.clock.now())

    def state_to_read(self) -> State:
        """The state to look at, also while a run holds it. Raises as `state` does."""
        return State.open_for_reading(_file(self.settings.state), at=self.clock.now())


def resting(until: datetime) -> str:
    """That a tracker or a chat asked to be left alone, for people."""
    return f"it asked to be left alone until {until:%Y-%m-%d %H:%M:%S %Z}; nothing is sent to it before that"


def _file(path: Path) -> Path:
    """The path, if there is a file or could be one. Whether it may be opened, only opening it tells."""
    with suppress(OSError):
        if path.is_dir():
            raise ConfigurationError(
                f"LPM_STATE: {path} is a directory: name a file in it, for example {path / 'state.sqlite3'}"
            )
        above = next((folder for folder in path.parents if folder.exists()), None)
        if above is not None and not above.is_dir():
            raise ConfigurationError(f"LPM_STATE: {path} cannot be a file, since {above} is no directory")
    return path

"""What the environment says: where files are, how to log and listen, and secrets, which are read when they are used."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lpm_sync.errors import ConfigurationError

SECRET_SIZE_LIMIT = 16_384  # bytes
FILE_SUFFIX = "_FILE"


class Settings(BaseSettings):
    """Settings of the environment, each `LPM_` and its name in capitals: `LPM_CONFIG`, `LPM_LISTEN_PORT`."""

    model_config = SettingsConfigDict(env_prefix="LPM_", frozen=True, extra="ignore", use_attribute_docstrings=True)

    config: Path = Path("config")
    """The directory of the three YAML files."""
    state: Path = Path("var/lpm-sync.sqlite3")
    """The state file."""
    secrets_dir: Path | None = None
    """A directory with one file a secret, named like its variable: `LPM_JIRA_TOKEN`."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """`console` for people, `json` for collectors; `auto` is console in a terminal."""
    listen_host: str = "127.0.0.1"
    """Where `serve` listens."""
    listen_port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    """The port that `serve` listens on."""

    def secrets(self, on_read: Callable[[str], None] = lambda value: None) -> Secrets:
        """The secrets of this environment; each value that is read is told to `on_read` first (for redaction)."""
        return Secrets(directory=self.secrets_dir, environment=os.environ, on_read=on_read)


def load_settings() -> Settings:
    """Reads the environment; raises ConfigurationError that names each wrong variable, and never its value."""
    try:
        return Settings()
    except ValidationError as error:
        mistakes = [
            f"LPM_{'_'.join(str(part) for part in detail['loc']).upper()}: {detail['msg']}"
            for detail in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigurationError("\n".join(mistakes)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Secrets by name, read anew each time, so that a renewed one counts from the next cycle.

    `LPM_JIRA_TOKEN` is a file of that name in `directory`, or else the file that the environment variable
    `LPM_JIRA_TOKEN_FILE` leads to, or the variable `LPM_JIRA_TOKEN` itself. Which secrets a tracker `jira` has is its
    connector's business; a chat `slack` has `LPM_SLACK_WEBHOOK`. Hyphens in a name become underscores.
    """

    directory: Path | None
    environment: Mapping[str, str] = field(repr=False)
    on_read: Callable[[str], None] = field(repr=False, default=lambda value: None)

    def credentials_for(self, tracker: str) -> TrackerCredentials:
        """The secrets of that tracker; none is read yet."""
        return TrackerCredentials(tracker=tracker, secrets=self)

    def webhook_for(self, chat: str) -> str:
        """The address of a chat, which is a secret; raises ConfigurationError where there is none."""
        return self._required(_variable(chat, "WEBHOOK"), f"the webhook address of chat {chat!r}")

    def find(self, name: str) -> SecretStr | None:
        """The secret of that name, without white space around it; None where there is none or it is empty.

        Raises ConfigurationError for a file that cannot be read, and where both the variable and its file are named.
        """
        value = self._from_directory(name) or self._from_environment(name)
        if not value:
            return None
        if not name.endswith(FILE_SUFFIX):  # the path of a file is no secret, and stands in messages
            self.on_read(value)
        return SecretStr(value)

    def _required(self, name: str, what: str) -> str:
        secret = self.find(name)
        if secret is None:
            file = f"the file {self.directory / name}" if self.directory else f"a file {name} in LPM_SECRETS_DIR"
            raise ConfigurationError(f"{what} is missing: set the environment variable {name}, or write it to {file}")
        return secret.get_secret_value()

    def _from_directory(self, name: str) -> str:
        return _content(self.directory / name) or "" if self.directory is not None else ""

    def _from_environment(self, name: str) -> str:
        value = self.environment.get(name, "").strip()
        path = self.environment.get(name + FILE_SUFFIX, "").strip()
        if not path:
            return value
        if value:
            raise ConfigurationError(f"{name} and {name}{FILE_SUFFIX} are both set; unset the one that is not meant")
        content = _content(Path(path))
        if content is None:
            raise ConfigurationError(f"{path}: there is no such file, but {name}{FILE_SUFFIX} names it")
        return content


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerCredentials:
    """The port `Credentials`: the secrets of one tracker, `token` under `LPM_<TRACKER>_TOKEN` and so on."""

    tracker: str
    secrets: Secrets = field(repr=False)

    def read(self, name: str) -> str | None:
        """The secret of that name, read anew; None where there is none. Raises ConfigurationError."""
        found = self.secrets.find(self.place(name))
        return None if found is None else found.get_secret_value()

    def place(self, name: str) -> str:
        """The variable that holds it."""
        return _variable(self.tracker, name.upper())


def _content(path: Path) -> str | None:
    """The text of a file that holds one secret, without white space around it; None where there is no such file."""
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_SIZE_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}; check its owner and permissions") from None
    if len(content) > SECRET_SIZE_LIMIT:
        raise ConfigurationError(f"{path}: larger than {SECRET_SIZE_LIMIT} bytes; it should hold one secret")
    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: not UTF-8 text; write the secret as plain text") from None


def _variable(name: str, kind: str) -> str:
    return f"LPM_{re.sub('[^A-Z0-9]', '_', name.upper())}_{kind}"

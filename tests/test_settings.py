"""Settings come from the environment; secrets are read when they are used, and are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from lpm_sync.errors import ConfigurationError
from lpm_sync.settings import Secrets, Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "SECRETS_DIR", "LOG_LEVEL", "LOG_FORMAT", "LISTEN_HOST", "LISTEN_PORT"):
        monkeypatch.delenv(f"LPM_{name}", raising=False)


def test_without_an_environment_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.config, settings.state) == (Path("config"), Path("var/lpm-sync.sqlite3"))
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 8080)
    assert (settings.log_level, settings.log_format) == ("info", "auto")


def test_each_setting_is_a_variable_with_our_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CONFIG": "elsewhere", "LOG_LEVEL": "debug", "LISTEN_PORT": "9000"}.items():
        monkeypatch.setenv(f"LPM_{name}", value)
    settings = load_settings()
    assert (settings.config, settings.log_level, settings.listen_port) == (Path("elsewhere"), "debug", 9000)


def test_a_wrong_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPM_LISTEN_PORT", "hunter2")
    monkeypatch.setenv("LPM_LOG_LEVEL", "hunter2")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "LPM_LISTEN_PORT: " in str(caught.value)
    assert "LPM_LOG_LEVEL: " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_tracker_has_a_token_and_perhaps_an_address() -> None:
    secrets = Secrets(
        directory=None, environment={"LPM_JIRA_TOKEN": "t", "LPM_JIRA_EMAIL": "bot@x", "LPM_ADO_TOKEN": "p"}
    )
    assert [secrets.credentials_for("jira").read(name) for name in ("token", "email")] == ["t", "bot@x"]
    assert [secrets.credentials_for("ado").read(name) for name in ("token", "email")] == ["p", None]


def test_hyphens_of_a_name_become_underscores() -> None:
    secrets = Secrets(directory=None, environment={"LPM_JIRA_EU_TOKEN": "t", "LPM_TEAM_ROOM_WEBHOOK": "https://x"})
    assert secrets.credentials_for("jira-eu").read("token") == "t"
    assert secrets.webhook_for("team-room") == "https://x"


def test_a_file_counts_before_the_variable_and_white_space_around_it_does_not(tmp_path: Path) -> None:
    (tmp_path / "LPM_JIRA_TOKEN").write_text("\ufefffrom-file\n", encoding="utf-8")
    secrets = Secrets(directory=tmp_path, environment={"LPM_JIRA_TOKEN": "from-variable", "LPM_ADO_TOKEN": " p "})
    assert secrets.credentials_for("jira").read("token") == "from-file"
    assert secrets.credentials_for("ado").read("token") == "p"


def test_a_renewed_secret_counts_from_the_next_use(tmp_path: Path) -> None:
    secrets = Secrets(directory=tmp_path, environment={})
    (tmp_path / "LPM_JIRA_TOKEN").write_text("old", encoding="utf-8")
    assert secrets.credentials_for("jira").read("token") == "old"
    (tmp_path / "LPM_JIRA_TOKEN").write_text("new", encoding="utf-8")
    assert secrets.credentials_for("jira").read("token") == "new"


def test_a_variable_that_changes_counts_from_the_next_use(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Settings().secrets()
    monkeypatch.setenv("LPM_JIRA_TOKEN", "old")
    assert secrets.credentials_for("jira").read("token") == "old"
    monkeypatch.setenv("LPM_JIRA_TOKEN", "new")
    assert secrets.credentials_for("jira").read("token") == "new"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_missing_secret_is_told_with_the_variable_and_the_file_that_would_hold_it(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "LPM_SLACK_WEBHOOK").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Secrets(directory=tmp_path, environment={"LPM_SLACK_WEBHOOK": ""}).webhook_for("slack")
    assert "the environment variable LPM_SLACK_WEBHOOK" in str(caught.value)
    assert str(tmp_path / "LPM_SLACK_WEBHOOK") in str(caught.value)


def test_without_a_directory_the_message_names_the_setting() -> None:
    with pytest.raises(ConfigurationError, match="LPM_SLACK_WEBHOOK in LPM_SECRETS_DIR"):
        Secrets(directory=None, environment={}).webhook_for("slack")


def test_a_secret_may_stand_in_a_file_that_a_variable_leads_to(tmp_path: Path) -> None:
    path = tmp_path / "jira-token"
    path.write_text("old\n", encoding="utf-8")
    credentials = Secrets(directory=None, environment={"LPM_JIRA_TOKEN_FILE": str(path)}).credentials_for("jira")
    assert credentials.read("token") == "old"
    path.write_text("new\n", encoding="utf-8")
    assert credentials.read("token") == "new"


def test_a_file_that_is_named_and_missing_is_a_mistake(tmp_path: Path) -> None:
    secrets = Secrets(directory=None, environment={"LPM_JIRA_TOKEN_FILE": str(tmp_path / "gone")})
    with pytest.raises(ConfigurationError, match="LPM_JIRA_TOKEN_FILE names it"):
        secrets.credentials_for("jira").read("token")


def test_a_variable_and_its_file_at_once_are_a_mistake_that_shows_neither(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2", encoding="utf-8")
    environment = {"LPM_JIRA_TOKEN_FILE": str(tmp_path / "token"), "LPM_JIRA_TOKEN": "hunter3"}
    with pytest.raises(ConfigurationError, match="LPM_JIRA_TOKEN and LPM_JIRA_TOKEN_FILE are both set") as caught:
        Secrets(directory=None, environment=environment).credentials_for("jira").read("token")
    assert "hunter" not in str(caught.value)


def test_the_path_of_a_file_is_no_secret() -> None:
    told: list[str] = []
    environment = {"LPM_ADO_CERTIFICATE_FILE": "/run/secrets/ado.pem", "LPM_ADO_CERTIFICATE_PASSWORD": "hunter2"}
    credentials = Secrets(directory=None, environment=environment, on_read=told.append).credentials_for("ado")
    assert credentials.read("certificate_file") == "/run/secrets/ado.pem"
    assert credentials.read("certificate_password") == "hunter2"
    assert told == ["hunter2"]


@pytest.mark.parametrize(
    ("content", "message"), [(b"x" * 20_000, "larger than"), (b"\xff\xfe\x00", "not UTF-8"), (None, "cannot be read")]
)
def test_a_file_that_holds_no_secret_is_refused_without_showing_it(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "LPM_JIRA_TOKEN"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=message) as caught:
        Secrets(directory=tmp_path, environment={}).credentials_for("jira").read("token")
    assert "xxx" not in str(caught.value)


def test_every_value_that_is_read_is_told_first() -> None:
    told: list[str] = []
    environment = {"LPM_JIRA_TOKEN": "t", "LPM_JIRA_EMAIL": "bot@x", "LPM_SLACK_WEBHOOK": "https://x"}
    secrets = Secrets(directory=None, environment=environment, on_read=told.append)
    for name in ("token", "email", "client_secret"):
        secrets.credentials_for("jira").read(name)
    secrets.webhook_for("slack")
    assert told == ["t", "bot@x", "https://x"]


def test_secrets_do_not_show_themselves() -> None:
    secrets = Secrets(directory=None, environment={"LPM_JIRA_TOKEN": "hunter2"})
    assert "hunter2" not in repr(secrets)
    assert "hunter2" not in repr(secrets.credentials_for("jira"))
    assert "hunter2" not in repr(secrets.find("LPM_JIRA_TOKEN"))

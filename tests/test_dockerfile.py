"""The image's service is reached from outside its container, and its health check asks where the service listens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from lpm_sync.settings import Settings

TEXT = (Path(__file__).parents[1] / "Dockerfile").read_text(encoding="utf-8")


class Health(BaseHTTPRequestHandler):
    """Answers `/healthz` alone, as the service does."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_it_listens_on_the_port_that_it_exposes_at_every_address() -> None:
    named = {name.lower(): value for name, value in re.findall(r"\bLPM_(LISTEN_[A-Z]+)=(\S+)", TEXT)}
    settings = Settings.model_validate(named)
    assert (settings.listen_host, settings.listen_port) == ("0.0.0.0", int(_value("EXPOSE")))


def test_its_health_check_asks_the_configured_port() -> None:
    command = [sys.executable, *json.loads(_value("HEALTHCHECK [^[]*CMD"))[1:]]
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        environment = {**os.environ, "LPM_LISTEN_PORT": str(server.server_port)}
        Thread(target=server.handle_request, daemon=True).start()
        assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode == 0
    assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode != 0


def _value(instruction: str) -> str:
    [value] = re.findall(rf"^{instruction} (.+)$", TEXT, re.MULTILINE)
    return str(value)

"""An authority like Microsoft Entra over https on loopback, and an endpoint that lends identities over http.

The addresses, the fields of the forms and the bodies of refusals follow Microsoft: the OAuth 2.0 client credentials
flow of its identity platform, and managed identities of App Service. The real `azure-identity` talks to it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

TENANT = "3f9a1c52-0000-4000-8000-00000000abcd"
CERTIFICATE_END = datetime(2040, 1, 31, 12, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Authority:
    """What it issues, what it refuses with, and what it was sent; `url` once it listens."""

    token: str
    url: str = ""
    seconds: int = 3600
    status: int = 200
    refusal: str = ""  # the text behind `error_description`
    redirects_to: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, object]]:
        """The status and the body for a request."""
        parts = urlsplit(target)
        self.paths.append(f"{method} {parts.path}")
        self.headers.append(headers)
        form = dict(parse_qsl(body.decode() or parts.query))
        if parts.path.endswith("/openid-configuration"):
            return 200, self._configuration()
        self.forms.append(form)
        if self.status != 200:
            return self.status, {"error": "invalid_client", "error_description": self.refusal, "error_codes": [1]}
        expires_on = int(datetime.now(UTC).timestamp()) + self.seconds
        issued: dict[str, object] = {"access_token": self.token, "token_type": "Bearer", "expires_in": self.seconds}
        return 200, issued if method == "POST" else {**issued, "expires_on": str(expires_on)}

    def _configuration(self) -> dict[str, object]:
        root = f"{self.url}/{TENANT}"
        place = self.redirects_to or f"{root}/oauth2/v2.0/token"
        return {"token_endpoint": place, "authorization_endpoint": f"{root}/authorize", "issuer": f"{root}/v2.0"}


@contextmanager
def serving(authority: Authority, certificate: Path | None = None) -> Iterator[Authority]:
    """The authority, listening on loopback; over https where there is a certificate with its key."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = authority.answer(self.command, self.path, headers, body)
            encoded = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = _answer  # noqa: N815 the names are those of http.server

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    authority.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_certificate(path: Path, *, password: str = "") -> Path:
    """Writes a key and a certificate that signs itself, in one PEM file; it is good for 127.0.0.1, and to trust."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lpm-sync test")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(CERTIFICATE_END)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    path.write_bytes(private + built.public_bytes(Encoding.PEM))
    return path

"""What clients talk to: the token endpoint, as GHCR has it on the registry's own origin, and the registry behind it.

Every request is written down before its answer goes out, so that a test can count without waiting.
"""

import base64
import binascii
import json
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.doubles.registry.tokens import Issuer
from tests.doubles.registry.wire import Exchange

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host"})


class Front(ThreadingHTTPServer):
    """The listening side. `backend` is where the registry listens, once it does."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, issuer: Issuer, password: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = issuer
        self.password = password
        self.backend = ("", 0)
        self.public: set[str] = set()
        self.unreachable: set[str] = set()
        """Repositories that the right password does not open, either."""
        self.revoked: set[str] = set()
        self.issued: list[str] = []
        self.exchanges: list[Exchange] = []
        self.before: Callable[[str, str], None] = lambda _method, _path: None
        """Called with method and path before a request is carried out: what happens at that very moment."""
        self._writing = threading.Lock()

    @property
    def origin(self) -> str:
        """The URL of the front."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def note(self, exchange: Exchange) -> None:
        """Write a request down."""
        with self._writing:
            self.exchanges.append(exchange)

    def grant(self, scope: str, authorization: str | None) -> str | None:
        """Return a token for `scope`, or None: denied."""
        kind, _, rest = scope.partition(":")
        repository, _, actions = rest.rpartition(":")
        if kind != "repository" or not repository:
            return None
        if authorization is None:
            allowed = repository in self.public
        else:
            allowed = self._right(authorization) and (repository in self.public or repository not in self.unreachable)
        if not allowed:
            return None
        token = self.issuer.token(repository, actions.split(","))
        self.issued.append(token)
        return token

    def _right(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            _, _, given = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        return scheme == "Basic" and given == self.password


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _front(self) -> Front:
        assert isinstance(self.server, Front)
        return self.server

    def setup(self) -> None:
        super().setup()
        self._connection: HTTPConnection | None = None

    def finish(self) -> None:
        super().finish()
        if self._connection is not None:
            self._connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._front.before(self.command, parts.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        authorization = self.headers.get("Authorization")
        if parts.path == "/token":
            self._token(parse_qs(parts.query).get("scope", [""])[0], authorization)
        elif authorization is not None and authorization.removeprefix("Bearer ") in self._front.revoked:
            challenge = f'Bearer realm="{self._front.origin}/token",service="{Issuer.audience}",error="invalid_token"'
            self._refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": challenge})
        else:
            self._forward(body)

    do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def _token(self, scope: str, authorization: str | None) -> None:
        token = self._front.grant(scope, authorization)
        if token is None:
            self._refuse(403, "DENIED", {})
        else:  # GHCR says nothing about how long it lasts
            self._send(200, {"Content-Type": "application/json"}, json.dumps({"token": token}).encode())

    def _refuse(self, status: int, code: str, headers: dict[str, str]) -> None:
        body = json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode()
        self._send(status, {"Content-Type": "application/json", **headers}, body)

    def _forward(self, body: bytes) -> None:
        if self._connection is None:
            self._connection = HTTPConnection(*self._front.backend)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        headers["Host"] = self.headers.get("Host", "")
        if body or self.command in {"PUT", "POST", "PATCH"}:
            headers["Content-Length"] = str(len(body))
        self._connection.request(self.command, self.path, body=body or None, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        length = answer.getheader("Content-Length", str(len(content)))
        self._send(answer.status, {**kept, "Content-Length": length}, content)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        scheme = (self.headers.get("Authorization") or "").partition(" ")[0].lower()
        path = urlsplit(self.path).path
        self._front.note(Exchange(method=self.command, path=path, status=status, authorization=scheme))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

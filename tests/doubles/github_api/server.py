"""The HTTP server: reads requests, keeps the log, lets faults happen, and turns violations into HTTP 500."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.github_api import queries, rest
from tests.doubles.github_api.description import match
from tests.doubles.github_api.wire import DROP_AFTER, DROP_BEFORE, Answer, Fault, Faults, Request, no_fault
from tests.doubles.github_api.world import World

GRAPHQL = "/graphql"
READING = ("GET", "HEAD")


class Broken(Exception):
    """The connection is to be broken without an answer."""


@dataclass(kw_only=True)
class Line:
    """What happens to each request on its way: the log, the hooks, the handling."""

    world: World = field(default_factory=World)
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: Faults = no_fault
    before: Callable[[Request], object] = no_fault

    def request(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Request:
        """Note a request as it comes in."""
        address = urlsplit(target)
        body = _json(raw)
        if address.path == GRAPHQL:
            name, is_write = queries.operation_of(body)
            operation = f"graphql:{name}"
        else:
            found = match(method, address.path)
            operation, is_write = found[0].id if found else "unknown", method not in READING
        with self.world.lock:
            request = Request(
                number=len(self.requests) + 1,
                method=method,
                path=address.path,
                query=dict(parse_qsl(address.query, keep_blank_values=True)),
                headers=headers,
                body=body,
                operation=operation,
                is_write=is_write,
            )
            self.requests.append(request)
        return request

    def carry_out(self, request: Request) -> Answer:
        """Answer a request, unless a fault comes between; raises Broken where the line is to break."""
        fault: Fault | None = None
        try:
            self.before(request)
            fault = self.faults(request)
            answer = fault if isinstance(fault, Answer) else self._answer(request) if fault != DROP_BEFORE else None
        except Exception as error:  # noqa: BLE001 - whatever went wrong here, no test may miss it
            self.violations.append(str(error) or repr(error))
            return Answer(status=500, body={"message": f"The double of GitHub's API: {error!r}"})
        if answer is None or fault == DROP_AFTER:
            raise Broken
        return answer

    def _answer(self, request: Request) -> Answer:
        """A user agent is required.

        https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
        """
        if not request.headers.get("user-agent"):
            return Answer(status=403, body={"message": "Request forbidden by administrative rules."})
        answer = queries.answer if request.path == GRAPHQL else rest.answer
        with self.world.lock:
            return answer(self.world, request)


def _json(raw: bytes) -> object:
    """The body; what is no JSON stays text, and is a violation further on."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


def handler_for(line: Line) -> type[BaseHTTPRequestHandler]:
    """The handler class that http.server wants, bound to one line."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "github.com"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                answer = line.carry_out(line.request(self.command, self.path, headers, raw))
            except Broken:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            if content:
                self.send_header("Content-Type", "application/json; charset=utf-8")
            if answer.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.send_header("X-GitHub-Request-Id", f"DOUB:{len(line.requests)}")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):  # http.server looks for one method for each verb
                return self._serve
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Say nothing: the log is in `requests`."""

    return Handler


class _Http(ThreadingHTTPServer):
    """Knows its open connections, so that clients that keep theirs alive do not keep a thread alive."""

    daemon_threads = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._open: set[object] = set()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Break every open connection."""
        for connection in list(self._open):
            if isinstance(connection, socket.socket):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Server:
    """The line on a free loopback port, served by threads until it is closed."""

    def __init__(self, line: Line) -> None:
        self._http = _Http(handler_for(line))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving, and wait for the threads."""
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()

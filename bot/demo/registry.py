"""A registry on loopback that holds its content in memory. It can be read; images are put in by calling `push`.

Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
"""

import json
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Final, Self

from bot.demo.images import Image, Part
from bot.image import Digest, Repository, Tag

_CONTENT: Final = re.compile(r"/v2/(?P<name>[^?#]+)/(?P<kind>manifests|blobs)/(?P<reference>[^/?#]+)")
_JSON: Final = "application/json"
_BLOB: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What goes back; `digest` is that of the content, None for an error."""

    status: HTTPStatus
    content_type: str
    body: bytes
    digest: Digest | None = None


class EmbeddedRegistry:
    """Used as `with EmbeddedRegistry() as registry`; `url` is where it listens, `requests` how often it was asked."""

    def __init__(self) -> None:
        self._manifests: dict[tuple[str, str], Part] = {}
        self._blobs: dict[tuple[str, str], Part] = {}
        self._counting = threading.Lock()
        self._requests = 0
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, self._counted))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="registry", daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The origin to ask: `http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> int:
        """How many requests have come in."""
        return self._requests

    def push(self, repository: Repository, tag: Tag, image: Image) -> Digest:
        """Take an image in and let `tag` mean it; return its digest. Earlier builds stay, by digest."""
        for blob in image.blobs:
            self._blobs[repository.path, str(blob.digest)] = blob
        for manifest in (*image.manifests, image.index):
            self._manifests[repository.path, str(manifest.digest)] = manifest
        self._manifests[repository.path, str(tag)] = image.index
        return image.index.digest

    def _counted(self, method: str, path: str) -> _Answer:
        with self._counting:
            self._requests += 1
        return self._answer(method, path)

    def _answer(self, method: str, path: str) -> _Answer:
        if method not in {"GET", "HEAD"}:
            return _error(HTTPStatus.METHOD_NOT_ALLOWED, "UNSUPPORTED", "this registry can only be read")
        if path in {"/v2", "/v2/"}:
            return _Answer(status=HTTPStatus.OK, content_type=_JSON, body=b"{}")
        wanted = _CONTENT.fullmatch(path)
        if wanted is None:
            return _error(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN", "no such path")
        key = (wanted["name"], wanted["reference"])
        if wanted["kind"] == "blobs":
            blob = self._blobs.get(key)
            if blob is None:
                return _error(HTTPStatus.NOT_FOUND, "BLOB_UNKNOWN", "no such blob in this repository")
            return _Answer(status=HTTPStatus.OK, content_type=_BLOB, body=blob.body, digest=blob.digest)
        manifest = self._manifests.get(key)
        if manifest is None:
            return _error(HTTPStatus.NOT_FOUND, "MANIFEST_UNKNOWN", "no such manifest in this repository")
        return _Answer(
            status=HTTPStatus.OK, content_type=manifest.media_type, body=manifest.body, digest=manifest.digest
        )


def _error(status: HTTPStatus, code: str, message: str) -> _Answer:
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return _Answer(status=status, content_type=_JSON, body=body)


class _Server(ThreadingTCPServer):
    """Not `HTTPServer`, which asks the name server who 127.0.0.1 is."""

    daemon_threads = True
    request_queue_size = 64  # a run opens many connections at once; the default refuses the sixth

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when the other side hangs up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # the stubs know no Unix sockets


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP; what to say is decided by `answer`."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, each answer would wait for an acknowledgement

    def __init__(self, answer: Callable[[str, str], _Answer], *rest: object) -> None:
        self._answer = answer
        super().__init__(*rest)  # type: ignore[arg-type] # whatever the server hands over

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Write no log: the demo's own words stand on the terminal."""

    def do_GET(self) -> None:
        """Answer a request of any method."""
        answer = self._answer(self.command, self.path)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Docker-Distribution-API-Version", "registry/2.0")
        if answer.digest is not None:
            self.send_header("Docker-Content-Digest", str(answer.digest))
        if answer.status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Connection", "close")  # what was sent along has not been read
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

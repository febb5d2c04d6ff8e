"""Starts, fills, watches and stops the registry: Debian's `docker-registry`, a real CNCF distribution."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.image import Digest
from tests.doubles.registry import images
from tests.doubles.registry.front import Front
from tests.doubles.registry.images import Image, Kind, Part, Pushed
from tests.doubles.registry.tokens import Issuer
from tests.doubles.registry.wire import Exchange

BINARY = "docker-registry"
PASSWORD = "registry-password"
BOTH = ("linux/amd64", "linux/arm64")


class RegistryServer:
    """One registry on a loopback port; `host` is what stands in a reference. Used as a context manager."""

    def __init__(self, *, authenticated: bool = True) -> None:
        self._authenticated = authenticated
        self._issuer = Issuer()
        self._front = Front(self._issuer, PASSWORD)
        # The registry makes and syncs many small files: in memory, where there is such a place, it is ten times faster.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self._folder = Path(tempfile.mkdtemp(prefix="bump-registry-", dir=memory))
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._front.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @staticmethod
    def is_installed() -> bool:
        """Whether the registry's program is there."""
        return shutil.which(BINARY) is not None

    def __enter__(self) -> Self:
        (self._folder / "tokens.pem").write_bytes(self._issuer.bundle)
        configuration = self._folder / "config.yml"
        configuration.write_text(json.dumps(self._configuration()))  # JSON is YAML
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [BINARY, "serve", configuration], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 20
        while (found := re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())) is None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise RuntimeError(f"{BINARY} did not start:\n{log.read_text()}")
            time.sleep(0.005)
        self._front.backend = ("127.0.0.1", int(found[1]))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._front.shutdown()
        self._thread.join()
        self._front.server_close()
        self._stop()
        shutil.rmtree(self._folder)

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _configuration(self) -> dict[str, object]:
        # https://distribution.github.io/distribution/about/configuration/
        token = {
            "realm": f"{self.origin}/token",
            "service": Issuer.audience,
            "issuer": Issuer.issuer,
            "rootcertbundle": str(self._folder / "tokens.pem"),
        }
        return {
            "version": "0.1",
            "log": {"level": "info", "accesslog": {"disabled": True}},
            "storage": {
                "filesystem": {"rootdirectory": str(self._folder / "storage")},
                "delete": {"enabled": True},
                "maintenance": {"uploadpurging": {"enabled": False}},
            },
            "http": {"addr": "127.0.0.1:0", "secret": "tests"},
            **({"auth": {"token": token}} if self._authenticated else {}),
        }

    # ---- what clients see -------------------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        """The URL that clients ask."""
        return self._front.origin

    @property
    def host(self) -> str:
        """The host and port, as they stand in a reference."""
        return self.origin.removeprefix("http://")

    @property
    def front(self) -> Front:
        """For what a test wants to happen in the middle of a conversation."""
        return self._front

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request of clients since the last `forget`, tokens included, pushes of the tests not."""
        return tuple(self._front.exchanges)

    def forget(self) -> None:
        """Forget the requests so far."""
        self._front.exchanges.clear()

    def reset(self) -> None:
        """Be as new: no images, no requests, nothing public or revoked."""
        shutil.rmtree(self._folder / "storage", ignore_errors=True)
        for memory in (self._front.public, self._front.unreachable, self._front.revoked):
            memory.clear()
        self._front.issued.clear()
        self._front.before = lambda _method, _path: None
        self.forget()

    def publish(self, repository: str) -> None:
        """Let everybody read `repository`."""
        self._front.public.add(repository)

    def close(self, repository: str) -> None:
        """Let nobody but anonymous readers of public ones read `repository`, whatever the password."""
        self._front.unreachable.add(repository)

    def revoke_tokens(self) -> None:
        """Refuse every token that was given out so far."""
        self._front.revoked.update(self._front.issued)

    # ---- pushing ----------------------------------------------------------------------------------------------------

    @property
    def storage(self) -> Path:
        """Where the registry keeps what was pushed: another one may serve it too."""
        return self._folder / "storage"

    def push(
        self,
        repository: str,
        tag: str,
        *,
        platforms: Sequence[str] = BOTH,
        labels: Mapping[str, str] | None = None,
        labels_of: Mapping[str, Mapping[str, str]] | None = None,
        attestations: bool = True,
        kind: Kind = "oci",
        seed: str = "",
    ) -> Pushed:
        """Push an index of `platforms`; `labels_of` adds labels to single platforms, `seed` makes another build."""
        built = {
            platform: images.image(
                platform, {**(labels or {}), **(labels_of or {}).get(platform, {})}, kind=kind, seed=seed
            )
            for platform in platforms
        }
        for one in built.values():
            self.push_image(repository, one)
        entries = [images.entry(one.manifest, platform) for platform, one in built.items()]
        if attestations and kind == "oci":
            for one in built.values():
                statement = images.attestation(one.manifest)
                self.push_image(repository, statement)
                entries.append(images.attestation_entry(statement.manifest, one.manifest))
        index = images.index(entries, kind=kind)
        self.push_manifest(repository, tag, index)
        return Pushed(index.digest, {platform: one.manifest.digest for platform, one in built.items()})

    def push_single(
        self,
        repository: str,
        tag: str,
        *,
        platform: str = BOTH[0],
        labels: Mapping[str, str] | None = None,
        kind: Kind = "oci",
        seed: str = "",
    ) -> Digest:
        """Push a manifest of one platform, without an index."""
        return self.push_image(repository, images.image(platform, labels or {}, kind=kind, seed=seed), tag)

    def push_image(self, repository: str, image: Image, tag: str | None = None) -> Digest:
        """Push a manifest with its blobs, by its digest or by `tag`."""
        for blob in image.blobs:
            self.push_blob(repository, blob)
        return self.push_manifest(repository, tag, image.manifest)

    def push_blob(self, repository: str, blob: Part) -> None:
        """Upload bytes."""
        started = self._request("POST", repository, "blobs/uploads/")
        location = started.getheader("Location", "")
        joined = f"{location}{'&' if '?' in location else '?'}digest={blob.digest}"
        self._request("PUT", repository, joined, blob.body, {"Content-Type": "application/octet-stream"})

    def push_manifest(self, repository: str, tag: str | None, manifest: Part) -> Digest:
        """Put a manifest or index by `tag`, or by its digest; what it names must be there already."""
        headers = {"Content-Type": manifest.media_type}
        self._request("PUT", repository, f"manifests/{tag or manifest.digest}", manifest.body, headers)
        return manifest.digest

    def retag(self, repository: str, digest: Digest, tag: str) -> None:
        """Let `tag` mean `digest`."""
        accept = ", ".join((*images.INDEX.values(), *images.MANIFEST.values()))
        answer = self._request("GET", repository, f"manifests/{digest}", headers={"Accept": accept})
        part = Part(answer.getheader("Content-Type", ""), self._content)
        self.push_manifest(repository, tag, part)

    def delete(self, repository: str, digest: Digest) -> None:
        """Delete a manifest or index, and every tag that means it."""
        self._request("DELETE", repository, f"manifests/{digest}")

    def delete_blob(self, repository: str, digest: Digest) -> None:
        """Delete a blob."""
        self._request("DELETE", repository, f"blobs/{digest}")

    def _request(
        self,
        method: str,
        repository: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Ask the registry itself, past the front and its memory; `path` may be a Location that it gave."""
        url = f"/v2/{repository}/{path}" if "://" not in path else "/" + path.split("://", 1)[1].split("/", 1)[1]
        token = self._issuer.token(repository, ("pull", "push", "delete"))
        connection = HTTPConnection(*self._front.backend)
        try:
            connection.request(method, url, body, {**(headers or {}), "Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            self._content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise AssertionError(f"{method} {url}: {answer.status} {self._content[:300]!r}")
        return answer

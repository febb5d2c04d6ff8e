"""The registry that is asked: Debian's `docker-registry`, over TLS and so with HTTP/2, open to everybody, in memory.

One image is pushed; the others are that image under other names, as folders of links are copied, not bytes.
"""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.doubles.registry.certificate import certify
from tests.doubles.registry.images import entry, image, index
from tests.doubles.registry.server import BINARY, BOTH

ROOT: Final = Path(__file__).parent.parent
_TIMEOUT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """`host` is next door, `far` the same with latency; every `names` at `:main` means `digest`."""

    folder: Path
    host: str
    far: str
    names: tuple[str, ...]
    digest: str

    @property
    def authority(self) -> Path:
        """The certificate to trust."""
        return self.folder / "ca.crt"

    def requests(self) -> int:
        """How many requests the registry has answered since the last call, by its own log."""
        log = self.folder / "access.log"
        count = log.read_bytes().count(b" /v2/")
        os.truncate(log, 0)
        return count


@contextmanager
def serve(count: int, round_trip: float) -> Iterator[Served]:
    """Start a registry of `count` images, and the line of `round_trip` seconds to it; stop both at the end."""
    with ExitStack() as stack:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder is made inside, by mkdtemp
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bump-bench-", dir=memory)))
        names = tuple(f"acme/app-{number:04}" for number in range(count))
        certify(folder, authority="ca.crt")
        port = _start(folder, stack)
        digest = _fill(folder, f"127.0.0.1:{port}", names)
        line = [sys.executable, "-m", "bench.slow", str(port), str(round_trip)]
        slow = stack.enter_context(subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=ROOT))
        stack.callback(slow.terminate)
        assert slow.stdout is not None  # noqa: S101 - a pipe was asked for
        far = f"127.0.0.1:{int(slow.stdout.readline())}"
        yield Served(folder=folder, host=f"127.0.0.1:{port}", far=far, names=names, digest=digest)


@contextmanager
def over(storage: Path) -> Iterator[tuple[str, Path]]:
    """Serve what another registry has stored, over TLS, and so HTTP/2: its host, and the authority to trust."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bump-bench-")))
        (folder / "storage").symlink_to(storage)
        certify(folder, authority="ca.crt")
        yield f"127.0.0.1:{_start(folder, stack)}", folder / "ca.crt"


def _fill(folder: Path, host: str, names: tuple[str, ...]) -> str:
    """Push an image of two platforms to the first of `names`, and let the others have the same."""
    first, *others = names
    at = f"https://{host}/v2/{first}"
    built = {platform: image(platform, {}) for platform in BOTH}
    whole = index([entry(one.manifest, platform) for platform, one in built.items()])
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    with httpx.Client(verify=context, trust_env=False) as client:
        for blob in (blob for one in built.values() for blob in one.blobs):
            there = client.post(f"{at}/blobs/uploads/").headers["location"]
            put = httpx.URL(there).copy_merge_params({"digest": str(blob.digest)})
            client.put(put, content=blob.body).raise_for_status()
        for part in (*(one.manifest for one in built.values()), whole):
            wanted = "main" if part is whole else part.digest
            headers = {"Content-Type": part.media_type}
            client.put(f"{at}/manifests/{wanted}", content=part.body, headers=headers).raise_for_status()
    repositories = folder / "storage/docker/registry/v2/repositories"
    for name in others:
        shutil.copytree(repositories / first, repositories / name)
    return str(whole.digest)


def _start(folder: Path, stack: ExitStack) -> int:
    # https://distribution.github.io/distribution/about/configuration/
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    configuration = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {
            "filesystem": {"rootdirectory": str(folder / "storage")},
            "cache": {"blobdescriptor": "inmemory"},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        "http": {
            "addr": f"127.0.0.1:{port}",
            "secret": "bench",
            "tls": {"certificate": str(folder / "ca.crt"), "key": str(folder / "key.pem")},
        },
    }
    (folder / "config.yml").write_text(json.dumps(configuration))  # JSON is YAML
    log = stack.enter_context((folder / "access.log").open("ab"))
    errors = stack.enter_context((folder / "errors.log").open("ab"))
    command = [BINARY, "serve", str(folder / "config.yml")]
    registry = stack.enter_context(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=errors))
    stack.callback(registry.terminate)
    deadline = time.monotonic() + _TIMEOUT
    while not _listens(port):
        if registry.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{BINARY} did not start:\n{(folder / 'errors.log').read_text()}")
        time.sleep(0.02)
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

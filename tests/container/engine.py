"""Builds and runs images where no engine is: buildah builds in a chroot, runc runs what came out.

Needs root, and Linux with mount and PID namespaces. Images and containers lie in a folder of their own.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAMS = ("buildah", "runc", "mmdebstrap")
_SHOWN = 3000  # characters of what a failed program said


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a container ended, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image: what `docker inspect` shows of it, its file system, and its size in bytes."""

    config: Mapping[str, Any]
    root: Path
    size: int


class Engine:
    """One store of images; used as a context manager, which leaves nothing behind but the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = ("--root", str(folder / "store"), "--runroot", str(folder / "state"))
        self._runs = 0

    @staticmethod
    def missing() -> list[str]:
        """The programs that are not installed."""
        return [program for program in PROGRAMS if shutil.which(program) is None]

    def __enter__(self) -> Self:
        (self._folder / "state").mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.buildah("rm", "--all")
        self.buildah("rmi", "--all", "--force")
        # the overlay driver makes its own folder a mount point, and leaves it one
        subprocess.run(("umount", self._folder / "store" / "overlay"), check=False, capture_output=True)

    def buildah(self, verb: str, *arguments: str | Path) -> str:
        """Run buildah on the store, and return what it wrote to stdout."""
        return told("buildah", *self._store, verb, *arguments)

    def load(self, archive: Path, name: str) -> None:
        """Make an image of one layer from a tar archive."""
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, archive, "/")
        self.buildah("commit", "--quiet", "--rm", container, name)

    def push(self, name: str, reference: str) -> str:
        """Push to a registry on loopback, and return the digest that it is known by there."""
        digest = self._folder / "digest"
        fast = ("--compression-format", "gzip", "--compression-level", "1")
        self.buildah(
            "push", "--quiet", "--tls-verify=false", *fast, "--digestfile", digest, name, f"docker://{reference}"
        )
        return digest.read_text().strip()

    def build(
        self, context: Path, name: str, *, arguments: Mapping[str, str], mounts: Mapping[Path, str], pull: bool = True
    ) -> None:
        """Build the Dockerfile of a folder; `mounts` are seen by its steps, and are no part of the image."""
        given = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        seen = [f"--volume={here}:{there}:ro" for here, there in mounts.items()]
        how = ("--isolation=chroot", "--tls-verify=false", "--layers=false", f"--pull={'always' if pull else 'never'}")
        self.buildah("build", *how, *given, *seen, "--tag", name, context)

    def open(self, name: str) -> Built:
        """Lay an image out on disk."""
        container = self.buildah("from", "--pull=never", name)
        shown = json.loads(self.buildah("inspect", "--type", "image", name))
        (listed,) = json.loads(self.buildah("images", "--json", name))
        config = shown["OCIv1"]["config"]
        return Built(config=config, root=Path(self.buildah("mount", container)), size=_bytes(listed["size"]))

    def run(
        self,
        image: Built,
        *arguments: str,
        repository: Path,
        user: tuple[int, int] | None = None,
        environ: Mapping[str, str] | None = None,
        entrypoint: Sequence[str] | None = None,
    ) -> Ran:
        """Do what this does: `docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --network host --volume
        <repository>:<working directory> [--user …] [--env …] [--entrypoint …] <image> <arguments>`.
        """
        self._runs += 1
        bundle = self._folder / f"run-{self._runs}"
        bundle.mkdir()
        told("runc", "spec", "--bundle", bundle)
        spec = json.loads((bundle / "config.json").read_text())
        uid, gid = user or _numbers(image.config["User"])
        spec["root"] = {"path": str(image.root), "readonly": True}
        spec["process"] |= {
            "terminal": False,
            "args": [*(entrypoint or image.config["Entrypoint"]), *arguments],
            "cwd": image.config["WorkingDir"],
            "env": [*image.config["Env"], *(f"{key}={value}" for key, value in (environ or {}).items())],
            "user": {"uid": uid, "gid": gid},
            "capabilities": {},
            "noNewPrivileges": True,
        }
        spec["mounts"] += [
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]},
            {
                "destination": image.config["WorkingDir"],
                "type": "bind",
                "source": str(repository),
                "options": ["rbind"],
            },
        ]
        spec["linux"]["namespaces"] = [one for one in spec["linux"]["namespaces"] if one["type"] != "network"]
        (bundle / "config.json").write_text(json.dumps(spec))
        command = (
            "runc",
            "--root",
            self._folder / "runc",
            "run",
            "--bundle",
            bundle,
            f"bump-{bundle.parent.name}-{self._runs}",
        )
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def told(*command: str | Path) -> str:
    """Run a program and return its stdout; the end of what it said stands in the error when it failed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{(done.stdout + done.stderr)[-_SHOWN:]}")
    return done.stdout.strip()


def _numbers(user: str) -> tuple[int, int]:
    uid, gid = user.split(":")
    return int(uid), int(gid)


def _bytes(text: str) -> int:
    """A size as buildah lists it: `287 MB`, in units of a thousand."""
    number, unit = text.split()
    return round(float(number) * {"KB": 1e3, "MB": 1e6, "GB": 1e9}[unit])

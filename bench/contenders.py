"""Who is measured: bump, the bare loop, skopeo under xargs, a loop of grep, curl and sed as shell bots do.

All ask about the same images without a credential, and trust the registry by its certificate.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.served import ROOT, Served
from bot.image import MEDIA_TYPES

SKOPEO: Final = (
    """exec xargs -P 16 -I NAME skopeo inspect --raw --no-creds --cert-dir "$FOLDER" "docker://$HOST/NAME:main" """
)
SHELL: Final = """
while read -r name; do
    file=$FILES/${name##*/}.yaml
    old=$(grep -o "$name@sha256:[0-9a-f]*" "$file")
    new=$(curl -sfI --cacert "$FOLDER/ca.crt" -H "Accept: $ACCEPT" "https://$HOST/v2/$name/manifests/main" |
        tr -d '\\r' | sed -n 's/^docker-content-digest: //Ip')
    sed -i "s|$old|$name@$new|" "$file"
done
"""

Place = Literal["host", "far"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took. `peak` is in MB, of the largest process; `work` is the wall without starting Python."""

    wall: float
    cpu: float
    peak: float
    requests: int
    work: float = 0
    work_cpu: float = 0


def missing() -> tuple[str, ...]:
    """Which programs that are compared with are not installed."""
    return tuple(name for name in ("skopeo", "curl") if shutil.which(name) is None)


def python(served: Served, how: str, count: int, *, place: Place, concurrency: int) -> Cost:
    """Measure one of the two ways of `bench.asking`."""
    host = getattr(served, place)
    command = [sys.executable, "-m", "bench.asking", how, host, str(concurrency), str(served.authority), served.digest]
    return _measured(served, command, count)


def shell(served: Served, script: str, count: int, *, place: Place) -> Cost:
    """Measure a script that reads names from stdin."""
    files = served.folder / "files"
    shutil.rmtree(files, ignore_errors=True)
    write_pins(files, served, count, served.host)
    environ = {
        "FOLDER": str(served.folder),
        "FILES": str(files),
        "HOST": getattr(served, place),
        "ACCEPT": ", ".join(MEDIA_TYPES),
    }
    return _measured(served, ["sh", "-c", script], count, environ)


def command(served: Served, count: int) -> Cost:
    """Measure `bump --env dev --into files`, from its start to its end, over a repository of one file an image."""
    root = served.folder / "checkout"
    shutil.rmtree(root, ignore_errors=True)
    write_pins(root / "env/dev", served, count, served.host)
    (root / "config").mkdir()
    shutil.copy(served.authority, root / "config/ca.crt")
    (root / "config/environments.yaml").write_text(
        "version: 1\n"
        f'registries: {{"{served.host}": {{ca_file: config/ca.crt}}}}\n'
        f'images: [{{match: "{served.host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
        "environments:\n  dev: {paths: [env/dev/**], follow: main}\n"
    )
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], [*_NOBODY, "commit", "-qm", "start"]):
        subprocess.run(["git", "-C", root, *arguments], check=True)
    line = [sys.executable, "-m", "bot", "--root", str(root), "--env", "dev", "--into", "files"]
    return _measured(served, line, 0)


_NOBODY: Final = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


def write_pins(folder: Path, served: Served, count: int, host: str) -> None:
    """Write a small values file for each of the first `count` images, as it is when nothing has changed."""
    folder.mkdir(parents=True)
    for name in served.names[:count]:
        pin = f"image: {host}/{name}@{served.digest}\n"
        (folder / f"{name.rpartition('/')[2]}.yaml").write_text(f"replicaCount: 1\n{pin}pullPolicy: IfNotPresent\n")


def _measured(served: Served, command: Sequence[str], count: int, environ: Mapping[str, str] | None = None) -> Cost:
    """Run a command that reads the first `count` names, in surroundings without credentials and proxies."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    clean = {**kept, "DOCKER_CONFIG": str(served.folder / "no-docker"), "PYTHONPATH": str(ROOT), **(environ or {})}
    served.requests()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        line = [sys.executable, "-I", "-S", str(ROOT / "bench/measured.py"), str(report), *command]
        names = "".join(f"{name}\n" for name in served.names[:count])
        done = subprocess.run(line, input=names, capture_output=True, text=True, env=clean, cwd=ROOT, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")
        took = json.loads(report.read_text())
    inner = json.loads(done.stdout) if "bench.asking" in command else {"wall": 0, "cpu": 0}
    return Cost(**took, requests=served.requests(), work=inner["wall"], work_cpu=inner["cpu"])

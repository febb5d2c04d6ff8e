"""The whole job: 500 images have newer builds, in 500 files; real registry over HTTP/2, double of GitHub, no pauses.

Everything but `bump` runs in processes of its own, so that its time and memory are told apart. Prints a table for
docs/performance.md. Fails for memory, requests and the wrong end; a time over its target is only told, for it depends
on the machine and on who else is on it. The last row is what the requests alone cost in Python: as many by bare httpx.
"""

import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Final

from bench.served import ROOT, Stored, over
from bench.values import REALISTIC
from bot.image import Digest
from bot.registry.registries import CONCURRENCY
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.registry.server import RegistryServer

COUNT: Final = 500
EACH: Final = 9  # requests of a changed image: docs/performance.md
SIZE: Final = 4_000
SECONDS: Final = 6.0
MEGABYTES: Final = 120
CONFIG: Final = "config/environments.yaml"
LABELS: Final = {
    "org.opencontainers.image.revision": "1f3c9ab0" * 5,
    "org.opencontainers.image.source": "https://github.com/acme/api",
}
SETTINGS: Final = (
    "{labels: [image-bump], reviewers: [reviewer], team_reviewers: [platform], assignees: [person], "
    "auto_merge: {method: squash, by: github}}"
)


def configuration(host: str) -> bytes:
    """One environment, one rule for all."""
    return (
        "version: 1\ngitops: {repository: acme/gitops, base: main}\n"
        f'registries: {{"{host}": {{ca_file: certs/ca.crt}}}}\n'
        f'images: [{{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
        f"environments: {{dev: {{paths: [env/dev/**], follow: main, pull_request: {SETTINGS}}}}}\n"
    ).encode()


def values(number: int, host: str, digest: Digest) -> bytes:
    """One app's file of about 4 KB: its image among third-party ones and plain settings."""
    draw = random.Random(number)  # noqa: S311 - cases, not keys
    parts = [f"image:\n  repository: {host}/acme/app-{number}\n  tag: main\n  digest: {digest}\n"]
    while sum(map(len, parts)) < SIZE:
        parts.append(draw.choice(REALISTIC[1:])(draw, f"component{len(parts)}"))
    return "".join(parts).encode()


def github(folder: Path, pipe: Connection) -> None:
    """Serve the double until the other side has had enough; tell its requests and what it cost then."""
    with GitHubDouble(folder) as double:
        double.settings.required_checks = frozenset({"test"})
        pipe.send((double.url, str(double.bare)))
        double.seed(pipe.recv())
        pipe.send(None)
        while pipe.recv():
            pipe.send((len(double.requests), sum(os.times()[:4]), [pull.state for pull in double.pulls]))
            double.requests.clear()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, Connection]]:
    """The double in a process of its own."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=github, args=(folder, other))
    process.start()
    try:
        yield *pipe.recv(), pipe
    finally:
        pipe.send(None)
        process.join()


def push(registry: RegistryServer, build: str) -> list[Digest]:
    """Let `main` of every image mean another build."""
    return [
        registry.push(f"acme/app-{number}", "main", seed=build, labels=LABELS, attestations=False).digest
        for number in range(COUNT)
    ]


def measured(folder: Path, url: str) -> tuple[float, float, float]:
    """Run the job in a process of its own: seconds by the clock, seconds of the processor, and MB at the peak."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environ = {**kept, "GITHUB_API_URL": url, "BUMP_GITHUB_TOKEN": ACTIONS, "GITHUB_REPOSITORY": "acme/gitops"}
    start = monotonic()
    program = [sys.executable, "-m", "bench.unpaused", str(folder)]
    process = subprocess.Popen(program, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = monotonic() - start
    if process.returncode:
        raise SystemExit(f"bench/job.py: the job ended with {process.returncode}")
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return took, used.ru_utime + used.ru_stime, peak


def bare(stored: Stored, digest: Digest) -> tuple[float, float]:
    """Send as many requests as a run that creates does, by httpx alone: seconds by the clock and of the processor."""
    names = "".join(f"acme/app-{number}\n" for number in range(COUNT)) * EACH
    where = [stored.host, str(CONCURRENCY), str(stored.authority), str(digest)]
    program = [sys.executable, "-m", "bench.asking", "bare", *where]
    done = subprocess.run(program, input=names, capture_output=True, text=True, check=True, cwd=ROOT)
    took = json.loads(done.stdout)
    return took["wall"], took["cpu"]


def main() -> int:
    """Measure, print, judge."""
    if not RegistryServer.is_installed():
        sys.stdout.write("the whole job: left out, docker-registry is not installed\n")
        return 0
    missed: list[str] = []
    sys.stdout.write(f"{COUNT} images in {COUNT} files of {SIZE / 1000:g} KB\n\n")
    sys.stdout.write("| run | seconds | CPU of bump | of the registry | of the double | MB | requests to GitHub |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as scratch, RegistryServer(authenticated=False) as registry:
        olds = push(registry, "1")
        news = push(registry, "2")
        with over(registry.storage) as stored, served(Path(scratch, "github")) as (url, bare_repository, pipe):
            files = {f"env/dev/app-{number}.yaml": values(number, stored.host, old) for number, old in enumerate(olds)}
            pipe.send({CONFIG: configuration(stored.host), **files})
            pipe.recv()
            checkout, nowhere = Path(scratch, "checkout"), Path(scratch, "nowhere")
            subprocess.run(["git", "clone", "-q", bare_repository, checkout], check=True)
            for folder in (checkout, nowhere):
                (folder / "certs").mkdir(parents=True)
                shutil.copy(stored.authority, folder / "certs/ca.crt")
            for name, folder in (("created", checkout), ("unchanged", checkout), ("unchanged, no checkout", nowhere)):
                doubles, registrys = told(pipe)[1], stored.spent()
                seconds, cpu, megabytes = measured(folder, url)
                requests, total, pulls = told(pipe)
                others = f"{stored.spent() - registrys:.1f} | {total - doubles:.1f}"
                line = f"| {name} | {seconds:.1f} | {cpu:.1f} | {others} | {megabytes:.0f} | {requests} |\n"
                sys.stdout.write(line)
                most = 12 if name == "created" else 4
                if seconds > SECONDS:
                    sys.stdout.write(f"  over the target of {SECONDS:g} s\n")
                if megabytes >= MEGABYTES or requests > most or pulls != ["open"]:
                    missed.append(line)
            registrys = stored.spent()
            seconds, cpu = bare(stored, news[0])
            others = f"{stored.spent() - registrys:.1f} | – | – | –"
            sys.stdout.write(f"| {COUNT * EACH:,} HEADs by bare httpx | {seconds:.1f} | {cpu:.1f} | {others} |\n")
    sys.stdout.write("".join(f"MISSED: {line}" for line in missed))
    return 1 if missed else 0


def told(pipe: Connection) -> tuple[int, float, list[str]]:
    """Ask the double what it has done."""
    pipe.send("told")
    requests, spent, pulls = pipe.recv()
    return requests, spent, pulls


if __name__ == "__main__":
    sys.exit(main())

"""The whole job: 500 images have newer builds, in 500 files; real registry over HTTP/2, double of GitHub, no pauses.

Everything but `bump` runs in processes of its own, so that its time and memory are told apart. Prints a table for
docs/performance.md. Fails for memory, requests and the wrong end; a time over its target is only told, for it depends
on the machine and on who else is on it.
"""

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

from bench.served import over
from bench.values import REALISTIC
from bot.cli import run
from bot.commands.surroundings import Surroundings
from bot.image import Digest
from bot.pulls.access import Pace
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.registry.server import RegistryServer

COUNT: Final = 500
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
    environ = {**os.environ, "GITHUB_API_URL": url, "BUMP_GITHUB_TOKEN": ACTIONS, "GITHUB_REPOSITORY": "acme/gitops"}
    start = monotonic()
    here = Path(__file__).parents[1]
    program = [sys.executable, "-m", "bench.job", "run", str(folder)]
    process = subprocess.Popen(program, env=environ, cwd=here, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = monotonic() - start
    if process.returncode:
        raise SystemExit(f"bench/job.py: the job ended with {process.returncode}")
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return took, used.ru_utime + used.ru_stime, peak


def job(folder: Path) -> int:
    """The program itself, with its pauses at zero."""
    pace = Pace(between_writes=0, backoff=0)
    surroundings = Surroundings(
        environ=dict(os.environ), folder=folder, out=sys.stdout, err=sys.stderr, pace=pace, endpoints={}, patience=0
    )
    return run(("--env", "dev"), surroundings)


def main() -> int:
    """Measure, print, judge."""
    if not RegistryServer.is_installed():
        sys.stdout.write("the whole job: left out, docker-registry is not installed\n")
        return 0
    missed: list[str] = []
    sys.stdout.write(f"{COUNT} images in {COUNT} files of {SIZE / 1000:g} KB\n\n")
    sys.stdout.write("| run | seconds | of them bump's CPU | double's CPU | MB | requests to GitHub |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as scratch, RegistryServer(authenticated=False) as registry:
        olds = push(registry, "1")
        push(registry, "2")
        with over(registry.storage) as (host, authority), served(Path(scratch, "github")) as (url, bare, pipe):
            files = {f"env/dev/app-{number}.yaml": values(number, host, old) for number, old in enumerate(olds)}
            pipe.send({CONFIG: configuration(host), **files})
            pipe.recv()
            checkout, nowhere = Path(scratch, "checkout"), Path(scratch, "nowhere")
            subprocess.run(["git", "clone", "-q", bare, checkout], check=True)
            for folder in (checkout, nowhere):
                (folder / "certs").mkdir(parents=True)
                shutil.copy(authority, folder / "certs/ca.crt")
            spent = told(pipe)[1]
            for name, folder in (("created", checkout), ("unchanged", checkout), ("unchanged, no checkout", nowhere)):
                seconds, cpu, megabytes = measured(folder, url)
                requests, total, pulls = told(pipe)
                line = f"| {name} | {seconds:.1f} | {cpu:.1f} | {total - spent:.1f} | {megabytes:.0f} | {requests} |\n"
                spent = total
                sys.stdout.write(line)
                most = 12 if name == "created" else 4
                if seconds > SECONDS:
                    sys.stdout.write(f"  over the target of {SECONDS:g} s\n")
                if megabytes >= MEGABYTES or requests > most or pulls != ["open"]:
                    missed.append(line)
    sys.stdout.write("".join(f"MISSED: {line}" for line in missed))
    return 1 if missed else 0


def told(pipe: Connection) -> tuple[int, float, list[str]]:
    """Ask the double what it has done."""
    pipe.send("told")
    requests, spent, pulls = pipe.recv()
    return requests, spent, pulls


if __name__ == "__main__":
    sys.exit(job(Path(sys.argv[2])) if sys.argv[1:2] == ["run"] else main())

"""Looking up unchanged images: bump against the least that it costs in Python, and what users run instead.

Prints the tables of docs/performance.md, draws docs/performance.svg, and fails when a target is missed by more than
noise would explain. Everything is a ratio within one run; nothing but loopback is asked.
"""

import sys
from collections.abc import Iterable
from typing import Final

from bench.contenders import SHELL, SKOPEO, Cost, Place, command, missing, python, shell
from bench.plot import Line, chart
from bench.served import ROOT, Served, serve
from bot.registry.registries import CONCURRENCY
from tests.doubles.registry.server import RegistryServer

COUNTS: Final = (10, 100, 500, 2000)
PLACES: Final[dict[Place, str]] = {"host": "next door", "far": "50 ms away"}
ROUND_TRIP: Final = 0.05
RUNS: Final = 3
NOISE: Final = 1.15
# What takes minutes is not run: the programs of others, one or more processes an image.
MOST: Final = {("skopeo", "host"): 500, ("skopeo", "far"): 500, ("shell", "host"): 500, ("shell", "far"): 100}
NAMES: Final = {
    "bump": "bump",
    "bare": "(a) bare httpx",
    "skopeo": "(b) xargs -P 16 skopeo",
    "shell": "(c) grep, curl, sed",
}

Key = tuple[str, Place, int]


def measure(served: Served) -> dict[Key, Cost]:
    """Run everybody over every size; the two ways within Python in turn, the best of several runs each."""
    left_out = missing()
    costs: dict[Key, Cost] = {}
    for place in PLACES:
        for count in COUNTS:
            for who, cost in best(served, count, place, CONCURRENCY).items():
                costs[who, place, count] = cost
            for who, script, needs in (("skopeo", SKOPEO, "skopeo"), ("shell", SHELL, "curl")):
                if needs not in left_out and count <= MOST[who, place]:
                    costs[who, place, count] = shell(served, script, count, place=place)
    return costs


def best(served: Served, count: int, place: Place, concurrency: int) -> dict[str, Cost]:
    """The quickest of several runs of bump and of the bare loop, taken in turn, so that a busy machine slows both."""
    runs = [
        (who, python(served, who, count, place=place, concurrency=concurrency))
        for _ in range(RUNS)
        for who in ("bare", "bump")
    ]
    return {
        name: min((cost for who, cost in runs if who == name), key=lambda cost: cost.work) for name in ("bare", "bump")
    }


def tell(costs: dict[Key, Cost]) -> None:
    """Print how much bump takes of what the others take."""
    row(
        [
            "images",
            "registry",
            "wall ÷ (a)",
            "CPU ÷ (a)",
            "peak MB, bump / (a)",
            "requests an image, bump / (a) / (b) / (c)",
            "(b) ÷ bump: wall",
            "CPU",
            "(c) ÷ bump: wall",
            "CPU",
        ]
    )
    row(["---"] * 10)
    for place, where in PLACES.items():
        for count in COUNTS:
            bump, bare = costs["bump", place, count], costs["bare", place, count]
            others = [costs.get(("skopeo", place, count)), costs.get(("shell", place, count))]
            row(
                [
                    f"{count:,}",
                    where,
                    f"{bump.work / bare.work:.2f}",
                    f"{bump.work_cpu / bare.work_cpu:.2f}",
                    f"{bump.peak:.0f} / {bare.peak:.0f}",
                    " / ".join("–" if one is None else f"{one.requests / count:g}" for one in (bump, bare, *others)),
                    *(cell for one in others for cell in times(one, bump)),
                ]
            )


def times(other: Cost | None, bump: Cost) -> Iterable[str]:
    """How many times as much another takes, with the start of bump's process counted."""
    return ("–", "–") if other is None else (f"{other.wall / bump.wall:.1f}", f"{other.cpu / bump.cpu:.1f}")


def row(cells: Iterable[str]) -> None:
    """Print one row of a table."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def sweep(served: Served) -> None:
    """Print what the number of questions at a time does to bump: each limit in turn, the best of several runs."""
    sys.stdout.write("\n")
    limits = (8, 16, 32, 64)
    row(["500 images, wall; 16 at a time = 1", *map(str, limits)])
    row(["---"] * (1 + len(limits)))
    for place, where in PLACES.items():
        runs = [
            [python(served, "bump", 500, place=place, concurrency=limit).work for limit in limits] for _ in range(RUNS)
        ]
        walls = [min(run) for run in zip(*runs, strict=True)]
        row([where, *(f"{wall / walls[limits.index(16)]:.2f}" for wall in walls)])


def draw(costs: dict[Key, Cost]) -> str:
    """Draw how the wall grows, of whole processes, in units of the bare loop over ten images next door."""
    unit = costs["bare", "host", COUNTS[0]].wall
    panels: dict[str, dict[str, Line]] = {}
    for place, where in PLACES.items():
        lines: dict[str, Line] = {}
        for who, name in NAMES.items():
            line = [(count, costs[who, place, count].wall / unit) for count in COUNTS if (who, place, count) in costs]
            if line:
                lines[name] = line
        panels[f"registry {where}"] = lines
    return chart(panels, x="unchanged images", y="wall; (a) over 10 images next door = 1")


def judge(costs: dict[Key, Cost]) -> int:
    """Print the targets, and return 1 when one is missed."""
    missed = 0

    def hold(what: str, value: float, most: float, noise: float = NOISE) -> None:
        nonlocal missed
        missed |= value > most * noise
        sys.stdout.write(f"{'held' if value <= most else 'missed'}: {what}: {value:.2f}, at most {most:g}\n")

    def ratio(place: Place, count: int) -> float:
        return costs["bump", place, count].work / costs["bare", place, count].work

    hold("500 images next door ÷ (a)", ratio("host", 500), 1.5)
    hold("100 images 50 ms away ÷ (a)", ratio("far", 100), 1.3)
    if ("skopeo", "host", 500) in costs:
        hold("500 images next door ÷ (b)", costs["bump", "host", 500].wall / costs["skopeo", "host", 500].wall, 1 / 3)
    hold("peak MB at 2,000 images", max(costs["bump", place, 2000].peak for place in PLACES), 90, 1)
    return missed


def main() -> int:
    """Measure, print, draw, judge."""
    if not RegistryServer.is_installed():
        sys.stdout.write("docker-registry is not installed (Debian, Ubuntu: apt-get install docker-registry)\n")
        return 1
    for name in missing():
        sys.stdout.write(f"{name} is not installed and left out (Debian, Ubuntu: apt-get install {name})\n")
    with serve(max(COUNTS), ROUND_TRIP) as served:
        costs = measure(served)
        tell(costs)
        whole, work = command(served, 500), costs["bump", "host", 500]
        sys.stdout.write(
            f"\n`bump --env dev --into files`, 500 files, next door: wall {whole.wall / work.wall:.2f}, CPU "
            f"{whole.cpu / work.cpu:.2f} times a process that only resolves; {whole.peak:.0f} MB; "
            f"{whole.requests} requests\n"
        )
        sweep(served)
    (ROOT / "docs/performance.svg").write_text(draw(costs))
    sys.stdout.write("\n")
    return judge(costs)


if __name__ == "__main__":
    sys.exit(main())

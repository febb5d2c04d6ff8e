"""Discovery against draining ruamel's own event stream, over the same files in the same run.

Prints a table for docs/performance.md, and fails when a target is missed by more than noise would explain.
"""

import gc
import resource
import sys
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Final

from ruamel.yaml import YAML

from bench.values import FIRST_PARTY, THIRD_PARTY, files
from bot.image import Digest
from bot.pins import discover, read_layers
from bot.planning.coverage import relative
from bot.planning.environment import Configuration, GitOps, ImageRule
from bot.planning.glob import Glob
from bot.planning.targets import first_party

CONFIGURATION: Final = Configuration(
    path="config/environments.yaml",
    gitops=GitOps(),
    registries={},
    images=(ImageRule(match=Glob.parse("ghcr.io/acme/*"), position=0),),
    environments={},
)
OURS: Final = first_party(CONFIGURATION)
MOST: Final = 2.0  # times the drained stream, for files as people have them
NOISE: Final = 1.15
RUNS: Final = 3
MEGABYTES: Final = 100

Files = list[tuple[str, bytes]]


def drained(contents: Files) -> int:
    """Read every event and drop it: what the parser alone costs."""
    count = 0
    for _, content in contents:
        for _event in YAML(typ="safe", pure=False).parse(content.decode()):
            count += 1
    return count


def found(contents: Files) -> int:
    """Discover, and keep nothing but the number of pins."""
    return sum(len(discover(path, content, OURS).pins) for path, content in contents)


def overlays(apps: int) -> Files:
    """A layer with a repository and an overlay with a digest for every app."""
    layer, digest = b"image:\n  repository: ghcr.io/acme/app\n", str(Digest.of(b"bench")).encode()
    below = [(f"_shared/app{number}/values.yaml", layer) for number in range(apps)]
    return below + [
        (f"env/dev/app{number}/values.yaml", b"image:\n  digest: " + digest + b"\n") for number in range(apps)
    ]


def laid_over(contents: Files) -> int:
    """Read the layers, and discover in the overlays with them."""
    below = {path: content for path, content in contents if path.startswith("_shared/")}
    above = {path: content for path, content in contents if path not in below}
    patterns = ([Glob.parse("env/dev/**")], [Glob.parse("_shared/**")])
    layers, _ = read_layers(
        ((path, content, 0) for path, content in below.items()), OURS, above, relative(*patterns, above, below)
    )
    return sum(one.sure for path, content in above.items() for one in discover(path, content, OURS, layers).pins)


def seconds(work: Callable[[Files], int], contents: Files) -> float:
    """The processor's time of one run, without the garbage of the one before."""
    gc.collect()
    start = process_time()
    work(contents)
    return process_time() - start


def ratio(contents: Files) -> float:
    """The best of several runs each, taken in turn, so that a busy machine slows both."""
    return ratio_of(found, drained, contents)


def ratio_of(ours: Callable[[Files], int], theirs: Callable[[Files], int], contents: Files) -> float:
    """The best of several runs of each against the other's."""
    pairs = [(seconds(theirs, contents), seconds(ours, contents)) for _ in range(RUNS)]
    return min(mine for _, mine in pairs) / min(other for other, _ in pairs)


def resident() -> float:
    """The most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def retained(contents: Files) -> float:
    """What a run over all files holds at its peak beyond the files themselves, in MB."""
    gc.collect()
    tracemalloc.start()
    found(contents)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1024 / 1024


def main() -> int:
    """Measure, print, judge."""
    missed: list[str] = []
    everything = files(1000)
    bytes_ = sum(len(content) for _, content in everything)
    sys.stdout.write(
        f"{len(everything)} files, {bytes_ / len(everything) / 1000:.0f} KB each, {found(everything)} pins\n"
    )
    sys.stdout.write("\n| files | discovery ÷ drained event stream |\n| --- | --- |\n")
    realistic = ratio(everything)
    judge(missed, f"| 1,000 as people have them | {realistic:.2f} |", held=realistic <= MOST * NOISE)
    for words, blocks in (
        ("a third-party image with digest everywhere", THIRD_PARTY),
        ("ours everywhere", FIRST_PARTY),
    ):
        sys.stdout.write(f"| 100, {words} | {ratio(files(100, blocks=blocks)):.2f} |\n")
    sys.stdout.write("\n| files | µs per KB | MB held at the peak |\n| --- | --- | --- |\n")
    costs: list[float] = []
    for count in (10, 100, 1000):
        some = everything[:count]
        kilobytes = sum(len(content) for _, content in some) / 1000
        costs.append(min(seconds(found, some) for _ in range(RUNS)) / kilobytes * 1e6)
        sys.stdout.write(f"| {count} | {costs[-1]:.1f} | {retained(some):.1f} |\n")
    judge(missed, f"\ncost per byte, most to least: {max(costs) / min(costs):.2f}", held=max(costs) <= 2 * min(costs))
    sys.stdout.write("\n| apps, each with a layer and an overlay | ms | µs per KB |\n| --- | --- | --- |\n")
    costs.clear()
    for count in (100, 400, 1600):
        some = overlays(count)
        kilobytes = sum(len(content) for _, content in some) / 1000
        taken = min(seconds(laid_over, some) for _ in range(RUNS))
        costs.append(taken / kilobytes * 1e6)
        sys.stdout.write(f"| {count} | {taken * 1000:.0f} | {costs[-1]:.0f} |\n")
    judge(missed, f"\ncost per byte, most to least: {max(costs) / min(costs):.2f}", held=max(costs) <= 2 * min(costs))
    judge(missed, f"resident: {resident():.0f} MB, the files included", held=resident() < MEGABYTES)
    sys.stdout.write("".join(f"MISSED: {line.strip()}\n" for line in missed))
    return 1 if missed else 0


def judge(missed: list[str], line: str, *, held: bool) -> None:
    """Print a line, and remember it where its target is missed."""
    sys.stdout.write(f"{line}\n")
    if not held:
        missed.append(line)


if __name__ == "__main__":
    sys.exit(main())

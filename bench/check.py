"""`bump check` against draining ruamel's own event stream, over the same files in the same run.

The check is the whole verb on a checkout: it reads files from disk, runs every rule, and writes the findings. Once the
tags beside digests are versions; once they are channels, and each breaks three rules. Prints rows for
docs/performance.md, and fails when the target is missed by more than noise would explain.
"""

import gc
import io
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Final

from bench.pins import Files, drained, resident, seconds
from bench.values import files
from bot.commands.check import run_check
from bot.commands.options import CheckFormat
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace

CONFIGURATION: Final = """\
version: 1
images:
  - match: "ghcr.io/acme/*"
environments:
  dev: {paths: ["env/dev/**"], promote_from: source}
  source: {paths: [], follow: main}
"""
MOST: Final = 1.6  # times the drained stream
NOISE: Final = 1.25  # two shared cores; what the code decides moves the ratio by more
RUNS: Final = 2


def checkout(root: Path, contents: Files) -> Path:
    """Write the files, and a configuration that covers them."""
    for path, content in (("config/environments.yaml", CONFIGURATION.encode()), *contents):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def checked(root: Path) -> tuple[float, str]:
    """Run the verb in this process; return the processor's time, and the line that it ends with."""
    out, err = io.StringIO(), io.StringIO()
    surroundings = Surroundings(environ={}, folder=root, out=out, err=err, pace=Pace(), endpoints={})
    gc.collect()
    start = process_time()
    run_check(
        surroundings,
        environments=(),
        paths=(),
        manifests=(),
        base=None,
        changed=False,
        online=False,
        mends=False,
        dry_run=False,
        statistics=False,
        configuration="config/environments.yaml",
        root=None,
        output=CheckFormat.TEXT,
    )
    return process_time() - start, err.getvalue().splitlines()[-1]


def main() -> int:
    """Measure, print, judge."""
    contents = files(1000)
    megabytes = sum(len(content) for _, content in contents) / 1e6
    kept = [(path, content.replace(b'tag: "main"', b'tag: "1.4.0"')) for path, content in contents]
    with tempfile.TemporaryDirectory() as folder:
        roots = checkout(Path(folder) / "kept", kept), checkout(Path(folder) / "broken", contents)
        runs = [(seconds(drained, contents), [checked(root) for root in roots]) for _ in range(RUNS)]
    least = min(base for base, _ in runs)
    sys.stdout.write(f"\n| {len(contents)} files, {megabytes:.0f} MB | check ÷ drained event stream |\n| --- | --- |\n")
    ratios: list[float] = []
    for times in zip(*(found for _, found in runs), strict=True):
        ratios.append(min(taken for taken, _ in times) / least)
        sys.stdout.write(f"| {times[0][1]} | {ratios[-1]:.2f} |\n")
    sys.stdout.write(f"\nresident: {resident():.0f} MB, the files included\n")
    # The target is for files as people have them; in the second kind nearly every reference is a finding or two.
    if ratios[0] > MOST * NOISE:
        sys.stdout.write(f"MISSED: {ratios[0]:.2f}, over {MOST} and {NOISE - 1:.0%} for noise\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

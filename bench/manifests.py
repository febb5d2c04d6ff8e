"""Checking rendered manifests against draining ruamel's own event stream, over the same bytes in the same run.

The whole of `bump check --manifests`: reading in pieces, every rule, the verdict. Fails when the target is missed by
more than noise would explain.
"""

import sys
from datetime import date
from typing import Final

from bench.pins import CONFIGURATION, NOISE, Files, drained, ratio_of
from bench.rendered import rendered
from bot.commands.checking import seldom_collected
from bot.pins import discover, pieces
from bot.planning.glob import Glob
from bot.policy import House, Policy, Verdict, judge, survey

POLICY: Final = Policy(private_images=(Glob.parse("ghcr.io/acme/*"),))
MOST: Final = 1.6  # times the drained stream


def verdict(contents: Files) -> Verdict:
    """Check every stream."""
    house = House(CONFIGURATION, POLICY)
    sheets = (
        house.sheet(path, part, None, discover(path, part, house.ours, before=before), before=before)
        for path, content in contents
        for before, part in pieces(content)
    )
    with seldom_collected():
        return judge(survey(sheets), POLICY, today=date(2026, 11, 25))


def main() -> int:
    """Measure, print, judge."""
    contents = [("-", rendered())]
    seen = verdict(contents)
    taken = ratio_of(lambda files: len(verdict(files).findings), drained, contents)
    sys.stdout.write(
        f"{len(contents[0][1]) / 1e6:.0f} MB of rendered manifests, {seen.references} images: "
        f"check ÷ drained event stream {taken:.2f}, at most {MOST}\n"
    )
    if taken > MOST * NOISE:
        sys.stdout.write("MISSED\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

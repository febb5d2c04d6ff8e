"""`python -m bench.unpaused FOLDER`: the program in that folder, with its pauses at zero.

Apart, so that what the bench itself imports is not counted as bump's.
"""

import os
import sys
from pathlib import Path

from bot.cli import run
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace


def main() -> int:
    """Run the main job; the exit code is its own."""
    surroundings = Surroundings(
        environ=dict(os.environ),
        folder=Path(sys.argv[1]),
        out=sys.stdout,
        err=sys.stderr,
        pace=Pace(between_writes=0, backoff=0),
        endpoints={},
        patience=0,
    )
    return run(("--env", "dev"), surroundings)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bot` and the console script `bump`."""

import io
import os
import sys

from bot.cli import run


def main() -> None:
    """Run the command line, and leave with its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where the terminal knows no arrow, an escape is better than no result.
        sys.stdout.reconfigure(errors="backslashreplace")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from bot.commands.actions import guarded

        sys.stdout, sys.stderr = guarded(sys.stdout, os.environ), guarded(sys.stderr, os.environ)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

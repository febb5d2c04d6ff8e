"""Runs a command and writes down what it took: wall and processor's seconds, and the most that one process held in MB.

`python -I -S bench/measured.py REPORT COMMAND…`. It imports next to nothing: the kernel counts what a process held
before it became another program, so whoever starts a command must be smaller than the command.
"""

import json
import os
import sys
import time


def main() -> int:
    """Run, wait, write."""
    report, *command = sys.argv[1:]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    peak = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is an import too many
        json.dump({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": peak}, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())

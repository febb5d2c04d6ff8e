"""Everything that a run takes from outside, gathered once: so that a test can give it something else."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from bot.pulls.access import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Environment variables, the folder, the streams, and how fast others may be asked.

    `endpoints` maps a registry's host to the origin that stands in for it: the demo's, on loopback.
    `stdin` is None where there is none. `patience` scales every wait before a registry is asked again; tests set it to
    zero.
    """

    environ: Mapping[str, str] = field(repr=False)
    folder: Path
    out: TextIO
    err: TextIO
    pace: Pace
    endpoints: Mapping[str, str]
    patience: float = 1.0
    stdin: BinaryIO | None = field(default=None, repr=False)

    @classmethod
    def real(cls) -> "Surroundings":
        """Return the process's own."""
        return cls(
            environ=dict(os.environ),
            folder=Path.cwd(),
            out=sys.stdout,
            err=sys.stderr,
            pace=Pace(),
            endpoints={},
            stdin=None if sys.stdin is None else sys.stdin.buffer,
        )

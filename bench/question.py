"""What is asked of the registry by whoever is measured within Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether every one of `names` at `host` still means `digest`."""

    host: str
    names: Sequence[str]
    digest: str
    authority: Path
    concurrency: int

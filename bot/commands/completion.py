"""What a shell's completion needs beyond the names of verbs and options, which Typer has."""

import os
from pathlib import Path
from typing import Final

from bot.commands.place import find_place
from bot.commands.surroundings import Surroundings
from bot.errors import BumpError, UsageError

_SHELLS: Final = ("bash", "zsh", "fish")


def environment_names(*, config: str, root: Path | None) -> list[str]:
    """Return the names of the environments in the configuration here; none, rather than an error at a prompt."""
    try:
        return list(find_place(Surroundings.real(), root=root, config=config).load().environments)
    except (BumpError, OSError):
        return []


def name_shell(shell: str) -> None:
    """Let Typer write the script for this shell; by itself it takes the one that the program was started from."""
    if shell not in _SHELLS:
        raise UsageError(f"--show-completion: no script for {shell[:40]!r}; name one of {', '.join(_SHELLS)}")
    os.environ["_BUMP_COMPLETE"] = f"source_{shell}"

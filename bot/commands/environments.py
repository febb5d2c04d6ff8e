"""`bump environments`: which environments there are and how they move, as a list or for a matrix of jobs."""

import json
from collections.abc import Sequence
from pathlib import Path

from bot.commands.actions import tell_outputs
from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.surroundings import Surroundings
from bot.planning.coverage import find, following
from bot.planning.environment import Environment
from bot.report.result import DONE


def run_environments(
    surroundings: Surroundings,
    *,
    names: Sequence[str],
    follow: bool,
    config: str,
    root: Path | None,
    output: str,
) -> int:
    """List the environments in the order of the configuration, or those of `names`.

    `follow`: only those that follow a channel; one of `names` that follows none raises `UsageError`.
    """
    configuration = find_place(surroundings, root=root, config=config).load()
    asked = {(following if follow else find)(configuration, name).name for name in names}
    found = [
        one
        for one in configuration.environments.values()
        if (one.name in asked or not names) and (one.follow is not None or not follow)
    ]
    if output == "json":
        document = {"version": 1, "command": "environments", "environments": [_object(one) for one in found]}
        text = json.dumps(document)  # on one line, which is what a step output takes
        lines(surroundings, [text])
        tell_outputs({"result": text}, surroundings)
    else:
        lines(surroundings, (f"{one.name}\t{_moves(one)}" for one in found))
    return DONE


def _object(one: Environment) -> dict[str, str | None]:
    follow = str(one.follow) if one.follow else None
    return {"name": one.name, "follow": follow, "promote_from": one.promote_from}


def _moves(one: Environment) -> str:
    if one.follow is not None:
        return f"follows {one.follow}"
    return f"promoted from {one.promote_from}" if one.promote_from else "moved by hand"

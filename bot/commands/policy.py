"""`bump policy render`: the rules that a cluster can see as ValidatingAdmissionPolicies, for Git and for Argo CD.

It writes to stdout alone, and asks no cluster.
"""

import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from bot import clock, config
from bot.commands.checking import waivers
from bot.commands.options import DEFAULT_CONFIG
from bot.commands.place import find_place
from bot.commands.reading import Reading, read
from bot.commands.surroundings import Surroundings
from bot.errors import UsageError
from bot.log import redact
from bot.planning.coverage import find
from bot.planning.environment import Environment
from bot.policy.admission.exemptions import Exemptions, exemptions
from bot.policy.admission.objects import Rendered, rendered
from bot.policy.admission.rules import rules
from bot.report import yaml
from bot.report.diff import unified
from bot.report.markdown import plain
from bot.report.result import DONE, NOT_ALL
from bot.report.text import counted

_LIMIT: Final = 20 * 1024 * 1024


def run_render(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    check: Path | None,
    configuration: str,
    root: Path | None,
) -> int:
    """Print the objects of the environments, or of all; `check` compares a file with them, and prints the difference.

    Waivers that are left out, and a line that counts the objects, go to stderr.
    """
    place = find_place(surroundings, root=root, config=configuration)
    reading = read(place.working_tree(), place.config)
    names = tuple(dict.fromkeys(environments)) or tuple(reading.configuration.environments)
    wanted = [find(reading.configuration, name) for name in names]
    content = reading.files.contents([reading.entries[place.config]])[place.config]
    policy = config.load_policy(content, path=place.config)
    asked = {rule.name for rule in rules(policy)}
    excused = exemptions(waivers(reading), wanted, tuple(reading.entries), asked, clock.now().date())
    found = list(rendered(reading.configuration, policy, excused.held, wanted))
    text = _header(reading, environments) + "".join(_sections(found))
    for line in _left_out(excused):
        surroundings.err.write(redact(f"bump: {plain(line, most=1000)}\n"))
    if check is not None:
        return _compare(surroundings, check, text)
    surroundings.out.write(redact(text))
    surroundings.err.write(f"{counted(len(found), 'object')} for {counted(len(wanted), 'environment')}\n")
    return DONE


def _header(reading: Reading, environments: Sequence[str]) -> str:
    path = reading.configuration.path
    named = [] if path == DEFAULT_CONFIG else ["--config", path]
    options = shlex.join([*(word for name in dict.fromkeys(environments) for word in ("--env", name)), *named])
    command = f"bump policy render {options}".strip()
    return (
        f"# Made by `{command}` from {path} and {config.beside(path)}; do not edit.\n"
        "# To refresh it, write what that command prints into this file; with --check and this file's name it says\n"
        "# whether that is needed: when the configuration changed, and on the day after a waiver ended.\n"
    )


def _sections(found: Sequence[Rendered]) -> Iterator[str]:
    for environment, objects in groupby(found, key=_environment):
        yield f"# {environment.name}\n{yaml.documents([one.tree for one in objects])}"


def _environment(one: Rendered) -> Environment:
    return one.environment


def _left_out(excused: Exemptions) -> Iterator[str]:
    for one in excused.expired:
        yield f"{one.where}:{one.line}: {one.rule}: expired on {one.expires}, left out (owner: {one.owner})"
    for one in excused.imageless:
        yield (
            f"{one.where}:{one.line}: {one.rule}: names no image, left out; a cluster knows no files: name the image "
            "if its objects are to be let in"
        )


def _compare(surroundings: Surroundings, file: Path, text: str) -> int:
    """Print what is to change in `file`, as a diff; line ends of a checkout that converts them do not count."""
    try:
        with (surroundings.folder / file).open("rb") as stream:
            there = stream.read(_LIMIT + 1)
        old = there.decode().replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"--check {file}: {why}; name the file that holds what bump policy render printed") from error
    if len(there) > _LIMIT:
        raise UsageError(f"--check {file}: over {_LIMIT} bytes; nothing that bump policy render printed is so long")
    if old == text:
        surroundings.err.write(f"{plain(str(file))}: fresh\n")
        return DONE
    name = file.as_posix()
    surroundings.out.write(redact(unified({name: old.encode()}, {name: text.encode()})))
    surroundings.err.write(f"bump: {plain(name)}: stale; write what bump policy render prints into it\n")
    return NOT_ALL

"""`action.yml` within a runner: its inputs become a command line, its empty secrets become absent ones.

The inputs come by the environment alone (`BUMP_ACTION_…`), so that no shell reads them. Each is checked here, and none
can be taken for an option; `--allow-backwards` and `--again` are a person's to give, and have no input.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bot.commands.options import DEFAULT_CONFIG, CheckFormat, Format, Into
from bot.config.fields import NAME
from bot.errors import UsageError

PREFIX: Final = "BUMP_ACTION_"
INPUTS: Final = ("command", "environment", "image", "config", "dry-run", "into", "format")
DEFAULTS: Final[Mapping[str, str]] = {
    "command": "update",
    "config": DEFAULT_CONFIG,
    "dry-run": "false",
    "into": Into.PULL_REQUEST.value,
    "format": Format.TEXT.value,
}
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "update": ("environment", "image", "config", "dry-run", "into", "format"),
    "check": ("environment", "config", "format"),
    "environments": ("environment", "config"),
    "validate": ("config",),
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "update": ("update",),
    "check": ("check",),
    "environments": ("environments", "--follow", "--format=json"),  # what a matrix is made from
    "validate": ("config", "validate"),
}
_MOST: Final = 10_000  # characters of one input
_GLOB: Final = re.compile(r"[A-Za-z0-9._:/*?-]{1,300}")
_SEPARATORS: Final = re.compile(r"[\s,]+")
_TOKEN: Final = "BUMP_GITHUB_TOKEN"  # noqa: S105 - a variable's name
_APP: Final = ("BUMP_GITHUB_APP_ID", "BUMP_GITHUB_APP_PRIVATE_KEY")
_SOURCE: Final = "BUMP_SOURCE_TOKEN"


def arguments(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command line that the inputs mean; raises `UsageError` that names the input."""
    inputs = {name: _text(environ, name) or DEFAULTS.get(name, "") for name in INPUTS}
    command = _one_of(inputs, "command", _COMMANDS)
    unused = [name for name in INPUTS[1:] if name not in _COMMANDS[command] and inputs[name] != DEFAULTS.get(name, "")]
    if unused:
        raise UsageError(f"input {unused[0]}: the command {command} does not take it; leave it out")
    words = [*_WORDS[command]]
    for name in _COMMANDS[command]:
        words += _ARGUMENTS[name](inputs, name)
    return tuple(words)


def present(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out the credentials that are empty because a workflow has no such secret.

    An expression cannot leave a variable away. One Git credential must stay, so that a secret whose name is wrong is
    still told by that name: the App's two are a choice, and without them the token is what is missing.
    """
    absent = {_SOURCE} if not environ.get(_SOURCE) else set()
    if not any(environ.get(name) for name in _APP):
        absent.update(_APP)
    elif not environ.get(_TOKEN):
        absent.add(_TOKEN)
    return {name: value for name, value in environ.items() if name not in absent}


def _text(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(f"{PREFIX}{name.upper().replace('-', '_')}", "").strip()
    if len(value) > _MOST:
        raise UsageError(f"input {name}: {len(value)} characters; the limit is {_MOST}")
    return value


def _one_of(inputs: Mapping[str, str], name: str, values: Iterable[str]) -> str:
    known = [str(one) for one in values]
    if inputs[name] not in known:
        raise UsageError(f"input {name}: got {_shown(inputs[name])}, expected one of {', '.join(known)}")
    return inputs[name]


def _environments(inputs: Mapping[str, str], name: str) -> list[str]:
    return [f"--env={one}" for one in _list(inputs, name, re.compile(NAME), "names of environments, as in dev")]


def _images(inputs: Mapping[str, str], name: str) -> list[str]:
    return [f"--image={one}" for one in _list(inputs, name, _GLOB, "images or patterns, as in ghcr.io/acme/*")]


def _list(inputs: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> list[str]:
    found = [one for one in _SEPARATORS.split(inputs[name]) if one]
    for one in found:
        if not pattern.fullmatch(one):
            raise UsageError(f"input {name}: got {_shown(one)}, expected {expected}")
    return found


def _config(inputs: Mapping[str, str], name: str) -> list[str]:
    return [f"--config={inputs[name]}"]  # which paths may be, the verbs know


def _into(inputs: Mapping[str, str], name: str) -> list[str]:
    return [f"--into={_one_of(inputs, name, Into)}"]


def _format(inputs: Mapping[str, str], name: str) -> list[str]:
    known: Iterable[str] = CheckFormat if inputs["command"] == "check" else Format
    return [f"--format={_one_of(inputs, name, known)}"]


def _dry_run(inputs: Mapping[str, str], name: str) -> list[str]:
    return ["--dry-run"] if _one_of(inputs, name, {"true": 1, "false": 0}) == "true" else []


def _shown(text: str) -> str:
    return ascii(text[:60])  # it may hold anything, and is not a command of the runner either


_ARGUMENTS: Final[Mapping[str, Callable[[Mapping[str, str], str], list[str]]]] = {
    "environment": _environments,
    "image": _images,
    "config": _config,
    "dry-run": _dry_run,
    "into": _into,
    "format": _format,
}

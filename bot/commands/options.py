"""The options that the verbs share, and what they may be; as little is imported for them as for `--help`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer


class Format(StrEnum):
    """How a result is written to stdout."""

    TEXT = "text"
    JSON = "json"


class CheckFormat(StrEnum):
    """How the findings of a check are written to stdout."""

    TEXT = "text"
    GITHUB = "github"
    JSON = "json"
    SARIF = "sarif"


class LogFormat(StrEnum):
    """How the log is written to stderr."""

    CONSOLE = "console"
    JSON = "json"


class Into(StrEnum):
    """Where an update goes."""

    PULL_REQUEST = "pull-request"
    BRANCH = "branch"
    FILES = "files"


def _names(context: typer.Context, incomplete: str) -> list[str]:
    from bot.commands.completion import environment_names

    names = environment_names(config=context.params["config"], root=context.params["root"])
    return [name for name in names if name.startswith(incomplete)]


Environments = Annotated[
    list[str] | None,
    typer.Option("--env", metavar="NAME", help="Environment; may be repeated.", autocompletion=_names),
]
Config = Annotated[str, typer.Option("--config", metavar="PATH", help="Configuration, from the checkout's root.")]
Root = Annotated[
    Path | None, typer.Option("--root", metavar="DIR", help="A folder in the checkout; default: where you are.")
]
Output = Annotated[Format, typer.Option("--format", help="Format of the result on stdout.")]
Log = Annotated[LogFormat, typer.Option("--log-format", help="Format of the log on stderr.")]
Verbose = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, show_default=False, help="Say more on stderr; -vv for everything."),
]
DEFAULT_CONFIG: Final = "config/environments.yaml"

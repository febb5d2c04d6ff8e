"""Command line → verb, error → exit code. Nothing else: a verb's module is imported when it is called."""

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot import __version__
from bot.commands.options import LogFormat
from bot.commands.shorthand import Verbs, spelled_out
from bot.commands.verbs import judging, moving, settling
from bot.commands.verbs.opening import opened
from bot.errors import BumpError, Unexpected

if TYPE_CHECKING:
    from bot.commands.surroundings import Surroundings

_UNEXPECTED: Final = 3
_USAGE: Final = 2
_INTERRUPTED: Final = 130

# \b keeps the lines of a paragraph.
_EPILOG: Final = """\b
Begin with:
  bump --env dev --dry-run   show what would be proposed; write nothing

\b
Exit codes:
  0    done, or nothing to do
  1    an image failed or is held, a pull request is blocked,
       or a check found an error
  2    usage, configuration, credentials or permissions
  3    GitHub or the registry is unreachable, or an unexpected error
  130  interrupted
"""

app = typer.Typer(
    name="bump",
    cls=Verbs,
    help="Pin what a GitOps repository deploys: resolve, prove, splice, and open one pull request.",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=False,
)
config_app = typer.Typer(help="Check the configuration, or print its schema.", rich_markup_mode=None)
app.add_typer(config_app, name="config")
policy_app = typer.Typer(help="Take the policy to the cluster.", rich_markup_mode=None)
app.add_typer(policy_app, name="policy")


@app.callback(invoke_without_command=True)
def _program(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,  # noqa: ARG001 - see run
) -> None:
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit(_USAGE)


_VERBS: Final = (
    (app, "update", moving.update, "Pin what the channel means now, by one pull request."),
    (app, "resolve", moving.resolve, "Show and prove what one reference means."),
    (app, "pins", moving.pins, "List every pin, where it is, and whether it moves."),
    (app, "check", judging.check, "Check references against the policy, and mend them."),
    (app, "waivers", judging.waivers, "List the waivers, the first to end at the top."),
    (app, "init", settling.init, "Write a first configuration from what is here."),
    (app, "doctor", settling.doctor, "Say what is missing at GitHub, in credentials, in workflows."),
    (app, "environments", settling.environments, "List the environments and how they move."),
    (config_app, "validate", settling.validate, "Check the configuration, and that its globs match."),
    (config_app, "schema", settling.schema, "Print the JSON Schema of the configuration."),
    (policy_app, "render", judging.render, "Print the policy as Kubernetes objects."),
    (app, "demo", moving.demo, "Watch the main job at work; needs no network."),
)
for _group, _name, _verb, _short in _VERBS:
    _group.command(name=_name, short_help=_short)(_verb)


@app.command(name="action", hidden=True)
def _action(context: typer.Context) -> int:
    """Run what the inputs of `action.yml` say, from the environment."""
    from bot.commands.action import arguments, present

    surroundings = opened(context, LogFormat.CONSOLE, 0)
    return run(arguments(surroundings.environ), replace(surroundings, environ=present(surroundings.environ)))


def run(arguments: Sequence[str], surroundings: "Surroundings | None" = None) -> int:
    """Run one command line and return its exit code; whatever goes wrong is told on stderr."""
    words = spelled_out(arguments)
    if words[:1] == ["--version"]:  # answered here: Typer imports pydantic to read an option's value
        sys.stdout.write(f"bump {__version__}\n")
        return 0
    err = surroundings.err if surroundings else sys.stderr
    try:
        if words[:1] == ["--show-completion"] and words[1:]:
            from bot.commands.completion import name_shell

            name_shell(words[1])
        code = app(args=words, prog_name="bump", standalone_mode=False, obj=surroundings)
    except Exception as error:  # noqa: BLE001 - the edge of the program
        if any(word in {"-v", "-vv", "--verbose"} for word in words):
            err.write(_redacted("".join(traceback.format_exception(error))))
        code, lines = _explained(error, words)
        err.write(_redacted("".join(f"bump: {one}\n" for one in lines.splitlines())))
        _annotated(lines, surroundings)
    if code == _INTERRUPTED:  # what Typer makes of a KeyboardInterrupt, silently
        err.write("bump: interrupted; nothing is half-written, run it again\n")
    return code if isinstance(code, int) else 0


def _explained(error: Exception, words: Sequence[str]) -> tuple[int, str]:
    if isinstance(error, BumpError):
        from bot.report.result import exit_code_of

        return exit_code_of(error), str(error)
    show: Callable[[], str] | None = getattr(error, "format_message", None)
    if show is not None:  # Typer's own: a usage error
        from bot.commands.usage import misused

        context: typer.Context | None = getattr(error, "ctx", None)
        return _USAGE, misused(show(), words, asked=context.command_path if context else "bump", verbs=_verbs())
    return _UNEXPECTED, str(Unexpected(error))


def _verbs() -> frozenset[tuple[str, ...]]:
    single = frozenset((str(one.name),) for one in app.registered_commands)
    groups = (("config", config_app), ("policy", policy_app))
    return single | frozenset((name, str(one.name)) for name, group in groups for one in group.registered_commands)


def _annotated(lines: str, surroundings: "Surroundings | None") -> None:
    from bot.commands.actions import tell_errors
    from bot.commands.surroundings import Surroundings

    tell_errors(lines.splitlines(), surroundings or Surroundings.real())


def _redacted(text: str) -> str:
    """Hide secrets; where the log was never imported, none was ever read."""
    log = sys.modules.get("bot.log")
    return str(log.redact(text)) if log is not None else text

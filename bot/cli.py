"""Command line → verb, error → exit code. Nothing else: a verb's module is imported when it is called."""

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot import __version__
from bot.commands.options import (
    DEFAULT_CONFIG,
    CheckFormat,
    Config,
    Environments,
    Format,
    Into,
    Log,
    LogFormat,
    Output,
    Root,
    Verbose,
)
from bot.commands.shorthand import Verbs, spelled_out
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


@app.command(name="update", short_help="Pin what the channel means now, by one pull request.")
def _update(
    context: typer.Context,
    *,
    env: Environments = None,
    image: Annotated[
        list[str] | None, typer.Option("--image", metavar="GLOB", help="Resolve only these images; may be repeated.")
    ] = None,
    allow_backwards: Annotated[
        bool, typer.Option("--allow-backwards", help="Let the images of --image go back to an older build.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Propose what was declined, too: digests whose pull request was closed.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show plan, diff and body; write nothing.")] = False,
    into: Annotated[Into, typer.Option("--into", help="Where the update goes.")] = Into.PULL_REQUEST,
    repo: Annotated[
        str | None,
        typer.Option("--repo", metavar="OWNER/NAME", help="Work on that repository at GitHub; needs no checkout."),
    ] = None,
    max_wait: Annotated[
        str, typer.Option("--max-wait", metavar="TIME", help="Wait as long in all for GitHub's rate limits; 0: never.")
    ] = "5m",
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Write the channel's digests into an environment, and open or update its pull request."""
    from bot.commands.main_job import run_update

    return run_update(
        _opened(context, log_format, verbose),
        environments=tuple(env or ()),
        images=tuple(image or ()),
        allow_backwards=allow_backwards,
        again=again,
        dry_run=dry_run,
        into=into.value,
        repo=repo,
        max_wait=max_wait,
        config=config,
        root=root,
        output=output.value,
    )


@app.command(name="resolve", short_help="Show and prove what one reference means.")
def _resolve(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="As in ghcr.io/acme/api:main, or …@sha256:….")],
    *,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", metavar="OS/ARCH", help="Must be in it; may be repeated.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Show and prove what one reference means: digest, index, platforms."""
    from bot.commands.resolve import run_resolve

    return run_resolve(
        _opened(context, log_format, verbose),
        reference=reference,
        platforms=tuple(platform or ()),
        config=config,
        root=root,
        output=output.value,
    )


@app.command(name="pins", short_help="List every pin, where it is, and whether it moves.")
def _pins(
    context: typer.Context,
    *,
    env: Environments = None,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """List every pin in the files here, where it is, and whether it moves."""
    from bot.commands.pins import run_pins

    return run_pins(
        _opened(context, log_format, verbose),
        environments=tuple(env or ()),
        config=config,
        root=root,
        output=output.value,
    )


@app.command(name="check", short_help="Check references against the policy, and mend them.")
def _check(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]…", help="Only these files and folders of the environments.")
    ] = None,
    *,
    env: Environments = None,
    manifests: Annotated[
        list[str] | None,
        typer.Option(
            "--manifests",
            metavar="PATH|-",
            help="Look at rendered manifests instead: a file, a folder, or stdin. --env says whose levels count.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REF",
            help="Levels and waivers are those of this commit; in Actions the pull request's base by default.",
        ),
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Tell only what was changed since the base.")] = False,
    write_waivers: Annotated[
        bool, typer.Option("--write-waivers", help="Write a waiver for every error that there is now.")
    ] = False,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Whose the new waivers are.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why they are needed.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", metavar="DATE", help="Their last day.")] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the configured registries about every pinned digest, too.")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write what has one safe fix, as the digest beside a fixed tag.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show the diff and what would be left; write nothing.")
    ] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count by rule instead of listing.")] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="RULE", help="Show what a rule asks and why, and nothing else.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Annotated[
        CheckFormat, typer.Option("--format", help="Format of the findings on stdout.")
    ] = CheckFormat.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Check the references in the environments' files against the policy, and exit with 1 on an error."""
    from bot.commands.check import run_check, run_explain

    surroundings = _opened(context, log_format, verbose)
    if explain is not None:
        return run_explain(surroundings, rule=explain)
    if write_waivers or owner is not None or reason is not None or expires is not None:
        from bot.commands.waiving import run_write, wished

        alone = base is None and output is CheckFormat.TEXT and not (changed or statistics or online or fix or dry_run)
        return run_write(
            surroundings,
            environments=tuple(env or ()),
            paths=tuple(paths or ()),
            wish=wished(write=write_waivers, alone=alone, owner=owner, reason=reason, expires=expires),
            configuration=config,
            root=root,
        )
    return run_check(
        surroundings,
        environments=tuple(env or ()),
        paths=tuple(paths or ()),
        manifests=tuple(manifests or ()),
        base=base,
        changed=changed,
        online=online,
        mends=fix,
        dry_run=dry_run,
        statistics=statistics,
        configuration=config,
        root=root,
        output=output.value,
    )


@app.command(name="waivers", short_help="List the waivers, the first to end at the top.")
def _waivers(
    context: typer.Context,
    *,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """List the waivers with their owners and how long each still holds, the expired ones first."""
    from bot.commands.waiving import run_waivers

    return run_waivers(_opened(context, log_format, verbose), configuration=config, root=root, output=output.value)


@app.command(name="init", short_help="Write a first configuration from what is here.")
def _init(
    context: typer.Context,
    *,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Write a first configuration from what the checkout holds; never over one that is there."""
    from bot.commands.init import run_init

    return run_init(_opened(context, log_format, verbose), config=config, root=root)


@app.command(name="doctor", short_help="Say what is missing at GitHub, in credentials, in workflows.")
def _doctor(
    context: typer.Context,
    *,
    env: Environments = None,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Say what is missing at GitHub, in credentials and in workflows, and how to mend it. Changes nothing."""
    from bot.commands.doctor import run_doctor

    return run_doctor(
        _opened(context, log_format, verbose),
        environments=tuple(env or ()),
        config=config,
        root=root,
        output=output.value,
    )


@app.command(name="environments", short_help="List the environments and how they move.")
def _environments(
    context: typer.Context,
    *,
    env: Environments = None,
    follow: Annotated[bool, typer.Option("--follow", help="Only those that follow a channel.")] = False,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    output: Output = Format.TEXT,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """List the environments in the configuration here, and how they move."""
    from bot.commands.environments import run_environments

    return run_environments(
        _opened(context, log_format, verbose),
        names=tuple(env or ()),
        follow=follow,
        config=config,
        root=root,
        output=output.value,
    )


@config_app.command(name="validate", short_help="Check the configuration, and that its globs match.")
def _validate(
    context: typer.Context,
    *,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Check the configuration here, and that its globs match files."""
    from bot.commands.config import run_validate

    return run_validate(_opened(context, log_format, verbose), config=config, root=root)


@config_app.command(name="schema", short_help="Print the JSON Schema of the configuration.")
def _schema(
    context: typer.Context,
    *,
    write: Annotated[bool, typer.Option("--write", help="Refresh the copy beside the configuration.")] = False,
    waivers: Annotated[bool, typer.Option("--waivers", help="The schema of waivers.yaml instead.")] = False,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Print the JSON Schema of the configuration."""
    from bot.commands.config import run_schema

    return run_schema(_opened(context, log_format, verbose), write=write, waivers=waivers, config=config, root=root)


@policy_app.command(name="render", short_help="Print the policy as Kubernetes objects.")
def _render(
    context: typer.Context,
    *,
    env: Environments = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Compare FILE instead; exit with 1 when it is stale.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Print the policy of the environments as ValidatingAdmissionPolicies and their bindings."""
    from bot.commands.policy import run_render

    return run_render(
        _opened(context, log_format, verbose),
        environments=tuple(env or ()),
        check=check,
        configuration=config,
        root=root,
    )


@app.command(name="demo", short_help="Watch the main job at work; needs no network.")
def _demo(context: typer.Context, *, log_format: Log = LogFormat.CONSOLE, verbose: Verbose = 0) -> int:
    """Watch the main job at work on an embedded registry and a scratch repository. Needs no network."""
    from bot.commands.demo import run_demo

    return run_demo(_opened(context, log_format, verbose))


@app.command(name="action", hidden=True)
def _action(context: typer.Context) -> int:
    """Run what the inputs of `action.yml` say, from the environment."""
    from bot.commands.action import arguments, present

    surroundings = _opened(context, LogFormat.CONSOLE, 0)
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


def _opened(context: typer.Context, log_format: LogFormat, verbose: int) -> "Surroundings":
    from bot import log
    from bot.commands.actions import masker
    from bot.commands.surroundings import Surroundings

    surroundings = context.obj if isinstance(context.obj, Surroundings) else Surroundings.real()
    log.configure(format=log_format.value, verbosity=verbose, stream=surroundings.err)
    log.announce(masker(surroundings))
    return surroundings

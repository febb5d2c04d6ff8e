"""The verbs that set a repository up, and say what its configuration holds."""

from typing import Annotated

import typer

from bot.commands.options import DEFAULT_CONFIG, Config, Environments, Format, Log, LogFormat, Output, Root, Verbose
from bot.commands.verbs.opening import opened


def init(
    context: typer.Context,
    *,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Write a first configuration from what the checkout holds; never over one that is there."""
    from bot.commands.init import run_init

    return run_init(opened(context, log_format, verbose), config=config, root=root)


def doctor(
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
        opened(context, log_format, verbose),
        environments=tuple(env or ()),
        config=config,
        root=root,
        output=output.value,
    )


def environments(
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
        opened(context, log_format, verbose),
        names=tuple(env or ()),
        follow=follow,
        config=config,
        root=root,
        output=output.value,
    )


def validate(
    context: typer.Context,
    *,
    config: Config = DEFAULT_CONFIG,
    root: Root = None,
    log_format: Log = LogFormat.CONSOLE,
    verbose: Verbose = 0,
) -> int:
    """Check the configuration here, and that its globs match files."""
    from bot.commands.config import run_validate

    return run_validate(opened(context, log_format, verbose), config=config, root=root)


def schema(
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

    return run_schema(opened(context, log_format, verbose), write=write, waivers=waivers, config=config, root=root)

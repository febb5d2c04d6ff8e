"""The verbs that move images, and show where they stand and what they mean."""

from typing import Annotated

import typer

from bot.commands.options import (
    DEFAULT_CONFIG,
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
from bot.commands.verbs.opening import opened


def update(
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
        opened(context, log_format, verbose),
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


def resolve(
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
        opened(context, log_format, verbose),
        reference=reference,
        platforms=tuple(platform or ()),
        config=config,
        root=root,
        output=output.value,
    )


def pins(
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
        opened(context, log_format, verbose),
        environments=tuple(env or ()),
        config=config,
        root=root,
        output=output.value,
    )


def demo(context: typer.Context, *, log_format: Log = LogFormat.CONSOLE, verbose: Verbose = 0) -> int:
    """Watch the main job at work on an embedded registry and a scratch repository. Needs no network."""
    from bot.commands.demo import run_demo

    return run_demo(opened(context, log_format, verbose))

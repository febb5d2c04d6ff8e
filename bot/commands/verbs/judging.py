"""The verbs of the policy: judge references, list what is excused, take it to the cluster."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import (
    DEFAULT_CONFIG,
    CheckFormat,
    Config,
    Environments,
    Format,
    Log,
    LogFormat,
    Output,
    Root,
    Verbose,
)
from bot.commands.verbs.opening import opened


def check(
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

    surroundings = opened(context, log_format, verbose)
    if explain is not None:
        return run_explain(surroundings, rule=explain)
    if write_waivers or owner is not None or reason is not None or expires is not None:
        from bot.commands.waiving import run_write, wished

        others = manifests or changed or statistics or online or fix or dry_run
        alone = base is None and output is CheckFormat.TEXT and not others
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


def waivers(
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

    return run_waivers(opened(context, log_format, verbose), configuration=config, root=root, output=output.value)


def render(
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
        opened(context, log_format, verbose),
        environments=tuple(env or ()),
        check=check,
        configuration=config,
        root=root,
    )

"""Puts the main job together from its parts: which repository, which credentials, which registries."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.checkout import LocalRepository
from bot.commands.actions import tell
from bot.commands.output import show
from bot.commands.place import Place, Remote, find_place, find_remote
from bot.commands.resolving import resolver
from bot.commands.surroundings import Surroundings
from bot.commands.update import Compare, Request, Resolve, update, update_files
from bot.config.fields import seconds
from bot.errors import ConfigError, UsageError
from bot.log import logger
from bot.planning.coverage import followers
from bot.report.result import Result

if TYPE_CHECKING:
    from bot.pulls.repository import GitHubRepository

_SOURCES_WAIT: Final = 30.0
_NAMED: Final = 3


def run_update(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    images: Sequence[str],
    allow_backwards: bool,
    again: bool,
    dry_run: bool,
    into: str,
    repo: str | None,
    max_wait: str,
    config: str,
    root: Path | None,
    output: str,
) -> int:
    """Run `bump update` and return its exit code."""
    allowance = surroundings.pace.allowance.renewed(_waits(max_wait))
    surroundings = replace(surroundings, pace=replace(surroundings.pace, allowance=allowance))
    place: Place | Remote
    if repo is None:
        place = find_place(surroundings, root=root, config=config)
    else:
        place = find_remote(repo, root=root, config=config, into=into)
    if not environments:
        raise UsageError(f"update needs --env NAME; {_followers(place)}")
    if allow_backwards and not images:
        raise UsageError("--allow-backwards needs --image GLOB: name the images that may go back")
    request = Request(
        environments=tuple(dict.fromkeys(environments)),
        config=place.config,
        images=tuple(images),
        dry_run=dry_run,
        allow_backwards=allow_backwards,
        again=again,
        opens=into == "pull-request",
    )
    if isinstance(place, Remote):
        result = _remote(request, place, surroundings)
    else:
        result = _updated(request, into, place, surroundings)
    show(result, surroundings, output=output)
    tell(result, surroundings)
    return result.exit_code


def _updated(request: Request, into: str, place: Place, surroundings: Surroundings) -> Result:
    resolve: Resolve = resolver(surroundings, root=place.root)
    gitops = place.gitops()
    request = replace(request, branch_prefix=gitops.branch_prefix)
    if into == "files":
        return update_files(request, place.working_tree(), resolve)
    if into == "branch":
        return update(request, LocalRepository(place.root, base=gitops.base), resolve)
    name = place.repository(gitops.repository, surroundings)
    repository, compare = _opened(name, surroundings, base=gitops.base, on_disk=place.checkout())
    result = update(replace(request, repository=name), repository, resolve, compare)
    if paths := repository.differing:
        logger().warning("local_changes", detail=_ignored(paths, repository.base))
    return result


def _remote(request: Request, place: Remote, surroundings: Surroundings) -> Result:
    """Update a repository of which nothing is here: what its own configuration says counts."""
    repository, compare = _opened(place.repository, surroundings, base=None)
    request = replace(request, repository=place.repository, follow_base=True)
    return update(request, repository, resolver(surroundings, root=None), compare)


def _opened(
    name: str, surroundings: Surroundings, *, base: str | None, on_disk: Path | None = None
) -> "tuple[GitHubRepository, Compare]":
    # PyGithub takes a quarter of a second to import, which the other ways do not need.
    from bot.pulls.compare import Sources
    from bot.pulls.credentials import open_credentials
    from bot.pulls.repository import GitHubRepository

    terminal = surroundings.err.isatty()
    pace = surroundings.pace
    credentials = open_credentials(surroundings.environ, repository=name, terminal=terminal, pace=pace)
    logger().info("github", repository=name, credential=credentials.git.origin)
    # What is asked of sources must not use up the time that the writes may have to wait.
    own = replace(pace, allowance=pace.allowance.renewed(_SOURCES_WAIT))
    sources = Sources(credentials.git, name, reads=credentials.source, pace=own)
    return GitHubRepository(credentials.git, name, base=base, pace=pace, on_disk=on_disk), sources.compare


def _followers(place: Place | Remote) -> str:
    if isinstance(place, Remote):
        return f"{place.config} in {place.repository} says which environments follow a channel"
    return f"these environments follow a channel: {', '.join(followers(place.load())) or 'none'}"


def _waits(text: str) -> int:
    try:
        return 0 if text == "0" else seconds(text)
    except ConfigError as error:
        raise UsageError(f"--max-wait {error}, or 0 to wait never") from error


def _ignored(paths: Sequence[str], base: str) -> str:
    count = "1 file here differs" if len(paths) == 1 else f"{len(paths)} files here differ"
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    verb = "is" if len(paths) == 1 else "are"
    return f"{count} from {base}, and {verb} ignored: {', '.join(paths[:_NAMED])}{more}"

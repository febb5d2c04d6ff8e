"""Gathers what `bump doctor` judges: files of the checkout, one answer of every registry, and GitHub's settings."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.commands.place import Place
from bot.commands.reading import Pins, Reading, pins
from bot.commands.resolving import open_registries
from bot.commands.surroundings import Surroundings
from bot.diagnosis import controllers, dependabot, owners, renovate, workflows
from bot.diagnosis.facts import GitHub, Unreadable, unasked
from bot.diagnosis.registries import Answered, NoImage, NotRead, Read
from bot.errors import BumpError, CheckoutError, ConfigError, CredentialError, Outage, PublishError, RegistryError
from bot.image import Reference
from bot.planning.environment import Configuration, Environment
from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.registry import Registries

_LARGEST: Final = 4 * 1024 * 1024
_BY_NAME: Final = frozenset({*owners.PATHS, *renovate.PATHS, *dependabot.PATHS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An environment with its pins, or why it has none."""

    environment: Environment
    pins: Pins | ConfigError


def examined(reading: Reading, environment: Environment) -> Examined:
    """Find the pins of an environment; globs that are wrong are a finding."""
    try:
        return Examined(environment=environment, pins=pins(reading, environment))
    except ConfigError as error:
        return Examined(environment=environment, pins=error)


def telling_files(place: Place, entries: Mapping[str, Entry]) -> Mapping[str, bytes]:
    """Return the files that say who writes, runs or owns what; one that cannot be read is left out.

    A YAML file anywhere may be a controller's, so all are read, and those that mention none are dropped.
    """
    tree = place.working_tree()
    found: dict[str, bytes] = {}
    for path, entry in entries.items():
        named = path in _BY_NAME or path.startswith(workflows.FOLDER)
        if entry.mode not in {FILE, EXECUTABLE} or not (named or path.endswith((".yaml", ".yml"))):
            continue
        try:
            content = tree.contents([entry])[path]
        except CheckoutError:
            continue
        if len(content) <= _LARGEST and (named or any(one in content for one in controllers.NEEDLES)):
            found[path] = content
    return found


def answers_of_registries(
    configuration: Configuration, known: tuple[Examined, ...], surroundings: Surroundings, place: Place
) -> tuple[Answered, ...]:
    """Ask every registry one question: about the first image that moves there, else about the first one."""
    asked: dict[str, Reference] = {}
    for moving in (True, False):
        for one in known:
            if isinstance(one.pins, Pins):
                for reference in _references(configuration, one.environment, one.pins, moving=moving):
                    asked.setdefault(reference.repository.host, reference)
    return asyncio.run(_all(configuration, asked, surroundings, place))


def _references(
    configuration: Configuration, environment: Environment, found: Pins, *, moving: bool
) -> list[Reference]:
    """The references that can be asked about: with the channel where there is one."""
    every: list[Reference] = []
    for pin in found.pins:
        repository = pin.reference.repository
        rule = configuration.rule(repository)
        channel = (rule.channel or environment.follow) if rule is not None and rule.move else None
        if (channel is not None) == moving:
            tag = channel or pin.reference.tag
            if tag is not None or pin.reference.digest is not None:
                every.append(
                    Reference(repository=repository, tag=tag, digest=pin.reference.digest, name=str(repository))
                )
    return every


async def _all(
    configuration: Configuration, asked: Mapping[str, Reference], surroundings: Surroundings, place: Place
) -> tuple[Answered, ...]:
    hosts = sorted({*asked, *configuration.registries})
    try:
        async with open_registries(configuration, surroundings, place.root) as registries:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_one(host, asked.get(host), registries)) for host in hosts]
            return tuple(task.result() for task in tasks)
    except ConfigError as error:  # a `ca_file`, or the proxy
        return (NotRead(host="", image="", reason=str(error)),)


async def _one(host: str, reference: Reference | None, registries: Registries) -> Answered:
    if reference is None:
        return NoImage(host)
    image = str(reference.repository)
    try:
        greeting = await registries.greet(reference)
    except CredentialError as error:
        return NotRead(host=host, image="", reason=str(error))
    except RegistryError as error:
        return NotRead(host=host, image=image, reason=str(error), outage=error.outage)
    return Read(host=host, image=image, credential=greeting.credential, warnings=greeting.warnings)


def github(
    configuration: Configuration | None, branches: Mapping[str, str], place: Place, surroundings: Surroundings
) -> GitHub:
    """Ask GitHub about the repository; what keeps anybody from asking is a finding too."""
    gitops = configuration.gitops if configuration else None
    try:
        name = place.repository(gitops.repository if gitops else None, surroundings)
    except BumpError as error:
        return _unknown(error, named=False)
    # PyGithub takes a quarter of a second to import.
    from bot.pulls.credentials import open_credentials
    from bot.pulls.examination import Examination

    try:
        terminal = surroundings.err.isatty()
        found = open_credentials(surroundings.environ, repository=name, terminal=terminal, pace=surroundings.pace)
        examination = Examination(found.git, name, pace=surroundings.pace)
        base = gitops.base if gitops else None
        return examination.examine(base=base, config=place.config, branches=branches)
    except (CredentialError, PublishError, Outage) as error:
        return _unknown(error, named=True)


def _unknown(error: BumpError, *, named: bool) -> GitHub:
    reason = Unreadable(str(error), unreachable=isinstance(error, Outage))
    if not named:
        skipped = Unreadable("not asked, because the repository is not known; mend that first", skipped=True)
        return unasked(skipped, skipped, reason)
    skipped = Unreadable("not asked, because the Git credential does not serve; mend that first", skipped=True)
    return unasked(skipped, reason, skipped)

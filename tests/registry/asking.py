"""One question to a registry, asked without waiting: what most tests of this room do."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import httpx

from bot.image import Digest, Platform, Reference
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Lookup, Resolution
from bot.registry import Inspection, Registries
from bot.registry.clients import TIMEOUT

BOTH = ("linux/amd64", "linux/arm64")
OLD = Digest.of(b"old")
NEW = Digest.of(b"new")


class Waits(list[float]):
    """Stands in for sleep: remembers how long was to be waited, and does not."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def lookup(
    reference: str = "ghcr.io/acme/api:main",
    *,
    known: Iterable[Digest] = (),
    platforms: Sequence[str] = (),
    allow_single_arch: bool = False,
    allow_lost_platforms: bool = False,
) -> Lookup:
    """The question about one image."""
    parsed = Reference.parse(reference)
    assert parsed.tag is not None
    return Lookup(
        repository=parsed.repository,
        channel=parsed.tag,
        known=frozenset(known),
        platforms=tuple(Platform.parse(platform) for platform in platforms),
        allow_single_arch=allow_single_arch,
        allow_lost_platforms=allow_lost_platforms,
        rule="images[0]",
    )


def opened(
    *rules: RegistryRule,
    environ: Mapping[str, str] | None = None,
    endpoints: Mapping[str, str] | None = None,
    waits: Waits | None = None,
    deadline: float = 30,
    patience: float = 5,
    concurrency: int = 16,
    root: Path | None = None,
    timeout: httpx.Timeout = TIMEOUT,
) -> Registries:
    """Registries that do not wait between attempts."""
    return Registries(
        {rule.host: rule for rule in rules},
        environ or {},
        endpoints=endpoints,
        sleep=Waits() if waits is None else waits,
        jitter=lambda: 0.0,
        deadline=deadline,
        patience=patience,
        concurrency=concurrency,
        root=root,
        timeout=timeout,
    )


def resolve(registries: Registries, *lookups: Lookup) -> Resolution:
    """Ask one question after the other over one opened client, and return the last answer."""
    assert lookups

    async def ask() -> Resolution:
        async with registries:
            answers = [await registries.resolve(one) for one in lookups]
            return answers[-1]

    return asyncio.run(ask())


def resolve_all(registries: Registries, lookups: Iterable[Lookup]) -> Mapping[Lookup, Resolution]:
    """Ask all questions at once."""

    async def ask() -> Mapping[Lookup, Resolution]:
        async with registries:
            return await registries.resolve_all(lookups)

    return asyncio.run(ask())


def inspect(registries: Registries, reference: str, platforms: Sequence[str] = ()) -> Inspection:
    """Look at one reference."""

    async def ask() -> Inspection:
        async with registries:
            parsed = tuple(Platform.parse(platform) for platform in platforms)
            return await registries.inspect(Reference.parse(reference), parsed)

    return asyncio.run(ask())

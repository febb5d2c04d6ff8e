"""Whether what stands behind a digest is whole: every wanted platform is there, exists, and is of one build.

Works on verified content only. Without required platforms all of the index are wanted, the first sixteen at most:
nothing is proposed of which nothing was seen.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from bot.errors import InvalidContent, RegistryError
from bot.image import Build, Content, Descriptor, Digest, Index, Manifest, Platform, parse_config, parse_platform
from bot.planning.resolution import Variant

MOST_UNNAMED: Final = 16
# What a registry gives, and does not hold: docs/codes.md.
UNSOUND: Final = frozenset(
    {
        "manifest-missing",
        "index-too-deep",
        "digest-mismatch",
        "size-mismatch",
        "media-type-mismatch",
        "unsupported-media-type",
        "unsupported-schema",
        "unsupported-digest",
        "ambiguous-manifest",
        "invalid-manifest",
        "invalid-config",
        "manifest-too-large",
    }
)
_DEEPEST: Final = 3
_MOST_NESTED: Final = 8
_T = TypeVar("_T")


class Source(Protocol):
    """One repository, read by digest."""

    async def manifest(self, wanted: Digest, /) -> Content:
        """Return verified content."""

    async def config(self, descriptor: Descriptor, /) -> bytes:
        """Return a verified config blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What has to be there. `named_in` is where the platforms are required, for messages (`images[0].platforms`)."""

    platforms: tuple[Platform, ...] = ()
    allow_single_arch: bool = False
    named_in: str = "platforms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What was found: the variants, sorted by platform, and what the labels of the wanted ones agree on.

    `builds` are those of each wanted platform, in the order in which they are wanted.
    """

    variants: tuple[Variant, ...]
    build: Build
    builds: Mapping[Platform, Build] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()

    @property
    def platforms(self) -> frozenset[Platform]:
        """The platforms in it."""
        return frozenset(variant.platform for variant in self.variants)

    def created(self, platform: Platform | None) -> datetime | None:
        """When `platform` was built, None of a manifest that names none: platforms of one build differ by hours."""
        if platform is None:
            return None if self.builds else self.build.created
        return self.builds[platform].created if platform in self.builds else None


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    build: Build
    platform: Platform | None


async def prove(content: Content, source: Source, demand: Demand) -> Proven:
    """Prove that `content` holds what is demanded; raises `RegistryError`."""
    if isinstance(content, Manifest):
        return await _prove_single(content, source, demand)
    entries = await _entries(content, source)
    _expect_platforms(entries, demand, "the index")
    wanted = demand.platforms or tuple(sorted(entries))[:MOST_UNNAMED]
    seen = dict(zip(wanted, await _together(_see(entries[one], source) for one in wanted), strict=True))
    builds = {platform: one.build for platform, one in seen.items()}
    build, warnings = _agreed(builds)
    warnings += tuple(
        f"the config of {platform} says {one.platform}"
        for platform, one in seen.items()
        if one.platform and (one.platform.os, one.platform.architecture) != (platform.os, platform.architecture)
    )
    if not demand.platforms and len(wanted) < len(entries):
        warnings += (f"no platforms are required: {len(wanted)} of {len(entries)} were looked at",)
    variants = (
        Variant(platform=platform, digest=entry.digest, size=seen[platform].size if platform in seen else None)
        for platform, entry in sorted(entries.items())
    )
    return Proven(variants=tuple(variants), build=build, builds=builds, warnings=warnings)


async def glance(
    content: Content, source: Source, wanted: tuple[Platform, ...], *, told: bool
) -> tuple[frozenset[Platform], Build, Platform | None]:
    """Return which platforms `content` holds, what the labels of one say, and of which.

    That is the first wanted one that is there, else any. Nothing is demanded of it. Without `told` the labels of an
    index are not looked at, and labels that cannot be read say nothing.
    """
    if isinstance(content, Manifest):
        seen = await _read(content, source)
        return frozenset({seen.platform} if seen.platform else ()), seen.build, seen.platform
    entries = await _entries(content, source)
    first = next((one for one in (*wanted, *sorted(entries)) if one in entries), None)
    build = Build()
    if told and first is not None:
        try:
            build = (await _see(entries[first], source)).build
        except RegistryError as error:
            if error.outage:
                raise
    return frozenset(entries), build, first


async def contained(
    content: Content, source: Source, wanted: tuple[Platform, ...]
) -> tuple[frozenset[Platform], Mapping[Platform, str]]:
    """Return which platforms `content` holds, and why those of the wanted ones that it names cannot be pulled.

    Nothing is demanded of it; what says nothing of a platform, an outage above all, is raised.
    """
    if isinstance(content, Manifest):
        seen = await _read(content, source)
        return frozenset({seen.platform} if seen.platform else ()), {}
    entries = await _entries(content, source)

    async def wrong_with(platform: Platform) -> str:
        try:
            await _see(entries[platform], source)
        except RegistryError as error:
            if error.code not in UNSOUND:
                raise
            return str(error)
        return ""

    there = tuple(platform for platform in wanted if platform in entries)
    reasons = await _together(wrong_with(platform) for platform in there)
    return frozenset(entries), {one: reason for one, reason in zip(there, reasons, strict=True) if reason}


async def _prove_single(content: Manifest, source: Source, demand: Demand) -> Proven:
    if len(demand.platforms) > 1 and not demand.allow_single_arch:
        raise RegistryError(
            "not-an-index",
            f"a single-platform manifest, expected an index with {_listed(demand.platforms)}; publish all of them, "
            "or set allow_single_arch",
        )
    seen = await _read(content, source)
    if seen.platform is None:
        _expect_platforms({}, demand, "the manifest")
        return Proven(variants=(), build=seen.build)
    if not demand.allow_single_arch or seen.platform not in demand.platforms:
        _expect_platforms({seen.platform}, demand, "the manifest")
    variant = Variant(platform=seen.platform, digest=content.digest, size=seen.size)
    return Proven(variants=(variant,), build=seen.build, builds={seen.platform: seen.build})


async def _entries(index: Index, source: Source) -> dict[Platform, Descriptor]:
    """Return the real platforms of an index and of those within it; the first entry of a platform counts.

    Attestations and what names no platform are none. Container runtimes take the first match, too.
    Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
    """
    found: dict[Platform, Descriptor] = {}
    level, fetched = [index], 0
    for _ in range(_DEEPEST):
        nested: list[Descriptor] = []
        for entry in (entry for one in level for entry in one.manifests if not entry.attestation):
            if entry.is_index:
                nested.append(entry)
            elif entry.is_manifest and entry.platform is not None and entry.platform.known:
                found.setdefault(entry.platform, entry)
        if not nested:
            return found
        fetched += len(nested)
        if fetched > _MOST_NESTED:
            raise RegistryError("index-too-deep", f"more than {_MOST_NESTED} indexes within the index")
        contents = await _together(_fetch(entry, source) for entry in nested)
        level = [content for content in contents if isinstance(content, Index)]
    raise RegistryError("index-too-deep", f"indexes within indexes, deeper than {_DEEPEST}")


async def _see(entry: Descriptor, source: Source) -> _Seen:
    content = await _fetch(entry, source)
    if not isinstance(content, Manifest):
        raise RegistryError("media-type-mismatch", f"{entry.digest} is an index, the index calls it a manifest")
    return await _read(content, source)


async def _fetch(entry: Descriptor, source: Source) -> Content:
    content = await source.manifest(entry.digest)
    if content.media_type != entry.media_type:
        raise RegistryError(
            "media-type-mismatch", f"{entry.digest} is {content.media_type}, the index says {entry.media_type}"
        )
    if content.size != entry.size:
        raise RegistryError("size-mismatch", f"{entry.digest} has {content.size} bytes, the index says {entry.size}")
    return content


async def _read(manifest: Manifest, source: Source) -> _Seen:
    body = await source.config(manifest.config)
    try:
        build, platform = parse_config(body), parse_platform(body)
    except InvalidContent as error:
        raise RegistryError(error.code, str(error)) from error
    size = manifest.size + manifest.config.size + sum(layer.size for layer in manifest.layers)
    return _Seen(size, build, platform)


async def _together(jobs: Iterable[Coroutine[object, object, _T]]) -> tuple[_T, ...]:
    """Await all at once; of several that fail, the first in order is raised, so that the message does not change."""

    async def guarded(job: Coroutine[object, object, _T]) -> _T | RegistryError:
        try:
            return await job
        except RegistryError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(guarded(job)) for job in jobs]
    results: list[_T] = []
    for task in tasks:
        result = task.result()
        if isinstance(result, RegistryError):
            raise result
        results.append(result)
    return tuple(results)


def _expect_platforms(there: Iterable[Platform], demand: Demand, where: str) -> None:
    has = frozenset(there)
    absent = [platform for platform in demand.platforms if platform not in has]
    if absent:
        what = "it" if len(absent) == 1 else "them"
        raise RegistryError(
            "platform-missing",
            f"no {_listed(absent)} in {where} (has {_listed(has) or 'none'}); publish {what}, or drop {what} from "
            f"{demand.named_in}",
        )
    if not has and where == "the index":
        raise RegistryError("platform-missing", "no platform in the index; push the image again")


def _listed(platforms: Iterable[Platform]) -> str:
    return ", ".join(str(platform) for platform in sorted(platforms))


def _agreed(builds: dict[Platform, Build]) -> tuple[Build, tuple[str, ...]]:
    """Return what all builds say; raises `RegistryError` when they are of different commits."""
    revisions = {build.revision for build in builds.values()}
    stated = sorted(revision for revision in revisions if revision is not None)
    if len(stated) > 1:
        each = ", ".join(f"{platform} {(build.revision or 'none')[:12]}" for platform, build in sorted(builds.items()))
        raise RegistryError("mixed-revisions", f"the platforms are of different commits ({each}); build them as one")
    some = bool(stated) and None in revisions
    created = [build.created for build in builds.values() if build.created is not None]
    agreed = Build(
        revision=_only(revisions),
        source=_only({build.source for build in builds.values()}),
        created=min(created, default=None),
        version=_only({build.version for build in builds.values()}),
    )
    return agreed, ("not every platform says which commit it was built from",) if some else ()


def _only(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None

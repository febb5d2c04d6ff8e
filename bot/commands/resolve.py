"""`bump resolve REF`: what a reference means at its registry, proven as in the main job."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bot.commands.output import lines
from bot.commands.place import Place, find_place
from bot.commands.resolving import open_registries
from bot.commands.surroundings import Surroundings
from bot.image import Platform, Reference
from bot.planning.environment import Configuration
from bot.registry import Inspection
from bot.report.result import DONE


def run_resolve(
    surroundings: Surroundings,
    *,
    reference: str,
    platforms: Sequence[str],
    config: str,
    root: Path | None,
    output: str,
) -> int:
    """Resolve one reference and show it; a reference that does not hold raises `RegistryError`."""
    place = find_place(surroundings, root=root, config=config)
    asked = Reference.parse(reference)
    wanted = tuple(Platform.parse(platform) for platform in platforms)
    with _waiting(asked, surroundings):
        found = asyncio.run(_inspected(asked, wanted, _configuration(place), surroundings, place))
    if output == "json":
        surroundings.out.write(json.dumps(_object(found), indent=2) + "\n")
    else:
        rows = tuple(_rows(found))
        lines(surroundings, _aligned(rows) if surroundings.out.isatty() else ("\t".join(row) for row in rows))
    return DONE


def _configuration(place: Place) -> Configuration | None:
    """Read the configuration for its `registries`; a reference can be resolved without one."""
    return place.load() if (place.root / place.config).is_file() else None


def _waiting(reference: Reference, surroundings: Surroundings) -> AbstractContextManager[None]:
    if not surroundings.err.isatty():
        return nullcontext()
    from bot.commands.drawing import waiting

    return waiting(f"asking {reference.repository.host}", surroundings)


async def _inspected(
    reference: Reference,
    platforms: tuple[Platform, ...],
    configuration: Configuration | None,
    surroundings: Surroundings,
    place: Place,
) -> Inspection:
    async with open_registries(configuration, surroundings, place.root) as registries:
        return await registries.inspect(reference, platforms)


def _rows(found: Inspection) -> Iterator[tuple[str, ...]]:
    yield "reference", str(found.reference)
    yield "pin", f"{found.reference.repository}@{found.digest}"
    yield "digest", str(found.digest)
    yield "media type", found.media_type
    for variant in found.variants:
        size = "-" if variant.size is None else f"{variant.size} bytes"  # only wanted platforms are weighed
        yield "platform", str(variant.platform), str(variant.digest), size
    for name, value in _labels(found).items():
        if value is not None:
            yield name, value
    yield "credential", found.credential
    yield "requests", str(found.requests)
    for warning in found.warnings:
        yield "warning", warning


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Line up the labels, and the platforms among themselves; nothing is cut, a digest is to be copied."""
    label = max(len(row[0]) for row in rows)
    second = max((len(row[1]) for row in rows if len(row) > 2), default=0)  # noqa: PLR2004 - a label and one value
    for name, *values in rows:
        first = values[0].ljust(second) if values[1:] else values[0]
        yield "  ".join((name.ljust(label), first, *values[1:]))


def _labels(found: Inspection) -> dict[str, str | None]:
    build = found.build
    return {
        "revision": build.revision,
        "source": build.source,
        "created": build.created.isoformat() if build.created else None,
        "version": build.version,
    }


def _object(found: Inspection) -> dict[str, object]:
    return {
        "version": 1,
        "command": "resolve",
        "reference": str(found.reference),
        "repository": str(found.reference.repository),
        "digest": str(found.digest),
        "media_type": found.media_type,
        "size": found.size,
        "index": found.index,
        "platforms": [
            {"platform": str(one.platform), "digest": str(one.digest), "size": one.size} for one in found.variants
        ],
        "labels": _labels(found),
        "credential": found.credential,
        "requests": found.requests,
        "warnings": list(found.warnings),
    }

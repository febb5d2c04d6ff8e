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
        lines(surroundings, _lines(found))
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


def _lines(found: Inspection) -> Iterator[str]:
    yield f"reference\t{found.reference}"
    yield f"pin\t{found.reference.repository}@{found.digest}"
    yield f"digest\t{found.digest}"
    yield f"media type\t{found.media_type}"
    for variant in found.variants:
        yield f"platform\t{variant.platform}\t{variant.digest}\t{variant.size} bytes"
    for name, value in _labels(found).items():
        if value is not None:
            yield f"{name}\t{value}"
    yield f"credential\t{found.credential}"
    yield f"requests\t{found.requests}"
    for warning in found.warnings:
        yield f"warning\t{warning}"


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

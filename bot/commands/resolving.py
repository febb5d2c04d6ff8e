"""Asks the registries, all at once, with a progress bar for a person who waits."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.commands.surroundings import Surroundings
from bot.commands.update import Resolve
from bot.log import logger
from bot.planning.environment import Configuration
from bot.planning.presence import Inquiry, Presence, Unknown
from bot.planning.resolution import Lookup, Resolution, Unresolved
from bot.registry import Registries

_Heard = Callable[[Lookup | Inquiry, Resolution | Presence], None]


def resolver(surroundings: Surroundings, *, root: Path | None) -> Resolve:
    """Return what answers lookups for one run; a question that is asked twice is answered from memory."""
    known: dict[Lookup, Resolution] = {}

    def resolve(configuration: Configuration, lookups: Sequence[Lookup]) -> Mapping[Lookup, Resolution]:
        missing = tuple(dict.fromkeys(lookup for lookup in lookups if lookup not in known))
        if missing:
            known.update(asyncio.run(_asked(missing, configuration, surroundings, root)))
        return {lookup: known[lookup] for lookup in lookups}

    return resolve


def examined(
    inquiries: Sequence[Inquiry], configuration: Configuration, surroundings: Surroundings, *, root: Path | None
) -> Mapping[Inquiry, Presence]:
    """Ask whether digests are still there; nothing is opened where there is nothing to ask."""
    return asyncio.run(_examined(inquiries, configuration, surroundings, root)) if inquiries else {}


def open_registries(configuration: Configuration | None, surroundings: Surroundings, root: Path | None) -> Registries:
    """Return the registries as configured; used as an async context manager."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds * surroundings.patience)

    return Registries(
        configuration.registries if configuration else {},
        surroundings.environ,
        root=root,
        endpoints=surroundings.endpoints,
        sleep=sleep,
    )


async def _asked(
    lookups: Sequence[Lookup], configuration: Configuration, surroundings: Surroundings, root: Path | None
) -> Mapping[Lookup, Resolution]:
    with _progress(len(lookups), surroundings) as heard:
        async with open_registries(configuration, surroundings, root) as registries:
            answers = await registries.resolve_all(lookups, heard)
            logger().info("resolved", images=len(lookups), requests=registries.requests)
            return answers


async def _examined(
    inquiries: Sequence[Inquiry], configuration: Configuration, surroundings: Surroundings, root: Path | None
) -> Mapping[Inquiry, Presence]:
    with _progress(len(inquiries), surroundings) as heard:
        async with open_registries(configuration, surroundings, root) as registries:
            answers = await registries.examine_all(inquiries, heard)
            logger().info("examined", images=len(inquiries), requests=registries.requests)
            return answers


@contextmanager
def _progress(total: int, surroundings: Surroundings) -> Iterator[_Heard]:
    def logged(question: Lookup | Inquiry, answer: Resolution | Presence) -> None:
        event = "not_resolved" if isinstance(answer, Unresolved | Unknown) else "image_resolved"
        logger().info(event, image=question.subject)

    if not surroundings.err.isatty():
        yield logged
        return
    from bot.commands.drawing import progress

    with progress(total, surroundings) as step:

        def heard(question: Lookup | Inquiry, answer: Resolution | Presence) -> None:
            step(question.subject)
            logged(question, answer)

        yield heard

"""Which waivers hold in which environment of the cluster. A cluster has no files: a waiver speaks there for an image.

Not rendered is what names no image, what has expired, and what speaks of files that belong to no environment.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.planning.environment import Environment
from bot.policy.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemptions:
    """`held` by environment; `expired` and `imageless` are left out, and worth telling."""

    held: Mapping[str, tuple[Waiver, ...]]
    expired: tuple[Waiver, ...]
    imageless: tuple[Waiver, ...]


def exemptions(
    waivers: Sequence[Waiver],
    environments: Iterable[Environment],
    paths: Collection[str],
    rules: Collection[str],
    today: date,
) -> Exemptions:
    """Sort the waivers of some rules by the environments whose files, or layers, they speak of."""
    asked = [one for one in waivers if one.rule in rules]
    live = [one for one in asked if one.days_left(today) >= 0]
    usable = [one for one in live if one.image is not None]
    reach = {id(one): [path for path in paths if one.reaches(path)] for one in usable}
    return Exemptions(
        held={
            environment.name: tuple(one for one in usable if any(_has(environment, path) for path in reach[id(one)]))
            for environment in environments
        },
        expired=tuple(one for one in asked if one.days_left(today) < 0),
        imageless=tuple(one for one in live if one.image is None),
    )


def _has(environment: Environment, path: str) -> bool:
    return environment.covers(path) or any(glob.matches(path) for glob in environment.layers)

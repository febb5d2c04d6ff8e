"""What a change does to the policy itself, and the rule that tells it.

A pull request is judged by the base's levels and waivers, so that it cannot excuse itself; what it changes of them
counts for those that come after it. Whoever reviews it should see that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.policy.finding import Remark
from bot.policy.waivers import Waiver

Key = tuple[str, ...]

_LATER: Final = "the base's counts until this is merged"
_IMAGES: Final = ("images",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key of the configuration that decides what is asked. `name` is the key as messages have it.

    `value` is None where others stand below it.
    """

    name: str
    value: str | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Departed:
    """A file that lay in an environment at the base, by its path then, and lies in none here."""

    path: str
    former: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The configuration at `path` and the waivers, at the base and here. `before` is None where the base has none.

    `departed` are the files that no environment has any more.
    """

    path: str
    before: Mapping[Key, Setting] | None
    after: Mapping[Key, Setting]
    waived_before: tuple[Waiver, ...] = ()
    waived_after: tuple[Waiver, ...] = ()
    departed: tuple[Departed, ...] = ()


def policy_changed(amended: Amended) -> Iterator[Remark]:
    """What decides what is asked is changed knowingly.

    Levels, profile, operators, image rules, what the environments cover, and waivers: a pull request is judged by those
    of its base, and what it changes counts once it is merged. A file that is moved out of all environments is told,
    too: nothing checks it there. Told only where there is a base to compare with.

    Bad:
        # base: config/waivers.yaml
        version: 1
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2027-01-31
        # file: env/staging/legacy.yaml
        image: ghcr.io/acme/legacy:1.4.0

    Good:
        # base: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2027-01-31
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2027-01-31
        # file: env/staging/legacy.yaml
        image: ghcr.io/acme/legacy:1.4.0
    """
    if amended.before is None:
        yield Remark(
            path=amended.path, line=0, message="the base has no configuration; this one and its waivers count already"
        )
        return
    yield from _settings(amended, amended.before, amended.after)
    yield from _waivers(amended)
    for one in amended.departed:
        said = f"was {one.former} of {one.environment}; no environment covers it here, so that nothing checks it"
        yield Remark(path=one.path, line=0, text=one.former, key=one.former, message=said)


def _settings(amended: Amended, before: Mapping[Key, Setting], after: Mapping[Key, Setting]) -> Iterator[Remark]:
    for key, now in after.items():
        was = before.get(key)
        if was is not None and was.value != now.value:
            yield _at(amended, now, f"{_shown(was.value)} at the base, {_shown(now.value)} here; {_LATER}")
        elif was is None and (not key[:-1] or key[:-1] in before):
            yield _at(amended, now, f"not at the base, {_shown(now.value)} here; {_LATER}")
    for key, was in before.items():
        if key not in after and (not key[:-1] or key[:-1] in after):
            place = after.get(key[:-1])
            yield _at(amended, was, f"{_shown(was.value)} at the base, not here; {_LATER}", place=place, moved=True)
    if (place := after.get(_IMAGES)) and _order(before, after) != _order(after, before):
        yield _at(amended, place, f"in another order than at the base, and the first that matches counts; {_LATER}")


def _order(ours: Mapping[Key, Setting], theirs: Mapping[Key, Setting]) -> list[Key]:
    """Return the image rules that both have."""
    return [key for key in ours if key[:-1] == _IMAGES and key in theirs]


def _waivers(amended: Amended) -> Iterator[Remark]:
    before = {one.terms for one in amended.waived_before}
    places = {one.subject for one in amended.waived_before}
    after = {one.terms for one in amended.waived_after}
    there = {one.subject for one in amended.waived_after}
    for one in amended.waived_after:
        if one.terms not in before:
            new = "other terms than at the base" if one.subject in places else "not at the base"
            until = f"(owner: {one.owner}, until {one.expires})"
            yield one.remark(f"the waiver of {one.rule} for {_about(one)}: {new} {until}; {_LATER}")
    for one in amended.waived_before:
        if one.terms not in after and one.subject not in there:
            gone = f"the waiver of {one.rule} for {_about(one)}: at the base, not here; {_LATER}"
            yield Remark(path=one.where, line=0, text=_about(one), key=f"{one.rule} {_about(one)}", message=gone)


def _at(
    amended: Amended, setting: Setting, message: str, *, place: Setting | None = None, moved: bool = False
) -> Remark:
    """Say it where `setting` stands; one that stands here no more (`moved`) at `place`, or of the whole file."""
    at = place if moved else setting
    return Remark(
        path=amended.path,
        line=at.line if at else 0,
        column=at.column if at else 1,
        text=setting.name,
        key=setting.name,
        message=f"{setting.name}: {message}",
    )


def _shown(value: str | None) -> str:
    return "a section" if value is None else value or '""'


def _about(waiver: Waiver) -> str:
    return f"{waiver.path} {waiver.image}" if waiver.image else str(waiver.path)

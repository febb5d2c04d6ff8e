"""Every pin that the bot sees, and what it sees and does not move: for a newcomer who asks whether all is covered."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.image import Tag
from bot.pins import Orphan, Pin, Problem, Shape
from bot.planning.coverage import is_layer
from bot.planning.environment import Configuration, Environment, FirstPin, ImageRule
from bot.planning.targets import Follows, has_place, movement
from bot.report.markdown import plain

Object = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One pin. `environment` is None in a file that none covers; `rule` is the position of the one that matches.

    `follows` is the channel, None when the pin stays; `reason` says why it stays, or cannot be edited. `homeless`: it
    would follow, and has no place for a digest.
    """

    environment: str | None
    pin: Pin
    rule: int | None = None
    follows: Tag | None = None
    reason: str = ""
    homeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What was found in all environments asked for; orphans and problems come with their environment."""

    pins: tuple[Listed, ...]
    orphans: tuple[tuple[str, Orphan], ...] = ()
    problems: tuple[tuple[str, Problem], ...] = ()

    @property
    def covered(self) -> tuple[Listed, ...]:
        """The pins of images that have a rule."""
        return tuple(one for one in self.pins if one.environment is not None and one.rule is not None)

    @property
    def look_alikes(self) -> tuple[Listed, ...]:
        """Images of an owner that has rules, of which none matches."""
        return tuple(one for one in self.pins if one.environment is not None and one.rule is None)

    @property
    def uncovered(self) -> tuple[Listed, ...]:
        """Pins in files that no environment covers."""
        return tuple(one for one in self.pins if one.environment is None)


def listed(configuration: Configuration, environment: Environment, pins: Iterable[Pin]) -> Iterator[Listed]:
    """Say of each pin of an environment whether it moves, and by which rule or why not."""
    for pin in pins:
        rule = configuration.rule(pin.reference.repository)
        moves = movement(pin, rule, environment)
        position = rule.position if rule else None
        if rule is not None and isinstance(moves, Follows) and not has_place(pin, rule):
            reason = f"needs-digest-key: {_first_digest(pin, rule)}"
            yield Listed(environment=environment.name, pin=pin, rule=position, reason=reason, homeless=True)
        elif isinstance(moves, Follows):
            reason = f"{pin.refusal.code}: {pin.refusal.reason}" if pin.refusal else ""
            follows = None if pin.refusal else moves.channel
            yield Listed(environment=environment.name, pin=pin, rule=position, follows=follows, reason=reason)
        else:
            reason = moves.reason if rule else f"{moves.reason}, though one has the same owner; add one, or widen it"
            yield Listed(environment=environment.name, pin=pin, rule=position, reason=reason)


def _first_digest(pin: Pin, rule: ImageRule) -> str:
    if pin.shape is Shape.TAG_KEY and rule.first_pin is FirstPin.ASK:
        return f"set images[{rule.position}].first_pin"
    return "write the first digest beside it by hand"


def without_environment(configuration: Configuration, pins: Iterable[Pin]) -> Iterator[Listed]:
    """List pins of files that no environment covers."""
    for pin in pins:
        rule = configuration.rule(pin.reference.repository)
        where = (
            "add it to `paths`" if is_layer(configuration, pin.path) else "add it to `paths`, or to `layers` below them"
        )
        reason = f"no environment covers this file; {where}"
        yield Listed(environment=None, pin=pin, rule=rule.position if rule else None, reason=reason)


def summary(listing: Listing) -> str:
    """Count it all in one line."""
    moving = sum(1 for one in listing.covered if one.follows is not None)
    refused = sum(1 for one in listing.covered if one.pin.refusal is not None)
    homeless = sum(1 for one in listing.covered if one.homeless)
    staying = len(listing.covered) - moving - homeless
    parts = [
        f"{_count(len(listing.covered), 'pin')}: {moving} move, {staying} stay",
        f"{homeless} without a place for a first digest" if homeless else "",
        f"{refused} cannot be edited" if refused else "",
        f"{_count(len(listing.orphans), 'digest')} without a repository" if listing.orphans else "",
        f"{_count(len(listing.look_alikes), 'pin')} of your owners that no rule matches" if listing.look_alikes else "",
        f"{_count(len(listing.uncovered), 'pin')} in files that no environment covers" if listing.uncovered else "",
        f"{_count(len(listing.problems), 'file')} that cannot be read" if listing.problems else "",
    ]
    return "; ".join(part for part in parts if part)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


# ---- text -----------------------------------------------------------------------------------------------------------


def lines(listing: Listing) -> Iterator[str]:
    """Yield one tab-separated line per pin, then per orphan; docs/text.md names the columns."""
    for one in listing.pins:
        reference = one.pin.reference
        yield _line(
            one.environment or "-",
            one.pin.place,
            one.pin.key,
            one.pin.shape,
            reference.repository,
            reference.tag or "-",
            reference.digest or "-",
            f"follows {one.follows}" if one.follows else "stays",
            "-" if one.rule is None else f"images[{one.rule}]",
            one.reason or (f"repository from {one.pin.named_in}" if one.pin.named_in else "-"),
        )
    for name, orphan in listing.orphans:
        place = f"{orphan.path}:{orphan.line}:{orphan.column}"
        yield _line(name, place, orphan.key, "orphan", "-", "-", orphan.digest, "stays", "-", orphan.reason)


def _line(*columns: object) -> str:
    return "\t".join(plain(str(column), most=1000) for column in columns)


# ---- JSON -----------------------------------------------------------------------------------------------------------


def render(listing: Listing) -> str:
    """Render the listing for programs, ending with a line feed; docs/json.md names the keys."""
    document = {
        "version": 1,
        "command": "pins",
        "pins": [_pin(one) for one in listing.covered],
        "orphans": [
            {
                "environment": name,
                "path": orphan.path,
                "line": orphan.line,
                "column": orphan.column,
                "key": orphan.key,
                "digest": str(orphan.digest),
                "reason": orphan.reason,
            }
            for name, orphan in listing.orphans
        ],
        "look_alikes": [_pin(one) for one in listing.look_alikes],
        "uncovered": [_pin(one) for one in listing.uncovered],
        "problems": [
            {"environment": name, "path": one.path, "line": one.line or None, "code": one.code, "message": one.reason}
            for name, one in listing.problems
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _pin(one: Listed) -> Object:
    pin, reference = one.pin, one.pin.reference
    return {
        "environment": one.environment,
        "path": pin.path,
        "line": pin.line,
        "column": pin.column,
        "document": pin.document,
        "key": pin.key,
        "shape": pin.shape.value,
        "image": str(reference.repository),
        "tag": str(reference.tag) if reference.tag else None,
        "digest": str(reference.digest) if reference.digest else None,
        "named_in": pin.named_in,
        "rule": None if one.rule is None else f"images[{one.rule}]",
        "follows": str(one.follows) if one.follows else None,
        "refused": pin.refusal.code if pin.refusal else None,
        "reason": one.reason or None,
    }

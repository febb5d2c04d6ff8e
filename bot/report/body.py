"""The pull request's body, to be read on a phone: what did not move, what moves, then the proof, folded."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from bot.image import Digest, Platform, Repository
from bot.planning.decision import Carried, Decision, Failed, Held, PinChange, Plan, Update
from bot.planning.order import SourceChange
from bot.report.markdown import code

MOST_CHARACTERS: Final = 65_536
_RESERVE: Final = 6_000  # for the marker, and for a person's words around it
_MESSAGES: Final = (300, 120, 40, 15)  # the longest that a message is shown, tried one after the other
_MOST_OLDS: Final = 3  # old digests on one line
_MOST_PLATFORMS: Final = 8  # on one line
_SUBJECT: Final = 100  # the longest that a commit's first line is shown
_LEFT_OUT: Final = "_The detail of further images is left out: the body would be too long._"
_WORD: Final = re.compile(r"[a-z0-9]{1,16}(/v[0-9]{1,2})?")


def body(plan: Plan, *, room: int = MOST_CHARACTERS) -> str:
    """Render the body for `plan`; the same plan gives the same text. Image lines are never left out, detail may be.

    `room`: how many characters there are for it, where a person's words have taken others.
    """
    room = min(room, MOST_CHARACTERS - _RESERVE)
    parts = [_lines(plan, room)]
    groups: tuple[Update | Carried, ...] = (*plan.updates, *plan.carried)
    left = room - len(parts[0]) - len(_LEFT_OUT) - 2
    for group in groups:
        detail = "\n".join(_detail(group))
        if len(detail) + 2 > left:
            parts += [_LEFT_OUT] if left >= 0 else []
            break
        left -= len(detail) + 2
        parts.append(detail)
    return "\n\n".join(parts)


def _lines(plan: Plan, room: int) -> str:
    """Join the lines of all images, with messages as long as there is room for."""
    texts = ["\n".join([*_troubles(plan, most), *_images(plan)]) for most in _MESSAGES]
    return next((text for text in texts if len(text) <= room), texts[-1])


def _troubles(plan: Plan, most: int) -> Iterator[str]:
    names = _names(plan)
    wrong = [decision for decision in plan.decisions if isinstance(decision, Failed | Held)]
    for decision in wrong:
        sign = "⏸️" if isinstance(decision, Held) else "❌"
        name = f"**{names[decision.repository]}**" if decision.repository else "a file"
        yield f"- {sign} {name} not moved · {decision.code} · {code(decision.message, most=most)}"
    if wrong:
        yield ""


def _images(plan: Plan) -> Iterator[str]:
    names = _names(plan)
    for update in plan.updates:
        facts = [
            _moves(names[update.repository], update.changes, update.new.digest),
            _commits(update.source_change),
            _platforms(update.new.platforms),
        ]
        notes = sorted({note for change in update.changes for note in change.notes})
        yield "- " + " · ".join([*(fact for fact in facts if fact), *notes])
    for carried in plan.carried:
        yield f"- {_moves(names[carried.repository], carried.changes, carried.digest)} · kept from an earlier run"


def _names(plan: Plan) -> dict[Repository, str]:
    """Call an image by its last segment, unless two images share it."""
    groups: tuple[Decision | Carried, ...] = (*plan.decisions, *plan.carried)
    repositories = {group.repository for group in groups if group.repository is not None}
    last = Counter(repository.last for repository in repositories)
    return {
        repository: repository.last if last[repository.last] == 1 else str(repository) for repository in repositories
    }


def _moves(name: str, changes: tuple[PinChange, ...], new: Digest) -> str:
    olds = tuple(dict.fromkeys(_old(change) for change in changes))
    return f"**{name}** {', '.join(olds[:_MOST_OLDS])}{_more(olds, _MOST_OLDS)} → `{new.short}`"


def _old(change: PinChange) -> str:
    reference = change.pin.reference
    if reference.digest is not None:
        return f"`{reference.digest.short}`"
    return code(str(reference.tag)) if reference.tag else "unpinned"


def _commits(change: SourceChange | None) -> str:
    commits = change.comparison.commits if change and change.comparison else None
    return "" if commits is None else f"+{commits} commit{'' if commits == 1 else 's'}"


def _platforms(platforms: tuple[Platform, ...]) -> str:
    """Name the platforms. They are text from outside: `closes gh-12` would be two that close an issue."""
    names = [str(platform).removeprefix("linux/") for platform in platforms[:_MOST_PLATFORMS]]
    shown = " ".join(name if _WORD.fullmatch(name) else code(name) for name in names)
    return f"{shown}{_more(platforms, _MOST_PLATFORMS)}"


def _more(shown: Sequence[object], most: int) -> str:
    return f" and {len(shown) - most} more" if len(shown) > most else ""


def _detail(group: Update | Carried) -> Iterator[str]:
    new = group.new.digest if isinstance(group, Update) else group.digest
    yield f"<details><summary>{group.repository}</summary>"
    yield ""
    for old in dict.fromkeys(change.pin.reference.digest for change in group.changes):
        yield f"- old: `{old}`" if old else "- old: none, this is the first digest"
    yield f"- new: `{new}`" if isinstance(group, Update) else f"- new: `{new}`, kept from an earlier run"
    if isinstance(group, Update):
        yield from _proof(group)
    for change in group.changes:
        yield f"- in {code(f'{change.pin.path}:{change.pin.line}')} {code(change.pin.key)}"
    yield f"- check by hand: `bump resolve {group.repository}@{new}`"
    yield ""
    yield "</details>"


def _proof(update: Update) -> Iterator[str]:
    """Tell what this run has found out about the new build."""
    new, build = update.new, update.new.build
    yield f"- channel: `{update.channel}`, order {_ORDERS[update.order.value]}"
    for variant in new.variants:
        yield f"- {code(str(variant.platform))}: `{variant.digest}`"
    if build.source and build.revision:
        yield f"- source: {build.source}/commit/{build.revision}"
    elif build.revision:
        yield f"- source revision: `{build.revision}`"
    for change in update.source_changes:
        yield from _compared(change)
    if build.created:
        yield f"- built: {build.created:%Y-%m-%d %H:%M} UTC"
    for warning in new.warnings:
        yield f"- note: {code(warning)}"


def _compared(change: SourceChange) -> Iterator[str]:
    """Link what is new, and show its newest commits. What a commit says is text from outside."""
    if change.url is not None:
        yield f"- compare: {' · '.join(filter(None, (change.url, _commits(change))))}"
    for subject in change.comparison.subjects if change.comparison else ():
        yield f"  - {code(subject, most=_SUBJECT)}"


_ORDERS: Final = {
    "ahead": "ahead of the old build",
    "unverifiable": "not verifiable",
    "forced": "forced",
    "first-pin": "none, this is the first digest",
}

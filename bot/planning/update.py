"""Turns answers from the registry into decisions, and decisions into new bytes. The heart of the main job."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from bot.errors import EditRefused
from bot.image import Digest, Repository, Tag
from bot.pins import Pin, Problem, Shape, rewrite, splice
from bot.planning.decision import Carried, Decision, Failed, Held, Order, PinChange, Plan, Update, UpToDate
from bot.planning.environment import FirstPin
from bot.planning.order import (
    NOT_COMPARED,
    Comparisons,
    Relation,
    believed,
    olds_of,
    relation,
    source_changes,
    together,
    why_behind,
)
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved
from bot.planning.snapshot import Snapshot
from bot.planning.tags import tag_beside
from bot.planning.targets import Proposed, Target, first_slot, has_place
from bot.planning.withheld import BY_A_PERSON, Declined, withheld

BACKWARDS: Final = "backwards"


def plan(
    snapshot: Snapshot,
    *,
    environment: str,
    targets: Sequence[Target],
    problems: Iterable[Problem],
    resolutions: Mapping[Lookup, Resolution],
    proposed: Proposed,
    comparisons: Comparisons = NOT_COMPARED,
    narrowed: bool = False,
    allow_backwards: bool = False,
    declined: Declined | None = None,
) -> Plan:
    """Decide about every target and apply the edits to the snapshot's files.

    `proposed` maps (repository, old digest) to the digest on the open branch, and the tag beside it where there is one:
    what this run did not resolve is carried over from there. `comparisons` answer what `comparables` lists, as far as
    that could be answered. A file that refuses its edits fails with all its pins; the others go on. `narrowed`: the run
    was asked for some images by name, so it closes nothing, even where they are all there are.
    """
    decisions: list[Decision] = [_unreadable(problem) for problem in problems]
    carried: list[Carried] = []
    stuck = False
    for target in targets:
        answer = resolutions.get(target.lookup) if target.selected else None
        made: tuple[Decision, ...] = ()
        if answer is not None:
            made = decide(target, answer, proposed, comparisons=comparisons, allow_backwards=allow_backwards)
            made = tuple(withheld(made, declined or {}))
        decisions.extend(made)
        staying = target.pins
        if isinstance(answer, Current | Resolved):
            held = [one for one in made if isinstance(one, Held) and one.code not in BY_A_PERSON]
            staying = tuple(pin for one in held for pin in one.pins)
        kept = tuple(_carry(target, staying, proposed))
        carried.extend(kept)
        there = {change.pin for one in kept for change in one.changes}
        stuck = stuck or any(_proposal(target, pin, proposed) for pin in staying if pin not in there)
    decided = Plan(
        environment=environment,
        commit=snapshot.commit,
        decisions=tuple(decisions),
        carried=tuple(carried),
        entire=not (narrowed or stuck) and all(target.selected and target.lookup in resolutions for target in targets),
    )
    return _edited(decided, snapshot)


def decide(
    target: Target,
    answer: Resolution,
    proposed: Proposed | None = None,
    *,
    comparisons: Comparisons = NOT_COMPARED,
    allow_backwards: bool = False,
) -> tuple[Decision, ...]:
    """Decide about one image; more than one outcome when its pins differ (one of them cannot be edited, say).

    A pin does not go behind its own digest, nor behind the one that is `proposed` for it, unless `allow_backwards`.
    """
    match answer:
        case Unresolved(held=True):
            return (Held(repository=target.repository, code=answer.code, message=answer.message, pins=target.pins),)
        case Unresolved():
            return (
                Failed(
                    repository=target.repository,
                    code=answer.code,
                    message=answer.message,
                    pins=target.pins,
                    outage=answer.outage,
                ),
            )
        case Current():
            return _sorted_out(target, answer, proposed or {}, comparisons, forced=False)
        case Resolved():
            return _sorted_out(target, believed(answer, target), proposed or {}, comparisons, forced=allow_backwards)
        case _:
            assert_never(answer)


def _sorted_out(
    target: Target, answer: Current | Resolved, proposed: Proposed, comparisons: Comparisons, *, forced: bool
) -> tuple[Decision, ...]:
    repository, digest, warnings = target.repository, answer.digest, answer.warnings
    decisions: list[Decision] = []
    there: list[Pin] = []
    refused: list[Pin] = []
    homeless: list[Pin] = []
    movable: list[Pin] = []
    for pin in target.pins:
        if pin.reference.digest == digest:
            there.append(pin)
        elif pin.refusal is not None:
            refused.append(pin)
        elif not has_place(pin, target.rule):
            homeless.append(pin)
        else:
            movable.append(pin)
    if isinstance(answer, Resolved) and movable:
        decisions.extend(_moved(target, answer, movable, proposed, comparisons=comparisons, forced=forced))
    if there:
        decisions.append(UpToDate(repository=repository, digest=digest, pins=tuple(there), warnings=warnings))
    decisions.extend(_needs_digest_key(target, pin, warnings) for pin in homeless)
    decisions.extend(_refused(repository, pin, warnings) for pin in refused)
    return tuple(decisions)


def _moved(
    target: Target, new: Resolved, pins: Sequence[Pin], proposed: Proposed, *, comparisons: Comparisons, forced: bool
) -> Iterable[Decision]:
    """Move the pins that the new build is not behind, and hold the others."""
    going: list[Pin] = []
    back: list[Pin] = []
    relations: list[Relation] = []
    olds = {pin: tuple(olds_of(pin, target, new.digest, proposed)) for pin in pins}
    for pin in pins:
        found = together(relation(new.build_beside(digest), new.olds.get(digest), comparisons) for digest in olds[pin])
        if found is Relation.BEHIND and not forced:
            back.append(pin)
        else:
            going.append(pin)
            relations.append(found)
    if going:
        yield Update(
            repository=target.repository,
            channel=target.lookup.channel,
            new=new,
            changes=tuple(_change(pin, target, new.digest, new.revision_tag) for pin in going),
            order=_order(going, relations),
            source_changes=source_changes(new, going, comparisons),
        )
    if back:
        why = why_behind(new, [digest for pin in back for digest in olds[pin]], comparisons)
        yield _backwards(target, new, tuple(back), why)


def _order(pins: Sequence[Pin], relations: Sequence[Relation]) -> Order:
    whole = together(one for pin, one in zip(pins, relations, strict=True) if pin.reference.digest is not None)
    if Relation.BEHIND in relations:
        return Order.FORCED
    if all(pin.reference.digest is None for pin in pins):
        return Order.FIRST_PIN
    return Order.AHEAD if whole is Relation.AHEAD else Order.UNVERIFIABLE


def _backwards(target: Target, new: Resolved, pins: tuple[Pin, ...], why: str) -> Held:
    message = (
        f"{target.lookup.subject}: {why}; build the newest commit again, "
        "or give --allow-backwards with --image if going back is meant"
    )
    return Held(repository=target.repository, code=BACKWARDS, message=message, pins=pins, warnings=new.warnings)


def _needs_digest_key(target: Target, pin: Pin, warnings: tuple[str, ...]) -> Held:
    message = f"{pin.place}: {pin.key} stands without a digest; write the first one beside it by hand"
    if target.rule.first_pin is FirstPin.ASK and pin.shape is Shape.TAG_KEY:
        message += (
            f", or set images[{target.rule.position}].first_pin: digest-key where its chart knows `digest`, "
            "tag-suffix where it takes a digest in the tag"
        )
    return Held(repository=target.repository, code="needs-digest-key", message=message, pins=(pin,), warnings=warnings)


def _refused(repository: Repository, pin: Pin, warnings: tuple[str, ...]) -> Failed:
    code, reason = (pin.refusal.code, pin.refusal.reason) if pin.refusal else ("edit-refused", "cannot be edited")
    message = f"{pin.place}: {pin.key}: {reason}"
    return Failed(repository=repository, code=code, message=message, pins=(pin,), warnings=warnings)


def _unreadable(problem: Problem) -> Failed:
    line = f":{problem.line}" if problem.line else ""
    return Failed(repository=None, code=problem.code, message=f"{problem.path}{line}: {problem.reason}")


def _change(pin: Pin, target: Target, digest: Digest, new: Tag | None) -> PinChange:
    tag, notes = tag_beside(pin, target.lookup.channel, new)
    edits = rewrite(pin, digest=digest, tag=tag, slot=first_slot(pin, target.rule))
    return PinChange(pin=pin, edits=edits, tag=new if tag == new else None, notes=notes)


def _carry(target: Target, pins: Iterable[Pin], proposed: Proposed) -> Iterable[Carried]:
    """Keep what the open branch proposes, where base still has the digest that it was proposed for."""
    wanted: dict[Digest, list[PinChange]] = {}
    for pin in pins:
        found = _proposal(target, pin, proposed)
        if found is not None and pin.refusal is None and has_place(pin, target.rule):
            digest, tag = found
            wanted.setdefault(digest, []).append(_change(pin, target, digest, tag))
    for digest in sorted(wanted):
        yield Carried(repository=target.repository, digest=digest, changes=tuple(wanted[digest]))


def _proposal(target: Target, pin: Pin, proposed: Proposed) -> tuple[Digest, Tag | None] | None:
    """Return what the open branch has in the place of the pin's digest, and the tag beside it."""
    found = proposed.get((target.repository, pin.reference.digest))
    return None if found is None or found[0] == pin.reference.digest else found


def _edited(decided: Plan, snapshot: Snapshot) -> Plan:
    files: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    by_path: dict[str, list[PinChange]] = {}
    for change in decided.changes:
        by_path.setdefault(change.pin.path, []).append(change)
    for path, changes in by_path.items():
        try:
            files[path] = splice(snapshot.contents[path], [edit for change in changes for edit in change.edits])
        except EditRefused as error:
            refused[path] = str(error)
    decisions: list[Decision] = []
    for decision in decided.decisions:
        decisions.extend(_without(decision, refused) if isinstance(decision, Update) else (decision,))
    carried: list[Carried] = []
    for one in decided.carried:
        decisions.extend(_refusals(one, refused))
        if kept := _kept(one, refused):
            carried.append(replace(one, changes=kept))
    return replace(
        decided,
        decisions=tuple(decisions),
        carried=tuple(carried),
        files=files,
        entire=decided.entire and not any(isinstance(decision, Failed) for decision in decisions),
    )


def _without(update: Update, refused: Mapping[str, str]) -> Iterable[Decision]:
    if kept := _kept(update, refused):
        yield replace(update, changes=kept)
    yield from _refusals(update, refused)


def _kept(group: Update | Carried, refused: Mapping[str, str]) -> tuple[PinChange, ...]:
    return tuple(change for change in group.changes if change.pin.path not in refused)


def _refusals(group: Update | Carried, refused: Mapping[str, str]) -> Iterable[Failed]:
    for change in group.changes:
        if (reason := refused.get(change.pin.path)) is not None:
            message = f"{change.pin.place}: {change.pin.key}: {reason}"
            yield Failed(repository=group.repository, code="edit-refused", message=message, pins=(change.pin,))

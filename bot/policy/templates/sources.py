"""Follows what a template prints back to the values that it comes from, through variables, blocks and named templates.

Nothing is run: both branches of an `if` count, and what a function gives comes from all of its arguments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.policy.templates.actions import Action, Call, Dot, Expression, Field, Literal, Scanned, Variable
from bot.policy.templates.seen import EACH, NOTHING, ROOT, Document, Keys, Seen, joined, table

_MOST_DEPTH: Final = 20
# For one template, and for all that are followed with the same named templates.
_MOST_STEPS: Final = 300_000
_MOST_STEPS_IN_ALL: Final = 5_000_000
# What gives one of its arguments as it is, or as a text.
_PASSING: Final = frozenset(
    ["coalesce", "deepCopy", "default", "mustDeepCopy", "quote", "required", "squote", "toString", "trim"]
)
_OPENING: Final = frozenset({"if", "with", "range", "block", "define"})
_CAREFUL: Final = frozenset({"dig", "get"})


@dataclass(frozen=True, slots=True)
class Dig:
    """A call of `dig` or `get` on `.Values` or below, at a place of the template.

    `through` is the named template that the call stands in; the place is then that of what leads there.
    """

    function: str
    on: Keys
    start: int
    through: str = ""


@dataclass(slots=True)
class Followed:
    """What a template prints, by where each action starts; what it calls; and what goes through `tpl`.

    Without `complete` it was too much, and what is here is not all.
    """

    printed: dict[int, frozenset[Keys]] = field(default_factory=dict)
    digs: list[Dig] = field(default_factory=list)
    evaluated: set[Keys] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    sources: frozenset[Keys] = frozenset()
    complete: bool = True


class Follower:
    """Follows the templates of one chart. A template that takes too many steps is followed as far as they reach."""

    def __init__(self, defined: Mapping[str, Sequence[Action]], *, most_steps: int = _MOST_STEPS) -> None:
        """`defined` are the actions of its named templates."""
        self._most = most_steps
        self._defined = defined
        self._known: dict[tuple[str, object], Followed] = {}
        self._left = 0
        self._in_all = _MOST_STEPS_IN_ALL

    def follow(self, actions: Sequence[Action]) -> Followed:
        """Go through the actions of a template that is given what charts' templates are."""
        found = Followed()
        before = self._left = min(self._most, self._in_all)
        _Walk(self, found, ()).through(actions, ROOT)
        found.complete = self._left >= 0
        self._in_all -= before - max(self._left, 0)
        if not found.complete:
            self._known.clear()  # what was given up half-way is not what others should find
        return found

    def named(self, name: str, given: Seen, around: tuple[str, ...]) -> Followed | None:
        """Follow a named template; None for one that there is not, that lies too deep or within itself."""
        actions = self._defined.get(name)
        if actions is None or len(around) >= _MOST_DEPTH or name in around:
            return None
        key = (name, given.known)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Followed()
            _Walk(self, known, (*around, name)).through(actions, given)
            known.sources = joined(known.printed.values())
        return known

    def step(self) -> bool:
        """Take a step; False when there are none left."""
        self._left -= 1
        return self._left >= 0


class _Walk:
    """One way through a template: what `.` and variables are at each place, and what was found there."""

    def __init__(self, follower: Follower, found: Followed, around: tuple[str, ...]) -> None:
        self._follower = follower
        self._found = found
        self._around = around
        self._dot = self._root = ROOT
        # Each name with what it is, the innermost last, and the names that every open block has declared.
        self._variables: dict[str, list[Seen]] = {}
        self._blocks: list[tuple[Seen, Seen, list[str]]] = []
        self._merged: set[int] = set()

    def through(self, actions: Sequence[Action], given: Seen) -> None:
        """Go through all actions."""
        self._dot = self._root = given
        for action in actions:
            if not self._follower.step():
                return
            if action.keyword in _OPENING:
                self._blocks.append((self._dot, self._root, []))
                self._open(action, action.keyword)
            elif action.keyword == "else":
                if self._blocks:
                    self._dot = self._blocks[-1][0]
                self._open(action, action.also)
            elif action.keyword == "end":
                self._close()
            elif action.value is not None:
                self._print(action, action.value)

    def _open(self, action: Action, keyword: str) -> None:
        if keyword == "define":
            self._dot = self._root = ROOT
            return
        if action.value is None:
            return
        seen = self._seen(action.value)
        if keyword == "range":
            seen = seen.below((EACH,))
        for name in action.sets:
            self._declare(name, seen if name == action.sets[-1] else NOTHING)
        if keyword in {"with", "range"}:
            self._dot = seen

    def _close(self) -> None:
        if self._blocks:
            self._dot, self._root, names = self._blocks.pop()
            for name in names:
                self._variables[name].pop()

    def _declare(self, name: str, seen: Seen) -> None:
        self._variables.setdefault(name, []).append(seen)
        if self._blocks:
            self._blocks[-1][2].append(name)

    def _print(self, action: Action, value: Expression) -> None:
        if isinstance(value, Call) and action.keyword == "template":
            value = replace(value, name="include")
        seen = self._seen(value)
        if not action.sets:
            self._found.printed[action.start] = seen.sources
        for name in action.sets:
            there = self._variables.get(name)
            if action.declares or not there:
                self._declare(name, seen)
            else:
                same = there[-1].value == seen.value
                there[-1] = Seen(seen.value if same else None, joined((there[-1].sources, seen.sources)))

    # ---- expressions ------------------------------------------------------------------------------------------------

    def _seen(self, one: Expression) -> Seen:
        match one:
            case Dot():
                return self._dot
            case Variable(""):
                return self._root
            case Variable(name):
                there = self._variables.get(name)
                return there[-1] if there else NOTHING
            case Literal():
                return Seen(None)
            case Field(base, keys):
                return self._seen(base).below(keys)
            case Call():
                return self._called(one) if self._follower.step() else NOTHING

    def _called(self, call: Call) -> Seen:
        if call.name == "include":
            return self._named(call)
        given = call.arguments
        seen = [self._seen(one) for one in given]
        if call.name in _CAREFUL:
            self._note(call, seen)
        match call.name:
            case "index" | "get" | "dig" | "":
                return _chosen(call.name, [_text(one) for one in given], seen)
            case "dict":
                return table([_text(one) for one in given[::2]], seen[1::2])
            case "tpl" if seen:
                self._found.evaluated |= seen[0].sources
                if isinstance(seen[0].value, Document):
                    self._found.documents.add(seen[0].value.path)
                return Seen(None, seen[0].sources)
        values = [one.value for one in seen if isinstance(one.value, tuple)]
        value = values[0] if call.name in _PASSING and len(values) == 1 else None
        return Seen(value, joined(one.sources for one in seen))

    def _note(self, call: Call, seen: Iterable[Seen]) -> None:
        """Note that a call looks into values."""
        on = (one.value for one in seen if isinstance(one.value, tuple) and one.value[:1] == ("Values",))
        for keys in on:
            self._found.digs.append(Dig(call.name, keys, call.start, self._around[-1] if self._around else ""))
            return

    def _named(self, call: Call) -> Seen:
        """Follow what `include` or `template` names, with what it is given."""
        given = self._seen(call.arguments[1]) if len(call.arguments) > 1 else Seen(None)
        name = _text(call.arguments[0]) if call.arguments else None
        found = self._follower.named(name, given, self._around) if name is not None else None
        if found is None:
            return NOTHING
        if id(found) not in self._merged:
            self._merged.add(id(found))
            first = {(one.through, one.function): one for one in reversed(found.digs)}
            self._found.digs += (Dig(one.function, one.on, call.start, one.through) for one in first.values())
            self._found.evaluated |= found.evaluated
            self._found.documents |= found.documents
        return Seen(None, found.sources)


def _text(one: Expression) -> str | None:
    return one.text if isinstance(one, Literal) else None


def _chosen(name: str, texts: Sequence[str | None], seen: Sequence[Seen]) -> Seen:
    """Give what `index`, `get` and `dig` choose of a value by keys, and what a method gives."""
    if not seen:
        return NOTHING
    if name == "dig":
        base, keys = seen[-1], texts[:-2]
    else:
        base, keys = seen[0], texts[1:]
    known = tuple(key for key in keys if key is not None)
    if len(known) < len(keys):
        return Seen(None, joined(one.sources for one in seen))
    if name:
        return base.below(known)
    if isinstance(base.value, tuple) and base.value[-2:] == ("Files", "Get") and len(known) == 1:
        return Seen(Document(known[0]), NOTHING.sources)
    return Seen(None, joined(one.sources for one in seen))


def named_templates(scanned: Iterable[Scanned]) -> Mapping[str, Sequence[Action]]:
    """Return the actions of each `define` and `block`; of two of one name, those of the last."""
    found: dict[str, Sequence[Action]] = {}
    for one in scanned:
        open_: list[tuple[str | None, int]] = []
        for position, action in enumerate(one.actions):
            if action.keyword in _OPENING:
                open_.append((_name(action), position))
            elif action.keyword == "end" and open_:
                name, begun = open_.pop()
                if name is not None:
                    found[name] = one.actions[begun + 1 : position]
    return found


def _name(action: Action) -> str | None:
    if action.keyword not in {"define", "block"}:
        return None
    value = action.value
    if isinstance(value, Call) and value.arguments:
        value = value.arguments[0]
    return None if value is None else _text(value)

"""The fleet contract: primitives take their pull policy from one value, and what goes through `tpl` can be evaluated.

Judged are templates of charts, texts in values that are templates themselves, and files that go through `tpl`.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.errors import UnreadableFile
from bot.pins import Lines, Text, decode, read_texts
from bot.policy.finding import Remark
from bot.policy.templates.actions import Scanned, scan, without_actions
from bot.policy.templates.charts import Charted, Templates
from bot.policy.templates.primitives import Primitive, primitives
from bot.policy.templates.seen import UNKNOWN, Keys, joined
from bot.policy.templates.sources import Followed, Follower, named_templates

if TYPE_CHECKING:
    from bot.policy.sheet import Sheet

_VALUES: Final = "Values"
_SHOWN: Final = 120
_FEW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A place where the contract is broken."""

    line: int
    column: int
    text: str
    message: str
    instead: str
    key: str = ""


def fleet_contract(sheet: "Sheet") -> Iterator[Remark]:
    """Primitives render `spec.imagePullPolicy` from one value, and `tpl` evaluates no `dig` or `get` on `.Values`.

    One value for all primitives can be changed for all of them, and taken away again. Where it stands is said by
    `policy.fleet.key`. `dig` and `get` ask for a plain map, and in what `tpl` evaluates `.Values` may be none: then a
    chart that rendered yesterday fails in the middle of a sync. Primitives are the kinds in `policy.operators.kinds`.

    Bad:
        # file: charts/sales/Chart.yaml
        name: sales
        # file: charts/sales/templates/domain.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: {{ .Values.image.ref }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
        # file: env/staging/extra.yaml
        manifests: |-
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: {{ dig "global" "name" "none" .Values }}

    Good:
        # file: charts/sales/Chart.yaml
        name: sales
        # file: charts/sales/templates/domain.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: {{ .Values.image.ref }}
          imagePullPolicy: {{ .Values.global.ameide.primitives.imagePullPolicy | default "IfNotPresent" }}
        # file: env/staging/extra.yaml
        manifests: |-
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: {{ .Values.global.name | default "none" }}
    """
    for one in sheet.breaches:
        yield Remark(
            path=sheet.path,
            line=one.line,
            column=one.column,
            text=one.text,
            message=one.message,
            instead=one.instead,
            key=one.key,
        )


class Contract:
    """What is asked for: the key of the value, and of which kinds."""

    def __init__(self, key: str, kinds: Collection[str], templates: Templates) -> None:
        """`templates` are those of the charts in the checkout."""
        self._key = key
        self._keys: Keys = (_VALUES, *key.split("."))
        self._kinds = kinds
        self._templates = templates

    def sheets(self) -> Iterator[tuple[str, tuple[Breach, ...]]]:
        """Yield each template that was worth reading, with what is wrong in it."""
        for one in self._templates.templates:
            shown = _Shown(one.text, one.scanned, one.followed, one.lines.at)
            yield one.path, tuple(self._breaches(shown, evaluated=one.evaluated))

    def in_values(self, path: str, content: bytes) -> Iterator[Breach]:
        """Judge the texts in the values at `path`; what is no YAML, for its actions perhaps, is a template itself."""
        serving = self._templates.serving(path)
        passed = any(one.evaluated for one in serving)
        if b"{{" not in content and not (passed and b"kind:" in content):
            return
        try:
            texts = list(read_texts(content, self._names_primitive if passed else _never))
        except UnreadableFile:
            yield from self._in_template(content)
            return
        for text in texts:
            yield from self._in_text(text, serving)

    def _in_template(self, content: bytes) -> Iterator[Breach]:
        with suppress(UnreadableFile):  # what is no text is told where images are looked for
            text = decode(content)
            scanned = scan(text)
            followed = Follower(named_templates([scanned])).follow(scanned.actions)
            yield from self._breaches(_Shown(text, scanned, followed, Lines(content).at), evaluated=False)

    def _in_text(self, text: Text, serving: Sequence[Charted]) -> Iterator[Breach]:
        scanned = scan(text.value)
        # An action that uses values in a text of values would do nothing if nothing evaluated it.
        if any(one.evaluates(text.keys) for one in serving) or _uses_values(text.value, scanned):
            follower = serving[0].follower if serving else Follower({})
            shown = _Shown(text.value, scanned, follower.follow(scanned.actions), text.at, text.key)
            yield from self._breaches(shown, evaluated=True)

    def _names_primitive(self, text: str) -> bool:
        return "kind:" in text and any(kind in text for kind in self._kinds)

    def _breaches(self, shown: "_Shown", *, evaluated: bool) -> Iterator[Breach]:
        for dig in shown.followed.digs if evaluated else ():
            through = f" (in {dig.through})" if dig.through else ""
            yield shown.breach(
                dig.start,
                f"{dig.function} on {_named(dig.on)} in what tpl evaluates{through}: fails where that is no plain map",
                instead="a path, as .Values.a.b, with default",
            )
        named = self._names_primitive(shown.text)
        for one in primitives(without_actions(shown.text, shown.scanned), self._kinds) if named else ():
            yield from self._in_primitive(one, shown)
        if not shown.followed.complete and (evaluated or named):
            yield shown.breach(0, "too much to follow: split the template", instead="")
        if shown.scanned.broken is not None and (evaluated or named):
            start, reason = shown.scanned.broken
            yield shown.breach(start, f"no template that could be read: {reason}", instead="an action that ends")

    def _in_primitive(self, one: Primitive, shown: "_Shown") -> Iterator[Breach]:
        instead = f"imagePullPolicy: {{{{ .Values.{self._key} }}}}"
        if not one.policies:
            yield shown.breach(one.start, f"{one.kind}: renders no spec.imagePullPolicy", instead=instead)
        for start, end in one.policies:
            sources = shown.sources(start, end)
            if sources != {self._keys}:
                written = shown.text[start:end]
                whence = _whence(sources - {self._keys}, written)
                yield shown.breach(
                    start + len(written) - len(written.lstrip()),
                    f"{one.kind}: spec.imagePullPolicy is {whence}",
                    instead=instead,
                )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A template that is judged; `at` gives the place in the file of one in it."""

    text: str
    scanned: Scanned
    followed: Followed
    at: Callable[[int], tuple[int, int]]
    key: str = ""

    def breach(self, start: int, message: str, *, instead: str) -> Breach:
        line, column = self.at(start)
        text = self.text[start : start + _SHOWN].partition("\n")[0]
        return Breach(line=line, column=column, text=text, message=message, instead=instead, key=self.key)

    def sources(self, start: int, end: int) -> frozenset[Keys]:
        """Return what is printed in a part of the text."""
        actions = self.scanned.actions
        first = bisect_left(actions, start, key=lambda action: action.start)
        last = bisect_left(actions, end, key=lambda action: action.start)
        printed = self.followed.printed
        return joined(printed[one.start] for one in actions[first:last] if one.start in printed)


def _never(_: str) -> bool:
    return False


def _uses_values(text: str, scanned: Scanned) -> bool:
    return any(text.find(f".{_VALUES}", one.start, one.end) >= 0 for one in scanned.actions)


def _named(keys: Keys) -> str:
    return "." + ".".join(keys)


def _whence(sources: Collection[Keys], text: str) -> str:
    """Say where a policy comes from, if not from where it should."""
    known = sorted(_named(keys) for keys in sources if keys not in {UNKNOWN, ()})
    if known:
        return f"rendered from {', '.join(known[:_FEW])}"
    if sources:
        return "rendered from something that cannot be followed"
    written = text.strip()
    return f"the same for all, {written[:_SHOWN]}" if written else "empty"

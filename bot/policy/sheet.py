"""One file as the rules see it: its images with what is known about each, and what could not be read there.

A rule asks nothing else: what it needs to know stands here, worked out once per file.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from bot.errors import UnreadableFile
from bot.image import Repository, Tag
from bot.pins import (
    NO_LAYERS,
    FirstParty,
    Found,
    Ignored,
    Illegible,
    Layers,
    Lines,
    Object,
    Orphan,
    Override,
    Pin,
    Problem,
    Pull,
    Shape,
    Token,
    inherits_digest,
    read_ignores,
)
from bot.planning.coverage import is_layer
from bot.planning.environment import Configuration, Environment, ImageRule
from bot.planning.targets import everyones
from bot.policy.charts import Chart
from bot.policy.documents import Lacking, lacking
from bot.policy.finding import Party, Remark
from bot.policy.fleet import Breach, Contract
from bot.policy.settings import Policy
from bot.policy.tags import Form, form
from bot.policy.templates.charts import Templates

# Where these stand, nobody can tell what the reference says.
_HIDING: Final = frozenset({"template", "invalid-reference"})
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
# A bare name is a reference under such a key, half of one under the second kind, and anything under others.
_NAMES_IMAGE: Final = re.compile(r"images?(?:\"\])?(?:\[\d+\]|\.ref)?$", re.IGNORECASE)
_HALF: Final = re.compile(r"(?:images?(?:\"\])?(?:\[\d+\])?\.|image[_-]?)repository$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An image in a file of an environment. `rule` is None for one that none of ours matches.

    `form` is its tag's. `hidden`: what it says is not known. `waits`: it is a repository alone in a layer, there for
    an overlay that pins it. `lines` finds places in its file, and `house` knows what holds for all.
    """

    pin: Pin
    environment: Environment | None
    rule: ImageRule | None
    party: Party
    form: Form | None
    hidden: bool
    waits: bool = False
    lines: Lines = field(repr=False, compare=False)
    house: "House" = field(repr=False, compare=False)

    @property
    def place(self) -> str:
        """Where it moves, for a message."""
        return f"in {self.environment.name}" if self.environment else "here"

    @property
    def preferred(self) -> str:
        """The reference as it should be, with a digest that is to be looked up where there is none."""
        reference = self.pin.reference
        return f"{reference.name}@{reference.digest or 'sha256:…'}"

    @property
    def half(self) -> bool:
        """Whether it is a repository that stands alone, with neither tag nor digest beside it."""
        return is_half(self.pin)

    @property
    def pinned(self) -> str:
        """How it is written with a digest, in the shape that it has."""
        return self.preferred if self.pin.shape is Shape.STRING and not self.half else "digest: sha256:… beside it"

    def remark(self, message: str, *, instead: str = "", at: Token | None = None) -> Remark:
        """Say something about it; `at` is the token that it is about, where that is not the pin's own."""
        line, column = self.lines.at(at.start) if at is not None else (self.pin.line, self.pin.column)
        return Remark(
            path=self.pin.path,
            line=line,
            column=column,
            text=(at or self.pin.value).text,
            message=message,
            instead=instead,
            key=self.pin.key,
            image=self.pin.reference.repository,
            party=self.party,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file of an environment; None where none has it."""

    path: str
    environment: Environment | None
    uses: tuple[Use, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    overrides: tuple[Override, ...] = ()
    illegible: tuple[Illegible, ...] = ()
    problems: tuple[Problem, ...] = ()
    charts: tuple[Chart, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    breaches: tuple[Breach, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    objects: tuple[Object, ...] = ()
    pulls: tuple[Pull, ...] = ()
    policy: Policy = field(default_factory=Policy, repr=False, compare=False)


_Beside = tuple[tuple[Ignored, ...], tuple[Breach, ...], tuple[Problem, ...]]


class House:
    """What holds for all files: configuration, policy, the charts of the checkout, and what follows from them."""

    def __init__(
        self,
        configuration: Configuration,
        policy: Policy,
        charts: Iterable[Chart] = (),
        templates: Templates | None = None,
    ) -> None:
        """`charts` are those in whose templates a tag becomes a label; `templates` are all that matter."""
        self.configuration = configuration
        self.policy = policy
        self._charts = tuple(charts)
        self._templates = templates or Templates()
        self._contract = Contract(policy.fleet.key, policy.operators.kinds, self._templates)
        self._rules: dict[Repository, tuple[ImageRule | None, bool]] = {}

    @cached_property
    def channels(self) -> Collection[Tag]:
        """Every tag that an environment or an image follows."""
        followed = (one.follow for one in self.configuration.environments.values())
        return frozenset(tag for tag in (*followed, *(rule.channel for rule in self.configuration.images)) if tag)

    @cached_property
    def fast(self) -> Collection[Tag]:
        """The tags that environments follow."""
        return frozenset(one.follow for one in self.configuration.environments.values() if one.follow)

    @cached_property
    def ours(self) -> FirstParty:
        """What is to be discovered in files, so that every rule finds what it asks about."""
        accounts = {"ServiceAccount"} if self.policy.private_images else set[str]()
        operators = self.policy.operators
        return replace(everyones(self.configuration), kinds=operators.kinds | accounts, owner=operators.owner_label)

    def sheet(
        self,
        path: str,
        content: bytes,
        environment: Environment | None,
        found: Found,
        layers: Layers = NO_LAYERS,
        *,
        before: int = 0,
    ) -> Sheet:
        """Work out what rules ask about a file in which `found` was discovered, above these layers.

        `before` lines are above `content`.
        """
        ignored, breaches, unread = self._beside_images(path, content, before)
        return Sheet(
            path=path,
            environment=environment,
            uses=tuple(self._uses(environment, found.pins, Lines(content, before), layers)),
            orphans=found.orphans,
            overrides=found.overrides,
            illegible=found.illegible,
            problems=found.problems or unread,
            charts=tuple(chart for chart in self._charts if chart.serves(path, alone=len(self._charts) == 1)),
            ignored=ignored,
            breaches=breaches,
            objects=found.objects,
            pulls=found.pulls,
            policy=self.policy,
        )

    def templates(self) -> Iterator[Sheet]:
        """Yield the templates that matter, which lie in no environment."""
        for path, breaches in self._contract.sheets():
            yield Sheet(path=path, environment=None, breaches=breaches)
        for problem in self._templates.unread:
            yield Sheet(path=problem.path, environment=None, problems=(problem,))

    def document(self, path: str, content: bytes | None) -> Sheet:
        """Work out what a document lacks; None where there is none."""
        return Sheet(path=path, environment=None, lacking=lacking(content, self.policy.documents.get(path, ())))

    def _beside_images(self, path: str, content: bytes, before: int) -> _Beside:
        """Read what is no image: what Argo CD ignores, and templates; or say why that cannot be read."""
        try:
            ignored, breaches = read_ignores(content), tuple(self._contract.in_values(path, content))
        except UnreadableFile as error:
            return (), (), (Problem(path=path, line=0, code="unreadable-file", reason=str(error)),)
        if not before:
            return ignored, breaches, ()
        return (
            tuple(replace(one, line=one.line + before) for one in ignored),
            tuple(replace(one, line=one.line + before) for one in breaches),
            (),
        )

    def _uses(
        self, environment: Environment | None, pins: Iterable[Pin], lines: Lines, layers: Layers
    ) -> Iterator[Use]:
        for pin in _once(tuple(pins)):
            reference = pin.reference
            hidden = pin.refusal is not None and pin.refusal.code in _HIDING
            bare = reference.tag is None and reference.digest is None
            if bare and not hidden and pin.shape is Shape.STRING and not self._stands_alone(pin, layers):
                continue
            rule, operated = self._known(reference.repository)
            own = rule is not None and rule.move
            pattern = rule.revision_tag if rule else "{revision}"
            yield Use(
                pin=pin,
                environment=environment,
                rule=rule,
                party=Party.OPERATOR
                if operated or self.policy.operators.include(pin)
                else (Party.FIRST if own else Party.THIRD),
                form=form(reference.tag, self.channels, pattern) if reference.tag else None,
                hidden=hidden,
                waits=is_half(pin) and is_layer(self.configuration, pin.path),
                lines=lines,
                house=self,
            )

    def _stands_alone(self, pin: Pin, layers: Layers) -> bool:
        """Whether a name without tag and digest is all that is said of the image, so that its chart decides the rest.

        An overlay may have its digest from a layer.
        """
        return _NAMES_IMAGE.search(pin.key) is not None or (is_half(pin) and not inherits_digest(layers, pin))

    def _known(self, repository: Repository) -> tuple[ImageRule | None, bool]:
        known = self._rules.get(repository)
        if known is None:
            # https://ghcr.io:443 is https://ghcr.io: a port does not make our image somebody else's
            plain = replace(repository, host=repository.host.removesuffix(":443"))
            known = self.configuration.rule(plain), self.policy.operators.name(plain)
            self._rules[repository] = known
        return known


def is_half(pin: Pin) -> bool:
    """Whether `pin` is a repository that stands alone, with neither tag nor digest beside it."""
    bare = pin.reference.tag is None and pin.reference.digest is None
    return bare and pin.shape is Shape.STRING and _HALF.search(pin.key) is not None


def _once(pins: tuple[Pin, ...]) -> Iterator[Pin]:
    """Leave out what only repeats: aliases of what is a pin itself in this file, and what kubectl applied last."""
    pins = tuple(pin for pin in pins if _APPLIED not in pin.key)
    aliases = [pin for pin in pins if pin.refusal is not None and pin.value.text.startswith("*")]
    if not aliases:
        yield from pins
        return
    written = {pin.reference for pin in pins if pin not in aliases}
    yield from (pin for pin in pins if pin not in aliases or pin.reference not in written)

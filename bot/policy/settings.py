"""What the configuration says about policy: profile, levels, how long a waiver lasts, what is an operator's image."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.image import Repository
from bot.pins import Pin
from bot.planning.environment import Environment
from bot.planning.glob import Glob
from bot.policy.admission.settings import Admission
from bot.policy.finding import Level, Party
from bot.policy.rule import Lane, Profile, Rule

EVERYWHERE: Final = "*"
KINDS: Final = ("Agent", "Domain", "Integration", "Process", "Projection", "UISurface")
FLEET_KEY: Final = "global.ameide.primitives.imagePullPolicy"
GROUP: Final = "ameide.io"
OPERATOR_IMAGES: Final = (Glob.parse("**/*operator*"),)
_OPERATORS: Final = re.compile(r"(?:^|[.|0-9])operators(?:[.\[]|$)")
_INNER: Final = re.compile(r".*\|\d+\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """Which images are those of cluster-scoped operators and primitives: by kind, by name, or by file.

    `kinds` are custom resources whose `spec.image` counts. What stands under a key `operators` always counts.
    For what is said of primitives and not of images, their API group counts, too: `group` or one below it.
    `owner_label` is a label by which a workload names its primitive; `image_pull_policy` is what all of these may say.
    """

    kinds: frozenset[str] = frozenset(KINDS)
    group: str = GROUP
    owner_label: str = ""
    image_pull_policy: str = ""
    images: tuple[Glob, ...] = OPERATOR_IMAGES
    paths: tuple[Glob, ...] = ()

    def include(self, pin: Pin) -> bool:
        """Whether the image at `pin` is one."""
        if pin.kind in self.kinds and _INNER.sub("", pin.key) == "spec.image":
            return True
        if "operators" in pin.key and _OPERATORS.search(pin.key):
            return True
        return any(glob.matches(pin.path) for glob in self.paths)

    def primitive(self, group: str, kind: str) -> bool:
        """Whether an object is a primitive."""
        return kind in self.kinds and (group == self.group or group.endswith(f".{self.group}"))

    def name(self, repository: Repository) -> bool:
        """Whether an image's name says so."""
        text = str(repository)
        return any(glob.matches(text) for glob in self.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What holds for all primitives: `key` is the value that says their pull policy.

    `evaluated` are files that go through `tpl`, beside those of which the charts of the checkout tell.
    """

    key: str = FLEET_KEY
    evaluated: tuple[Glob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is asked for. `levels`: by rule, for an environment or `EVERYWHERE`; what is not named has its default.

    `private_images` are those that nobody pulls without a secret; `documents` are files with the texts that each of
    them must mention.
    """

    profile: Profile = Profile.PLAN
    levels: Mapping[str, Mapping[str, Level]] = field(default_factory=lambda: MappingProxyType({}))
    max_waiver_days: int = 90
    operators: Operators = field(default_factory=Operators)
    fleet: Fleet = field(default_factory=Fleet)
    admission: Admission = field(default_factory=Admission)
    private_images: tuple[Glob, ...] = ()
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def level(self, rule: Rule, environment: Environment | None, party: Party) -> Level:
        """Decide how loudly a rule speaks of an image in an environment; what lies in none counts as gated."""
        said = self.levels.get(rule.name, {})
        configured = said.get(environment.name) if environment else None
        configured = configured or said.get(EVERYWHERE)
        if configured is not None:
            return configured
        lane = Lane.FAST if environment is not None and environment.follow is not None else Lane.GATED
        return rule.defaults.level(self.profile, lane, party)

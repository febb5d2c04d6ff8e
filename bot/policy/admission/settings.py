"""What the configuration says about admission: which namespaces are an environment, and what happens there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.planning.environment import Environment
from bot.planning.glob import Glob

HOLE: Final = "{environment}"
LABELS: Final = MappingProxyType({"ameide.io/environment": HOLE, "ameide.io/managed-by": "gitops"})
_EVERYWHERE: Final = "*"


class Action(StrEnum):
    """What the API server does with an object that breaks a rule, as Kubernetes names it."""

    DENY = "Deny"
    WARN = "Warn"
    AUDIT = "Audit"


OBSERVED: Final = (Action.WARN, Action.AUDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """`namespace_labels` may hold `{environment}` in their values; `actions` are by environment, or for `*`.

    `registries` are patterns over host/path of the images that may run; none means that every image may.
    """

    namespace_labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    registries: tuple[Glob, ...] = ()
    actions: Mapping[str, tuple[Action, ...]] = field(default_factory=lambda: MappingProxyType({_EVERYWHERE: OBSERVED}))

    def selector(self, environment: Environment) -> Mapping[str, str]:
        """Return the labels of the environment's namespaces."""
        return {key: value.replace(HOLE, environment.name) for key, value in sorted(self.namespace_labels.items())}

    def actions_in(self, environment: Environment) -> tuple[Action, ...]:
        """Return what happens there, in Kubernetes' order; nothing: the environment has no policies."""
        found = self.actions.get(environment.name, self.actions.get(_EVERYWHERE, OBSERVED))
        return tuple(action for action in Action if action in found)

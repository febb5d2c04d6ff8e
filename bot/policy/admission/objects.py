"""The Kubernetes objects: for each rule and environment a ValidatingAdmissionPolicy, and the binding that says where.

Where a policy denies, it leaves alone what runs already: images that an object had before, and what Kubernetes' own
controllers make of a template, which was judged when it was written. Otherwise a drained node would not come back.
Where it only warns, all of that is told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.planning.environment import Configuration, Environment
from bot.policy.admission import expressions
from bot.policy.admission.rules import AdmissionRule, rules, sets
from bot.policy.admission.settings import Action
from bot.policy.finding import Level, Party
from bot.policy.registry import RULES
from bot.policy.settings import EVERYWHERE, Policy
from bot.policy.waivers import Waiver

WAIVERS: Final = "bump/waivers"
_API: Final = "admissionregistration.k8s.io/v1"
_VARIABLE: Final = re.compile(r"variables\.(\w+)")
# What the API server would fill in stands there already, so that Argo CD sees no difference.
_ANYWHERE: Final = {"matchPolicy": "Equivalent", "objectSelector": {}}
_BOTH: Final = ("CREATE", "UPDATE")
_RESOURCES: Final = (
    ("", _BOTH, ("pods", "podtemplates", "replicationcontrollers")),
    ("", ("UPDATE",), ("pods/ephemeralcontainers",)),
    ("apps", _BOTH, ("daemonsets", "deployments", "replicasets", "statefulsets")),
    ("batch", _BOTH, ("cronjobs", "jobs")),
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One object as plain values of YAML, and what an environment's set begins with."""

    environment: Environment
    tree: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One rule in one environment at one level: `parties` are whose images, `waivers` what excuses them."""

    rule: AdmissionRule
    environment: Environment
    parties: frozenset[Party]
    actions: tuple[Action, ...]
    name: str
    waivers: tuple[Waiver, ...]

    @property
    def denies(self) -> bool:
        return Action.DENY in self.actions


def rendered(
    configuration: Configuration,
    policy: Policy,
    waivers: Mapping[str, Sequence[Waiver]],
    environments: Sequence[Environment],
) -> Iterator[Rendered]:
    """Yield policy and binding of every rule that speaks; `waivers` are those that hold, by environment."""
    shared = sets(configuration, policy)
    for environment in environments:
        for rule in rules(policy):
            for asked in _asked(rule, environment, policy, tuple(waivers.get(environment.name, ()))):
                yield Rendered(environment, _policy(asked, shared))
                yield Rendered(environment, _binding(asked, policy.admission.selector(environment)))


def _asked(
    rule: AdmissionRule, environment: Environment, policy: Policy, waivers: Sequence[Waiver]
) -> Iterator[_Asked]:
    """Divide a rule by level where that makes a difference: a warning never denies."""
    actions = policy.admission.actions_in(environment)
    softer = tuple(dict.fromkeys(Action.WARN if one is Action.DENY else one for one in actions))
    levels = {party: _level(rule, environment, policy, party) for party in rule.breaks}
    loud = frozenset(party for party, level in levels.items() if level is Level.ERROR)
    soft = frozenset(party for party, level in levels.items() if level is Level.WARNING)
    if softer == actions:
        loud, soft = loud | soft, frozenset()
    name = f"bump-{environment.name}-{rule.name}"
    mine = tuple(one for one in waivers if one.rule == rule.name)
    for parties, does, called in ((loud, actions, name), (soft, softer, f"{name}-warning")):
        if parties and does:
            yield _Asked(rule=rule, environment=environment, parties=parties, actions=does, name=called, waivers=mine)


def _level(rule: AdmissionRule, environment: Environment, policy: Policy, party: Party) -> Level:
    known = RULES.get(rule.name)
    if known is not None:
        return policy.level(known, environment, party)
    said = policy.levels.get(rule.name, {})
    return said.get(environment.name) or said.get(EVERYWHERE) or Level.ERROR


def _policy(asked: _Asked, shared: Mapping[str, str]) -> Mapping[str, object]:
    variables = _variables(asked, shared)
    excused = "\n".join(
        f"{one.image} until {one.expires}, {one.owner}: {one.reason}"
        for one in sorted(asked.waivers, key=lambda one: (str(one.image), one.expires, one.owner, one.reason))
    )
    metadata = {"name": asked.name, **({"annotations": {WAIVERS: excused}} if excused else {})}
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": metadata,
        "spec": {
            # What only watches lets an object through that it fails to understand.
            "failurePolicy": "Fail" if asked.denies else "Ignore",
            "matchConstraints": {
                **_ANYWHERE,
                "namespaceSelector": {},
                "resourceRules": [
                    {
                        "apiGroups": [group],
                        "apiVersions": ["v1"],
                        "operations": [*operations],
                        "resources": [*names],
                        "scope": "*",
                    }
                    for group, operations, names in _RESOURCES
                ],
            },
            "matchConditions": [{"name": name, "expression": text} for name, text in _conditions(asked).items()],
            "variables": [{"name": name, "expression": text} for name, text in variables.items()],
            "validations": [
                {
                    "expression": "variables.broken.size() == 0",
                    "message": f"{asked.rule.says} (bump: {asked.rule.name})",
                    "messageExpression": (
                        f"{expressions.quoted(f'{asked.rule.says}: ')} + variables.broken.join(', ') + "
                        f"{expressions.quoted(f' (bump: {asked.rule.name})')}"
                    ),
                }
            ],
        },
    }


def _conditions(asked: _Asked) -> Mapping[str, str]:
    found = {"not-a-mirror-pod": expressions.not_a_mirror()}
    if asked.denies:
        found["not-by-a-controller"] = expressions.not_by_a_controller()
    if asked.waivers:
        every = expressions.references(f"{expressions.containers('object')}{asked.rule.images}")
        found["not-waived"] = f"{every}.exists(r,\n{_indented(f'!({expressions.waived(asked.waivers)})')}\n)"
    return found


def _variables(asked: _Asked, shared: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables in the order of their use, without those that nothing asks for."""
    images = f"variables.containers{asked.rule.images}"
    found = {"containers": expressions.containers("object")}
    if asked.denies:
        found["before"] = expressions.before(asked.rule.images)
        images += "\n.filter(i, !(i in variables.before))"
    found["references"] = expressions.references(images)
    broken = asked.rule.broken(asked.parties)
    if asked.waivers:
        broken = f"({broken}) &&\n!({expressions.waived(asked.waivers)})"
    for name in dict.fromkeys(_VARIABLE.findall(broken)):
        found[name] = f"variables.references.filter(r,\n{_indented(shared[name])}\n)"
    found["broken"] = f"variables.references.filter(r,\n{_indented(broken)}\n)"
    return found


def _binding(asked: _Asked, labels: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": asked.name},
        "spec": {
            "policyName": asked.name,
            "validationActions": [action.value for action in asked.actions],
            "matchResources": {**_ANYWHERE, "namespaceSelector": {"matchLabels": dict(labels)}},
        },
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())

"""An API server's part in admission: rendered policies over requests, by a real evaluator of CEL.

Which expression is asked when, and what an error means, is Kubernetes' own order:
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cel
import jsonschema
from cel.stdlib import add_stdlib_to_context
from ruamel.yaml import YAML

Json = dict[str, Any]
READER = YAML(typ="safe", pure=True)
SCHEMAS = json.loads((Path(__file__).parent / "kubernetes.json").read_text(encoding="utf-8"))["$defs"]
RESOURCES = {
    "Pod": ("", "pods"),
    "PodTemplate": ("", "podtemplates"),
    "ReplicationController": ("", "replicationcontrollers"),
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "ReplicaSet": ("apps", "replicasets"),
    "Job": ("batch", "jobs"),
    "CronJob": ("batch", "cronjobs"),
}
LABELS = {"ameide.io/environment": "production", "ameide.io/managed-by": "gitops"}
PERSON = {"username": "jane", "groups": ["system:authenticated"]}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What one policy has against an object, and which actions follow."""

    policy: str
    message: str
    actions: tuple[str, ...]


class Cluster:
    """The policies and bindings of a rendered text; every object in it is held to Kubernetes' schema."""

    def __init__(self, text: str) -> None:
        objects = [one for one in READER.load_all(text) if one]
        for one in objects:
            validate(one)
        self.policies = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ValidatingAdmissionPolicy"}
        self.bindings = [one for one in objects if one["kind"] == "ValidatingAdmissionPolicyBinding"]
        assert {one["spec"]["policyName"] for one in self.bindings} == set(self.policies)

    def asked(
        self,
        new: Json,
        *,
        old: Json | None = None,
        user: Mapping[str, object] = PERSON,
        labels: Mapping[str, str] = LABELS,
        subresource: str = "",
    ) -> Sequence[Refusal]:
        """Ask for an object to be created, or updated where there is an `old` one; in the order of the bindings."""
        validate(new)
        operation = "CREATE" if old is None else "UPDATE"
        context = {
            "object": defaulted(new),
            "oldObject": None if old is None else defaulted(old),
            "request": {"operation": operation, "userInfo": dict(user)},
        }
        found = []
        for binding in self.bindings:
            wanted = binding["spec"]["matchResources"]["namespaceSelector"]["matchLabels"]
            policy = self.policies[binding["spec"]["policyName"]]
            if wanted.items() <= labels.items() and _concerns(policy, new["kind"], subresource, operation):
                message = judged(policy["spec"], context)
                if message is not None:
                    actions = tuple(binding["spec"]["validationActions"])
                    found.append(Refusal(policy=policy["metadata"]["name"], message=message, actions=actions))
        return found


def judged(spec: Json, context: Mapping[str, object]) -> str | None:
    """Evaluate a policy: None lets the object pass, a text says why not."""
    try:
        conditions = [evaluated(one["expression"], context) for one in spec["matchConditions"]]
        if not all(conditions):
            return None
        values = variables(spec, context)
        for validation in spec["validations"]:
            everything = {**context, "variables": values}
            if evaluated(validation["expression"], everything) is not True:
                return str(evaluated(validation["messageExpression"], everything))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        return f"failed: {error}" if spec["failurePolicy"] == "Fail" else None
    return None


def variables(spec: Json, context: Mapping[str, object], known: dict[tuple[str, ...], object] | None = None) -> Json:
    """Evaluate the variables, each of which may use those before it.

    `known` keeps what the same expression over the same references gave in another policy of the same context.
    """
    memory = {} if known is None else known
    values: Json = {}
    asked = {one["name"]: one["expression"] for one in spec["variables"]}
    for name, expression in asked.items():
        key = (expression, asked.get("references", ""), asked.get("before", ""))
        if key not in memory:
            memory[key] = evaluated(expression, {**context, "variables": values})
        values[name] = memory[key]
    return values


def evaluated(expression: str, values: Mapping[str, object]) -> object:
    context = cel.Context(variables=dict(values))
    add_stdlib_to_context(context, ["strings"])
    return compiled(expression).execute(context)


@cache
def compiled(expression: str) -> cel.Program:
    return cel.compile(expression)


def validate(tree: Json) -> None:
    """Hold an object to the schema that Kubernetes publishes of its kind; unknown fields are errors."""
    schema = {"$ref": f"#/$defs/{tree['kind']}", "$defs": SCHEMAS}
    jsonschema.Draft202012Validator(schema).validate(tree)


def defaulted(tree: Json) -> Json:
    """Fill in the pull policies, as the API server does before it asks.

    https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    """
    copy: Json = json.loads(json.dumps(tree))
    for container in containers(copy):
        name = container["image"].partition("@")[0].rpartition("/")[2]
        newest = name.endswith(":latest") or (":" not in name and "@" not in container["image"])
        container.setdefault("imagePullPolicy", "Always" if newest else "IfNotPresent")
    return copy


def containers(tree: Json) -> Iterable[Json]:
    spec = tree.get("spec", tree.get("template"))
    while isinstance(spec, dict) and "containers" not in spec:
        spec = spec.get("jobTemplate", spec.get("template", spec.get("spec")))
    assert spec is not None
    for name in ("containers", "initContainers", "ephemeralContainers"):
        yield from spec.get(name, ())


def _concerns(policy: Json, kind: str, subresource: str, operation: str) -> bool:
    group, resource = RESOURCES[kind]
    name = f"{resource}/{subresource}" if subresource else resource
    return any(
        group in rule["apiGroups"] and name in rule["resources"] and operation in rule["operations"]
        for rule in policy["spec"]["matchConstraints"]["resourceRules"]
    )

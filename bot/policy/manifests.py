"""Rules over objects of Kubernetes in one file: how images are pulled, and what primitives' definitions declare."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.pins import PULL, Container, Object, Pull, Version, Written
from bot.policy.finding import Party, Remark
from bot.policy.sheet import Sheet, Use

PREFERRED: Final = "IfNotPresent"
POLICIES: Final = ("Always", PREFERRED, "Never")
_LOWER: Final = frozenset(one.lower() for one in POLICIES)


def pull_policy(sheet: Sheet) -> Iterator[Remark]:
    """Every container states its `imagePullPolicy`: not `Always` beside a digest, and `Never` only by waiver.

    What Kubernetes fills in depends on the tag, and Argo CD shows it as a difference that nobody made. `Always` pulls
    nothing new by a digest, and it is no way to roll out: a pod that runs is not asked. In values `Always` is found
    wherever a `pullPolicy` or `imagePullPolicy` says so. Primitives (`policy.operators.kinds` and `group`) leave
    `spec.imagePullPolicy` to their operator, or say `policy.operators.image_pull_policy`; anything else needs a waiver.

    Whatever has `apiVersion` and `kind` is an object, and a mapping in it with a list of containers holds pods. What is
    missing in a patch, or where a template action stands, is not asked for.

    Bad:
        apiVersion: v1
        kind: Pod
        metadata:
          name: api
        spec:
          containers:
            - name: api
              image: ghcr.io/acme/api@sha256:3fa4c1d…

    Good:
        apiVersion: v1
        kind: Pod
        metadata:
          name: api
        spec:
          containers:
            - name: api
              image: ghcr.io/acme/api@sha256:3fa4c1d…
              imagePullPolicy: IfNotPresent
    """
    if not sheet.objects and not sheet.pulls:
        return
    places = {use.pin.value.start: use for use in sheet.uses}
    for one in sheet.objects:
        for pods in one.pods:
            for container in pods.containers:
                said = _of_container(container, entire=pods.entire)
                if said:
                    place = container.pull or container.image  # what is missing is told at the image
                    words = f"{one.kind} {one.name}, container {container.name or container.key}: {said[0]}"
                    use = places.get(container.image.token.start)
                    yield _remark(one.path, f"{container.key}.{PULL}", place, use, (words, said[1]))
    images = beside(sheet.uses) if sheet.pulls else {}
    for pull in sheet.pulls:
        mine = sheet.policy.operators.primitive(pull.group, pull.kind)
        said = _of_primitive(sheet, pull) if mine else _of_value(pull)
        if said:
            words, use = f"{pull.key}: {said[0]}", next(iter(images.get(mapping_of(pull), ())), None)
            yield _remark(pull.path, pull.key, pull.written, use, (words, said[1]))


def _of_container(container: Container, *, entire: bool) -> tuple[str, str] | None:
    """Say what is wrong with a container's pull policy, and what to write."""
    pull = container.pull
    if pull is None:
        return ("no imagePullPolicy", f"imagePullPolicy: {PREFERRED}") if entire else None
    if pull.value == "Always" and "@" in container.image.value:
        return "imagePullPolicy: Always beside a digest", PREFERRED
    if pull.value == "Never":
        return "imagePullPolicy: Never", PREFERRED
    return _misspelled(pull.value)


def _of_value(pull: Pull) -> tuple[str, str] | None:
    value = pull.written.value
    return (f"{value} as a pull policy", PREFERRED) if value in {"Always", "Never"} else _misspelled(value)


def _misspelled(value: str) -> tuple[str, str] | None:
    if value not in POLICIES and value.lower() in _LOWER:
        return f"{value} is no pull policy", next(one for one in POLICIES if one.lower() == value.lower())
    return None


def _of_primitive(sheet: Sheet, pull: Pull) -> tuple[str, str] | None:
    value, allowed = pull.written.value, sheet.policy.operators.image_pull_policy
    if value == allowed or value.lower() not in _LOWER:
        return None
    return f"a primitive with a pull policy of its own, {value}", allowed or "none: leave it to the operator"


def _remark(path: str, key: str, place: Written, use: Use | None, said: tuple[str, str]) -> Remark:
    return Remark(
        path=path,
        line=place.line,
        column=place.column,
        text=place.value,
        message=said[0],
        instead=said[1],
        key=key,
        image=None if use is None else use.pin.reference.repository,
        party=Party.FIRST if use is None else use.party,
    )


def beside(uses: Iterable[Use]) -> Mapping[tuple[int, str], list[Use]]:
    """Group images by the mapping that they stand in: its document and key path."""
    found: dict[tuple[int, str], list[Use]] = {}
    for use in uses:
        found.setdefault((use.pin.document, use.pin.key.rpartition(".")[0]), []).append(use)
    return found


def mapping_of(pull: Pull) -> tuple[int, str]:
    """Return the mapping that a pull policy stands in."""
    return pull.document, pull.key.rpartition(".")[0]


def crd_pull_policy(sheet: Sheet) -> Iterator[Remark]:
    """A primitive's CustomResourceDefinition declares `spec.imagePullPolicy` in every served version.

    It is a string, and one of exactly `Always`, `IfNotPresent` and `Never`: without it an operator cannot be told how
    to pull, and with another enum a word gets in that no pod takes. Primitives are `policy.operators.kinds` in the
    API group `policy.operators.group`.

    Bad:
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: domains.ameide.io
        spec:
          group: ameide.io
          names:
            kind: Domain
            plural: domains
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      properties:
                        image:
                          type: string

    Good:
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: domains.ameide.io
        spec:
          group: ameide.io
          names:
            kind: Domain
            plural: domains
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      properties:
                        image:
                          type: string
                        imagePullPolicy:
                          type: string
                          enum:
                            - Always
                            - IfNotPresent
                            - Never
    """
    for one in sheet.objects:
        defined = one.definition
        if defined is None or not sheet.policy.operators.primitive(defined.group, defined.kind):
            continue
        served = [version for version in defined.versions if version.served]
        if not served:
            yield _of_definition(one, f"{defined.kind}: no served version declares spec.imagePullPolicy")
        for version in served:
            reason = _undeclared(version)
            if reason:
                yield _of_definition(one, f"{defined.kind} {version.name}: {reason}", version)


def _undeclared(version: Version) -> str:
    if not version.pull:
        return "no spec.imagePullPolicy"
    if version.type != "string":
        return f"spec.imagePullPolicy is of type {version.type or 'nothing'}, not string"
    if version.enum is None:
        return "spec.imagePullPolicy takes any string"
    if sorted(version.enum) != sorted(POLICIES):
        return "spec.imagePullPolicy has another enum"
    return ""


def _of_definition(one: Object, message: str, version: Version | None = None) -> Remark:
    return Remark(
        path=one.path,
        line=version.line if version else one.line,
        column=version.column if version else one.column,
        text=version.name if version else one.kind,
        message=message,
        instead=f"type: string, enum: [{', '.join(POLICIES)}]",
        key=f"{one.name}.{version.name if version else ''}",
    )

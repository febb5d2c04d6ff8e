"""Rules over all objects of an environment together: who owns which pods, and who may pull for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference
from bot.image import Reference, Repository
from bot.pins import Container, Object
from bot.policy.finding import Remark
from bot.policy.settings import Policy

_ACCOUNT: Final = "ServiceAccount"


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one environment, and what is asked for."""

    objects: tuple[Object, ...]
    policy: Policy


def pull_policy_propagated(seen: Objects) -> Iterator[Remark]:
    """What a primitive says in `spec.imagePullPolicy` stands on every template of pods that it owns.

    An operator that copies it into Deployments and forgets the migration Job pulls the same image in two ways. Read
    where both sides are: in a dump of a cluster, or in what a chart renders. Who owns what is told by
    `ownerReferences`, through whatever lies between, or by the label `policy.operators.owner_label`.

    Bad:
        # file: config/environments.yaml
        policy:
          operators:
            image_pull_policy: IfNotPresent
        # file: env/staging/sales.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: ghcr.io/acme/sales@sha256:3fa4c1d…
          imagePullPolicy: IfNotPresent
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: sales-migrate
          ownerReferences:
            - apiVersion: ameide.io/v1
              kind: Domain
              name: sales
              uid: 7d1f0f9e-58c5-4f8f-8a54-6ad7a2a5a6c1
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: migrate
                  image: ghcr.io/acme/sales@sha256:3fa4c1d…
                  imagePullPolicy: Always

    Good:
        # file: config/environments.yaml
        policy:
          operators:
            image_pull_policy: IfNotPresent
        # file: env/staging/sales.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: ghcr.io/acme/sales@sha256:3fa4c1d…
          imagePullPolicy: IfNotPresent
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: sales-migrate
          ownerReferences:
            - apiVersion: ameide.io/v1
              kind: Domain
              name: sales
              uid: 7d1f0f9e-58c5-4f8f-8a54-6ad7a2a5a6c1
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: migrate
                  image: ghcr.io/acme/sales@sha256:3fa4c1d…
                  imagePullPolicy: IfNotPresent
    """
    primitives = [
        one for one in seen.objects if one.pull is not None and seen.policy.operators.primitive(one.group, one.kind)
    ]
    if not primitives:
        return
    family = _Family(seen.objects, primitives)
    for one in seen.objects:
        # A pod itself may hold what others put into it: a mesh, a person that debugs.
        owner = family.primitive(one) if one.pods and one.kind != "Pod" else None
        if owner is None or owner.pull is None:
            continue
        for container in (container for pods in one.pods for container in pods.containers):
            said = container.pull.value if container.pull else ""
            if said != owner.pull.value:
                yield _remark(
                    one,
                    container,
                    f"{f'imagePullPolicy {said}' if said else 'no imagePullPolicy'}, but {owner.kind} {owner.name} "
                    f"({owner.path}:{owner.pull.line}) says {owner.pull.value}",
                    instead=owner.pull.value,
                )


class _Named:
    """Objects by name. A namespace that only one side states parts nobody, unless several could be meant."""

    def __init__(self, named: Iterable[tuple[tuple[str, ...], Object]]) -> None:
        self._exact: dict[tuple[str, tuple[str, ...]], Object] = {}
        self._only: dict[tuple[str, ...], Object | None] = {}
        for name, one in named:
            self._exact[one.namespace, name] = one
            self._only[name] = None if name in self._only else one

    def find(self, namespace: str, name: tuple[str, ...]) -> Object | None:
        exact = self._exact.get((namespace, name))
        return exact or (self._exact.get(("", name)) if namespace else self._only.get(name))


class _Family:
    """Which primitive an object is of."""

    def __init__(self, objects: tuple[Object, ...], primitives: list[Object]) -> None:
        self._by_uid = {one.uid: one for one in objects if one.uid}
        self._by_name = _Named(((one.kind, one.name), one) for one in objects)
        self._primitives = {id(one) for one in primitives}
        self._labelled = _Named(((one.name,), one) for one in primitives)

    def primitive(self, one: Object) -> Object | None:
        """Climb from owner to owner; no loop is longer than there are objects."""
        waiting, seen = [one], {id(one)}
        while waiting:
            child = waiting.pop()
            if id(child) in self._primitives:
                return child
            found = [self._labelled.find(child.namespace, (child.label,)) if child.label else None]
            for owner in child.owners:
                by_name = self._by_name.find(child.namespace, (owner.kind, owner.name))
                found.append(self._by_uid.get(owner.uid, by_name))
            for parent in found:
                if parent is not None and id(parent) not in seen:
                    seen.add(id(parent))
                    waiting.append(parent)
        return None


def pull_secret(seen: Objects) -> Iterator[Remark]:
    """Pods of private images name a pull secret, or their service account does.

    Private are those of `policy.private_images`; with none configured nothing is asked. Without the secret a pod starts
    on a node that has the image, and not on the next one. The `spec` of a custom resource, as of a Workflow, may name
    either for all its pods. An account that is named, and stands in no file that was
    looked at, is taken to have one; `default`, which nobody names, is not.

    Bad:
        # file: config/environments.yaml
        policy:
          private_images: ["ghcr.io/acme/*"]
        # file: env/staging/api.yaml
        apiVersion: v1
        kind: Pod
        metadata:
          name: api
        spec:
          containers:
            - name: api
              image: ghcr.io/acme/api@sha256:3fa4c1d…
              imagePullPolicy: IfNotPresent

    Good:
        # file: config/environments.yaml
        policy:
          private_images: ["ghcr.io/acme/*"]
        # file: env/staging/api.yaml
        apiVersion: v1
        kind: Pod
        metadata:
          name: api
        spec:
          imagePullSecrets:
            - name: ghcr-pull
          containers:
            - name: api
              image: ghcr.io/acme/api@sha256:3fa4c1d…
              imagePullPolicy: IfNotPresent
    """
    private = seen.policy.private_images
    if not private:
        return
    accounts: dict[str, list[Object]] = {}
    for one in seen.objects:
        if one.kind == _ACCOUNT:
            accounts.setdefault(one.name, []).append(one)
    for one in seen.objects:
        for pods in one.pods:
            why = _missing(accounts, one.namespace, pods.account) if pods.entire and not pods.secrets else ""
            for container in pods.containers if why else ():
                image = _repository(container.image.value)
                if image is not None and any(glob.matches(str(image)) for glob in private):
                    yield _remark(one, container, f"{image} is private, and {why}", "imagePullSecrets", image)
                    break


def _missing(accounts: Mapping[str, list[Object]], namespace: str, name: str) -> str:
    """Say why there is no pull secret; nothing where there is one, or where nobody can tell."""
    name_or_default = name or "default"
    mine = [
        one
        for one in accounts.get(name_or_default, [])
        if not (one.namespace and namespace) or one.namespace == namespace
    ]
    if any(one.secrets for one in mine) or (name not in {"", "default"} and not mine):
        return ""
    shown = f" ({mine[0].path}:{mine[0].line})" if mine else ""
    return f"neither the pods nor the service account {name_or_default}{shown} name a pull secret"


def _repository(text: str) -> Repository | None:
    try:
        return Reference.parse(text).repository
    except InvalidReference:
        return None


def _remark(one: Object, container: Container, message: str, instead: str, image: Repository | None = None) -> Remark:
    place = container.pull if container.pull and image is None else container.image
    return Remark(
        path=one.path,
        line=place.line,
        column=place.column,
        text=place.value,
        message=f"{one.kind} {one.name}, container {container.name or container.key}: {message}",
        instead=instead,
        key=container.key,
        image=image or _repository(container.image.value),
    )

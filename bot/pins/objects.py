"""Finds objects of Kubernetes in a tree: a document's, an item's of a list, one among values; and pull policies.

An object is a mapping with `apiVersion` and `kind`. Pods are any mapping in one with a list of containers that name
images, whatever the kind. The values of a chart in an Application are values, and what its status says is nobody's.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.pins.frame import EMPTY, Entry, Frame, Path, Written, hides, render, written
from bot.pins.nodes import COLD, Alias, Mapping, Node, Scalar
from bot.pins.nodes import Sequence as Items
from bot.pins.object import Container, Definition, Object, Owner, Pods, Pull, Version
from bot.pins.pin import Slot
from bot.pins.slots import empty_value, key_behind

PULL: Final = "imagePullPolicy"
PREFERRED: Final = "IfNotPresent"
_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
# In these `spec.selector` is required: one without is a patch to another.
_SELECTING: Final = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
# Here `restartPolicy` is required, as `Always`, which stands for none, is not taken; so is a CronJob's `schedule`.
_ENDING: Final = frozenset({"CronJob", "Job"})
_ENUM: Final = ("schema", "openAPIV3Schema", "properties", "spec", "properties", PULL)

_PULLS: Final = re.compile(rf"ullPolicy(?!: {PREFERRED}\b)")

Names = dict[str, Node]


def may_hold(text: str) -> bool:
    """Whether there may be an object in a text, or a pull policy to speak of: most values have none."""
    return "apiVersion" in text or _PULLS.search(text) is not None


def objects(frame: Frame, node: Node, path: Path) -> list[Object | Pull]:
    """Return the objects and pull policies below `node`, a document or the root of values."""
    if not (frame.everyone and frame.objects) or _APPLIED in path:
        return []
    search = _Search(frame)
    search.look(node, path, None)
    return search.found


class _Object:
    """An object while it is looked through."""

    def __init__(self, names: Names, path: Path) -> None:
        self.path = path
        self.names = names
        group, slash, _ = _text(names.get("apiVersion")).partition("/")
        self.group = group if slash else ""
        self.kind = _text(names.get("kind"))
        self.spec = _names(names.get("spec"))
        self.pods: list[Pods] = []

    @property
    def custom(self) -> bool:
        """Whether it is of a kind that is none of Kubernetes' own."""
        return "." in self.group

    def entire(self, pods: Names) -> bool:
        """Whether it is no patch to another."""
        if self.group == "batch" and self.kind in _ENDING:
            return "schedule" in self.spec or _merged(pods, "restartPolicy") is not None
        return self.group != "apps" or self.kind not in _SELECTING or "selector" in self.spec


class _Search:
    """One walk over a tree. Nothing is looked at twice, whatever aliases say."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._seen: set[tuple[int, bool]] = set()
        self.found: list[Object | Pull] = []

    def look(self, node: Node | None, path: Path, within: _Object | None) -> None:
        """Look at `node` and below it; `within` is the object around it."""
        node = node.target if isinstance(node, Alias) else node
        if node is None or node is COLD or isinstance(node, Scalar | Alias):
            return
        me = (id(node), within is None)
        if me in self._seen:
            return
        self._seen.add(me)
        if isinstance(node, Items):
            for position, item in enumerate(node.items):
                if type(item) is not Scalar:
                    self.look(item, (*path, position), within)
        else:
            self._mapping(node, path, within)

    def _mapping(self, node: Mapping, path: Path, within: _Object | None) -> None:
        names = _names(node)
        if "apiVersion" in names and "kind" in names and _text(names["kind"]):
            mine = _Object(names, path)
            if mine.kind != "CustomResourceDefinition":
                self._below(names, path, mine)
            self._keep(mine)
        else:
            if within is not None and not names.keys().isdisjoint(_CONTAINERS):
                self._pods(names, path, within)
            self._below(names, path, within)

    def _below(self, names: Names, path: Path, within: _Object | None) -> None:
        for name, value in names.items():
            if type(value) is Scalar:
                if name.endswith("ullPolicy"):
                    self._pull(value, (*path, name), within)
                elif name == "value" and path and path[-2:-1] == ("parameters",) and _is_pull(_text(names.get("name"))):
                    self._pull(value, (*path, name), None)
            elif name == "valuesObject" or (within is not None and within.path == path and name == "status"):
                continue
            elif within is None or name not in _CONTAINERS or not self._holds(value, path, within):
                self.look(value, (*path, name), within)

    def _holds(self, value: Node, path: Path, within: _Object) -> bool:
        """Whether `value` is a list of containers that was read as one."""
        key = render(path)
        return isinstance(value, Items) and any(pods.key == key for pods in within.pods)

    # ---- pods -------------------------------------------------------------------------------------------------------

    def _pods(self, names: Names, path: Path, within: _Object) -> None:
        containers = tuple(one for name in _CONTAINERS for one in self._containers(names.get(name), (*path, name)))
        if containers:
            frame = self._frame
            said = (names, within.spec) if within.custom else (names,)  # a Workflow says it once for all its pods
            accounts = (_text(_merged(one, f"serviceAccount{end}")) for one in said for end in ("Name", ""))
            within.pods.append(
                Pods(
                    key=render(path),
                    containers=containers,
                    secrets=frame.masked or any(map(_names_secrets, said)),
                    account=next(filter(None, accounts), ""),
                    entire=not frame.masked and within.entire(names),
                )
            )

    def _containers(self, node: Node | None, path: Path) -> Iterator[Container]:
        listed = _resolved(node)
        for position, item in enumerate(listed.items if isinstance(listed, Items) else ()):
            one = _resolved(item)
            if not isinstance(one, Mapping) or (id(one), False) in self._seen:
                continue
            self._seen.add((id(one), False))
            names = _names(one)
            image = written(self._frame, _merged(names, "image") or COLD)
            if image is None or image.value in EMPTY:
                continue
            pull = written(self._frame, _merged(names, PULL) or COLD)
            stated = pull is not None and pull.value not in EMPTY
            if not stated and hides(image.value):
                continue  # a template: the manifests that are made of it will tell
            yield Container(
                key=render((*path, position)),
                name=_text(names.get("name")),
                image=image,
                pull=pull if stated else None,
                slot=None if stated else self._slot(one, image),
            )

    def _slot(self, container: Mapping, image: Written) -> Slot | None:
        keys = {key.value: (key, value) for key, value in container.entries if isinstance(key, Scalar)}
        if PULL in keys:
            key, value = keys[PULL]
            there = written(self._frame, value)
            entry = Entry(PULL, key, value, ())
            return empty_value(self._frame, entry, there, flow=container.flow) if there is not None else None
        if "image" not in keys:
            return None
        return key_behind(self._frame, keys["image"][0], image, PULL, flow=container.flow)

    # ---- the rest ---------------------------------------------------------------------------------------------------

    def _pull(self, value: Scalar, path: Path, within: _Object | None) -> None:
        own = within is not None and path == (*within.path, "spec", PULL)
        if value.value in EMPTY or (value.value == PREFERRED and not own):
            return
        there = written(self._frame, value)
        if there is None:
            return
        self.found.append(
            Pull(
                path=self._frame.path,
                document=self._frame.document,
                key=render(path),
                written=there,
                group=within.group if own and within else "",
                kind=within.kind if own and within else "",
            )
        )

    def _keep(self, mine: _Object) -> None:
        pull = written(self._frame, mine.spec.get(PULL) or COLD)
        definition = self._definition(mine) if mine.kind == "CustomResourceDefinition" else None
        place = written(self._frame, mine.names["kind"])
        if place is None or not (mine.pods or pull or definition or mine.kind == "ServiceAccount"):
            return
        metadata, secrets = _names(mine.names.get("metadata")), _resolved(mine.names.get("imagePullSecrets"))
        self.found.append(
            Object(
                path=self._frame.path,
                line=place.line,
                column=place.column,
                group=mine.group,
                kind=mine.kind,
                name=_text(metadata.get("name")) or _text(metadata.get("generateName")),
                namespace=_text(metadata.get("namespace")),
                uid=_text(metadata.get("uid")),
                label=_text(_names(metadata.get("labels")).get(self._frame.owner)),
                owners=tuple(_owners(metadata.get("ownerReferences"))),
                pods=tuple(mine.pods),
                pull=pull if pull is not None and pull.value not in EMPTY else None,
                secrets=isinstance(secrets, Items) and bool(secrets.items),
                definition=definition,
            )
        )

    def _definition(self, mine: _Object) -> Definition:
        versions = _resolved(mine.spec.get("versions"))
        return Definition(
            group=_text(mine.spec.get("group")),
            kind=_text(_names(mine.spec.get("names")).get("kind")),
            versions=tuple(self._versions(versions.items if isinstance(versions, Items) else [])),
        )

    def _versions(self, items: list[Node]) -> Iterator[Version]:
        for item in items:
            names = _names(item)
            name = written(self._frame, names.get("name") or COLD)
            if name is None:
                continue
            field = _resolved(item)
            for key in _ENUM:
                field = _resolved(_names(field).get(key))
            said = _names(field)
            enum = _resolved(said.get("enum"))
            yield Version(
                name=name.value,
                line=name.line,
                column=name.column,
                served=_text(names.get("served")).lower() != "false",
                pull=field is not None,
                type=_text(said.get("type")),
                enum=tuple(_text(one) for one in enum.items) if isinstance(enum, Items) else None,
            )


def _owners(node: Node | None) -> Iterator[Owner]:
    listed = _resolved(node)
    for item in listed.items if isinstance(listed, Items) else ():
        names = _names(item)
        if "kind" in names:
            yield Owner(_text(names["kind"]), _text(names.get("name")), _text(names.get("uid")))


def _names_secrets(names: Names) -> bool:
    secrets = _resolved(_merged(names, "imagePullSecrets"))
    return bool(secrets.items) if isinstance(secrets, Items) else secrets is not None


def _is_pull(name: str) -> bool:
    return name.endswith(("pullPolicy", "PullPolicy"))


def _resolved(node: Node | None) -> Node | None:
    return node.target if isinstance(node, Alias) else node


def _names(node: Node | None) -> Names:
    node = _resolved(node)
    return (
        {key.value: value for key, value in node.entries if isinstance(key, Scalar)}
        if isinstance(node, Mapping)
        else {}
    )


def _merged(names: Names, name: str) -> Node | None:
    """Return the value of a key, also where `<<: *other` brings it in."""
    if name in names or "<<" not in names:
        return names.get(name)
    merges = _resolved(names["<<"])
    for one in merges.items if isinstance(merges, Items) else [merges]:
        found = _names(one).get(name)
        if found is not None:
            return found
    return None


def _text(node: Node | None) -> str:
    node = _resolved(node)
    return str(node.value) if isinstance(node, Scalar) else ""

"""What checks know of an object of Kubernetes in a file: its pods, what it is called, and how images are pulled there.

Whatever was written is kept with its place; what Kubernetes would fill in is not here.
"""

from dataclasses import dataclass

from bot.pins.frame import Written
from bot.pins.pin import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container that names an image. `pull` is its `imagePullPolicy`; `slot` is where one would go if it has none."""

    key: str
    name: str
    image: Written
    pull: Written | None
    slot: Slot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """A pod, or a template of pods. `secrets`: it names pull secrets; `account` is its service account.

    `entire` is False where what is missing may stand elsewhere: in a patch, or in what a template makes.
    """

    key: str
    containers: tuple[Container, ...]
    secrets: bool
    account: str
    entire: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """What an object says that it belongs to."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a custom resource. `pull`: its `spec` has an `imagePullPolicy`, of this `type` and `enum`.

    `enum` is None where there is none; empty where it is one of other words.
    """

    name: str
    line: int
    column: int
    served: bool
    pull: bool
    type: str
    enum: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a CustomResourceDefinition defines."""

    group: str
    kind: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object. `pull` is its `spec.imagePullPolicy`, and `secrets` is whether it names pull secrets itself.

    `label` is what the label says by which an object names its owner, where one is looked for.
    """

    path: str
    line: int
    column: int
    group: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""
    label: str = ""
    owners: tuple[Owner, ...] = ()
    pods: tuple[Pods, ...] = ()
    pull: Written | None = None
    secrets: bool = False
    definition: Definition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull policy that is no container's: in values, in a custom resource, or in parameters of a chart.

    `group` and `kind` are those of the object whose `spec.imagePullPolicy` it is, empty elsewhere.
    """

    path: str
    document: int
    key: str
    written: Written
    group: str = ""
    kind: str = ""

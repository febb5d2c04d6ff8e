"""Rules over what Argo CD is told to ignore: whether an image could change and nobody would see it.

Where images stand in an object is known for Kubernetes' own kinds and for Argo CD's. Of others it is told by the
names of keys, and rather too much is taken for an image than too little.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.pins import How, Ignored
from bot.policy.finding import Remark
from bot.policy.ignored_paths import Path, Paths, Step, Unread, expression, pointer
from bot.policy.sheet import Sheet

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
_POD: Final[tuple[Path, ...]] = tuple(("spec", name, Step.EACH, "image") for name in _CONTAINERS)


def _below(path: Path, below: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple((*path, *one) for one in below)


_WORKLOAD: Final = _below(("spec", "template"), _POD)
_SOURCE: Final[tuple[Path, ...]] = (
    ("kustomize", "images"),
    *(("helm", name) for name in ("parameters", "fileParameters", "values", "valuesObject")),
)
_APPLICATION: Final = _below(("spec", "source"), _SOURCE) + _below(("spec", "sources", Step.EACH), _SOURCE)
# Where images stand, by group and kind.
_IMAGES: Final = {
    ("", "Pod"): _POD,
    ("", "PodTemplate"): _below(("template",), _POD),
    ("", "ReplicationController"): _WORKLOAD,
    **{("apps", kind): _WORKLOAD for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")},
    ("batch", "Job"): _WORKLOAD,
    ("batch", "CronJob"): _below(("spec", "jobTemplate"), _WORKLOAD),
    ("argoproj.io", "Application"): _APPLICATION,
    ("argoproj.io", "ApplicationSet"): _below(("spec", "template"), _APPLICATION),
    ("argoproj.io", "AppProject"): (),
}
# Of these groups no other kind has an image; nor have those of `*.k8s.io`.
_PLAIN_GROUPS: Final = frozenset(
    [
        "",
        "apps",
        "autoscaling",
        "batch",
        "bitnami.com",
        "cert-manager.io",
        "external-secrets.io",
        "extensions",
        "policy",
    ]
)
# What holds containers, whatever it stands in; a `spec` does at the root and in one of these.
_TEMPLATES: Final = frozenset({"template", "podTemplate", "jobTemplate"})
_LABELS: Final = frozenset({"annotations", "labels", "matchLabels"})
_NAMES_IMAGE: Final = re.compile(r"image(?!pull)", re.IGNORECASE)
_WILD: Final = re.compile(r"[*?\[{]")
# Kubernetes' own, which write no images of workloads.
_HARMLESS_MANAGERS: Final = frozenset(
    {"kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager"}
)
# By which people and deployments write whatever they like.
_ANYTHING: Final = re.compile(
    r"kubectl(?:-.*)?|argocd-.*|helm|before-first-apply|flux|.*kustomize-controller|terraform"
)


def ignore_differences(sheet: Sheet) -> Iterator[Remark]:
    """Argo CD ignores no difference in an image, nor in all that is around one.

    Where `image` is ignored, whole containers or all of `spec`, something else runs than Git says, and every light is
    green; with `RespectIgnoreDifferences=true` a new digest in Git is not even rolled out. What Kubernetes fills in is
    better written down; where that cannot be, the one field is ignored and nothing beside it. Looked at are
    `jsonPointers`, `jqPathExpressions` and `managedFieldsManagers` of Applications, ApplicationSets and whatever makes
    them, and `resource.customizations` of Argo CD itself.

    Bad:
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: api
        spec:
          ignoreDifferences:
            - group: apps
              kind: Deployment
              jqPathExpressions:
                - .spec.template.spec.containers[]

    Good:
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: api
        spec:
          ignoreDifferences:
            - group: apps
              kind: Deployment
              jqPathExpressions:
                - .spec.template.spec.containers[].imagePullPolicy
    """
    for one in sheet.ignored:
        what = _hidden(one)
        if what:
            stays = ", and RespectIgnoreDifferences=true keeps syncs from it, too" if one.respected else ""
            yield _remark(
                sheet, one, f"{one.how} {one.text}: hides {what} of {_whose(one)}{stays}", instead=_narrower(one)
            )


def ignore_differences_unread(sheet: Sheet) -> Iterator[Remark]:
    """What Argo CD ignores can be told from the file.

    `ignore-differences` reads JSON pointers, and of jq the plain paths: keys, items, `..`, `select(…)`, pipes and
    commas. What it cannot read may hide anything: expressions that compute, template actions, and the fields of a
    manager of which it is not known what it writes.

    Bad:
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: api
        spec:
          ignoreDifferences:
            - group: apps
              kind: Deployment
              jqPathExpressions:
                - getpath(["spec", "replicas"])

    Good:
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: api
        spec:
          ignoreDifferences:
            - group: apps
              kind: Deployment
              jqPathExpressions:
                - .spec.replicas
    """
    for one in sheet.ignored:
        reason = _unread(one)
        if reason:
            yield _remark(
                sheet,
                one,
                f"{one.how or one.key} {_shortened(one)}: cannot be judged: {reason}",
                instead="a plain path",
            )


def _remark(sheet: Sheet, one: Ignored, message: str, *, instead: str) -> Remark:
    return Remark(
        path=sheet.path,
        line=one.line,
        column=one.column,
        text=one.text,
        message=message,
        instead=instead,
        key=one.key,
    )


def _shortened(one: Ignored) -> str:
    first, *more = one.text.splitlines() or [""]
    return f"{first} …" if more else first


def _read(one: Ignored) -> Paths | Unread:
    if "{{" in one.text:
        return Unread("a template action stands in it")
    match one.how:
        case How.POINTER:
            return pointer(one.text)
        case How.JQ:
            return expression(one.text)
        case How.MANAGER if _ANYTHING.fullmatch(one.text) or one.text in _HARMLESS_MANAGERS or not _images(one):
            return Paths(())
        case How.MANAGER:
            return Unread("what this manager writes is not known")
        case How.UNKNOWN:
            return Unread("it is no text, no YAML, or made by a template")


def _unread(one: Ignored) -> str:
    read = _read(one)
    return read.reason if isinstance(read, Unread) and _images(one) != () else ""


def _hidden(one: Ignored) -> str:
    """Say what is ignored that is or holds an image; empty for nothing."""
    images = _images(one)
    if images == ():
        return ""
    if one.how is How.MANAGER:
        return "whatever it writes, images too," if _ANYTHING.fullmatch(one.text) else ""
    read = _read(one)
    for path in read.paths if isinstance(read, Paths) else ():
        if images is None:
            what = _by_names(path)
        else:
            what = _named(path) if any(_meets(path, image) for image in images) else ""
        if what:
            return what
    return ""


def _images(one: Ignored) -> tuple[Path, ...] | None:
    """Return where images stand in the objects that are meant; None where that is not known."""
    kind, group = one.kind, one.group
    if kind is None or _WILD.search(kind) or (group is not None and _WILD.search(group)):
        return None
    if group is None:  # a workload's is forgotten rather than meant to be the core's
        return next((images for (_, name), images in _IMAGES.items() if name == kind), None)
    found = _IMAGES.get((group, kind))
    return () if found is None and (group in _PLAIN_GROUPS or group.endswith(".k8s.io")) else found


def _meets(path: Path, image: Path) -> bool:
    """Whether one of the two leads to what the other one leads through."""
    places = {0}
    for step in path:
        if step is Step.BELOW:
            places = set(range(min(places), len(image)))
        else:
            places = {place + 1 for place in places if step is Step.EACH or image[place] == step}
        if not places or len(image) in places:
            return bool(places)
    return True


def _by_names(path: Path) -> str:
    """Say what is ignored in an object of a kind that is not known."""
    names = [step for step in path if isinstance(step, str)]
    if Step.BELOW not in path and names[:1] in (["metadata"], ["status"]):
        return ""
    for position, name in enumerate(names):
        if name in _LABELS:
            return ""
        if _NAMES_IMAGE.match(name) or name.endswith(("Image", "Images", "_image")):
            return _named(tuple(names[: position + 1]))
    last, above = (names[-1] if names else ""), names[-2:-1]
    holds = last in _CONTAINERS or last in _TEMPLATES or not names
    spec = last == "spec" and (not above or above[0] in _TEMPLATES)
    trailing = path[-1:] == (Step.BELOW,)
    return _named(path) if holds or spec or trailing else ""


def _named(path: Path) -> str:
    """Name what a path leads to."""
    names = [step for step in path if isinstance(step, str)]
    last = names[-1] if names else ""
    if not last or path[-1:] == (Step.BELOW,):
        return "the whole object" if not last else f"all below {last}"
    if last in _CONTAINERS:
        return "a whole container" if path[-1] is Step.EACH else f"all {last}"
    return "the image" if last == "image" else f"all of {last}"


def _whose(one: Ignored) -> str:
    if one.kind is None and one.group is None:
        return "all kinds"
    return f"{one.group}/{one.kind or '*'}" if one.group else one.kind or "*"


def _narrower(one: Ignored) -> str:
    read = _read(one)
    if one.how is How.MANAGER or not isinstance(read, Paths):
        return "the fields themselves, by jsonPointers or jqPathExpressions"
    if not any(step in _CONTAINERS for path in read.paths for step in path):
        return "a path to the one field"
    return (
        ".spec.template.spec.containers[].imagePullPolicy"
        if one.how is How.JQ
        else "/spec/template/spec/containers/0/imagePullPolicy"
    )

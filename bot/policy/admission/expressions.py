"""The CEL that is the same for every rule: from an object to the references of its containers, spelled out.

Plain expressions alone: `has()` guards, macros, `matches` on constant RE2, `split`. No optional types, so that every
evaluator of CEL can prove them. `dyn()` keeps the API server's type check from warning of fields that only some of
the kinds have.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.policy.admission.patterns import HOSTED, HUB_ALIAS, HUB_OFFICIAL, repositories
from bot.policy.waivers import Waiver

_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
# Kubernetes fills in the pull policy; a template may leave the reference out.
_VOLUMES: Final = (
    "(has(s.volumes) ? s.volumes.filter(v, has(v.image) && has(v.image.reference)).map(v, dyn({\n"
    "    'image': v.image.reference, 'imagePullPolicy': has(v.image.pullPolicy) ? v.image.pullPolicy : ''\n"
    "  })) : [])"
)
# Who makes pods and workloads of templates that were judged when they were written, or stood there before.
CONTROLLERS: Final = tuple(
    f"system:serviceaccount:kube-system:{name}"
    for name in (
        "cronjob-controller",
        "daemon-set-controller",
        "deployment-controller",
        "job-controller",
        "replicaset-controller",
        "replication-controller",
        "statefulset-controller",
    )
)
EVERY_IMAGE: Final = ".map(c, has(c.image) ? string(c.image) : '')"
# Kubernetes fills in what was left out before it asks, so whether the policy was written down is not to be seen.
BADLY_PULLED: Final = (
    ".filter(c, has(c.imagePullPolicy) && (c.imagePullPolicy == 'Never' ||\n"
    "  c.imagePullPolicy == 'Always' && has(c.image) && c.image.contains('@')))\n"
    f"{EVERY_IMAGE}"
)


def containers(root: str) -> str:
    """Return all containers of `root`, a pod or whatever holds a template of pods; a volume made of an image is as one.

    Such a volume runs nothing by itself, but what it holds can be run by any container that mounts it.
    """
    lists = " +\n  ".join((*(f"(has(s.{name}) ? s.{name} : [])" for name in _CONTAINERS), _VOLUMES))
    return (
        f"[dyn({root})].map(o,\n"
        "  !has(o.spec) ? o.template.spec :\n"
        "  has(o.spec.jobTemplate) ? o.spec.jobTemplate.spec.template.spec :\n"
        "  has(o.spec.template) ? o.spec.template.spec : o.spec\n"
        f").map(s,\n  {lists}\n)[0]"
    )


def references(images: str) -> str:
    """Return the list `images` with Docker Hub's names spelled out, and hosts in lower case."""
    return (
        f"{images}\n.map(i, i.matches({raw(HOSTED)}) ?\n"
        "  i.split('/', 2)[0].lowerAscii() + '/' + i.split('/', 2)[1] : 'docker.io/' + i\n"
        f").map(i, i.matches({raw(HUB_ALIAS)}) ? 'docker.io/' + i.split('/', 2)[1] : i\n"
        f").map(i, i.matches({raw(HUB_OFFICIAL)}) ? 'docker.io/library/' + i.split('/', 2)[1] : i)"
    )


def before(images: str) -> str:
    """Return the images that the object had; nothing for one that is new."""
    return f"oldObject == null ? [] : {containers('oldObject')}{images}"


def waived(waivers: Sequence[Waiver]) -> str:
    """Return whether the reference `r` is one that a waiver excuses: by name, or what lies below that name."""
    globs = [one.image for one in waivers if one.image is not None]
    names = sorted({str(glob) for glob in globs if "*" not in str(glob) and "?" not in str(glob)})
    wild = sorted({glob for glob in globs if str(glob) not in names}, key=str)
    parts = []
    if names:
        listed = "".join(f"\n  {quoted(name)}," for name in names).removesuffix(",")
        below = " || ".join(f"r.startsWith(w + '{mark}')" for mark in "/:@")
        parts.append(f"[{listed}\n].exists(w, r == w || {below})")
    if wild:
        parts.append(f"r.matches({raw(repositories(wild))})")
    return " ||\n".join(parts)


def not_a_mirror() -> str:
    """Return whether the object is no mirror of a pod that a kubelet runs from its own disk, whatever is said here."""
    return (
        "!(has(request.userInfo.groups) && 'system:nodes' in request.userInfo.groups &&\n"
        "  has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)"
    )


def not_by_a_controller() -> str:
    """Return whether somebody else than Kubernetes' own controllers of workloads asks."""
    return f"!(request.userInfo.username in [{_lines(CONTROLLERS)}])"


def raw(pattern: str) -> str:
    """Return an expression of RE2 as CEL reads it; none of ours has a quotation mark."""
    return f"r'{pattern}'"


def quoted(text: str) -> str:
    """Return a text as CEL reads it."""
    escaped = text.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def _lines(texts: Iterable[str]) -> str:
    return "\n  " + ",\n  ".join(quoted(text) for text in texts) + "\n"

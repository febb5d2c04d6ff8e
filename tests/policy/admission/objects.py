"""Objects and the rules that they break in production, for the cluster and for `bump check` alike.

`<a>` is a digest. What only the cluster or only files can see is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from tests.builders import written

READER = YAML(typ="safe", pure=True)
CONFIGURATION = """\
version: 1
images:
  - {match: "ghcr.io/acme/mirror/**", move: false}
  - {match: "ghcr.io/acme/tools/*", revision_tag: "build-{revision:12}"}
  - {match: "ghcr.io/acme/**", channel: trunk-builds}
environments:
  dev: {paths: ["env/dev/**"], follow: main}
  production: {paths: ["env/production/**"], layers: ["shared/**"]}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: api}
spec:
  containers:
  - {name: api, image: IMAGE, imagePullPolicy: IfNotPresent}
"""
_TEMPLATE = """\
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      initContainers:
      - {name: migrate, image: "ghcr.io/acme/api@<a>", imagePullPolicy: IfNotPresent}
      containers:
      - {name: api, image: IMAGE, imagePullPolicy: IfNotPresent}
"""
_ENDING = _TEMPLATE.replace("    spec:\n", "    spec:\n      restartPolicy: Never\n")
WORKLOADS: Mapping[str, str] = {
    "Pod": POD,
    "Pod, initContainer": POD.replace("IMAGE", '"ghcr.io/acme/api@<a>"')
    + "  initContainers:\n  - {name: init, image: IMAGE, imagePullPolicy: IfNotPresent}\n",
    "Pod, sidecar": POD.replace("IMAGE", '"ghcr.io/acme/api@<a>"')
    + "  - {name: side, image: IMAGE, imagePullPolicy: IfNotPresent}\n",
    "PodTemplate": """\
apiVersion: v1
kind: PodTemplate
metadata: {name: api}
template:
  spec:
    containers:
    - {name: api, image: IMAGE, imagePullPolicy: IfNotPresent}
""",
    "ReplicationController": "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: api}\nspec:\n"
    + _TEMPLATE.replace("{matchLabels: {app: api}}", "{app: api}"),
    **{
        kind: f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: api}}\nspec:\n{_TEMPLATE}"
        for kind in ("Deployment", "DaemonSet", "ReplicaSet")
    },
    "StatefulSet": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: api}\nspec:\n  serviceName: api\n"
    + _TEMPLATE,
    "Job": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: api}\nspec:\n" + _ENDING,
    "CronJob": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: api}\n"
    "spec:\n  schedule: '@daily'\n  jobTemplate:\n    spec:\n"
    + "".join(f"    {line}\n" for line in _ENDING.splitlines()),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An image, and the rules that it breaks in production; `warned` are those that say so and no more."""

    image: str
    denied: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()


CASES = (
    Case("ghcr.io/acme/api@<a>"),
    Case("ghcr.io/acme/api:1f3c9ab@<a>"),
    Case("ghcr.io/acme/api:1.4.0@<a>"),
    Case("ghcr.io/acme/api:v1.4.0-rc.1@<a>"),
    Case("ghcr.io/acme/tools/lint:build-0123456789ab@<a>"),
    Case("docker.io/library/redis:7.2@<a>"),
    Case("redis:7.2-alpine@<a>"),
    Case("registry.corp:5000/team/app@<a>"),
    Case("ghcr.io/acme/api", ("unpinned",)),
    Case("ghcr.io/acme/api:main", ("floating-tag",)),
    Case("GHCR.io/acme/api:main", ("floating-tag",)),
    Case("ghcr.io/acme/api:build-42", ("floating-tag",)),
    Case("ghcr.io/acme/api:1.4.0", ("tag-only",)),
    Case("ghcr.io/acme/tools/lint:build-0123456789ab", ("tag-only",)),
    Case("ghcr.io/acme/api:build-0123456789ab@<a>", ("tag-form",)),
    Case("ghcr.io/acme/api:main@<a>", ("channel-tag-with-digest",)),
    Case("ghcr.io/acme/api:trunk-builds@<a>", ("channel-tag-with-digest",)),
    Case("ghcr.io/acme/api:feature@<a>", ("channel-tag-with-digest",)),
    Case("ghcr.io/acme/api:build-42@<a>", ("tag-form",)),
    Case("redis:latest", ("floating-tag",)),
    Case("redis:7", ("floating-tag",)),
    Case("redis", ("floating-tag",)),
    Case("redis:7.2.5", ("unpinned",)),
    Case("redis:latest@<a>", (), ("channel-tag-with-digest",)),
    Case("ghcr.io/acme/mirror/redis:7.2.5", ("unpinned",)),
    Case("registry.corp:5000/team/app:main", ("floating-tag",)),
    Case("quay.io/x/postgres-operator:1.2.3", ("operator-pinned",)),
    Case("quay.io/x/postgres-operator:latest@<a>", ("channel-tag-with-digest",)),
    Case("ghcr.io/acme/mirror/some-operator:build-42@<a>", ("tag-form",)),
    Case("quay.io/x/some-operator:build-42@<a>"),
)


def tree(text: str, image: str = "") -> dict[str, Any]:
    """The object of a manifest, with `image` in the place of IMAGE."""
    loaded: dict[str, Any] = READER.load(manifest(text, image))
    return loaded


def manifest(text: str, image: str = "") -> str:
    return written(text.replace("IMAGE", f'"{image}"'))

"""Rendered manifests as `helm template` of a platform would have them: made up, and the same on every run.

Of every twelve objects four hold pods, one is a CustomResourceDefinition, and the others are what stands around them.
"""

import random
from hashlib import sha256
from typing import Final

SIZE: Final = 20_000_000
IMAGES: Final = ("ghcr.io/acme/api", "ghcr.io/acme/web", "docker.io/library/redis", "quay.io/prometheus/node-exporter")


def rendered(size: int = SIZE) -> bytes:
    """Make one stream of about `size` bytes."""
    draw = random.Random(size)  # noqa: S311 - cases, not keys
    parts: list[str] = []
    length = 0
    while length < size:
        name = f"app-{len(parts)}"
        part = f"---\n# Source: stack/templates/{name}.yaml\n{draw.choice(OBJECTS)(draw, name)}"
        parts.append(part)
        length += len(part)
    return "".join(parts).encode()


def _metadata(name: str) -> str:
    return f"""\
metadata:
  name: {name}
  namespace: apps
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/instance: stack
    app.kubernetes.io/managed-by: Helm
    helm.sh/chart: stack-1.4.0
"""


def _image(draw: random.Random) -> str:
    return f"{draw.choice(IMAGES)}@sha256:{sha256(draw.randbytes(8)).hexdigest()}"


def _container(draw: random.Random, name: str) -> str:
    variables = "".join(
        f"        - name: {name.upper()}_SETTING_{number}\n          value: '{draw.randrange(10_000)}'\n"
        for number in range(8)
    )
    return f"""\
      - name: {name}
        image: "{_image(draw)}"
        imagePullPolicy: IfNotPresent
        args: ["--port=8080", "--log=json"]
        ports:
        - name: http
          containerPort: 8080
          protocol: TCP
        env:
{variables}\
        livenessProbe:
          httpGet:
            path: /healthz
            port: http
          initialDelaySeconds: 10
        resources:
          limits:
            memory: {draw.randrange(64, 512)}Mi
          requests:
            cpu: {draw.randrange(100, 900)}m
            memory: 64Mi
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
        volumeMounts:
        - name: config
          mountPath: /etc/app
"""


def _deployment(draw: random.Random, name: str) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
{_metadata(name)}\
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {name}
      imagePullSecrets:
      - name: pull
      containers:
{_container(draw, "main")}{_container(draw, "proxy")}\
      volumes:
      - name: config
        configMap:
          name: {name}
      nodeSelector:
        kubernetes.io/os: linux
"""


def _service(_: random.Random, name: str) -> str:
    return f"""\
apiVersion: v1
kind: Service
{_metadata(name)}\
spec:
  type: ClusterIP
  ports:
  - name: http
    port: 80
    targetPort: http
    protocol: TCP
  selector:
    app.kubernetes.io/name: {name}
"""


def _account(_: random.Random, name: str) -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\n{_metadata(name)}automountServiceAccountToken: false\n"


def _config(draw: random.Random, name: str) -> str:
    lines = "".join(f"    key_{number} = {draw.randrange(10_000)}\n" for number in range(40))
    return f"apiVersion: v1\nkind: ConfigMap\n{_metadata(name)}data:\n  app.toml: |\n    [app]\n{lines}"


def _role(_: random.Random, name: str) -> str:
    rules = "".join(
        f"- apiGroups:\n  - apps\n  resources:\n  - {kind}\n  verbs:\n  - get\n  - list\n  - watch\n"
        for kind in ("deployments", "statefulsets", "daemonsets", "replicasets")
    )
    return f"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n{_metadata(name)}rules:\n{rules}"


def _binding(_: random.Random, name: str) -> str:
    return f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
{_metadata(name)}\
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {name}
subjects:
- kind: ServiceAccount
  name: {name}
  namespace: apps
"""


def _definition(draw: random.Random, name: str) -> str:
    fields = "".join(
        f"""\
              field{number}:
                description: What field {number} of {name} is for, in the words of
                  whoever made it; it is folded over two lines.
                type: {draw.choice(("string", "integer", "boolean"))}
"""
        for number in range(60)
    )
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
{_metadata(f"{name}.example.com")}\
spec:
  group: example.com
  names:
    kind: Thing{draw.randrange(100)}
    plural: {name}
  scope: Namespaced
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
{fields}"""


OBJECTS: Final = (
    *(_deployment,) * 4,
    *(_service,) * 2,
    *(_config,) * 2,
    _account,
    _role,
    _binding,
    _definition,
)

"""Values files of about 20 KB, as a platform team would have them: made up, and the same on every run.

Of every ten blocks one is ours; the others are third-party images with digests, plain settings, comments, and in every
fifth file a manifest in a literal block. A dense file has an image in every block.
"""

import random
from collections.abc import Callable
from hashlib import sha256
from typing import Final

SIZE: Final = 20_000
OURS: Final = ("api", "web", "worker", "migrate", "scheduler")
THEIRS: Final = (
    "docker.io/library/redis",
    "quay.io/prometheus/node-exporter",
    "registry.k8s.io/pause",
    "ghcr.io/other/tool",
)

Block = Callable[[random.Random, str], str]


def files(count: int, *, blocks: tuple[Block, ...] | None = None) -> list[tuple[str, bytes]]:
    """Make `count` files with their paths; `blocks` are drawn from evenly, realistic ones where None."""
    return [(f"env/dev/apps/app-{number}.yaml", _file(number, blocks or REALISTIC)) for number in range(count)]


def _file(number: int, blocks: tuple[Block, ...]) -> bytes:
    draw = random.Random(number)  # noqa: S311 - cases, not keys
    parts = [f"# Values of app {number}, rendered by nobody.\nreplicaCount: {number % 5}\n"]
    if number % 5 == 0 and blocks is REALISTIC:
        parts.append(_nested(draw, "extraManifests"))
    size = 0
    while size < SIZE:
        part = draw.choice(blocks)(draw, f"component{len(parts)}")
        size += len(part)
        parts.append(part)
    return "".join(parts).encode()


def _digest(draw: random.Random) -> str:
    return f"sha256:{sha256(draw.randbytes(8)).hexdigest()}"


def _ours(draw: random.Random, name: str) -> str:
    return f"""
{name}:
  image:
    repository: ghcr.io/acme/{draw.choice(OURS)}
    tag: "main"
    digest: {_digest(draw)} # moved by bump
    pullPolicy: IfNotPresent
"""


def _our_string(draw: random.Random, name: str) -> str:
    return f"{name}:\n  image: ghcr.io/acme/{draw.choice(OURS)}@{_digest(draw)}\n"


def _theirs(draw: random.Random, name: str) -> str:
    return f"""
{name}:
  enabled: true
  image:
    repository: {draw.choice(THEIRS)}
    tag: "7.{draw.randrange(9)}.{draw.randrange(9)}"
    digest: {_digest(draw)}
    pullPolicy: IfNotPresent
"""


def _resources(draw: random.Random, name: str) -> str:
    return f"""
# What {name} may take; see the dashboards before you raise it.
{name}:
  resources:
    requests: {{cpu: {draw.randrange(100, 900)}m, memory: {draw.randrange(64, 512)}Mi}}
    limits: {{memory: {draw.randrange(512, 1024)}Mi}}
  nodeSelector:
    kubernetes.io/os: linux
  tolerations: []
  affinity: {{}}
"""


def _environment(draw: random.Random, name: str) -> str:
    lines = "".join(
        f"    - name: {name.upper()}_SETTING_{number}\n      value: '{draw.randrange(10_000)}'\n" for number in range(6)
    )
    return f"\n{name}:\n  env:\n{lines}"


def _ingress(draw: random.Random, name: str) -> str:
    return f"""
{name}:
  ingress:
    enabled: true
    annotations:
      cert-manager.io/cluster-issuer: letsencrypt # the cluster's own
      nginx.ingress.kubernetes.io/proxy-body-size: "{draw.randrange(1, 64)}m"
    hosts:
      - host: {name}.dev.example.com
        paths:
          - path: /
            pathType: Prefix
"""


def _nested(draw: random.Random, name: str) -> str:
    return f"""
{name}: |
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: {name}
  spec:
    template:
      spec:
        containers:
          - name: main
            image: ghcr.io/acme/{draw.choice(OURS)}@{_digest(draw)}
          - name: proxy
            image: {draw.choice(THEIRS)}@{_digest(draw)}
"""


REALISTIC: Final[tuple[Block, ...]] = (
    _ours,
    *(_theirs,) * 2,
    *(_resources,) * 3,
    *(_environment,) * 2,
    *(_ingress,) * 2,
)
THIRD_PARTY: Final[tuple[Block, ...]] = (_theirs,)
FIRST_PARTY: Final[tuple[Block, ...]] = (_ours, _our_string)

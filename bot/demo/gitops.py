"""The GitOps repository of the demo: four environments, three shapes of references, and how people write.

Comments, quotes, odd indentation and CRLF line ends are on purpose: none of it may change when a digest does.
"""

from collections.abc import Mapping
from typing import Final

from bot.image import Digest, Repository

CONFIG: Final = "config/environments.yaml"
BRANCH: Final = "bump/dev"
IMAGES: Final = ("api", "jobs", "operator", "web", "worker")
_VALUES: Final = "sources/values"

_CONFIGURATION: Final = """\
# Which images move, how, and where.
version: 1

gitops: {repository: acme/gitops, base: main}

images:
  - match: "ghcr.io/acme/*"
    platforms: [linux/amd64, linux/arm64]   # both must be there, or nothing is proposed

environments:
  local:
    paths: ["sources/values/env/local/**"]
    follow: main
  dev:
    paths: ["sources/values/env/dev/**"]
    layers: ["sources/values/_shared/**"]
    follow: main
  staging:
    paths: ["sources/values/env/staging/**"]
    promote_from: dev
  production:
    paths: ["sources/values/env/production/**"]
    promote_from: staging
  shared:
    paths: ["sources/values/_shared/**"]    # moved by hand
"""

# `<api>` stands for the digest of ghcr.io/acme/api.
_DEV: Final = {
    "api": """\
# The public API. Owners: team-core
image:
  ref: ghcr.io/acme/api@<api>   # one string
replicas: 2

migrations:
  image:
    ref: 'ghcr.io/acme/api@<api>'
""",
    "jobs": """\
# Nightly reports, written on another system\r
cron: "0 3 * * *"\r
report:\r
  image:\r
    ref: "ghcr.io/acme/jobs@<jobs>"\r
""",
    "web": """\
image:
    repository: "ghcr.io/acme/web"
    tag: main          # for people; what counts is the digest
    digest: "<web>"
    pullPolicy: IfNotPresent

ingress: { hosts: [ dev.acme.example ], tls: yes }
cache: { image: "docker.io/library/redis:8.2.1" }   # not ours: never moved
""",
    "worker": """\
# The chart knows no digest, so it stands in the tag.
image: {repository: ghcr.io/acme/worker, tag: "main@<worker>"}
queues:
- mail
- thumbnails   # größer als 2 MB: nightly
""",
}

_OTHERS: Final = {
    f"{_VALUES}/_shared/cluster/operators.yaml": "operators:\n  queue:\n    image:\n      digest: <operator>\n"
    "      repository: ghcr.io/acme/operator\n",
    f"{_VALUES}/_shared/defaults.yaml": "image:\n  pullPolicy: IfNotPresent\nimagePullSecrets: [{name: ghcr-pull}]\n",
    **{
        f"{_VALUES}/env/{environment}/apps/{name}.yaml": f"image:\n  ref: ghcr.io/acme/{name}@<{name}>\n"
        for environment in ("local", "staging", "production")
        for name in ("api", "web")
    },
}


def repository_of(image: str) -> Repository:
    """Return where an image of `IMAGES` is."""
    return Repository.parse(f"ghcr.io/acme/{image}")


def path_of(image: str) -> str:
    """Return the values file of an image in dev."""
    return f"{_VALUES}/env/dev/apps/{image}.yaml"


def dev_files(digests: Mapping[str, Digest]) -> Mapping[str, bytes]:
    """Return the values files of dev with these digests in them."""
    return {path_of(image): _filled(text, digests) for image, text in _DEV.items()}


def first_tree(digests: Mapping[str, Digest]) -> Mapping[str, bytes]:
    """Return every file of the repository as it is in the beginning."""
    others = {path: _filled(text, digests) for path, text in _OTHERS.items()}
    return {CONFIG: _CONFIGURATION.encode(), **others, **dev_files(digests)}


def _filled(text: str, digests: Mapping[str, Digest]) -> bytes:
    for image, digest in digests.items():
        text = text.replace(f"<{image}>", str(digest))
    return text.encode()

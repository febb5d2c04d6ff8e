"""Two GitOps repositories as people lay them out: Helm values by environment, and kustomize overlays."""

from collections.abc import Mapping

from tests.builders import digest, written

_VALUES = "sources/values"


def helm() -> Mapping[str, str]:
    """The layout of a house with `env/<name>/apps` and shared values below; operators stand in shared alone."""
    found = {
        "README.md": "# GitOps\n",
        ".github/workflows/ci.yml": "jobs: {test: {container: {image: ghcr.io/acme/ci:latest}}}\n",
        f"{_VALUES}/_shared/cluster/operators.yaml": "operators:\n  queue:\n    image:\n"
        "      repository: ghcr.io/acme/operator\n      digest: <d>\n",
        f"{_VALUES}/_shared/apps/jobs.yaml": "image:\n  repository: ghcr.io/acme/jobs\n  pullPolicy: IfNotPresent\n",
        f"{_VALUES}/_shared/policy.yaml": "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n",
        f"{_VALUES}/env/dev/apps/raw.yaml": "manifests: |-\n  kind: Job\n  spec:\n"
        "    image: ghcr.io/acme/migrations:main\n",
        f"{_VALUES}/env/dev/apps/cache.yaml": "image: docker.io/library/redis:8.2.1\n"
        "chart: {repository: https://charts.example.org, version: 1.2.3}\n",
        f"{_VALUES}/env/dev/apps/proxy.yaml": "image: ghcr.io/acme/mirror/envoy:1.30.0\n",
    }
    for name in ("local", "dev", "staging", "production"):
        found[f"{_VALUES}/env/{name}/apps/api.yaml"] = "image:\n  ref: ghcr.io/acme/api:main@<a>\n" * (name != "local")
        found[f"{_VALUES}/env/{name}/apps/api.yaml"] += "migrations:\n  image:\n    ref: ghcr.io/acme/api@<a>\n"
        found[f"{_VALUES}/env/{name}/apps/web.yaml"] = "image: {repository: ghcr.io/acme/web, tag: main}\n"
        found[f"{_VALUES}/env/{name}/apps/jobs.yaml"] = "image:\n  digest: <c>\n"
    return {path: written(text) for path, text in found.items()}


def kustomize() -> Mapping[str, str]:
    """One folder an app, with a base and overlays."""
    found = {"argocd/root.yaml": "kind: Application\nspec: {source: {repoURL: https://github.com/acme/gitops}}\n"}
    for app in ("api", "web"):
        found[f"apps/{app}/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
        found[f"apps/{app}/base/deployment.yaml"] = (
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
            f"        - name: {app}\n          image: ghcr.io/acme/{app}:latest\n"
        )
        for name in ("dev", "qa", "prod"):
            tag = "newTag: develop" if name == "dev" else f'digest: "{digest("b")}"'
            found[f"apps/{app}/overlays/{name}/kustomization.yaml"] = (
                f"resources: [../../base]\nimages:\n  - name: ghcr.io/acme/{app}\n    {tag}\n"
            )
    return found

"""Others that write the same keys, by what configures them: controllers in the cluster, and bots."""

import pytest

from bot.diagnosis.check import Name
from bot.diagnosis.controllers import controllers
from bot.diagnosis.dependabot import dependabot
from bot.diagnosis.renovate import renovate
from tests.diagnosis.facts import only, seen, surface

STAGE = """\
kind: Warehouse
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev}
spec:
  promotionTemplate:
    spec:
      steps:
        - uses: git-clone
        - uses: <uses>
          config: <config>
"""


def found(text: str, name: Name, *, path: str = "argocd/x.yaml") -> tuple[str, str]:
    return seen(only(controllers({path: text.encode()}, surface()), name))


@pytest.mark.parametrize(
    ("uses", "config", "verdict", "says"),
    [
        ("yaml-update", "{path: ./src/env/dev/values.yaml, updates: []}", "Wrong", "dev writes env/dev/values.yaml"),
        ("yaml-update", "{path: env/dev/values.yaml}", "Wrong", "argocd/x.yaml:11"),
        ("yaml-update", "{path: ./src/env/prod/values.yaml}", "Ok", ""),
        ("yaml-update", '{path: "src/env/${{ ctx.stage }}/values.yaml"}', "CannotTell", "perhaps env/dev/values.yaml"),
        ("yaml-update", '{path: "${{ vars.path }}"}', "Ok", ""),
        ("kustomize-set-image", "{path: ./src/env/dev/api, images: []}", "Wrong", "env/dev/api/kustomization.yaml"),
        ("kustomize-set-image", "{path: ./src/env/dev, images: []}", "Ok", ""),
        (
            "argocd-update", "{apps: [{sources: [{kustomize: {images: [{repoURL: ghcr.io/acme/api}]}}]}]}",
            "Wrong", "overrides in the Application the image ghcr.io/acme/api",
        ),
        ("argocd-update", "{apps: [{name: api}]}", "Ok", ""),
        ("git-commit", "{path: env/dev/values.yaml}", "Ok", ""),
    ],
)  # fmt: skip
def test_a_stage_of_kargo(uses: str, config: str, verdict: str, says: str) -> None:
    result = found(STAGE.replace("<uses>", uses).replace("<config>", config), Name.KARGO)
    assert (result[0], says in result[1]) == (verdict, True), result


def test_an_old_stage_and_a_task() -> None:
    old = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nspec: {promotionMechanisms: {gitRepoUpdates: []}}\n"
    assert found(old, Name.KARGO)[0] == "CannotTell"
    task = "apiVersion: kargo.akuity.io/v1alpha1\nkind: PromotionTask\nspec: {steps: [{uses: yaml-update, config: %s}]}"
    assert found(task % "{path: env/dev/values.yaml}", Name.KARGO)[0] == "Wrong"


UPDATER = "argocd-image-updater.argoproj.io"
RESOURCE = "spec: {applicationRefs: [{images: [{alias: a, imageName: 'ghcr.io/acme/api:main'}]}]}"


@pytest.mark.parametrize(
    ("text", "verdict", "says"),
    [
        (f"metadata: {{annotations: {{{UPDATER}/image-list: 'a=ghcr.io/acme/api:main'}}}}", "Wrong", "acme/api"),
        (
            f"spec: {{template: {{metadata: {{annotations: {{{UPDATER}/image-list: 'x, ghcr.io/acme/web'}}}}}}}}",
            "Wrong", "ghcr.io/acme/web",
        ),
        (f"metadata: {{annotations: {{{UPDATER}/image-list: 'redis:7, quay.io/x/y'}}}}", "Ok", ""),
        (f"metadata: {{annotations: {{{UPDATER}/image-list: ghcr.io/acme/mirror/redis}}}}", "Ok", ""),
        (f"metadata: {{annotations: {{{UPDATER}/image-list: 'a=ghcr.io/Acme/API, b=x/../y'}}}}", "Ok", ""),
        (f"metadata: {{annotations: {{{UPDATER}/image-list: '{{{{ .x }}}}'}}}}", "CannotTell", "a template names"),
        (f"metadata:\n  annotations:\n    {UPDATER}/image-list: {{{{ .x }}}}\n  {{{{ if }}}}\n", "CannotTell", "read"),
        (
            f"apiVersion: {UPDATER}/v1alpha1\nkind: ImageUpdater\nmetadata: {{name: all}}\n" + RESOURCE,
            "Wrong", "the ImageUpdater all updates ghcr.io/acme/api",
        ),
        (f"# {UPDATER}/image-list\nkind: x\n", "Ok", ""),
    ],
)  # fmt: skip
def test_image_updater(text: str, verdict: str, says: str) -> None:
    result = found(text, Name.UPDATER)
    assert (result[0], says in result[1]) == (verdict, True), result


MARKER = (
    'a: 1\nimage: ghcr.io/acme/api:1 # {"$imagepolicy": "flux-system:api"}\nb: x # { "$imagepolicy" : "x:y:tag" }\n'
)


def test_flux_writes_where_its_marker_stands() -> None:
    verdict, says = found(MARKER, Name.FLUX, path="env/dev/values.yaml")
    assert (verdict, says.startswith("env/dev/values.yaml:2: Flux's")) == ("Wrong", True), says
    assert "by the policy flux-system:api, and 1 more here" in says
    assert found(MARKER, Name.FLUX, path="clusters/x.yaml")[0] == "Ok"


@pytest.mark.parametrize(
    ("text", "verdict", "says"),
    [
        ("{}", "Wrong", "helm-values reads env/dev/values.yaml and 2 more of these files"),
        ('{"extends": ["config:recommended", ":semanticCommits"]}', "Wrong", "helm-values"),
        ('{"extends": ["local>acme/renovate-config"]}', "CannotTell", "a preset may keep it"),
        ('{"enabled": false}', "Ok", "switched off"),
        ('{"extends": ["docker:disable"]}', "Ok", "switched off"),
        ('{"enabledManagers": ["github-actions"]}', "Ok", "none of these files"),
        ('{"helm-values": {"enabled": false}, "kustomize": {"enabled": false}}', "Ok", "none"),
        ('{"helm-values": {"enabled": false}}', "Wrong", "kustomize reads env/dev/api/kustomization.yaml"),
        ('{"packageRules": [{"matchDatasources": ["docker"], "enabled": false}]}', "Ok", "none"),
        ('{"packageRules": [{"matchDatasources": ["npm"], "enabled": false}]}', "Wrong", ""),
        ('{"packageRules": [{"matchFileNames": ["env/**"], "enabled": false}]}', "Ok", "none"),
        ('{"packageRules": [{"matchPackageNames": ["ghcr.io/acme/**"], "enabled": false}]}', "CannotTell", "a rule"),
        ('{"ignorePaths": ["env/"]}', "Ok", "none"),
        ('{"ignorePaths": ["**/env/**"]}', "Ok", "none"),
        ('{"enabledManagers": ["kubernetes"], "kubernetes": {"fileMatch": ["^env/.+\\\\.yaml$"]}}', "Wrong", "kubern"),
        ('{"enabledManagers": ["argocd"], "argocd": {"managerFilePatterns": ["/^env//"]}}', "Wrong", "argocd reads"),
        ('{"enabledManagers": ["argocd"], "argocd": {"managerFilePatterns": ["/(a+)+$/"]}}', "CannotTell", "argocd"),
        (
            '{"enabledManagers": ["custom.regex"], "customManagers": [{"managerFilePatterns": ["env/**/*.yaml"]}]}',
            "Wrong", "custom.regex reads",
        ),
        (
            '{"customManagers":[{"managerFilePatterns":["env/**"],"datasourceTemplate":"npm"}],"enabledManagers":["regex"]}',
            "Ok", "none",
        ),
        ("// json5\n{\n\textends: ['config:base',], /* {x} */\n  'enabled': false,\n}\n", "Ok", "switched off"),
        ('{"a": "https://x//y", "enabled": false}', "Ok", "switched off"),
        ("{[", "CannotTell", "cannot be read"),
        ("[1, 2]", "Wrong", "helm-values"),
    ],
)  # fmt: skip
def test_renovate(text: str, verdict: str, says: str) -> None:
    result = seen(only(renovate({".github/renovate.json5": text.encode()}, surface()), Name.RENOVATE))
    assert (result[0], says in result[1]) == (verdict, True), result


def test_renovate_elsewhere() -> None:
    assert seen(only(renovate({}, surface()), Name.RENOVATE))[0] == "Ok"
    package = {"package.json": b'{"name": "x"}'}
    assert seen(only(renovate(package, surface()), Name.RENOVATE))[0] == "Ok"
    package = {"package.json": b'{"name": "x", "renovate": {"enabledManagers": ["kustomize"]}}'}
    assert seen(only(renovate(package, surface()), Name.RENOVATE))[0] == "Wrong"
    assert seen(only(renovate({"renovate.json": b"\xff\xfe"}, surface()), Name.RENOVATE))[0] == "CannotTell"


@pytest.mark.parametrize(
    ("update", "verdict"),
    [
        ("{package-ecosystem: docker, directory: /env/dev}", "Wrong"),
        ("{package-ecosystem: docker, directories: ['/x', '/env/*']}", "Wrong"),
        ("{package-ecosystem: docker, directory: /}", "Ok"),
        ("{package-ecosystem: npm, directory: /env/dev}", "Ok"),
        ("{package-ecosystem: docker, directory: /env/dev, ignore: [{dependency-name: x}]}", "CannotTell"),
    ],
)
def test_dependabot(update: str, verdict: str) -> None:
    files = {".github/dependabot.yml": f"version: 2\nupdates: [{update}]\n".encode()}
    assert seen(only(dependabot(files, surface()), Name.DEPENDABOT))[0] == verdict


def test_dependabot_elsewhere() -> None:
    assert seen(only(dependabot({}, surface()), Name.DEPENDABOT))[0] == "Ok"
    assert seen(only(dependabot({".github/dependabot.yml": b"["}, surface()), Name.DEPENDABOT))[0] == "CannotTell"

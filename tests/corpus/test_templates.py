"""Real charts, Applications and settings of Argo CD: all are read, and what was read is what a person reads there.

The files are no part of the repository: see `test_corpus`.
"""

from collections.abc import Mapping

import pytest

from bot.errors import UnreadableFile
from bot.pins import How, read_ignores, read_texts
from bot.policy.templates.actions import scan, without_actions
from bot.policy.templates.primitives import primitives
from bot.policy.templates.sources import Followed, Follower, named_templates
from tests.corpus.test_corpus import CORPUS, MISSING, files

ARGO = "argoproj+argo-cd"
UPDATER = "argoproj-labs+argocd-image-updater"
KARGO = "akuity+kargo/charts/kargo/templates"
# Where the line of a container's `imagePullPolicy` has its value from.
PULLED: Mapping[str, tuple[int, str]] = {
    f"{KARGO}/api/deployment.yaml": (68, "Values.image.pullPolicy"),
    f"{KARGO}/controller/deployment.yaml": (63, "Values.image.pullPolicy"),
    f"{KARGO}/dex-server/deployment.yaml": (52, "Values.api.oidc.dex.image.pullPolicy"),
    f"{KARGO}/external-webhooks-server/deployment.yaml": (67, "Values.image.pullPolicy"),
    f"{KARGO}/garbage-collector/cron-job.yaml": (69, "Values.image.pullPolicy"),
    f"{KARGO}/kubernetes-webhooks-server/deployment.yaml": (67, "Values.image.pullPolicy"),
    f"{KARGO}/management-controller/deployment.yaml": (59, "Values.image.pullPolicy"),
    f"{ARGO}/util/helm/testdata/minio/templates/deployment.yaml": (32, "Values.image.pullPolicy"),
    f"{ARGO}/util/helm/testdata/redis/templates/redis-slave-deployment.yaml": (56, "Values.image.pullPolicy"),
    f"{UPDATER}/test/e2e/testdata/008-simple-helm-app/templates/deployment.yaml": (26, "Values.image.pullPolicy"),
}
# What goes through `tpl`: two lists of variables, put together with `concat`.
EVALUATED = {
    f"{KARGO}/controller/deployment.yaml": "controller",
    f"{KARGO}/garbage-collector/cron-job.yaml": "garbageCollector",
    f"{KARGO}/kubernetes-webhooks-server/deployment.yaml": "webhooksServer",
}
pytestmark = pytest.mark.skipif(not files(), reason=MISSING)


def followed(path: str) -> tuple[str, Followed]:
    text = (CORPUS / path).read_text(encoding="utf-8")
    scanned = scan(text)
    assert scanned.broken is None
    return text, Follower(named_templates([scanned])).follow(scanned.actions)


@pytest.mark.parametrize(("path", "expected"), PULLED.items())
def test_where_a_pull_policy_comes_from(path: str, expected: tuple[int, str]) -> None:
    text, found = followed(path)
    lines = text.splitlines()
    there = {
        (text.count("\n", 0, start) + 1, ".".join(keys))
        for start, sources in found.printed.items()
        for keys in sources
        if "imagePullPolicy:" in lines[text.count("\n", 0, start)]
    }
    assert there == {expected}


@pytest.mark.parametrize(("path", "workload"), EVALUATED.items())
def test_what_goes_through_tpl(path: str, workload: str) -> None:
    names = {".".join(keys) for keys in followed(path)[1].evaluated}
    assert names == {f"Values.{whose}.{what}" for whose in ("global", workload) for what in ("env", "envFrom")}


@pytest.mark.parametrize("path", [*PULLED])
def test_the_one_object_of_a_template_is_found(path: str) -> None:
    text, _ = followed(path)
    kind = "CronJob" if path.endswith("cron-job.yaml") else "Deployment"
    (one,) = primitives(without_actions(text, scan(text)), {kind})
    assert text.startswith(f"kind: {kind}", one.start)
    assert one.policies == ()


def test_what_is_ignored_in_all_of_them() -> None:
    """One ApplicationSet lets revisions be; settings of Argo CD say what to refresh for, which hides nothing."""
    found = {}
    for path in files():
        try:
            ignored = read_ignores(path.read_bytes())
        except UnreadableFile:
            continue
        found.update({str(path.relative_to(CORPUS)): ignored} if ignored else {})
    ((where, (one,)),) = found.items()
    assert where == "akuity+kargo/hack/test/e2e/suites/argocd_update/testdata/argocd/argocd.yaml"
    assert (one.line, one.column, one.how, one.text) == (35, 7, How.JQ, ".spec.source.targetRevision")
    assert (one.group, one.kind) == ("argoproj.io", "Application")


def test_every_file_is_read_and_every_text_has_its_place() -> None:
    texts = 0
    for path in files():
        content = path.read_bytes()
        followed_text = content.decode()
        scanned = scan(followed_text)
        assert len(without_actions(followed_text, scanned)) == len(followed_text)
        Follower(named_templates([scanned])).follow(scanned.actions)
        lines = followed_text.splitlines()
        try:
            for one in read_texts(content, lambda _: False):
                line, column = one.at(one.value.index("{{"))
                texts += 1
                assert one.place.fixed is not None or lines[line - 1][column - 1 :].startswith("{{")
        except UnreadableFile:
            continue
    assert texts > 100

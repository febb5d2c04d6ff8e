"""What `bump check` says of pull policies in real manifests, checked by hand, and that no file makes it fail.

The files are no part of the repository: see `test_corpus`. Each expectation was read off its file, line by line.
"""

from collections.abc import Mapping

import pytest

from bot.policy import RULES
from tests.corpus.test_corpus import CORPUS, MISSING, files
from tests.policy.checking import checked

ARGO = "argoproj+argo-cd"
UPDATER = "argoproj-labs+argocd-image-updater"
FLUX = "fluxcd+image-automation-controller/internal"
# The lines at which `pull-policy` speaks; none where every container says how, or nothing can be known.
EXPECTED: Mapping[str, tuple[int, ...]] = {
    "akuity+kargo/hack/tilt/ui.yaml": (),  # Always, and no digest
    "akuity+kargo/pkg/server/testdata/analysistemplate.yaml": (17,),  # a Job in a metric
    f"{ARGO}/applicationset/examples/list-generator/guestbook/engineering-prod/guestbook-ui-deployment.yaml": (17,),
    f"{ARGO}/controller/testdata/live-deployment-env-vars.yaml": (),
    f"{ARGO}/controller/testdata/minimal-image-replicas-deployment.yaml": (19,),
    f"{ARGO}/examples/plugins/helm/argocd-repo-server-deployment-patch.yaml": (),  # a patch
    f"{ARGO}/gitops-engine/agent/manifests/install.yaml": (56, 69),
    f"{ARGO}/gitops-engine/pkg/diff/testdata/smd-deploy2-config.yaml": (23,),  # Never
    f"{ARGO}/gitops-engine/pkg/health/testdata/job-failed.yaml": (),
    f"{ARGO}/gitops-engine/pkg/health/testdata/pod-running-restart-always.yaml": (),  # an image in its status
    f"{ARGO}/manifests/base/application-controller/argocd-application-controller-statefulset.yaml": (),
    f"{ARGO}/manifests/base/repo-server/argocd-repo-server-deployment.yaml": (363,),  # an initContainer
    f"{ARGO}/manifests/ha/base/redis-ha/chart/upstream.yaml": (),
    f"{ARGO}/manifests/ha/namespace-install-with-hydrator.yaml": (3019,),
    f"{ARGO}/manifests/namespace-install.yaml": (1817,),
    f"{ARGO}/resource_customizations/apps.kruise.io/AdvancedCronJob/testdata/activeJobs.yaml": (14,),
    f"{ARGO}/resource_customizations/apps.kruise.io/BroadcastJob/testdata/succeeded.yaml": (10,),
    f"{ARGO}/resource_customizations/apps.kruise.io/CloneSet/testdata/healthy.yaml": (21,),
    f"{ARGO}/resource_customizations/apps.kruise.io/DaemonSet/testdata/degraded.yaml": (20,),
    f"{ARGO}/resource_customizations/apps.openshift.io/DeploymentConfig/testdata/degraded.yaml": (),  # Always, folded
    f"{ARGO}/resource_customizations/argoproj.io/AnalysisRun/testdata/terminatedAnalysisRun.yaml": (50,),
    f"{ARGO}/resource_customizations/argoproj.io/Experiment/testdata/failedExperiment.yaml": (24,),
    f"{ARGO}/resource_customizations/argoproj.io/Rollout/actions/testdata/aborted_rollout.yaml": (30,),
    f"{ARGO}/resource_customizations/argoproj.io/Rollout/actions/testdata/healthy_rollout.yaml": (),
    f"{ARGO}/resource_customizations/batch/CronJob/testdata/active.yaml": (),
    f"{ARGO}/resource_customizations/batch/Job/actions/testdata/suspended.yaml": (),
    f"{ARGO}/resource_customizations/core.strimzi.io/StrimziPodSet/actions/testdata/strimzi-pod-set.yaml": (),
    f"{ARGO}/resource_customizations/grafana.integreatly.org/Grafana/testdata/progressing.yaml": (24,),
    f"{ARGO}/resource_customizations/keda.sh/ScaledJob/actions/testdata/scaledjob-pause.yaml": (13,),
    f"{ARGO}/resource_customizations/keda.sh/ScaledJob/testdata/keda-degraded.yaml": (),
    # No container, but a disk that is pulled as one.
    f"{ARGO}/resource_customizations/kubevirt.io/VirtualMachineInstance/testdata/progressing_scheduling.yaml": (61,),
    # An object within an object within an object.
    f"{ARGO}/resource_customizations/policy.open-cluster-management.io/Policy/testdata/disabled_root.yaml": (45,),
    f"{ARGO}/resource_customizations/spot.io/SpotDeployment/testdata/invalid_spec_spotdeployment.yaml": (22,),
    f"{ARGO}/test/e2e/testdata/hook/hook.yaml": (),
    f"{ARGO}/util/helm/testdata/tests/templates/tests/test-pod.yaml": (10,),
    f"{UPDATER}/config/install.yaml": (1240,),
    f"{UPDATER}/test/e2e/suite/004-multiple-images/02-assert.yaml": (23, 24),
    f"{UPDATER}/test/ginkgo/prereqs/assets/registry.yaml": (46, 126),
    f"{UPDATER}/test/ginkgo/prereqs/containers/git/testdata/1-004-git-helm-test/helm/templates/deployment.yaml": (),
    "carvel-dev+kbld/examples/simple-app-build-local/build.yml": (16, 33),
    "carvel-dev+kbld/test/e2e/assets/minikube-local-registry.yml": (41,),  # in a file of four objects
    f"{FLUX}/policy/testdata/appconfig/deploy.yaml": (),  # no selector, so no Deployment of its own
    f"{FLUX}/update/testdata/setters/original/marked.yaml": (14, 16),
}


@pytest.mark.skipif(not files(), reason=MISSING)
@pytest.mark.parametrize(("name", "lines"), EXPECTED.items(), ids=EXPECTED)
def test_pull_policies_as_read_by_a_person(name: str, lines: tuple[int, ...]) -> None:
    verdict = checked({"env/staging/a.yaml": (CORPUS / name).read_bytes()})

    assert tuple(one.remark.line for one in verdict.findings if one.rule == "pull-policy") == lines


@pytest.mark.skipif(not files(), reason=MISSING)
def test_no_rule_fails_on_all_of_them_together() -> None:
    contents = {f"env/dev/{number}.yaml": path.read_bytes() for number, path in enumerate(files())}
    verdict = checked(contents, policy="{profile: strict, private_images: ['**']}")

    assert verdict.files == len(contents)
    assert {"pull-policy", "pull-secret"} <= {one.rule for one in verdict.findings} <= set(RULES)

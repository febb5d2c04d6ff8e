"""What users copy, run for every event that may call it, good and hostile; judged by the pull requests that result."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.doubles.github_api.apps import private_pem
from tests.doubles.github_api.double import GitHubDouble
from tests.doubles.registry.server import PASSWORD, RegistryServer
from tests.workflows.runner import CONFIG, ROOT, Workspace

BUMP = (ROOT / "examples/bump.yml").read_text()
CHECK = (ROOT / "examples/check.yml").read_text()
REPOSITORY = {"full_name": "acme/gitops", "name": "gitops", "default_branch": "main", "owner": {"login": "acme"}}
HOSTILE = '$(touch {0})`touch {0}`"; touch {0} #\n::add-mask::main\n##[add-mask]main\r::error::pwned'


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a runner keeps: the action is installed once, by the first job that needs it, of whichever process."""
    base = tmp_path_factory.getbasetemp()
    found = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "act"
    found.mkdir(exist_ok=True)
    return found


@pytest.fixture
def workspace(tmp_path: Path, registry: RegistryServer, cache: Path) -> Iterator[Workspace]:
    with GitHubDouble(tmp_path / "github") as double:
        yield Workspace(registry, double, tmp_path, cache)


def build(**changes: object) -> Mapping[str, object]:
    """The event of a build in the same repository that succeeded on main."""
    run = {
        "name": "build",
        "conclusion": "success",
        "event": "push",
        "head_branch": "main",
        "head_repository": {"full_name": "acme/gitops"},
        **changes,
    }
    return {"action": "completed", "workflow_run": run, "repository": REPOSITORY}


def dispatch(**inputs: str) -> Mapping[str, object]:
    """A person's; GitHub writes booleans as texts, too."""
    return {"inputs": inputs, "ref": "refs/heads/main", "repository": REPOSITORY}


def test_the_schedule_brings_every_environment_that_follows(workspace: Workspace) -> None:
    ran = workspace.run(BUMP, "schedule", {"schedule": "17,47 * * * *"})

    assert ran.code == 0, ran.log
    assert workspace.proposed == {"bump/dev": "bump[bot]", "bump/local": "bump[bot]"}
    assert PASSWORD not in ran.log


def test_a_person_may_ask_for_one_environment_and_an_app_writes(workspace: Workspace) -> None:
    app = workspace.double.install("acme/gitops")
    ran = workspace.run(
        BUMP,
        "workflow_dispatch",
        dispatch(environment="dev", **{"dry-run": "false"}),
        secrets={"BUMP_GITHUB_TOKEN": "", "BUMP_GITHUB_APP_PRIVATE_KEY": private_pem()},
        variables={"BUMP_GITHUB_APP_ID": app.id},
    )

    assert ran.code == 0, ran.log
    assert list(workspace.proposed) == ["bump/dev"]


def test_a_build_elsewhere_says_what_it_likes_and_everything_is_asked_anew(workspace: Workspace) -> None:
    mark = workspace.folder / "pwned"
    said = HOSTILE.format(mark)
    payload = {"action": said, "client_payload": {"image": said, said: "x"}, "repository": REPOSITORY}
    ran = workspace.run(BUMP, "repository_dispatch", payload)

    assert ran.code == 0, ran.log
    assert set(workspace.proposed) == {"bump/dev", "bump/local"}
    (line,) = [line for line in ran.log.splitlines() if "| dispatched as " in line]
    assert f"{mark}" in line
    assert line.endswith("; everything is asked anew")
    assert "[" not in line.partition("| ")[2]
    assert not mark.exists()


def test_a_build_of_this_repository_is_followed(workspace: Workspace) -> None:
    ran = workspace.run(BUMP, "workflow_run", build())

    assert ran.code == 0, ran.log
    assert set(workspace.proposed) == {"bump/dev", "bump/local"}


STRANGERS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a fork's branch of the same name": (
        "workflow_run",
        build(head_repository={"full_name": "mallory/gitops"}),
    ),
    "a build that failed": ("workflow_run", build(conclusion="failure")),
    "a build that was stopped": ("workflow_run", build(conclusion="cancelled")),
    "the build of a pull request": ("workflow_run", build(event="pull_request")),
    "the build of another branch": ("workflow_run", build(head_branch="feature")),
    "a branch that is called like a script": ("workflow_run", build(head_branch=HOSTILE)),
    "a dispatch on another ref": ("workflow_dispatch", {**dispatch(), "ref": "refs/heads/feature"}),
    "a dispatch on a tag that is called main": ("workflow_dispatch", {**dispatch(), "ref": "refs/tags/main"}),
    "a push elsewhere": ("push", {"ref": "refs/heads/feature", "repository": REPOSITORY}),
    "a pull request with secrets": (
        "pull_request_target",
        {
            "action": "opened",
            "number": 7,
            "pull_request": {
                "number": 7,
                "base": {"ref": "main"},
                "head": {"ref": "main", "repo": {"full_name": "mallory/gitops"}},
            },
            "repository": REPOSITORY,
        },
    ),
}


@pytest.mark.parametrize(("event", "payload"), STRANGERS.values(), ids=list(STRANGERS))
def test_nothing_runs_for(workspace: Workspace, event: str, payload: Mapping[str, object]) -> None:
    # a caller that lets in more than ours does: what is called must guard itself
    caller = BUMP.replace("on:\n", "on:\n  push:\n  pull_request_target:\n", 1)
    ran = workspace.run(caller, event, payload)

    assert ran.code == 0, ran.log
    assert workspace.double.requests == []
    assert "Run Main" not in ran.log  # not a single step
    assert workspace.proposed == {}


def test_a_name_that_is_a_script_names_no_environment(workspace: Workspace) -> None:
    mark = workspace.folder / "pwned"
    ran = workspace.run(BUMP, "workflow_dispatch", dispatch(environment=HOSTILE.format(mark)))

    assert ran.code == 1
    assert "::error title=bump::input environment: got '$(touch" in ran.log
    assert not mark.exists()
    assert (workspace.proposed, workspace.double.requests) == ({}, [])


def test_an_environment_that_does_not_follow_is_refused(workspace: Workspace) -> None:
    ran = workspace.run(BUMP, "workflow_dispatch", dispatch(environment="production"))

    assert ran.code == 1
    assert "no environment 'production' in config/environments.yaml; there are: dev, local" in ran.log


def test_a_dry_run_writes_nothing(workspace: Workspace) -> None:
    ran = workspace.run(BUMP, "workflow_dispatch", dispatch(environment="dev", **{"dry-run": "true"}))

    assert ran.code == 0, ran.log
    assert workspace.double.writes == []
    assert f"+ref: {workspace.registry.host}/acme/api@{workspace.new}" in ran.log


def test_a_secret_that_is_missing_is_named(workspace: Workspace) -> None:
    ran = workspace.run(BUMP, "workflow_dispatch", dispatch(environment="dev"), secrets={"BUMP_GITHUB_TOKEN": ""})

    assert ran.code == 1
    assert "::error title=bump::BUMP_GITHUB_TOKEN: set but empty; check the name of the secret" in ran.log
    assert workspace.proposed == {}


# ---- the gate ------------------------------------------------------------------------------------------------------


def opened(workspace: Workspace) -> Mapping[str, object]:
    """What GitHub sends for a new pull request onto main."""
    base = {"ref": "main", "sha": workspace.double.head("main")}
    return {
        "action": "opened",
        "number": 7,
        "pull_request": {"number": 7, "base": base, "head": {"ref": "change"}},
        "repository": REPOSITORY,
    }


def test_the_gate_is_green_without_any_secret(workspace: Workspace) -> None:
    ran = workspace.run(
        CHECK,
        "pull_request",
        opened(workspace),
        secrets={"GHCR_TOKEN": "", "BUMP_GITHUB_TOKEN": "", "GITHUB_TOKEN": ""},
    )

    assert ran.code == 0, ran.log
    assert "| config/environments.yaml: valid, 2 environments, 1 image rule" in ran.log
    assert "| All checks passed: 2 references in 2 files" in ran.log
    assert workspace.double.requests == []


def test_the_gate_is_red_at_a_reference_that_breaks_the_policy(workspace: Workspace) -> None:
    path = "env/dev/api.yaml"
    workspace.double.commit("change", {path: f"ref: {workspace.registry.host}/acme/api:main ##[add-mask]x\n".encode()})
    ran = workspace.run(CHECK, "pull_request", opened(workspace), secrets={"GITHUB_TOKEN": ""}, branch="change")

    assert ran.code == 1
    assert f"::error file={path},line=1,col=6,title=bump floating-tag::" in ran.log
    assert workspace.double.requests == []


def test_the_gate_is_red_at_the_line_and_runs_no_code_of_the_pull_request(workspace: Workspace) -> None:
    wrong = workspace.files()[CONFIG] + b"  '::add-mask::main': {paths: []}\n"
    line = wrong.count(b"\n")
    code = b"import os; os._exit(0)\n"
    strangers = dict.fromkeys(("bot/__init__.py", "bot/__main__.py", "httpx.py", "typing.py", "re.py"), code)
    behind = workspace.folder / "behind"  # a link in the place of the action, to what is not the pull request's
    behind.mkdir()
    strangers[".bump"] = str(behind).encode()
    workspace.double.commit("change", {CONFIG: wrong, **strangers}, links=frozenset({".bump"}))
    ran = workspace.run(CHECK, "pull_request", opened(workspace), branch="change")

    assert ran.code == 1
    assert f"::error file=config/environments.yaml,line={line},title=bump::" in ran.log
    assert list(behind.iterdir()) == []

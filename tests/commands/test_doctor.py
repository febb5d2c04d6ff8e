"""`bump doctor` on a checkout, GitHub's double and the real registry: what is said, and the exit code."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.builders import digest
from tests.commands.gitops import CONFIG
from tests.commands.terminal import Done, bump
from tests.doubles.github_api import ACTIONS, PERSON, Answer, GitHubDouble, on_operation
from tests.doubles.github_api.apps import private_pem
from tests.doubles.registry import PASSWORD, RegistryServer

API = "env/dev/api.yaml"
WORKFLOW = ".github/workflows/bump.yml"
BUMP = """\
on: {schedule: [{cron: "17 * * * *"}]}
concurrency: {group: bump, cancel-in-progress: false}
jobs:
  bump:
    permissions: {contents: write, pull-requests: write}
    env: {BUMP_GITHUB_TOKEN: x}
    steps: [{run: bump --env dev}]
"""
GATE = "on: pull_request\njobs: {gate: {steps: [{run: make}]}}\n"


def configuration(host: str, *, more: str = "") -> str:
    return (
        "version: 1\ngitops: {repository: acme/gitops}\n"
        f'registries: {{"{host}": {{token_env: BUMP_REGISTRY_TEST, username: bot}}{more}}}\n'
        f'images: [{{match: "{host}/acme/*"}}]\n'
        "environments:\n"
        "  dev: {paths: [env/dev/**], follow: main, pull_request: {auto_merge: {method: squash, by: github}}}\n"
        "  production: {paths: [env/production/**], promote_from: dev}\n"
    )


@pytest.fixture
def files(registry: RegistryServer) -> dict[str, str]:
    registry.push("acme/api", "main")
    pinned = f"ref: {registry.host}/acme/api@{digest('a')}\n"
    return {
        CONFIG: configuration(registry.host),
        API: pinned,
        "env/production/api.yaml": pinned,
        WORKFLOW: BUMP,
        ".github/workflows/ci.yml": GATE,
    }


@pytest.fixture
def double(tmp_path: Path, files: dict[str, str]) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path / "github") as made:
        made.settings.required_checks = frozenset({"gate"})
        made.seed({path: text.encode() for path, text in files.items()})
        yield made


@pytest.fixture
def checkout(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for path, text in files.items():
        write(folder, path, text)
    return folder


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def doctor(double: GitHubDouble, folder: Path, *more: str, **environ: str) -> Done:
    return run(double, folder, more, environ)


def run(
    double: GitHubDouble, folder: Path, more: Sequence[str], environ: Mapping[str, str], *, terminal: bool = False
) -> Done:
    given = {"GITHUB_API_URL": double.url, "BUMP_GITHUB_TOKEN": PERSON, "BUMP_REGISTRY_TEST": PASSWORD, **environ}
    set_ = {name: value for name, value in given.items() if value}
    return bump("doctor", *more, folder=folder, environ=set_, terminal=terminal)


def found(done: Done) -> dict[str, list[str]]:
    """The verdicts other than ok, with what they say."""
    result: dict[str, list[str]] = {}
    for one in json.loads(done.out)["checks"]:
        if one["verdict"] != "ok":
            text = f"{one['verdict']}: {one['subject'] or ''}: {one['message']} → {one['fix']}"
            result.setdefault(one["name"], []).append(text)
    return result


@pytest.fixture
def classic(double: GitHubDouble) -> str:
    """A classic token by its looks, so that its scopes count."""
    double.tokens["ghp_person"] = double.tokens[PERSON]
    return "ghp_person"


def test_all_well(double: GitHubDouble, checkout: Path, classic: str, registry: RegistryServer) -> None:
    done = doctor(double, checkout, BUMP_GITHUB_TOKEN=classic)
    assert (done.code, done.err) == (0, "")
    host = registry.host
    assert done.out == (
        "Configuration\n"
        "  ✓ configuration  config/environments.yaml: valid, 2 environments\n"
        "  ✓ configuration-on-base  config/environments.yaml: the same on main\n"
        "  ✓ paths  dev: 1 pin in 1 file, 1 of them following main\n"
        "  ✓ paths  production: 1 pin in 1 file\n"
        "\nRegistries\n"
        f"  ✓ registry  {host}: read {host}/acme/api with the credential from BUMP_REGISTRY_TEST\n"
        "\nGitHub\n"
        "  ✓ git-credential  BUMP_GITHUB_TOKEN: a classic token\n"
        "  ✓ repository  acme/gitops: there, with the base branch main\n"
        "  ✓ write-permission  acme/gitops: may push and open pull requests (role WRITE, scope repo)\n"
        "  ✓ actions-pull-requests  'Allow GitHub Actions to create and approve pull requests' is ticked\n"
        "  ✓ branch-rules  bump/dev: no ruleset keeps bump from its branch\n"
        "  ✓ branch-rules  bump/promote/production: no ruleset keeps bump from its branch\n"
        "\nMerging\n"
        "  ✓ auto-merge  dev: GitHub merges by squash, which the repository allows\n"
        "  ✓ auto-merge  production: a person merges (no auto_merge)\n"
        "  ✓ required-checks  dev: a merge waits for gate\n"
        "  ✓ code-owners  dev: base demands no review by code owners\n"
        "  ✓ bypass  dev: nothing that auto-merge would have to bypass\n"
        "\nWorkflows\n"
        "  ✓ bump-workflow  bump runs in .github/workflows/bump.yml\n"
        "  ✓ workflow-permissions  .github/workflows/bump.yml:5 bump: "
        "writes with a credential of its own, not with GITHUB_TOKEN\n"
        "  ✓ concurrency  .github/workflows/bump.yml:5 bump: one run at a time in the group bump\n"
        "  ✓ path-filter  gate: made for every pull request by .github/workflows/ci.yml\n"
        "\nOther writers\n"
        "  ✓ second-workflow  no other workflow in the checkout writes these files\n"
        "  ✓ kargo  no Stage in the checkout writes these files\n"
        "  ✓ image-updater  no annotation and no ImageUpdater in the checkout names an image of yours\n"
        "  ✓ flux  no $imagepolicy marker stands in these files\n"
        "  ✓ renovate  no configuration of Renovate in the checkout\n"
        "  ✓ dependabot  no configuration of Dependabot in the checkout\n"
        "\n26 ok, 0 wrong, 0 cannot tell\n"
    )
    tokens = [one for one in registry.exchanges if one.path.startswith("/token")]
    assert len(tokens) == 1
    assert double.writes == []
    assert len(double.requests) <= 7


def test_what_is_wrong_has_its_fix_below_and_the_exit_code_says_so(
    double: GitHubDouble, checkout: Path, classic: str
) -> None:
    double.settings.auto_merge = False
    write(checkout, "renovate.json", "{}")
    write(checkout, "env/dev/values.yaml", (checkout / API).read_text())
    done = doctor(double, checkout, "--env", "dev", BUMP_GITHUB_TOKEN=classic)
    assert done.code == 2
    assert (
        "  ✗ auto-merge  dev: auto-merge is off in this repository\n"
        "      → tick 'Allow auto-merge' in Settings, General, Pull Requests, or set auto_merge: none\n"
    ) in done.out
    assert "  ✗ renovate  renovate.json: Renovate's manager helm-values reads env/dev/values.yaml\n" in done.out
    assert "production" not in done.out
    assert done.out.endswith(" ok, 2 wrong, 0 cannot tell\n")


def test_on_a_terminal_lines_are_wrapped_under_themselves(double: GitHubDouble, checkout: Path, classic: str) -> None:
    double.settings.auto_merge = False
    done = run(double, checkout, (), {"BUMP_GITHUB_TOKEN": classic, "COLUMNS": "60"}, terminal=True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", done.out)
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert "\n      → tick 'Allow auto-merge'" in shown
    plain = " ".join(shown.split())
    assert "✗ auto-merge dev: auto-merge is off in this repository → tick 'Allow auto-merge' in Settings" in plain


def test_a_program_gets_every_check(double: GitHubDouble, checkout: Path, classic: str) -> None:
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    document = json.loads(done.out)
    assert (document["version"], document["command"], len(document["checks"])) == (1, "doctor", 26)
    assert document["checks"][0] == {
        "group": "configuration",
        "name": "configuration",
        "verdict": "ok",
        "subject": "config/environments.yaml",
        "message": "valid, 2 environments",
        "fix": None,
    }


# ---- credentials -----------------------------------------------------------------------------------------------------


def test_without_a_git_credential_the_rest_is_looked_at(double: GitHubDouble, checkout: Path) -> None:
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN="")
    assert done.code == 2
    says = found(done)
    assert says["git-credential"][0].startswith("wrong: : no Git credential → set BUMP_GITHUB_TOKEN, or ")
    assert says["repository"] == [
        "cannot-tell: : not asked, because the Git credential does not serve → mend that first"
    ]
    merging = {"auto-merge", "required-checks", "code-owners", "bypass"}
    assert set(says) == {"git-credential", "repository", "path-filter", *merging}
    assert double.requests == []


def test_a_credential_that_is_refused(double: GitHubDouble, checkout: Path) -> None:
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN="ghp_expired")
    assert done.code == 2
    assert "ghp_expired" not in done.out + done.err
    (one,) = found(done)["git-credential"]
    assert one == (
        "wrong: : BUMP_GITHUB_TOKEN: GitHub refused it (Bad credentials) → it may have expired or been revoked: "
        "make a new one"
    )


def test_an_app(double: GitHubDouble, checkout: Path) -> None:
    app = double.install("acme/gitops")
    environ = {"BUMP_GITHUB_APP_ID": "4711", "BUMP_GITHUB_APP_PRIVATE_KEY": private_pem(), "BUMP_GITHUB_TOKEN": ""}
    done = doctor(double, checkout, "--format", "json", **environ)
    assert (done.code, found(done)) == (0, {})
    app.permissions = {"contents": "read", "metadata": "read"}
    (one,) = found(doctor(double, checkout, "--format", "json", **environ))["git-credential"]
    assert one.startswith(
        "wrong: : acme/gitops: the App 4711 may not do enough there → give the App 'Contents: read and"
    )


def test_the_workflows_own_token(double: GitHubDouble, checkout: Path) -> None:
    double.settings.actions_may_open_pull_requests = False
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/gitops", "GITHUB_TOKEN": ACTIONS}
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN="", **environ)
    says = found(done)
    assert done.code == 2
    assert "so auto-merge of dev never sees its checks → set BUMP_GITHUB_TOKEN" in says["git-credential"][0]
    assert says["write-permission"][0].startswith("cannot-tell: ")
    assert "Resource not accessible by integration" in says["actions-pull-requests"][0]


def test_a_registry_credential_that_is_missing_and_one_that_is_refused(
    double: GitHubDouble, checkout: Path, classic: str, registry: RegistryServer
) -> None:
    json_ = ("--format", "json")
    done = doctor(double, checkout, *json_, BUMP_GITHUB_TOKEN=classic, BUMP_REGISTRY_TEST="")
    assert done.code == 2
    (one,) = found(done)["registry"]
    assert "BUMP_REGISTRY_TEST is empty or not set → set it, or remove token_env" in one
    done = doctor(double, checkout, *json_, BUMP_GITHUB_TOKEN=classic, BUMP_REGISTRY_TEST="wrong-password")
    assert (done.code, "wrong-password" in done.out) == (2, False)
    (one,) = found(done)["registry"]
    assert f"{registry.host}/acme/api: access denied with the credential from BUMP_REGISTRY_TEST: 403" in one


def test_a_tag_that_is_missing_says_that_the_registry_can_be_read(
    double: GitHubDouble, checkout: Path, classic: str, registry: RegistryServer
) -> None:
    text = configuration(registry.host).replace("follow: main", "follow: not-pushed-yet")
    write(checkout, CONFIG, text)
    double.seed({CONFIG: text.encode()})
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert (done.code, found(done)) == (0, {})


def test_where_no_channel_is_followed_the_digest_is_asked_for(
    double: GitHubDouble, checkout: Path, classic: str, registry: RegistryServer
) -> None:
    registry.forget()
    done = doctor(double, checkout, "--env", "production", "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert (done.code, found(done)) == (0, {})
    assert [one.path for one in registry.exchanges if one.status == 404] == [f"/v2/acme/api/manifests/{digest('a')}"]


def test_a_registry_without_an_image_and_one_that_is_down(
    double: GitHubDouble, checkout: Path, classic: str, registry: RegistryServer
) -> None:
    write(checkout, CONFIG, configuration(registry.host, more=', "127.0.0.1:9": {insecure: true}'))
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert "no image of it is pinned here" in found(done)["registry"][0]
    write(checkout, CONFIG, configuration("127.0.0.1:9"))
    write(checkout, API, f"ref: 127.0.0.1:9/acme/api@{digest('a')}\n")
    write(checkout, "env/production/api.yaml", "a: 1\n")
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert done.code == 3
    assert found(done)["registry"][0].startswith("cannot-tell: 127.0.0.1:9: ")


def test_a_certificate_that_is_not_there(double: GitHubDouble, checkout: Path, classic: str) -> None:
    write(checkout, CONFIG, configuration("registry.corp").replace("username: bot", "ca_file: certs/ca.pem"))
    done = doctor(double, checkout, "--env", "dev", "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert done.code == 2
    assert "certs/ca.pem holds no certificates that can be read → correct it" in found(done)["registry"][0]


# ---- what else may be wrong ------------------------------------------------------------------------------------------


def test_a_configuration_that_is_wrong_is_told_line_by_line(double: GitHubDouble, checkout: Path) -> None:
    write(checkout, CONFIG, "version: 1\nimage: []\nenvironments: {dev: {path: []}}\n")
    subprocess.run(
        ["git", "-C", str(checkout), "remote", "add", "origin", "https://github.com/acme/gitops"], check=True
    )
    done = doctor(double, checkout, "--format", "json")
    assert done.code == 2
    says = found(done)
    assert len(says["configuration"]) >= 2
    assert all(one.startswith("wrong: : config/environments.yaml:") for one in says["configuration"])
    assert "repository" not in says


def test_paths_that_match_nothing_and_files_that_cannot_be_read(
    double: GitHubDouble, checkout: Path, classic: str
) -> None:
    (checkout / "env/production/api.yaml").unlink()
    for number in range(7):
        write(checkout, f"env/dev/bad{number}.yaml", "acme: [")
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    says = found(done)["paths"]
    assert done.code == 2
    assert len(says) == 7
    assert "bad0.yaml:1: not YAML" in says[0]
    assert "2 more files cannot be read" in says[5]
    assert "'env/production/**' matches no .yaml or .yml file → correct it, or take it out" in says[6]


def test_an_environment_that_follows_and_has_no_pin_that_moves(
    double: GitHubDouble, checkout: Path, classic: str
) -> None:
    write(checkout, API, "image: quay.io/other/api:main\n")
    done = doctor(double, checkout, "--env", "dev", "--format", "json", BUMP_GITHUB_TOKEN=classic)
    (one,) = found(done)["paths"]
    assert one.startswith("wrong: dev: follows main, and of 0 pins none moves → `bump pins --env dev` says why")


def test_a_configuration_that_is_not_the_one_on_base(double: GitHubDouble, checkout: Path, classic: str) -> None:
    write(checkout, CONFIG, (checkout / CONFIG).read_text() + "# mine\n")
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert (done.code, list(found(done))) == (0, ["configuration-on-base"])
    double.seed({"x": b""})
    double.commit("main", {CONFIG: None})
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert (done.code, list(found(done))) == (2, ["configuration-on-base"])


def test_github_that_does_not_answer(double: GitHubDouble, checkout: Path, classic: str) -> None:
    double.faults = on_operation("graphql:repository", Answer(status=502, body={"message": "Bad gateway"}))
    done = doctor(double, checkout, "--format", "json", BUMP_GITHUB_TOKEN=classic)
    assert done.code == 3
    assert "Bad gateway" in found(done)["repository"][0]


def test_a_repository_that_nobody_names(double: GitHubDouble, checkout: Path, registry: RegistryServer) -> None:
    write(checkout, CONFIG, configuration(registry.host).replace("gitops: {repository: acme/gitops}\n", ""))
    done = doctor(double, checkout, "--format", "json")
    says = found(done)
    assert done.code == 2
    assert "no remote origin here → set gitops.repository" in says["repository"][0]
    assert says["git-credential"][0].startswith("cannot-tell: ")


def test_an_environment_that_there_is_not(double: GitHubDouble, checkout: Path) -> None:
    done = doctor(double, checkout, "--env", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "no environment 'nowhere'" in done.err


def test_hostile_files_do_no_harm_and_reach_no_terminal(double: GitHubDouble, checkout: Path, classic: str) -> None:
    nasty = "\x1b[31mred\x07"
    stage = 'apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {name: "a\\e[31mb\\x07"}\n'
    stage += "spec: {promotionMechanisms: {a: b}}\n"
    write(checkout, "kargo/stage.yaml", stage)
    write(checkout, "kargo/bomb.yaml", "# kargo.akuity.io/\n" + "x: [" * 5000)
    write(checkout, "kargo/odd.yaml", f"# argocd-image-updater.argoproj.io/ {nasty}\n")
    (checkout / "kargo/link.yaml").symlink_to("/etc/passwd")
    (checkout / "renovate.json").symlink_to("/etc/passwd")
    (checkout / ".github/workflows/bytes.yml").write_bytes(b"\xff\xfe\x00jobs")
    done = doctor(double, checkout, BUMP_GITHUB_TOKEN=classic)
    assert done.code == 0, done.out
    assert not any(char in done.out for char in "\x1b\x07")
    assert "? kargo  kargo/bomb.yaml: speaks of kargo.akuity.io, and cannot be read (nested deeper" in done.out
    assert "the Stage a [31mb promotes" in done.out or "the Stage a[31mb promotes" in done.out
    assert "? bump-workflow  .github/workflows/bytes.yml: cannot be read: UTF-16" in done.out

"""The main job as a user runs it: a real registry with Bearer tokens, real git, and the double of GitHub."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.image import Digest
from bot.proposal.record import Record
from tests.commands.terminal import Done
from tests.commands.terminal import bump as run
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.github_api.wire import Answer, Request
from tests.doubles.registry.server import PASSWORD, RegistryServer

CONFIG = "config/environments.yaml"
SHAPES = {
    "api": "# the API\nimage:\n  ref: {host}/acme/api@{digest} # moved by bump\n",
    "web": "image:\n  digest: '{digest}'\n  pullPolicy: IfNotPresent\n  repository: {host}/acme/web\n",
    "jobs": 'jobs: [{{repository: {host}/acme/jobs, tag: "1f3c9ab@{digest}"}}]\n',
}
LABELS = {
    "org.opencontainers.image.revision": "1f3c9ab0" * 5,
    "org.opencontainers.image.source": "https://github.com/acme/api",
}


@dataclass
class World:
    """A registry with images, GitHub with the GitOps repository, and a checkout of it."""

    registry: RegistryServer
    double: GitHubDouble
    checkout: Path

    def push(self, name: str, build: str, **more: object) -> Digest:
        return self.registry.push(f"acme/{name}", "main", seed=build, labels=LABELS, **more).digest  # type: ignore[arg-type]

    def seed(self, digests: dict[str, Digest], envs: tuple[str, ...] = ("dev",)) -> None:
        host = self.registry.host
        environments = "".join(f"  {env}: {{paths: [env/{env}/**], follow: main}}\n" for env in envs)
        configuration = (
            "version: 1\ngitops: {repository: acme/gitops, base: main}\n"
            f'registries: {{"{host}": {{token_env: BUMP_REGISTRY_TEST, username: bot}}}}\n'
            f'images: [{{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
            f"environments:\n{environments}"
        )
        files = {CONFIG: configuration.encode()}
        for env in envs:
            for name, digest in digests.items():
                files[f"env/{env}/{name}.yaml"] = SHAPES[name].format(host=host, digest=digest).encode()
        self.double.seed(files)
        clone = ["git", "clone", "--quiet", self.double.clone_url, str(self.checkout)]
        subprocess.run(clone, check=True, capture_output=True)

    def bump(self, *arguments: str, **environ: str) -> Done:
        given = {
            "GITHUB_API_URL": self.double.url,
            "BUMP_GITHUB_TOKEN": ACTIONS,
            "BUMP_REGISTRY_TEST": PASSWORD,
            **environ,
        }
        return run(*arguments, folder=self.checkout, environ=given)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", self.checkout, *arguments], check=True, capture_output=True, text=True)
        return done.stdout


@pytest.fixture
def world(tmp_path: Path, registry: RegistryServer) -> Iterator[World]:
    with GitHubDouble(tmp_path / "github") as double:
        yield World(registry, double, tmp_path / "checkout")


def columns(done: Done) -> list[list[str]]:
    return [line.split("\t") for line in done.out.splitlines()]


def test_from_a_new_build_to_the_merge(world: World) -> None:
    old = {name: world.push(name, "1") for name in SHAPES}
    world.seed(old)
    new = {name: world.push(name, "2") for name in SHAPES}

    created = world.bump("--env", "dev")
    assert created.code == 0, created.err
    *images, pull = columns(created)
    assert images == [
        [
            "dev",
            "updated",
            f"{world.registry.host}/acme/{name}",
            str(old[name]),
            str(new[name]),
            "linux/amd64 linux/arm64",
        ]
        for name in sorted(SHAPES)
    ]
    assert pull == ["dev", "pull-request", "created", "bump/dev", world.double.head("bump/dev"), pull[5]]
    for name, shape in SHAPES.items():
        text = shape.format(host=world.registry.host, digest=new[name]).encode()
        assert world.double.read("bump/dev", f"env/dev/{name}.yaml") == text

    assert columns(world.bump("--env", "dev"))[-1][2] == "unchanged"

    newer = world.push("api", "3")
    assert columns(world.bump("--env", "dev"))[-1][2] == "updated"
    assert str(newer).encode() in world.double.read("bump/dev", "env/dev/api.yaml")
    assert len(world.double.pulls) == 1

    world.double.merge(1)
    world.double.delete_branch("bump/dev")
    world.double.requests.clear()
    after = world.bump("--env", "dev")
    assert (after.code, columns(after)[-1][2]) == (0, "none")
    assert world.double.writes == []


def test_the_result_for_programs(world: World) -> None:
    old = {"api": world.push("api", "1")}
    world.seed(old)
    new = world.push("api", "2")

    done = world.bump("--env", "dev", "--format", "json")

    (environment,) = json.loads(done.out)["environments"]
    (updated,) = environment["updated"]
    assert environment["name"] == "dev"
    assert environment["commit"] == world.double.head("main")
    assert (updated["channel"], updated["new"], updated["order"]) == ("main", str(new), "unverifiable")
    assert updated["platforms"] == ["linux/amd64", "linux/arm64"]
    (pin,) = updated["pins"]
    assert (pin["path"], pin["line"], pin["key"], pin["old"]) == ("env/dev/api.yaml", 3, "image.ref", str(old["api"]))
    assert pin["new_text"] == f"{world.registry.host}/acme/api@{new}"
    assert updated["source"]["new_revision"] == LABELS["org.opencontainers.image.revision"]
    assert environment["pull_request"]["action"] == "created"
    assert environment["pull_request"]["head"] == world.double.head("bump/dev")


def test_an_image_that_lost_arm64_is_refused_and_the_others_go_on(world: World) -> None:
    world.seed({name: world.push(name, "1") for name in SHAPES})
    world.push("api", "2", platforms=("linux/amd64",))
    world.push("web", "2")

    done = world.bump("--env", "dev")

    assert done.code == 1
    outcomes = {row[2].rpartition("/")[2]: row for row in columns(done)[:-1]}
    assert outcomes["api"][1] == "failed"
    assert "platform-missing: " in outcomes["api"][5]
    assert "no linux/arm64 in the index (has linux/amd64)" in outcomes["api"][5]
    assert outcomes["web"][1] == "updated"
    assert outcomes["jobs"][1] == "up-to-date"
    assert "platform-missing" in world.double.pull(1).body


def test_an_older_commit_is_held_by_what_its_source_says(world: World) -> None:
    world.double.add_repository("acme/api")
    commits = [world.double.seed({"main.py": text}, repository="acme/api") for text in (b"1", b"2", b"3")]
    server = world.double.url.removeprefix("http://")

    def push(number: int) -> Digest:
        labels = {**LABELS, "org.opencontainers.image.source": f"https://{server}/acme/api"}
        labels["org.opencontainers.image.revision"] = commits[number]
        return world.registry.push("acme/api", "main", seed=str(number), labels=labels).digest

    world.seed({"api": push(1)})
    text = world.double.read("main", CONFIG).replace(b"platforms:", f'source: "{server}/acme/*", platforms:'.encode())
    world.double.seed({CONFIG: text})

    push(0)
    held = world.bump("--env", "dev")
    push(2)
    gone = world.bump("--env", "dev", "--format", "json")

    assert (held.code, columns(held)[0][1]) == (1, "held")
    assert f"backwards: {world.registry.host}/acme/api:main: " in columns(held)[0][5]
    assert f"was built from {commits[0][:12]}, which is behind {commits[1][:12]} of " in columns(held)[0][5]
    (updated,) = json.loads(gone.out)["environments"][0]["updated"]
    assert (updated["order"], updated["source"]["commits"]) == ("ahead", 1)
    assert updated["source"]["compare_url"] == f"https://{server}/acme/api/compare/{commits[1]}...{commits[2]}"
    assert " · +1 commit · amd64 arm64" in world.double.pull(1).body


def test_a_registry_that_is_away_is_exit_code_3(world: World) -> None:
    world.seed({"api": Digest.of(b"old")})
    host = world.registry.host
    text = world.double.read("main", CONFIG).replace(host.encode(), b"127.0.0.1:9")
    pin = world.double.read("main", "env/dev/api.yaml").replace(host.encode(), b"127.0.0.1:9")
    world.double.seed({CONFIG: text, "env/dev/api.yaml": pin})

    done = world.bump("--env", "dev")

    assert done.code == 3
    assert columns(done)[0][1] == "failed"
    assert world.double.pulls == []


def test_several_environments_have_a_pull_request_each(world: World) -> None:
    world.seed({"api": world.push("api", "1")}, envs=("dev", "local"))
    world.push("api", "2")

    done = world.bump("--env", "dev", "--env", "local", "--env", "dev")

    assert done.code == 0
    assert [pull.head_branch for pull in world.double.pulls] == ["bump/dev", "bump/local"]
    assert _changed(world, "bump/dev") == {"env/dev/api.yaml"}
    assert _changed(world, "bump/local") == {"env/local/api.yaml"}


def test_one_wrong_environment_does_not_stop_the_others(world: World) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")

    done = world.bump("--env", "nope", "--env", "dev")

    assert done.code == 2
    assert [pull.head_branch for pull in world.double.pulls] == ["bump/dev"]
    assert "no environment 'nope'" in done.err


def test_what_counts_is_base_not_the_files_here(world: World) -> None:
    world.seed({"api": world.push("api", "1"), "web": world.push("web", "1")}, envs=("dev", "local"))
    new = world.push("api", "2")
    mine = world.checkout / "env/dev/api.yaml"
    mine.write_text("a: local change\n")
    (world.checkout / "env/dev/web.yaml").unlink()

    done = world.bump("--env", "dev", "--env", "local", "--env", "dev")

    assert done.code == 0
    assert mine.read_text() == "a: local change\n"
    assert done.err.count("ignored") == 1
    assert "1 file here differs from main, and is ignored: env/dev/api.yaml" in done.err
    assert str(new).encode() in world.double.read("bump/dev", "env/dev/api.yaml")

    for name in "abcd":
        (world.checkout / f"env/local/{name}.yaml").write_text("# mine\n")
        world.double.seed({f"env/local/{name}.yaml": b"# theirs\n"})
    many = world.bump("--env", "dev", "--env", "local")
    names = "env/dev/api.yaml, env/local/a.yaml, env/local/b.yaml and 2 more"
    assert f"5 files here differ from main, and are ignored: {names}" in many.err


def test_without_a_checkout_nothing_here_is_looked_at(world: World) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")
    shutil.rmtree(world.checkout / ".git")
    (world.checkout / "env/dev/api.yaml").write_text("a: of something else\n")

    done = world.bump("--env", "dev")

    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("here", ["missing", "without base", "another base"])
@pytest.mark.parametrize("into", ["pull-request", "branch"])
def test_a_base_that_its_own_configuration_does_not_name_is_not_taken(world: World, into: str, here: str) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")
    text = (world.checkout / CONFIG).read_text()
    world.double.seed({CONFIG: text.replace("base: main", "base: release").encode()})
    world.git("pull", "--quiet")
    if here == "missing":
        (world.checkout / CONFIG).unlink()
    else:
        (world.checkout / CONFIG).write_text(text.replace(", base: main", "") if here == "without base" else text)

    done = world.bump("--env", "dev", "--into", into, GITHUB_REPOSITORY="acme/gitops")

    assert done.code == 2
    assert f"{CONFIG}: on main it says gitops.base: release" in done.err
    assert world.double.writes == []
    assert world.git("branch", "--list", "bump/*") == ""


def test_a_repository_that_its_own_configuration_does_not_name_is_not_taken(world: World) -> None:
    world.seed({"api": world.push("api", "1")})
    text = world.double.read("main", CONFIG)
    world.double.seed({CONFIG: text.replace(b"acme/gitops", b"acme/other")})

    done = world.bump("--env", "dev")

    assert done.code == 2
    assert f"{CONFIG}: on main it says gitops.repository: acme/other, and this run is on acme/gitops" in done.err
    world.double.seed({CONFIG: text.replace(b"acme/gitops", b"Acme/GitOps")})
    assert world.bump("--env", "dev").code == 0


@pytest.mark.parametrize("into", ["pull-request", "branch", "files"])
def test_a_configuration_here_that_is_wrong_stops_the_run(world: World, into: str) -> None:
    world.seed({"api": world.push("api", "1")})
    (world.checkout / CONFIG).write_text("version: 1\ngitops: {bsae: release}\n")

    done = world.bump("--env", "dev", "--into", into)

    assert (done.code, done.out) == (2, "")
    assert "bsae" in done.err
    assert world.double.requests == []


def test_a_configuration_that_is_not_here_is_read_from_base(world: World) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")
    shutil.rmtree(world.checkout / "config")
    (world.checkout / "config").write_text("a file where the folder was\n")

    done = world.bump("--env", "dev", GITHUB_REPOSITORY="acme/gitops")

    assert done.code == 0, done.err
    assert [pull.base_branch for pull in world.double.pulls] == ["main"]


def test_into_branch_touches_neither_head_nor_index_nor_files(world: World) -> None:
    world.seed({"api": world.push("api", "1"), "web": world.push("web", "1")})
    new = world.push("api", "2")
    (world.checkout / "staged.txt").write_text("mine\n")
    world.git("add", "staged.txt")
    (world.checkout / "env/dev/web.yaml").write_text("changed: here\n")
    before = _state(world)

    created = world.bump("--env", "dev", "--into", "branch")

    assert columns(created)[-1][2:4] == ["created", "bump/dev"]
    assert _state(world) == before
    assert str(new) in world.git("show", "bump/dev:env/dev/api.yaml")
    assert world.git("diff", "--name-only", "main", "bump/dev").split() == ["env/dev/api.yaml"]
    assert Record.parse(world.git("log", "-1", "--format=%B", "bump/dev")) is not None
    assert world.double.requests == []

    assert columns(world.bump("--env", "dev", "--into", "branch"))[-1][2] == "unchanged"
    world.push("api", "3")
    assert columns(world.bump("--env", "dev", "--into", "branch"))[-1][2] == "updated"
    world.push("api", "1")
    assert columns(world.bump("--env", "dev", "--into", "branch"))[-1][2] == "closed"
    assert world.git("branch", "--list", "bump/dev") == ""


def test_into_branch_leaves_a_persons_branch_alone(world: World) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")
    world.git("branch", "bump/dev")
    tip = world.git("rev-parse", "bump/dev")

    done = world.bump("--env", "dev", "--into", "branch")

    assert done.code == 1
    assert columns(done)[-1][2] == "blocked"
    assert world.git("rev-parse", "bump/dev") == tip


def test_into_files_changes_the_files_here(world: World) -> None:
    world.seed({"api": world.push("api", "1"), "web": world.push("web", "1")})
    new = world.push("web", "2")
    (world.checkout / "env/dev/web.yaml").chmod(0o750)

    done = world.bump("--env", "dev", "--into", "files", BUMP_GITHUB_TOKEN="")

    assert done.code == 0, done.err
    assert (world.checkout / "env/dev/web.yaml").read_text() == SHAPES["web"].format(
        host=world.registry.host, digest=new
    )
    assert (world.checkout / "env/dev/web.yaml").stat().st_mode & 0o777 == 0o750
    assert world.git("status", "--porcelain").split() == ["M", "env/dev/web.yaml"]


@pytest.mark.parametrize("into", ["pull-request", "branch", "files"])
def test_a_dry_run_shows_plan_diff_and_body_and_writes_nowhere(world: World, into: str) -> None:
    world.seed({"api": world.push("api", "1")})
    new = world.push("api", "2")

    done = world.bump("--env", "dev", "--dry-run", "--into", into)

    assert done.code == 0
    assert f"+  ref: {world.registry.host}/acme/api@{new} # moved by bump" in done.out
    assert "<details><summary>" in done.out
    assert world.double.writes == []
    assert world.git("status", "--porcelain") + world.git("branch", "--list", "bump/*") == ""


def test_image_narrows_the_run(world: World) -> None:
    world.seed({name: world.push(name, "1") for name in SHAPES})
    for name in SHAPES:
        world.push(name, "2")

    world.bump("--env", "dev", "--image", "w*")

    assert _changed(world, "bump/dev") == {"env/dev/web.yaml"}


def test_resolve_shows_what_a_reference_means(world: World) -> None:
    pushed = world.registry.push("acme/api", "main", labels=LABELS)
    world.seed({"api": pushed.digest})

    reference = f"{world.registry.host}/acme/api:main"
    done = world.bump("resolve", reference, "--platform", "linux/arm64", "--format", "json")

    shown = json.loads(done.out)
    assert shown["digest"] == str(pushed.digest)
    assert [one["platform"] for one in shown["platforms"]] == ["linux/amd64", "linux/arm64"]
    assert shown["labels"]["revision"] == LABELS["org.opencontainers.image.revision"]
    assert shown["credential"] == "BUMP_REGISTRY_TEST"
    text = world.bump("resolve", f"{world.registry.host}/acme/api@{pushed.digest}")
    assert f"digest\t{pushed.digest}\n" in text.out
    environ = {"BUMP_REGISTRY_TEST": PASSWORD}
    seen = run("resolve", reference, folder=world.checkout, environ=environ, terminal=True)
    rows = [re.split("  +", line) for line in seen.out.splitlines()]
    assert "\t" not in seen.out
    assert ["digest", str(pushed.digest)] in rows
    assert ["platform", *(shown["platforms"][1][key] for key in ("platform", "digest"))] in [row[:3] for row in rows]
    assert len({re.match(r"\w+( \w+)? +", line).end() for line in seen.out.splitlines()}) == 1  # type: ignore[union-attr]
    missing = world.bump("resolve", reference, "--platform", "linux/s390x")
    assert missing.code == 1
    assert "no linux/s390x" in missing.err
    assert world.bump("resolve", f"{world.registry.host}/acme/api:nope").code == 1


def test_500_unchanged_images_cost_one_request_each(world: World) -> None:
    host = world.registry.host
    digests = {f"i{number}": world.registry.push_single(f"acme/i{number}", "main") for number in range(500)}
    world.seed({})
    world.double.seed(
        {f"env/dev/{name}.yaml": f"ref: {host}/acme/{name}@{digest}\n".encode() for name, digest in digests.items()}
    )
    world.git("pull", "--quiet")
    world.registry.forget()
    world.double.requests.clear()

    done = world.bump("--env", "dev")

    assert done.code == 0
    assert len(columns(done)) == 501
    heads = [one for one in world.registry.exchanges if "/manifests/" in one.path]
    assert {one.method for one in heads} == {"HEAD"}
    # One is answered 401, and tells where tokens are had; at ghcr.io that is known, and no such question is asked.
    assert [len(heads), sum(one.status == 200 for one in heads)] == [501, 500]
    assert len(world.registry.exchanges) - len(heads) == 500  # a token for each repository
    assert world.double.writes == []
    assert len(world.double.requests) <= 4


@pytest.mark.parametrize("token", [pytest.param(ACTIONS, id="good"), pytest.param("refused-by-github", id="refused")])
@pytest.mark.parametrize("password", [PASSWORD, "wrong-registry-password"])
def test_no_secret_in_any_output(world: World, token: str, password: str) -> None:
    world.seed({name: world.push(name, "1") for name in SHAPES})
    world.push("api", "2")
    world.push("web", "2", platforms=("linux/amd64",))

    environ = {"BUMP_GITHUB_TOKEN": token, "BUMP_REGISTRY_TEST": password}
    for more in ([], ["--log-format", "json"], ["--into", "files"]):
        done = world.bump("--env", "dev", "-v", "-v", *more, **environ)
        told = done.out + done.err + "".join(pull.body for pull in world.double.pulls)
        assert "resolved" in done.err or done.code
        for secret in (token, password):
            for form in (secret, *(_base64(f"{user}{secret}") for user in ("", "bot:", "x-access-token:"))):
                assert form not in told


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("status", [200, 403, 422, 502])
def test_a_server_that_says_our_secrets_back(world: World, status: int, output: str) -> None:
    world.seed({"api": world.push("api", "1")})
    world.push("api", "2")
    told = f"Authorization: token {ACTIONS} and {PASSWORD}"

    def echo(request: Request) -> Answer | None:
        if status == 200 and request.operation == "graphql:repository":
            return Answer(body={"data": None, "errors": [{"type": "FORBIDDEN", "message": told}]})
        if status != 200 and request.operation in {"git/create-tree", "issues/add-labels"}:
            return Answer(status=status, body={"message": told, "errors": [{"message": told}, told]})
        return None

    world.double.faults = echo
    done = world.bump("--env", "dev", "--format", output, "-v", "-v")

    assert done.code in {2, 3}
    assert status == 502 or "Authorization: token ***" in done.err
    for secret in (ACTIONS, PASSWORD):
        assert secret not in done.out + done.err


def _state(world: World) -> tuple[str, ...]:
    commands = (("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"), ("status", "--porcelain"), ("diff", "--cached"))
    return tuple(world.git(*command) for command in commands)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")


def _changed(world: World, branch: str) -> set[str]:
    base, head = world.double.files("main"), world.double.files(branch)
    return {path for path in base.keys() | head.keys() if base.get(path) != head.get(path)}

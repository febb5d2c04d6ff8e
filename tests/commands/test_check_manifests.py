"""`bump check --manifests`: rendered manifests from files, folders and stdin, and the ones in an environment mended."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import written
from tests.commands.terminal import bump

CONFIGURATION = """\
version: 1
images:
  - match: "ghcr.io/acme/*"
environments:
  dev: {paths: ["env/dev/**"], follow: main}
  staging: {paths: ["env/staging/**"], promote_from: dev}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: api}
spec:
  containers:
  - name: api
    image: ghcr.io/acme/api@<a>
"""
MISSING = "pull-policy Pod api, container api: no imagePullPolicy; write imagePullPolicy: IfNotPresent"
WARNED = MISSING.replace("policy Pod", "policy [warning] Pod")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    write(root / "config/environments.yaml", CONFIGURATION)
    write(root / "env/dev/api.yaml", "image: ghcr.io/acme/api:main\n")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(text).encode())


def test_a_pipe_is_checked_and_the_environments_files_are_not(checkout: Path) -> None:
    done = bump("check", "--manifests", "-", folder=checkout, stdin=written(POD).encode())

    assert done.out.splitlines() == [f"-:7:12 {MISSING}"]
    assert done.err == "Found 1 error and 0 warnings: 1 reference in 1 file\n"
    assert done.code == 1


def test_the_environment_says_whose_levels_count(checkout: Path) -> None:
    done = bump("check", "--manifests", "-", "--env", "dev", folder=checkout, stdin=written(POD).encode())

    assert done.out.splitlines() == [f"-:7:12 {WARNED}"]
    assert done.code == 0


def test_files_and_folders_in_the_checkout_and_outside(checkout: Path, tmp_path: Path) -> None:
    write(checkout / "out/b/pod.yml", POD)
    write(checkout / "out/a.json", json.dumps({"apiVersion": "v1", "kind": "ServiceAccount"}))
    write(checkout / "out/NOTES.txt", POD)
    write(tmp_path / "elsewhere.yaml", f"---\n{POD}---\n{POD}")
    done = bump("check", "--manifests", "out", "--manifests", "../elsewhere.yaml", folder=checkout)

    assert done.out.splitlines() == [
        f"../elsewhere.yaml:8:12 {MISSING}",
        f"../elsewhere.yaml:16:12 {MISSING}",
        f"out/b/pod.yml:7:12 {MISSING}",
    ]
    assert "3 references in 3 files" in done.err


def test_a_stream_larger_than_any_file_is_read_in_pieces(checkout: Path) -> None:
    padding = f"---\napiVersion: v1\nkind: ConfigMap\ndata: {{a: {'x' * 100_000}}}\n"
    content = written(padding * 50 + f"---\n{POD}").encode()
    done = bump("check", "--manifests", "-", folder=checkout, stdin=content)

    assert len(content) > 4 * 1024 * 1024
    assert done.out.splitlines() == [f"-:{50 * 4 + 8}:12 {MISSING}"]
    assert "1 reference in 1 file" in done.err


def test_waivers_know_a_file_by_its_path_from_the_root(checkout: Path) -> None:
    write(checkout / "out/pod.yaml", POD)
    soon = (datetime.now(UTC) + timedelta(days=30)).date()
    waiver = f"{{rule: pull-policy, path: out, reason: r, owner: o, expires: {soon}}}"
    write(checkout / "config/waivers.yaml", f"version: 1\nwaivers: [{waiver}]\n")
    done = bump("check", "--manifests", "out/pod.yaml", folder=checkout)

    assert (done.out, done.code) == ("", 0)
    assert "1 waived" in done.err


def test_pods_in_one_file_and_their_account_in_another(checkout: Path) -> None:
    write(checkout / "config/environments.yaml", f"{CONFIGURATION}policy: {{private_images: ['ghcr.io/acme/*']}}\n")
    write(checkout / "out/a.yaml", POD.replace("spec:\n", "spec:\n  serviceAccountName: runner\n"))
    write(checkout / "out/b.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\n")
    done = bump("check", "--manifests", "out", folder=checkout)

    assert [line.split()[1] for line in done.out.splitlines()] == ["pull-policy", "pull-secret"]
    assert "the service account runner (out/b.yaml:2)" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-"], "--manifests -: nothing on stdin; was there an error before the pipe?"),
        (["lost"], "--manifests lost: no such file or folder"),
        (["config", "env"], "--manifests looks at rendered manifests alone: give PATH without it"),
        (["-", "--fix"], "--manifests looks at rendered manifests alone: --fix mends what people write"),
        (["-", "--env", "dev", "--env", "staging"], "--manifests with several --env"),
        (["-", "--env", "lost"], "lost"),
        (["empty"], "--manifests empty: no .json, .yaml, .yml below it"),
    ],
)
def test_what_cannot_be_meant(checkout: Path, words: list[str], said: str) -> None:
    (checkout / "empty").mkdir()
    done = bump("check", "--manifests", *words, folder=checkout)

    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_link_and_what_is_no_yaml_are_findings(checkout: Path) -> None:
    write(checkout / "out/bad.yaml", "image: [ghcr.io/acme/api\n")
    (checkout / "out/link.yaml").symlink_to(checkout / "env/dev/api.yaml")
    done = bump("check", "--manifests", "out", folder=checkout)

    assert [line.split()[:2] for line in done.out.splitlines()] == [
        ["out/bad.yaml:2:1", "unreadable-file"],
        ["out/link.yaml:1:1", "unreadable-file"],
    ]


def test_fix_writes_the_pull_policy_into_the_files_of_an_environment(checkout: Path) -> None:
    path = checkout / "env/staging/pod.yaml"
    write(
        path,
        POD.replace("\n", "\r\n") + "---\r\nimage: {repository: ghcr.io/acme/api, digest: <a>, pullPolicy: Always}\r\n",
    )
    before = path.read_bytes()
    done = bump("check", "--fix", "--env", "staging", folder=checkout)

    assert (done.out, done.code) == ("", 0)
    assert done.err.splitlines()[:2] == [
        "bump: env/staging/pod.yaml:7:12: pull-policy: wrote imagePullPolicy: IfNotPresent",
        "bump: env/staging/pod.yaml:9:132: pull-policy: wrote IfNotPresent",
    ]
    image, rest = before.split(b"\r\n---")
    assert path.read_bytes() == b"%s\r\n    imagePullPolicy: IfNotPresent\r\n---%s" % (
        image,
        rest.replace(b"Always", b"IfNotPresent"),
    )

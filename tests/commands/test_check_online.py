"""`bump check --online` against the real registry, with its tokens: what it asks, what it says, and how it ends."""

import json
from pathlib import Path

from tests.commands.terminal import Done, bump
from tests.doubles.registry import PASSWORD, RegistryServer

ENVIRON = {"BUMP_REGISTRY_TESTS": PASSWORD}


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def configure(root: Path, host: str, *, images: str = "", registries: str = "") -> None:
    write(
        root,
        "config/environments.yaml",
        f"""\
version: 1
registries:
  "{host}": {{token_env: BUMP_REGISTRY_TESTS}}
{registries}
images:
  - {{match: "{host}/acme/mirror/*", move: false, platforms: [linux/amd64, linux/arm64]}}
  - {{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64]}}
{images}
environments:
  dev: {{paths: ["env/dev/**"], follow: main}}
  staging: {{paths: ["env/staging/**"], promote_from: dev}}
""",
    )
    write(root, "env/dev/none.yaml", "a: 1\n")
    write(root, "env/staging/none.yaml", "a: 1\n")


def check(root: Path, *words: str, environ: dict[str, str] | None = None) -> Done:
    return bump("check", "--online", *words, folder=root, environ=ENVIRON if environ is None else environ)


def test_each_fault_is_a_finding_at_its_place(registry: RegistryServer, tmp_path: Path) -> None:
    host = registry.host
    configure(tmp_path, host)
    api, gone = registry.push("acme/api", "main"), registry.push("acme/gone", "main")
    redis = registry.push("acme/mirror/redis", "7.2.1", platforms=["linux/amd64"])
    single, third = registry.push_single("acme/web", "main"), registry.push_single("other/x", "main")
    registry.delete("acme/gone", gone.digest)
    write(
        tmp_path,
        "env/staging/apps.yaml",
        f"api: {host}/acme/api@{api.digest}\n"
        f"gone: {host}/acme/gone@{gone.digest}\n"
        f"web: {{repository: {host}/acme/web, digest: '{single}'}}\n"
        f"redis: {{image: '{host}/acme/mirror/redis:7.2.1@{redis.digest}'}}\n"
        f"third: {{image: '{host}/other/x@{third}'}}\n",
    )
    done = check(tmp_path)

    both = "linux/amd64, linux/arm64"
    gone_, flat, less = done.out.splitlines()
    assert gone_ == (
        f"env/staging/apps.yaml:2:7 digest-missing {host}/acme/gone: {gone.digest} is not at {host}: cleaned up, or "
        "never pushed there; write a digest that is there"
    )
    assert flat == (
        f"env/staging/apps.yaml:3:{len(host) + 38} not-an-index {host}/acme/web: a single-platform manifest of "
        f"linux/amd64, an index with {both} is needed in staging; write the digest of the index"
    )
    assert less == (
        f"env/staging/apps.yaml:4:16 platform-missing {host}/acme/mirror/redis: no linux/arm64 in the index (has "
        f"linux/amd64), needed in staging; write a digest with {both}"
    )
    assert done.err == "Found 3 errors and 0 warnings: 5 references in 3 files\n"
    assert done.code == 1


def test_an_index_whose_part_was_cleaned_up_is_not_whole(registry: RegistryServer, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    api = registry.push("acme/api", "main")
    registry.delete("acme/api", api.platforms["linux/arm64"])
    write(tmp_path, "env/dev/api.yaml", f"image: {registry.host}/acme/api@{api.digest}\n")
    done = check(tmp_path)

    assert f"platform-missing {registry.host}/acme/api: linux/arm64 of the index cannot be pulled in dev: " in done.out
    assert done.code == 1


def test_a_digest_is_asked_about_once_and_by_head_where_no_platform_counts(
    registry: RegistryServer, tmp_path: Path
) -> None:
    host = registry.host
    configure(tmp_path, host)
    api, other = registry.push("acme/api", "main"), registry.push("other/x", "main")
    registry.forget()
    for environment in ("dev", "staging"):
        text = f"a: {host}/acme/api@{api.digest}\nb: {host}/acme/api:1.4.0@{api.digest}\n"
        text += f"image: {host}/other/x@{other.digest}\n"
        write(tmp_path, f"env/{environment}/apps.yaml", text)
    done = check(tmp_path)

    assert (done.out, done.code) == ("", 0)
    assert done.err == "All checks passed: 6 references in 4 files\n"
    asked = [str(one) for one in registry.exchanges if one.status == 200 and "/manifests/" in one.path]
    assert asked.count(f"GET /v2/acme/api/manifests/{api.digest} 200") == 1
    assert [one for one in asked if "/other/x/" in one] == [f"HEAD /v2/other/x/manifests/{other.digest} 200"]
    assert len(asked) == 1 + len(api.platforms) + 1
    assert {one.authorization for one in registry.exchanges if one.status == 200 and one.path != "/token"} == {"bearer"}


def test_files_alone_ask_nobody(registry: RegistryServer, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    write(tmp_path, "env/dev/api.yaml", f"image: {registry.host}/acme/gone@sha256:{'a' * 64}\n")
    done = bump("check", folder=tmp_path, environ=ENVIRON)

    assert (done.out, done.code, registry.exchanges) == ("", 0, ())


def test_a_host_that_the_configuration_does_not_name_is_not_asked_and_that_is_said(
    registry: RegistryServer, tmp_path: Path, nobody: str
) -> None:
    configure(tmp_path, nobody, images='  - {match: "**/ours/*"}')
    digest = f"sha256:{'a' * 64}"
    write(
        tmp_path,
        "env/staging/apps.yaml",
        f"a: {{image: '{registry.host}/acme/api@{digest}'}}\nb: {{image: '{registry.host}/ours/api@{digest}'}}\n",
    )
    done = check(tmp_path)

    assert registry.exchanges == ()
    assert done.out == (
        f"env/staging/apps.yaml:2:12 not-checked [warning] {registry.host}/ours/api: its registry was not asked; "
        f"{registry.host} is in neither images nor registries; write {registry.host}: {{}} under registries of the "
        "configuration, or an image of a registry that is there\n"
    )
    note, last = done.err.splitlines()
    assert note == (
        f"bump: 2 references not checked: {registry.host} in neither images nor registries of the configuration; "
        "add what shall be asked to registries, as in quay.io: {}"
    )
    assert last == "Found 0 errors and 1 warning: 2 references in 3 files; 2 not checked online"
    assert done.code == 0


def test_a_registry_that_nobody_answers_for_is_exit_3_and_the_rest_is_told(
    registry: RegistryServer, tmp_path: Path, nobody: str
) -> None:
    host = registry.host
    configure(tmp_path, host, registries=f'  "{nobody}": {{}}')
    digest = f"sha256:{'a' * 64}"
    write(
        tmp_path,
        "env/staging/apps.yaml",
        f"a: {{image: '{nobody}/x/a@{digest}'}}\nb: {{image: '{nobody}/x/b@{digest}'}}\n"
        f"c: {host}/acme/gone@{digest}\nd: {host}/acme/api:latest\n",
    )
    done = check(tmp_path)

    assert [line.split()[1] for line in done.out.splitlines()] == ["digest-missing", "floating-tag"]
    first, last = done.err.splitlines()
    assert first.startswith(f"bump: 2 references at {nobody} not checked: {nobody}/x/")
    assert "connection refused" in first
    assert last == "Found 2 errors and 0 warnings: 4 references in 3 files; 2 not checked online"
    assert done.code == 3


def test_in_actions_a_registry_that_nobody_answers_for_is_an_error_of_the_run(tmp_path: Path, nobody: str) -> None:
    configure(tmp_path, nobody)
    write(tmp_path, "env/dev/api.yaml", f"image: {nobody}/acme/api@sha256:{'a' * 64}\n")
    done = check(tmp_path, environ={**ENVIRON, "GITHUB_ACTIONS": "true"})

    assert done.err.endswith("\nNo findings: 1 reference in 3 files; 1 not checked online\n")
    assert f"::error title=bump::1 reference at {nobody} not checked: " in done.err
    assert done.code == 3


def test_what_is_denied_is_told_as_what_is_missing(registry: RegistryServer, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    api = registry.push("acme/api", "main")
    registry.close("acme/api")
    write(tmp_path, "env/dev/api.yaml", f"image: {registry.host}/acme/api@{api.digest}\n")
    done = check(tmp_path)

    assert f"digest-missing {registry.host}/acme/api: {api.digest}: access denied with " in done.out
    assert PASSWORD not in done.out + done.err
    assert done.code == 1


def test_an_empty_variable_is_exit_2_and_the_files_are_told(registry: RegistryServer, tmp_path: Path) -> None:
    host = registry.host
    configure(tmp_path, host)
    write(tmp_path, "env/dev/api.yaml", f"a: {host}/acme/api@sha256:{'a' * 64}\nb: {host}/acme/api:latest\n")
    done = check(tmp_path, environ={"BUMP_REGISTRY_TESTS": ""})

    assert [line.split()[1] for line in done.out.splitlines()] == ["floating-tag"]
    assert "BUMP_REGISTRY_TESTS" in done.err
    assert registry.exchanges == ()
    assert done.code == 2


def test_a_waiver_excuses_what_a_registry_says_and_is_in_use(registry: RegistryServer, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    write(tmp_path, "env/dev/api.yaml", f"image: {registry.host}/acme/api@sha256:{'a' * 64}\n")
    write(
        tmp_path,
        "config/waivers.yaml",
        "version: 1\nwaivers:\n"
        "  - {rule: digest-missing, path: env/dev, reason: r, owner: o, expires: 2999-01-01}\n"
        "  - {rule: not-an-index, path: env/dev, reason: r, owner: o, expires: 2999-01-01}\n",
    )
    done = check(tmp_path, "--format", "json")
    document = json.loads(done.out)

    assert [one["rule"] for one in document["waived"]] == ["digest-missing"]
    assert [(one["rule"], one["line"]) for one in document["findings"] if one["rule"] == "waiver-unused"] == [
        ("waiver-unused", 4)
    ]
    assert document["summary"]["unasked"] == 0

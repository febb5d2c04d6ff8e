"""`bump check --fix` against the real registry: what it writes, what it leaves alone, and that once is enough."""

import json
from pathlib import Path

import pytest

from tests.commands.terminal import Done, bump
from tests.doubles.registry import PASSWORD, Pushed, RegistryServer

ENVIRON = {"BUMP_REGISTRY_TESTS": PASSWORD}
PATH = "env/staging/apps.yaml"


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def configure(root: Path, host: str, *, more: str = "") -> None:
    write(
        root,
        "config/environments.yaml",
        f"""\
version: 1
registries:
  "{host}": {{token_env: BUMP_REGISTRY_TESTS}}
images:
  - {{match: "{host}/acme/ask/*"}}
  - {{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64], first_pin: digest-key}}
environments:
  dev: {{paths: ["env/dev/**"], follow: main}}
  staging: {{paths: ["env/staging/**"], promote_from: dev}}
{more}
""",
    )
    write(root, "env/dev/none.yaml", "a: 1\n")


def fix(root: Path, *words: str, terminal: bool = False, environ: dict[str, str] | None = None) -> Done:
    environ = ENVIRON if environ is None else environ
    return bump("check", "--fix", *words, folder=root, environ=environ, terminal=terminal)


@pytest.fixture
def api(registry: RegistryServer) -> Pushed:
    return registry.push("acme/api", "1.4.0")


@pytest.fixture
def checkout(registry: RegistryServer, api: Pushed, tmp_path: Path) -> Path:
    """Three references that can be fixed, in three shapes, and four that cannot."""
    host = registry.host
    configure(tmp_path, host)
    write(
        tmp_path,
        PATH,
        f"# the API\r\nimage: '{host}/acme/api:1.4.0'  # kept\r\n"
        f"jobs:\r\n  repository: {host}/acme/api\r\n  tag: 1.4.0\r\n  pull: x\r\n"
        f"web: {host}/acme/web:main@{api.digest}\r\n"
        f"lost: {host}/acme/lost:1.4.0\r\n"
        f"ask: {{repository: {host}/acme/ask/x, tag: 1.4.0}}\r\n"
        f"floating: {host}/acme/api:feature\r\n"
        "third: {image: quay.io/x/y:1.2.3}\r\n",
    )
    registry.forget()
    return tmp_path


def test_it_writes_what_is_safe_and_tells_what_is_left(registry: RegistryServer, api: Pushed, checkout: Path) -> None:
    host, before = registry.host, (checkout / PATH).read_bytes().decode()
    done = fix(checkout)

    after = before.replace("api:1.4.0'", f"api:1.4.0@{api.digest}'").replace("web:main@", "web@")
    after = after.replace("  tag: 1.4.0\r\n", f"  tag: 1.4.0\r\n  digest: {api.digest}\r\n")
    assert (checkout / PATH).read_bytes().decode() == after
    assert [line.split()[1] for line in done.out.splitlines()] == ["tag-only", "tag-only", "floating-tag", "unpinned"]
    notes = done.err.splitlines()
    assert notes[:3] == [
        f"bump: {PATH}:2:8: tag-only: wrote {host}/acme/api:1.4.0@{api.digest}",
        f"bump: {PATH}:5:8: tag-only: wrote digest: {api.digest}",
        f"bump: {PATH}:7:6: channel-tag-with-digest: wrote {host}/acme/web@{api.digest}",
    ]
    assert f"{PATH}:8:7: tag-only: not fixed: {host}/acme/lost:1.4.0: no such tag at {host}" in notes[3]
    assert ": tag-only: not fixed: no place for a digest beside it; write a `digest` key" in notes[4]
    assert notes[5] == (
        f"bump: {PATH}:11:16: unpinned: not fixed: quay.io is not asked: it is in neither images nor registries of the "
        "configuration"
    )
    assert notes[6:] == ["Found 4 errors and 0 warnings: 7 references in 2 files; 3 fixed"]
    assert done.code == 1
    asked = [one for one in registry.exchanges if one.status == 200 and one.path.endswith("/api/manifests/1.4.0")]
    assert len(asked) == 1


def test_once_is_enough(checkout: Path) -> None:
    first = fix(checkout)
    content = (checkout / PATH).read_bytes()
    second = fix(checkout)

    assert (checkout / PATH).read_bytes() == content
    assert second.out == first.out
    assert "wrote" not in second.err
    assert bump("check", folder=checkout).out == first.out


def test_what_is_left_decides_the_exit_code(registry: RegistryServer, api: Pushed, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    write(tmp_path, PATH, f"image: {registry.host}/acme/api:1.4.0\n")
    done = fix(tmp_path)

    assert (done.out, done.code) == ("", 0)
    assert done.err.splitlines()[-1] == "All checks passed: 1 reference in 2 files; 1 fixed"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_dry_run_shows_the_diff_and_writes_nothing(
    registry: RegistryServer, api: Pushed, tmp_path: Path, *, terminal: bool
) -> None:
    host = registry.host
    configure(tmp_path, host)
    text = f"# \u202e\nimage: {host}/acme/api:1.4.0\n"
    write(tmp_path, PATH, text)
    done = fix(tmp_path, "--dry-run", terminal=terminal)

    assert (tmp_path / PATH).read_text() == text
    shown = "\\u202e" if terminal else "\u202e"
    assert done.out == (
        f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,2 +1,2 @@\n # {shown}\n"
        f"-image: {host}/acme/api:1.4.0\n+image: {host}/acme/api:1.4.0@{api.digest}\n"
    )
    assert f"tag-only: would write {host}/acme/api:1.4.0@{api.digest}\n" in done.err
    assert done.err.splitlines()[-1] == "All checks would pass: 1 reference in 2 files; 1 would be fixed"
    assert done.code == 1


def test_a_program_gets_what_was_fixed(registry: RegistryServer, api: Pushed, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    write(tmp_path, PATH, f"image: {registry.host}/acme/api:1.4.0\n")
    document = json.loads(fix(tmp_path, "--dry-run", "--format", "json").out)

    assert document["findings"] == []
    assert [(one["rule"], one["path"], one["line"]) for one in document["fixed"]] == [("tag-only", PATH, 1)]
    assert document["summary"]["fixed"] == 1


def test_it_can_be_asked_about_at_once(registry: RegistryServer, api: Pushed, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    write(tmp_path, PATH, f"image: {registry.host}/acme/api:1.4.0\n")
    done = fix(tmp_path, "--online")

    assert (done.out, done.code) == ("", 0)
    assert str(api.digest) in (tmp_path / PATH).read_text()


def test_an_image_that_is_not_whole_is_not_written(registry: RegistryServer, tmp_path: Path) -> None:
    configure(tmp_path, registry.host)
    registry.push("acme/api", "1.4.0", platforms=["linux/amd64"])
    text = f"image: {registry.host}/acme/api:1.4.0\n"
    write(tmp_path, PATH, text)
    done = fix(tmp_path)

    assert "not fixed: " in done.err
    assert "no linux/arm64 in the index" in done.err
    assert ((tmp_path / PATH).read_text(), done.code) == (text, 1)


def test_only_what_is_told_is_fixed(checkout: Path, api: Pushed) -> None:
    before = (checkout / PATH).read_text()
    assert fix(checkout, "--env", "dev").code == 0
    assert fix(checkout, "env/dev").code == 0
    write(
        checkout,
        "config/waivers.yaml",
        "version: 1\nwaivers:\n"
        + "".join(
            f"  - {{rule: {rule}, path: env/staging, reason: r, owner: o, expires: 2999-01-01}}\n"
            for rule in ("tag-only", "channel-tag-with-digest")
        ),
    )
    done = fix(checkout)
    assert "wrote" not in done.err
    assert (checkout / PATH).read_text() == before


def test_a_registry_that_cannot_be_asked_is_exit_3_and_the_rest_is_fixed(
    api: Pushed, tmp_path: Path, nobody: str
) -> None:
    configure(tmp_path, nobody)
    write(tmp_path, PATH, f"a: {nobody}/acme/api:1.4.0\nb: {nobody}/acme/web:main@{api.digest}\n")
    done = fix(tmp_path)

    assert (tmp_path / PATH).read_text().splitlines()[1] == f"b: {nobody}/acme/web@{api.digest}"
    assert "connection refused" in done.err
    assert done.code == 3


def test_an_empty_variable_is_exit_2_and_asks_nobody(registry: RegistryServer, checkout: Path) -> None:
    done = fix(checkout, environ={"BUMP_REGISTRY_TESTS": ""})

    assert "channel-tag-with-digest: wrote" in done.err
    assert "tag-only: not fixed: " in done.err
    assert registry.exchanges == ()
    assert done.code == 2


def test_no_file_behind_a_symlink_is_written(registry: RegistryServer, api: Pushed, tmp_path: Path) -> None:
    inside = tmp_path / "checkout"
    configure(inside, registry.host)
    text = f"image: {registry.host}/acme/api:1.4.0\n"
    write(tmp_path, "outside/apps.yaml", text)
    write(inside, "env/staging/real.yaml", "a: 1\n")
    (inside / "env/staging/apps.yaml").symlink_to(tmp_path / "outside/apps.yaml")
    (inside / "env/staging/more").symlink_to(tmp_path / "outside")
    done = fix(inside)

    assert (tmp_path / "outside/apps.yaml").read_text() == text
    assert "unreadable-file" in done.out
    assert registry.exchanges == ()


def test_hostile_files_keep_every_byte(registry: RegistryServer, api: Pushed, tmp_path: Path) -> None:
    host = registry.host
    configure(tmp_path, host)
    image = f"{host}/acme/api:1.4.0"
    bomb = f"a: &a [{image}]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    texts = {
        "bomb": bomb,
        "deep": "[" * 5000 + f"'{image}'" + "]" * 5000 + "\n",
        "anchor": f"image: &x {image}\nother: *x\n",
        "twice": f"image: {image}\nimage: {image}\n",
        "folded": f"image: >-\n  {image}\n",
        "escaped": f'image: "{image[:-1]}\\x30"\n',
    }
    for name, text in texts.items():
        write(tmp_path, f"env/staging/{name}.yaml", text)
    done = fix(tmp_path)

    changed = {name for name, text in texts.items() if (tmp_path / f"env/staging/{name}.yaml").read_text() != text}
    assert changed <= {"bomb"}  # its first line is as plain as any
    assert done.code == 1


def test_a_dry_run_needs_something_to_try(checkout: Path) -> None:
    done = bump("check", "--dry-run", folder=checkout)
    assert done.err == "bump: --dry-run needs --fix: without it nothing is written\n"
    assert (done.out, done.code) == ("", 2)

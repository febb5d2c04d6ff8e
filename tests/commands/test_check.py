"""`bump check` on a checkout: what it prints and how it ends, for people, pipes and programs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.checkout import Git
from tests.builders import written
from tests.commands.terminal import bump

CONFIGURATION = """\
version: 1
images:
  - match: "ghcr.io/acme/*"
environments:
  dev: {paths: ["env/dev/**"], layers: ["shared/**"], follow: main}
  staging: {paths: ["env/staging/**"], layers: ["shared/**"], promote_from: dev}
"""
FILES = {
    "config/environments.yaml": CONFIGURATION,
    "shared/web.yaml": "image: {repository: ghcr.io/acme/web}\n",
    "env/dev/api.yaml": "image: ghcr.io/acme/api:1.4.0\n",
    "env/dev/web.yaml": "image: {digest: <a>}\n",
    "env/staging/api.yaml": "image: ghcr.io/acme/api:latest\nsidecar: {image: 'redis:7.2.1'}\n",
    "env/staging/web.yaml": "image: {digest: <a>}\n",
}
FLOATING = (
    "env/staging/api.yaml:1:8 floating-tag ghcr.io/acme/api: the tag latest moves, and there is no digest in staging; "
    "write ghcr.io/acme/api@sha256:…"
)
UNPINNED = (
    "env/staging/api.yaml:2:18 unpinned docker.io/library/redis: no digest in staging; the tag 7.2.1 can be moved; "
    "write redis@sha256:…"
)
TAG_ONLY = (
    "env/dev/api.yaml:1:8 tag-only [warning] ghcr.io/acme/api: only the tag 1.4.0 in dev, no digest beside it; "
    "write ghcr.io/acme/api@sha256:…"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        write(tmp_path, path, text)
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(written(text), encoding="utf-8")


def in_days(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


def waivers(root: Path, *entries: str) -> None:
    write(root, "config/waivers.yaml", "version: 1\nwaivers:\n" + "".join(f"  - {{{one}}}\n" for one in entries))


def test_every_finding_is_a_line_and_an_error_is_exit_1(checkout: Path) -> None:
    done = bump("check", folder=checkout)

    assert done.out.splitlines() == [TAG_ONLY, FLOATING, UNPINNED]
    assert done.err == "Found 2 errors and 1 warning: 5 references in 4 files\n"
    assert done.code == 1


def test_warnings_alone_are_exit_0(checkout: Path) -> None:
    done = bump("check", "--env", "dev", folder=checkout)

    assert done.out.splitlines() == [TAG_ONLY]
    assert done.err == "Found 0 errors and 1 warning: 2 references in 2 files\n"
    assert done.code == 0


def test_nothing_found_is_said(checkout: Path) -> None:
    done = bump("check", "env/dev/web.yaml", folder=checkout)

    assert (done.out, done.code) == ("", 0)
    assert done.err == "All checks passed: 1 reference in 1 file\n"


@pytest.mark.parametrize(
    ("words", "folder", "lines"),
    [
        pytest.param(["env/staging/api.yaml"], ".", [FLOATING, UNPINNED], id="a file"),
        pytest.param(["env/dev", "env/staging"], ".", [TAG_ONLY, FLOATING, UNPINNED], id="folders"),
        pytest.param(["env/dev/"], ".", [TAG_ONLY], id="a slash at the end"),
        pytest.param(["."], ".", [TAG_ONLY, FLOATING, UNPINNED], id="all of it"),
        pytest.param(["../dev", "api.yaml"], "env/staging", [TAG_ONLY, FLOATING, UNPINNED], id="from where you are"),
        pytest.param(["--env", "dev", "env"], ".", [TAG_ONLY], id="with an environment"),
        pytest.param(["config"], ".", [], id="where no environment is"),
    ],
)
def test_paths(checkout: Path, words: list[str], folder: str, lines: list[str]) -> None:
    Git(checkout).run("init", "-q")
    done = bump("check", *words, folder=checkout / folder)

    assert done.out.splitlines() == lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["env/lost.yaml"], "bump: env/lost.yaml: no such file or folder in the checkout\n", id="lost"),
        pytest.param(["env/stag"], "bump: env/stag: no such file or folder in the checkout\n", id="half a name"),
        pytest.param(["--env", "prod"], "no environment 'prod'", id="no such environment"),
        pytest.param(
            ["--explain", "tag"], "bump: --explain tag: no such rule; there are channel-bleed, ", id="no rule"
        ),
    ],
)
def test_what_is_not_there_is_exit_2(checkout: Path, words: list[str], said: str) -> None:
    done = bump("check", *words, folder=checkout)

    assert said in done.err
    assert (done.out, done.code) == ("", 2)


def test_a_path_outside_is_refused(checkout: Path) -> None:
    done = bump("check", "..", folder=checkout)

    assert "lies outside of" in done.err
    assert done.code == 2


def test_statistics_count_by_rule(checkout: Path) -> None:
    write(checkout, "env/staging/more.yaml", "a: {image: 'redis:7.2.2'}\n")
    done = bump("check", "--statistics", folder=checkout)

    assert done.out.splitlines() == [
        "2 unpinned     An image is named with its digest.",
        "1 floating-tag No image is named by a tag alone that moves with a branch, nor by `latest`.",
        "1 tag-only     [warnings] A first-party image with a fixed tag and no digest is tracked by a waiver.",
    ]
    assert done.code == 1


def test_a_rule_is_explained(checkout: Path) -> None:
    done = bump("check", "--explain", "tag-only", folder=checkout)

    assert done.out == (Path(__file__).parents[2] / "docs/rules/tag-only.md").read_text(encoding="utf-8")
    assert (done.err, done.code) == ("", 0)


def test_a_program_gets_everything(checkout: Path) -> None:
    waivers(checkout, f"rule: unpinned, path: env, reason: r, owner: sre, expires: {in_days(40)}")
    done = bump("check", "--format", "json", folder=checkout)

    document = json.loads(done.out)
    fingerprints = [one.pop("fingerprint") for one in document["findings"]]
    assert len(set(fingerprints)) == 2
    assert document["findings"][1] == {
        "rule": "floating-tag",
        "level": "error",
        "environment": "staging",
        "path": "env/staging/api.yaml",
        "line": 1,
        "column": 8,
        "key": "image",
        "image": "ghcr.io/acme/api",
        "text": "ghcr.io/acme/api:latest",
        "message": "ghcr.io/acme/api: the tag latest moves, and there is no digest in staging",
        "instead": "ghcr.io/acme/api@sha256:…",
    }
    (waived,) = document["waived"]
    assert (waived["rule"], waived["waiver"]["owner"], waived["waiver"]["line"]) == ("unpinned", "sre", 3)
    assert document["fixed"] == []
    assert document["summary"] == {
        "errors": 1, "warnings": 1, "waived": 1, "unchanged": None, "fixed": 0, "unasked": None, "files": 4,
        "references": 5,
    }  # fmt: skip


def test_a_fingerprint_survives_moved_lines_and_new_digests(checkout: Path) -> None:
    def fingerprints() -> list[str]:
        found = json.loads(bump("check", "--format", "json", folder=checkout).out)["findings"]
        return [one["fingerprint"] for one in found]

    path = "env/dev/many.yaml"
    write(checkout, path, "a: [ghcr.io/acme/x:main@<a>, ghcr.io/acme/y:main@<a>]\n")
    before = fingerprints()
    write(
        checkout,
        path,
        "# moved\n\na:\n  - ghcr.io/acme/z@<a>\n  - ghcr.io/acme/x:main@<b>\n  - ghcr.io/acme/y:main@<b>\n",
    )
    assert fingerprints() == before


def test_waivers_are_read_beside_the_configuration(checkout: Path) -> None:
    waivers(
        checkout,
        f"rule: floating-tag, path: env/staging, image: ghcr.io/acme/api, reason: r, owner: o, expires: {in_days(9)}",
        f"rule: unpinned, path: env/staging, reason: r, owner: o, expires: {in_days(-9)}",
        f"rule: tag-form, path: env, reason: r, owner: o, expires: {in_days(40)}",
        f"rule: tag-only, path: env, reason: r, owner: o, expires: {in_days(400)}",
    )
    done = bump("check", folder=checkout)

    assert [line.partition(" the waiver")[0] for line in done.out.splitlines()[:4]] == [
        "config/waivers.yaml:3:5 waiver-expiring [warning]",
        "config/waivers.yaml:4:5 waiver-expired",
        "config/waivers.yaml:5:5 waiver-unused [warning]",
        "config/waivers.yaml:6:5 waiver-too-long",
    ]
    assert done.out.splitlines()[4:] == [UNPINNED]
    assert done.err == "Found 3 errors and 2 warnings: 5 references in 4 files; 2 waived\n"


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        pytest.param("rule: nope, path: a, reason: r, owner: o, expires: 2027-01-01", "no such rule", id="rule"),
        pytest.param("rule: tag-only, path: a, reason: r, owner: o, expires: tomorrow", "not a date", id="date"),
        pytest.param("rule: tag-only", "waivers[0].owner: missing", id="missing"),
    ],
)
def test_a_wrong_waiver_is_exit_2(checkout: Path, waiver: str, said: str) -> None:
    waivers(checkout, waiver)
    done = bump("check", folder=checkout)

    assert said in done.err
    assert done.err.startswith("bump: config/waivers.yaml:3: waivers[0].")
    assert (done.out, done.code) == ("", 2)


def test_an_unknown_rule_in_the_configuration_is_exit_2(checkout: Path) -> None:
    write(checkout, "config/environments.yaml", f"{CONFIGURATION}policy: {{rules: {{no-such: error}}}}\n")
    done = bump("check", folder=checkout)

    assert "policy.rules.no-such: 'no-such': no such rule; there are channel-bleed, " in done.err
    assert done.code == 2


def test_a_file_of_two_environments_is_told_once_and_louder(checkout: Path) -> None:
    text = CONFIGURATION.replace('["env/dev/**"]', '["env/**"]')
    write(checkout, "config/environments.yaml", text)
    done = bump("check", folder=checkout)

    assert [line.split()[:2] for line in done.out.splitlines()] == [
        ["env/dev/api.yaml:1:8", "tag-only"],
        ["env/staging/api.yaml:1:8", "floating-tag"],
        ["env/staging/api.yaml:2:18", "unpinned"],
    ]
    assert "a file belongs to one environment" in done.err
    assert done.code == 2


def test_a_glob_that_matches_nothing_stops_its_environment_alone(checkout: Path) -> None:
    text = CONFIGURATION.replace('["env/dev/**"]', '["lost/**"]')
    write(checkout, "config/environments.yaml", text)
    done = bump("check", folder=checkout)

    assert done.out.splitlines() == [FLOATING, UNPINNED]
    assert "environments.dev.paths" in done.err
    assert done.code == 2


def test_what_is_no_file_is_a_finding(checkout: Path) -> None:
    (checkout / "env/staging/link.yaml").symlink_to("/etc/hostname")
    done = bump("check", "env/staging/link.yaml", folder=checkout)

    assert done.out == (
        "env/staging/link.yaml:1:1 unreadable-file "
        "cannot be checked: a symlink or a submodule; bump edits plain files\n"
    )
    assert done.code == 1


@pytest.mark.parametrize("versioned", [False, True])
def test_a_link_in_the_place_of_a_folder_is_a_finding(checkout: Path, versioned: bool) -> None:
    write(checkout, "elsewhere/api.yaml", "image: ghcr.io/acme/api:latest\n")
    write(checkout, "config/environments.yaml", CONFIGURATION.replace("dev: {", "dev: {exclude: [env/dev/README], "))
    (checkout / "env/staging/apps").symlink_to("../../elsewhere")
    (checkout / "env/dev/README").symlink_to("../../README")
    (checkout / "docs").symlink_to("elsewhere")
    if versioned:
        Git(checkout).run("init", "--quiet")
    done = bump("check", "--format", "json", folder=checkout)

    told = [one for one in json.loads(done.out)["findings"] if one["rule"] == "unreadable-file"]
    assert [one["path"] for one in told] == ["env/staging/apps"]
    assert "put it here, or `exclude` it" in told[0]["message"]


def test_a_submodule_below_an_environment_is_a_finding(checkout: Path) -> None:
    git = Git(checkout)
    git.run("init", "--quiet")
    write(checkout, "env/staging/sub/api.yaml", "image: ghcr.io/acme/api:latest\n")
    git.run("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},env/staging/sub")
    done = bump("check", "env/staging/sub", folder=checkout)

    assert done.out.startswith("env/staging/sub:1:1 unreadable-file cannot be checked: a symlink or a submodule")
    assert done.code == 1


def test_control_characters_are_escaped_and_no_line_is_a_command(checkout: Path) -> None:
    write(checkout, "env/staging/::error file=x.yaml", "image: ghcr.io/acme/api:main\n")
    write(checkout, "env/staging/bad.yaml", 'image: "ghcr.io/acme/api:\\e[31m\\n::add-mask::x\\u202e##[error]"\n')
    done = bump("check", "env/staging/bad.yaml", "env/staging/::error file=x.yaml", folder=checkout)

    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "##[" not in done.out
    assert "\\x1b[31m\\n::add-mask::x\\u202e" in done.out
    assert all(line.startswith("env/staging/") for line in done.out.splitlines())


def test_a_path_that_reads_as_a_command_is_none(checkout: Path) -> None:
    text = CONFIGURATION.replace('["env/dev/**"]', '["::error*/**"]')
    write(checkout, "config/environments.yaml", text)
    write(checkout, "::error ::x/a.yaml", "image: ghcr.io/acme/api:main\n")
    done = bump("check", "--env", "dev", folder=checkout)

    assert done.out.startswith("\\x3a:error ::x/a.yaml:1:8 floating-tag ")

"""`bump check` as a process of a step in Actions, over a checkout of somebody who means harm.

Whatever the files hold: it ends, finds what is to be found elsewhere, says of each hostile file why it was not read,
shows nothing invisible, follows no link, and the runner finds no command in it but ours.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.checkout import Git
from tests.commands.terminal import bump
from tests.commands.test_check import CONFIGURATION, waivers, write
from tests.report.test_sarif import VALID

ROOT = Path(__file__).parents[2]
SECRET = "token-of-the-machine"
BOMB = "a0: &a0 [ghcr.io/acme/api:main]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
)
FILES: Mapping[str, str] = {
    "config/environments.yaml": CONFIGURATION,
    "shared/web.yaml": "image: {repository: ghcr.io/acme/web}\n",
    "env/dev/api.yaml": "image: ghcr.io/acme/api:1.4.0\n",
    "env/staging/api.yaml": "image: ghcr.io/acme/api:main\n",
    "env/staging/bomb.yaml": BOMB,
    "env/staging/deep.yaml": "image: ghcr.io/acme/api:main\nx: " + "{a: " * 5_000 + "b" + "}" * 5_000 + "\n",
    "env/staging/screen.yaml": 'image: "ghcr.io/acme/api:\\e]0;title\\a\\e[2J\\u202e\\u200b\\0\\x9b31m"\n',
    "env/staging/runner.yaml": (
        'a: {image: "ghcr.io/acme/api:main\\n::add-mask::main\\r::stop-commands::x"}\n'
        "b: {image: 'ghcr.io/acme/api:main ##[add-mask]main'}\n"
        '"\\n::set-env name=PATH::/tmp": {image: ghcr.io/acme/web:main}\n'
        'c: {image: "::error file=x::ghcr.io/acme/api:main"}\n'
    ),
    "env/staging/::error file=x,line=1::y.yaml": "image: ghcr.io/acme/api:main\n",
    "env/staging/##[error]z%0A::warning::.yaml": "image: ghcr.io/acme/api:main\n",
    "env/staging/a\nb\x1b[31m.yaml": "image: ghcr.io/acme/api:main\n",
}
LINKS: Mapping[str, str] = {
    "env/staging/link.yaml": "secret.yaml",
    "env/staging/folder": "..",
    "env/staging/round.yaml": "round.yaml",
}
OURS = re.compile(
    r"::(?:error|warning) file=[^:,]*(?:,line=\d+,col=\d+)?,title=bump [a-z-]+::|::(?:error|warning) title=bump::"
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "secret.yaml").write_text(f"image: ghcr.io/acme/{SECRET}:main\n")
    root = folder / "checkout"
    for path, text in FILES.items():
        write(root, path, text)
    for path, target in LINKS.items():
        (root / path).symlink_to(folder / target if target != "round.yaml" else target)
    Git(root).run("init", "-q")
    return root


def check(root: Path, output: str) -> Ran:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GITHUB_ACTIONS": "true"}
    environ["GITHUB_STEP_SUMMARY"] = str(root.parent / f"summary-{output}")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", "--format", output],
        cwd=root,
        capture_output=True,
        check=False,
        env=environ,
        timeout=300,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_as_text(checkout: Path) -> None:
    ran = check(checkout, "text")

    assert ran.code == 1, ran.err
    found = ran.out.splitlines()
    assert all(line.isprintable() for line in found)
    assert not [line for line in found if line.lstrip().startswith("::") or "##[" in line]
    assert "env/staging/api.yaml:1:8 floating-tag " in ran.out
    for name, rule in {
        "deep": "unreadable-file cannot be checked: nested deeper than ",
        "link": "unreadable-file cannot be checked: a symlink or a submodule",
        "round": "unreadable-file cannot be checked: a symlink or a submodule",
        "screen": "invalid-reference ",
    }.items():
        assert [line for line in found if re.match(rf"env/staging/{name}\.yaml:\d+:\d+ {rule}", line)], name
    bomb = [line.split()[:2] for line in found if line.startswith("env/staging/bomb.yaml:")]
    assert bomb == [["env/staging/bomb.yaml:1:10", "channel-bleed"], ["env/staging/bomb.yaml:1:10", "floating-tag"]]
    assert "env/staging/runner.yaml:1:12 invalid-reference " in ran.out
    assert "env/staging/a\\nb\\x1b[31m.yaml:1:8 floating-tag " in ran.out
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("output", ["text", "github", "json", "sarif"])
def test_the_runner_finds_no_command_but_ours(checkout: Path, output: str) -> None:
    ran = check(checkout, output)

    # as the runner reads it: `::` first on a line; or `##[` anywhere, in what is no command already
    lines = re.split("[\r\n]+", f"{ran.out}\n{ran.err}")
    commands = [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert commands
    assert [line for line in commands if not OURS.match(line)] == []
    assert "\x1b" not in ran.out + ran.err
    assert SECRET not in ran.out + ran.err
    assert sum(line.startswith("::error ") for line in commands) == 10  # as many as the runner shows
    summary = (checkout.parent / f"summary-{output}").read_text(encoding="utf-8")
    assert all(line.isprintable() for line in summary.splitlines())


def test_programs_can_read_it(checkout: Path) -> None:
    findings = json.loads(check(checkout, "json").out)["findings"]
    run = check(checkout, "sarif").out
    VALID.validate(json.loads(run))

    assert run.isascii()
    paths = {one["path"] for one in findings}
    assert paths >= {path for path in FILES if path.startswith("env/")}
    uris = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in json.loads(run)["runs"][0]["results"]
    ]
    assert len(uris) == len(findings)
    assert "env/staging/a%0Ab%1B%5B31m.yaml" in uris
    assert not [uri for uri in uris if uri.startswith(("/", ".")) or ":" in uri]


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        pytest.param("2027-02-30", "2027-02-30", id="no such day"),
        pytest.param("2027-01-31T10:00:00Z", "not a date", id="a time"),
        pytest.param("31.01.2027", "31.01.2027", id="another order"),
        pytest.param('"2027-1-1"', "2027-1-1", id="short"),
        pytest.param("20270131", "the number 20270131", id="a number"),
        pytest.param("'20270131'", "not a date", id="no dashes"),
        pytest.param("2027-W04-7", "not a date", id="a week"),
        pytest.param("''", "not a date", id="nothing"),
    ],
)
def test_a_wrong_date_stops_the_check(tmp_path: Path, expires: str, said: str) -> None:
    write(tmp_path, "config/environments.yaml", CONFIGURATION)
    waivers(tmp_path, f"rule: tag-only, path: a, reason: r, owner: o, expires: {expires}")
    done = bump("check", folder=tmp_path)

    assert done.err.startswith("bump: config/waivers.yaml:3: waivers[0].expires: ")
    assert said in done.err
    assert (done.out, done.code) == ("", 2)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        pytest.param("{tag_only: error}", "'tag_only': no such rule; there are channel-bleed, ", id="rule"),
        pytest.param('{"\\e[31m::error::": error}', "no such rule", id="control characters"),
        pytest.param("{tag-only: fatal}", "fatal", id="level"),
        pytest.param("{tag-only: {moon: error}}", "moon", id="environment"),
    ],
)
def test_an_unknown_rule_level_or_environment_stops_the_check(tmp_path: Path, rules: str, said: str) -> None:
    write(tmp_path, "config/environments.yaml", f"{CONFIGURATION}policy: {{rules: {rules}}}\n")
    done = bump("check", folder=tmp_path, environ={"GITHUB_ACTIONS": "true"})

    assert said in done.err
    assert "\x1b" not in done.err
    assert (done.out, done.code) == ("", 2)

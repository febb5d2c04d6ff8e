"""The command line itself: which verb is meant, what is imported for it, and what an error becomes."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bot
from bot import cli
from bot.commands import options
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace
from bot.report.result import Into
from tests.commands.gitops import CONFIG, files
from tests.commands.terminal import bump

HEAVY = ("rich", "pydantic", "github", "httpx", "structlog", "asyncio")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, content in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_nothing_heavy_is_imported_to_say_who_one_is(option: str) -> None:
    program = (
        "import sys; from bot.cli import run; code = run([sys.argv[1]]);"
        f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program, option], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_it_starts_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "bot", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"bump {bot.__version__}\n"


def test_bare_it_shows_help_and_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bump(folder=tmp_path).code == 2
    assert "Commands:" in capsys.readouterr().out


def test_help_says_what_each_verb_does_where_to_begin_and_what_the_codes_mean() -> None:
    (text,) = {told("--help"), told("-h")}
    listed = dict(re.findall(r"^  ([a-z]+)  +(\S.*)$", text.partition("Commands:")[2], re.MULTILINE))
    assert {"update", "resolve", "pins", "config", "demo"} <= set(listed)
    assert all(len(line) <= 60 and not line.endswith(("...", "…")) for line in listed.values())
    assert "bump --env dev --dry-run" in text
    assert re.findall(r"^  +(\d+)  +\S", text, re.MULTILINE) == ["0", "1", "2", "3", "130"]
    assert max(map(len, text.splitlines())) <= 80


def test_help_of_a_verb_shows_no_default_that_says_nothing() -> None:
    (text,) = {told("pins", "--help"), told("pins", "-h")}
    assert "[default: 0]" not in text
    assert "--root" in told("--root", "x", "-h")


def told(*arguments: str) -> str:
    program = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--env"], "requires an argument", id="an option means update"),
        pytest.param(["--dry-run"], "update needs --env NAME", id="update without environment"),
        pytest.param(["update"], "environments follow a channel: dev, local", id="it names those that follow"),
        pytest.param(["--env", "staging", "--into", "files"], "use bump promote --to staging", id="promoted"),
        pytest.param(["--env", "qa", "--into", "files"], "there are: dev, local, staging", id="unknown environment"),
        pytest.param(["--env", "dev"], "BUMP_GITHUB_TOKEN", id="no Git credential"),
        pytest.param(["--env", "dev", "--config", "../x.yaml"], "--config ../x.yaml", id="config outside"),
        pytest.param(["--env", "dev", "--root", "nowhere"], "no such folder", id="root"),
        pytest.param(["pins", "--nonsense"], "(see bump pins --help)", id="unknown option"),
        pytest.param(["config", "validate", "-x"], "(see bump config validate --help)", id="and of a verb below"),
        pytest.param(["--into", "foo"], "'--into': 'foo' is not one of", id="into"),
        pytest.param(["--into", "foo"], "(see bump update --help)", id="the verb that is meant"),
        pytest.param(["nonsense"], "(see bump --help)", id="unknown verb"),
        pytest.param(["--root", "x", "pins"], "the verb comes first: bump pins --root x\n", id="verb behind"),
        pytest.param(
            ["--root", "x", "config", "validate"], "the verb comes first: bump config validate --root x\n", id="two"
        ),
        pytest.param(["--root", "x", "resolve", "a:b"], "the verb comes first: bump resolve --root x a:b\n", id="more"),
        pytest.param(["--env", "dev", "pinz"], "(pinz) (see bump update --help)", id="no verb behind"),
        pytest.param(["resolve", "UPPER/case"], "write it in lower case", id="not a reference"),
        pytest.param(["resolve", "ghcr.io/acme/api"], "neither tag nor digest", id="bare reference"),
        pytest.param(["--env", "dev", "--image", "nope", "--into", "files"], "ghcr.io/acme/api", id="no such image"),
        pytest.param(["--env", "dev", "--into", "branch"], "not a git repository; go to", id="no git here"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(checkout: Path, arguments: list[str], words: str) -> None:
    environ = {"GITHUB_REPOSITORY": "acme/gitops"}
    done = bump(*arguments, folder=checkout, environ=environ)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err


def test_a_bug_is_exit_code_3_and_shows_its_place_only_when_asked(checkout: Path) -> None:
    for verbose, shown in ((), False), (("-v",), True):
        err = io.StringIO()
        surroundings = Surroundings(environ={}, folder=checkout, out=Broken(), err=err, pace=Pace(), endpoints={})
        assert cli.run(["pins", *verbose], surroundings) == 3
        assert "bump: unexpected RuntimeError: the pipe is gone" in err.getvalue()
        assert ("Traceback" in err.getvalue()) is shown


class Broken(io.StringIO):
    """A stream that cannot be written to is as unexpected as it gets."""

    def write(self, _: str) -> int:
        raise RuntimeError("the pipe\nis gone")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("version: 1\nenvironments:\n  dev: {pahts: []}\n  local: {pahts: []}\n", 4, id="keys"),
        pytest.param(
            "version: 1\nimages: []\nenvironments:\n  dev: {paths: [a/**]}\n  local: {paths: [b/**]}\n", 2, id="globs"
        ),
    ],
)
def test_every_line_about_the_configuration_says_who_speaks(checkout: Path, text: str, wrong: int) -> None:
    (checkout / CONFIG).write_text(text)
    lines = bump("config", "validate", folder=checkout).err.splitlines()
    assert len(lines) == wrong
    assert all(line.startswith(f"bump: {CONFIG}:") for line in lines)
    done = bump("--env", "dev", "--into", "files", folder=checkout)
    assert done.err.splitlines()
    assert all(line.startswith("bump: ") for line in done.err.splitlines())


def test_what_into_takes_is_what_a_result_tells() -> None:
    assert [one.value for one in options.Into] == [
        one.value for one in Into
    ]  # two, as no result is imported to say what the options are


def test_pins_lists_every_pin_and_whether_it_moves(checkout: Path) -> None:
    done = bump("pins", "--env", "dev", "--env", "staging", folder=checkout)
    assert done.code == 0
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert [(row[0], row[1], row[3], row[7]) for row in rows] == [
        ("dev", "env/dev/api.yaml:3:8", "string", "follows main"),
        ("dev", "env/dev/jobs.yaml:1:45", "tag-suffix", "follows main"),
        ("dev", "env/dev/web.yaml:5:13", "digest-key", "follows main"),
        ("staging", "env/staging/api.yaml:1:6", "string", "stays"),
    ]
    listed = json.loads(bump("pins", "--format", "json", folder=checkout).out)
    assert len(listed["pins"]) == 5
    assert listed["pins"][0]["follows"] == "main"


def test_config_validate_says_valid_or_what_is_not(checkout: Path) -> None:
    good = bump("config", "validate", folder=checkout)
    assert (good.code, good.out) == (0, f"{CONFIG}: valid, 3 environments, 1 image rule\n")
    (checkout / CONFIG).with_name("environments.schema.json").write_text("{}")
    stale = bump("config", "validate", folder=checkout)
    assert stale.code == 0
    assert "stale" in stale.err
    assert bump("config", "schema", "--write", folder=checkout).code == 0
    assert bump("config", "validate", folder=checkout).err == ""
    (checkout / CONFIG).write_text("version: 1\nenvironments:\n  dev:\n    pahts: []\n")
    bad = bump("config", "validate", folder=checkout)
    assert bad.code == 2
    assert "environments.yaml:4" in bad.err
    assert "paths" in bad.err

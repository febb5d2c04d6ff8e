"""`bump waivers`, and `bump check --write-waivers` in a repository that has known no rules yet."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bot.config import load_waivers
from tests.commands.repository import CONFIG, CONFIGURATION, FILES, WAIVERS, Repository
from tests.commands.terminal import Done, bump


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """No git: neither verb needs it."""
    one = Repository(tmp_path)
    one.write({**FILES, "env/staging/more.yaml": "a: {image: 'redis:latest'}\nb: {image: 'redis:latest'}\n"})
    return one


def in_days(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


def adopt(repository: Repository, *more: str, days: int = 60) -> Done:
    options = ("--owner", "platform team", "--reason", "from before bump", "--expires", in_days(days))
    return repository.check("--write-waivers", *options, *more)


def test_an_old_repository_is_adopted_and_what_is_new_is_held_to_the_rules(repository: Repository) -> None:
    done = adopt(repository)
    first = (repository.root / WAIVERS).read_bytes()
    again = adopt(repository)

    assert done.out == f"{WAIVERS}: 2 new waivers for 3 findings\n"
    assert (done.err, done.code) == ("", 0)
    assert repository.check().err == "All checks passed: 5 references in 4 files; 3 waived\n"
    assert again.out == f"{WAIVERS}: 0 new waivers for 0 findings\n"
    assert (again.code, (repository.root / WAIVERS).read_bytes()) == (0, first)
    assert first.decode() == (
        "version: 1\nwaivers:\n"
        "  - rule: floating-tag\n    path: env/staging/more.yaml\n    image: docker.io/library/redis\n"
        f"    reason: from before bump\n    owner: platform team\n    expires: {in_days(60)}\n"
        "  - rule: tag-only\n    path: env/staging/old.yaml\n    image: ghcr.io/acme/old\n"
        f"    reason: from before bump\n    owner: platform team\n    expires: {in_days(60)}\n"
    )
    repository.write({"env/staging/new.yaml": "image: ghcr.io/acme/old:1.4.0\n"})
    assert repository.check().code == 1


def test_what_is_there_keeps_its_bytes(repository: Repository) -> None:
    before = "# ours\nversion: 1\nwaivers:   # not many\n  - {rule: tag-only, path: env/staging, reason: r, owner: o, "
    before += f"expires: {in_days(20)}}} # soon\n"
    repository.write({WAIVERS: before})
    adopt(repository)
    after = (repository.root / WAIVERS).read_text(encoding="utf-8")

    assert after.startswith(before)
    assert [one.rule for one in load_waivers(after.encode(), path=WAIVERS)] == ["tag-only", "floating-tag"]
    assert repository.check().code == 0


def test_paths_and_environments_narrow_it(repository: Repository) -> None:
    assert adopt(repository, "env/staging/old.yaml").out == f"{WAIVERS}: 1 new waiver for 1 finding\n"
    assert adopt(repository, "--env", "dev").out == f"{WAIVERS}: 0 new waivers for 0 findings\n"


def test_what_no_waiver_excuses_is_told(repository: Repository) -> None:
    waivers = f"version: 1\nwaivers: [{{rule: tag-form, path: a, reason: r, owner: o, expires: {in_days(-3)}}}]\n"
    repository.write({WAIVERS: waivers})
    done = adopt(repository)

    assert done.err == "bump: 1 error that no waiver excuses; run bump check\n"
    assert done.code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--write-waivers"], "needs --owner NAME, --reason TEXT and --expires DATE", id="nothing"),
        pytest.param(["--owner", "x"], "give --write-waivers too", id="no wish"),
        pytest.param(["--expires", in_days(91)], f"to {in_days(90)}, as policy.max_waiver_days is 90", id="too far"),
        pytest.param(["--expires", in_days(-1)], "expected a day from today", id="past"),
        pytest.param(["--expires", "soon"], "--expires 'soon': not a date", id="no date"),
        pytest.param(["--owner", ""], "--owner: expected one line", id="nobody"),
        pytest.param(["--reason", "a\nb"], "--reason: expected one line", id="two lines"),
        pytest.param(["--base", "HEAD"], "leave out --base", id="with a base"),
        pytest.param(["--fix"], "leave out --base", id="with a fix"),
        pytest.param(["--manifests", "-"], "leave out --base", id="with manifests"),
        pytest.param(["--format", "json"], "leave out --base", id="as JSON"),
    ],
)
def test_a_wrong_wish_is_exit_2_and_writes_nothing(repository: Repository, words: list[str], said: str) -> None:
    good = ["--write-waivers", "--owner", "o", "--reason", "r", "--expires", in_days(5)]
    done = repository.check(*(words if words[0] == "--write-waivers" or words == ["--owner", "x"] else good + words))

    assert said in done.err
    assert (done.out, done.code) == ("", 2)
    assert not (repository.root / WAIVERS).exists()


def test_globs_that_are_wrong_are_exit_2_and_nothing_is_written(repository: Repository) -> None:
    repository.write({CONFIG: CONFIGURATION.replace("env/dev/**", "lost/**")})
    done = adopt(repository)

    assert "environments.dev.paths" in done.err
    assert done.code == 2
    assert not (repository.root / WAIVERS).exists()


def test_a_file_of_waivers_that_leads_elsewhere_is_not_written(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("version: 1\n", encoding="utf-8")
    (repository.root / WAIVERS).symlink_to(tmp_path / "elsewhere")
    done = adopt(repository)

    assert "a symlink" in done.err
    assert done.code == 2
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "version: 1\n"


def listed(repository: Repository) -> None:
    entries = [
        f"rule: tag-only, path: env/staging, image: ghcr.io/acme/old, reason: w, owner: sre, expires: {in_days(40)}",
        f'rule: tag-form, path: env, reason: "::error::x ##[y", owner: dev, expires: {in_days(-1)}',
        f"rule: unpinned, path: env, reason: r, owner: dev, expires: {in_days(0)}",
    ]
    text = "version: 1\nwaivers:\n" + "".join(f"  - {{{one}}}\n" for one in entries)
    (repository.root / WAIVERS).write_text(text, encoding="utf-8")


def test_the_first_to_end_stands_first(repository: Repository) -> None:
    listed(repository)
    done = bump("waivers", folder=repository.root)

    assert [line.split("\t") for line in done.out.splitlines()] == [
        ["expired 1 day ago", in_days(-1), "dev", "tag-form", "env", "-", f"{WAIVERS}:4", "::error::x #\\x23[y"],
        ["ends today", in_days(0), "dev", "unpinned", "env", "-", f"{WAIVERS}:5", "r"],
        ["40 days left", in_days(40), "sre", "tag-only", "env/staging", "ghcr.io/acme/old", f"{WAIVERS}:3", "w"],
    ]
    assert (done.err, done.code) == ("", 0)


def test_a_program_gets_them_too(repository: Repository) -> None:
    listed(repository)
    document = json.loads(bump("waivers", "--format", "json", folder=repository.root).out)

    assert [(one["state"], one["days_left"]) for one in document["waivers"]] == [
        ("expired", -1),
        ("expiring", 0),
        ("holds", 40),
    ]
    assert document["waivers"][2] == {
        "rule": "tag-only",
        "path": "env/staging",
        "image": "ghcr.io/acme/old",
        "owner": "sre",
        "reason": "w",
        "expires": in_days(40),
        "days_left": 40,
        "state": "holds",
        "file": WAIVERS,
        "line": 3,
    }


def test_without_waivers_there_is_nothing_to_list(repository: Repository) -> None:
    done = bump("waivers", folder=repository.root)

    assert (done.out, done.err, done.code) == ("", "", 0)


def test_an_editor_has_a_schema_for_the_file(repository: Repository) -> None:
    printed = bump("config", "schema", "--waivers", folder=repository.root)
    written = bump("config", "schema", "--waivers", "--write", folder=repository.root)
    copy = repository.root / "config/waivers.schema.json"
    schema = json.loads(copy.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = {"rule": "tag-only", "path": "a", "reason": "r", "owner": "o", "expires": "2027-01-31"}

    assert (written.out, written.code) == ("config/waivers.schema.json: written\n", 0)
    assert printed.out == copy.read_text(encoding="utf-8")
    assert validator.is_valid({"version": 1, "waivers": [good]})
    for wrong in ({"rule": "waiver-expired"}, {"expires": "soon"}, {"why": "x"}, {"owner": ""}):
        assert not validator.is_valid({"version": 1, "waivers": [{**good, **wrong}]})
    copy.write_text("{}", encoding="utf-8")
    stale = bump("config", "validate", folder=repository.root)
    assert "config/waivers.schema.json is stale; run bump config schema --write --waivers" in stale.err

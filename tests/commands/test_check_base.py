"""`bump check --base`: a change is judged by what it is to be merged onto, and cannot excuse itself."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.repository import CONFIG, CONFIGURATION, FILES, WAIVERS, Repository
from tests.commands.terminal import Done

TAG_ONLY = "env/staging/old.yaml:1:8 tag-only"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.begin(tmp_path / "gitops")


def waiver(days: int = 40, rule: str = "tag-only") -> str:
    last = (datetime.now(UTC) + timedelta(days=days)).date()
    return f"version: 1\nwaivers:\n  - {{rule: {rule}, path: env/staging, reason: r, owner: o, expires: {last}}}\n"


def told(done: Done) -> list[str]:
    return [" ".join(line.split(" ")[:2]) for line in done.out.splitlines()]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param({WAIVERS: waiver()}, f"{WAIVERS}:3:5", id="by a waiver"),
        pytest.param(
            {CONFIG: f"{CONFIGURATION}policy: {{rules: {{tag-only: ignore}}}}\n"}, f"{CONFIG}:7:1", id="by a level"
        ),
        pytest.param(
            {CONFIG: CONFIGURATION.replace("promote_from: dev", "follow: edge")}, f"{CONFIG}:6:40", id="by its lane"
        ),
        pytest.param(
            {CONFIG: CONFIGURATION.replace("env/staging/**", "env/staging/api.yaml")},
            f"{CONFIG}:6:13",
            id="by its paths",
        ),
        pytest.param(
            {CONFIG: CONFIGURATION.replace('["env/staging/**"]', '["env/staging/**"], exclude: ["**/old.yaml"]')},
            f"{CONFIG}:6:40",
            id="by an exclusion",
        ),
    ],
)
def test_a_change_does_not_excuse_itself(repository: Repository, change: Mapping[str, str], place: str) -> None:
    repository.write(change)
    alone, based = repository.check(), repository.check("--base", "main")

    assert alone.code == 0
    assert TAG_ONLY in told(based)
    assert f"{place} policy-changed [warning] " in based.out
    assert based.code == 1


def test_an_image_of_ours_is_not_made_somebody_elses(tmp_path: Path) -> None:
    """Behind a gate nobody's image goes without a digest, but other people's tags are theirs."""
    files = {**FILES, "env/staging/old.yaml": "image: ghcr.io/acme/old:stable@<a>\n"}
    repository = Repository.begin(tmp_path / "gitops", files)
    repository.write({CONFIG: CONFIGURATION.replace('acme/*"', 'acme/*"\n    move: false')})
    alone, based = repository.check(), repository.check("--base", "main")

    assert told(alone) == ["env/staging/old.yaml:1:8 channel-tag-with-digest"]
    assert "channel-tag-with-digest [warning]" in alone.out
    assert alone.code == 0
    assert "env/staging/old.yaml:1:8 channel-tag-with-digest ghcr.io/acme/old" in based.out
    assert f"{CONFIG}:4:5 policy-changed [warning] " in based.out
    assert based.code == 1


@pytest.mark.parametrize("path", ["elsewhere/old.yaml", "env/staging/old.yml.off"])
def test_a_file_that_leaves_all_environments_is_told(repository: Repository, path: str) -> None:
    (repository.root / path).parent.mkdir(exist_ok=True)
    repository.git("mv", "env/staging/old.yaml", path)
    repository.git("mv", "env/staging/api.yaml", "env/dev/moved.yaml")
    for words in ((), ("--changed",)):
        done = repository.check("--base", "main", *words)
        assert f"{path}:1:1 policy-changed [warning] was env/staging/old.yaml of staging; no environment" in done.out
        assert done.out.count("policy-changed") == 1


def test_what_the_base_excuses_is_excused_though_the_change_takes_the_waiver_out(repository: Repository) -> None:
    repository.write({WAIVERS: waiver()})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.write({WAIVERS: "version: 1\n"})
    done = repository.check("--base", "main")

    assert [line.split(" the waiver")[0] for line in done.out.splitlines()] == [
        f"{WAIVERS}:1:1 policy-changed [warning]"
    ]
    assert done.err.endswith(f"; 1 waived; judged by {repository.git('rev-parse', 'main')[:12]}\n")
    assert done.code == 0


def test_waivers_are_told_about_as_they_are_here(repository: Repository) -> None:
    repository.write({WAIVERS: waiver(-5)})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.write({WAIVERS: waiver(400)})
    done = repository.check("--base", "main")

    assert told(done) == [f"{WAIVERS}:3:5 policy-changed", f"{WAIVERS}:3:5 waiver-too-long", TAG_ONLY]


def test_what_was_taken_back_at_the_base_excuses_nobody_who_branched_off_before(repository: Repository) -> None:
    repository.write({WAIVERS: waiver()})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.git("checkout", "-q", "main")
    repository.write({WAIVERS: None})
    repository.commit()
    repository.git("checkout", "-q", "work")
    done = repository.check("--base", "main")

    assert TAG_ONLY in told(done)
    assert "policy-changed" not in done.out, "the change itself did nothing to the policy"


def test_an_environment_that_is_new_is_checked_and_one_that_is_gone_is_no_error(repository: Repository) -> None:
    repository.write(
        {
            CONFIG: CONFIGURATION.replace('dev: {paths: ["env/dev/**"]', 'new: {paths: ["env/new/**"]').replace(
                "promote_from: dev", "promote_from: new"
            ),
            "env/dev/api.yaml": None,
            "env/new/api.yaml": "image: ghcr.io/acme/api:latest\n",
        }
    )
    done = repository.check("--base", "main")

    assert told(done) == [
        f"{CONFIG}:4:1 policy-changed",
        f"{CONFIG}:5:3 policy-changed",
        f"{CONFIG}:6:40 policy-changed",
        "env/new/api.yaml:1:8 floating-tag",
        TAG_ONLY,
    ]
    assert done.code == 1
    assert repository.check("--base", "main", "--env", "new").code == 1
    assert told(repository.check("--base", "main", "--env", "dev"))[-1].endswith("policy-changed")
    assert "no environment 'prod'" in repository.check("--base", "main", "--env", "prod").err


def test_globs_of_the_change_that_match_nothing_are_its_mistake(repository: Repository) -> None:
    repository.write({CONFIG: CONFIGURATION.replace("env/dev/**", "lost/**")})
    done = repository.check("--base", "main")

    assert "environments.dev.paths" in done.err
    assert done.code == 2


def test_the_first_configuration_judges_itself_and_that_is_told(tmp_path: Path) -> None:
    repository = Repository.begin(tmp_path / "gitops", {"env/staging/old.yaml": FILES["env/staging/old.yaml"]})
    repository.write({**FILES, WAIVERS: waiver()})
    done = repository.check("--base", "main")

    assert done.out == (
        f"{CONFIG}:1:1 policy-changed [warning] the base has no configuration; this one and its waivers count already\n"
    )
    assert "judged by" not in done.err
    assert done.code == 0


def test_a_base_that_cannot_be_read_is_exit_2_and_not_the_change_s_own_word(repository: Repository) -> None:
    repository.write({CONFIG: f"{CONFIGURATION}policy: {{rules: {{no-such: error}}}}\n"})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.write({CONFIG: CONFIGURATION})
    done = repository.check("--base", "main")

    assert "bump: config/environments.yaml:7: policy.rules.no-such: " in done.err
    assert "bump: main judges (" in done.err
    assert (done.out, done.code) == ("", 2)


def test_programs_are_told_which_commit_judged(repository: Repository) -> None:
    based = json.loads(repository.check("--base", "main", "--format", "json").out)
    alone = json.loads(repository.check("--format", "json").out)

    assert based["base"] == repository.git("rev-parse", "main")
    assert alone["base"] is None
    assert based["findings"] == alone["findings"]


@pytest.mark.parametrize(
    "word", ["--output=x", "-x", "main..work", "main:config", "a b", "", "x\x1b[31m", "*", "^main?", "a" * 251]
)
def test_a_word_that_is_no_revision_does_not_reach_git(repository: Repository, word: str) -> None:
    done = repository.check(f"--base={word}")

    assert "expected a branch, a tag or a commit" in done.err
    assert "\x1b" not in done.err
    assert (done.out, done.code) == ("", 2)


@pytest.mark.parametrize("word", ["main", "HEAD", "work~0", "refs/heads/main", "@{0}", "main^{commit}"])
def test_what_git_takes_for_a_commit_is_one(repository: Repository, word: str) -> None:
    assert told(repository.check("--base", word)) == [TAG_ONLY]


def test_a_shallow_clone_is_exit_2_that_says_what_to_do(repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    Repository(tmp_path).git("clone", "-q", "--depth=1", f"file://{repository.root}", "shallow")
    done = Repository(tmp_path / "shallow").check("--base", "HEAD")

    assert "fetch-depth: 0" in done.err
    assert (done.out, done.code) == ("", 2)


def test_a_commit_that_is_not_here_is_exit_2(repository: Repository) -> None:
    done = repository.check("--base", "c0" * 20)

    assert "no such commit" in done.err
    assert "fetch-depth: 0" in done.err
    assert done.code == 2


def test_a_history_of_its_own_is_exit_2(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "other")
    repository.write({"README.md": "another beginning"})
    repository.commit()
    done = repository.check("--base", "main")

    assert "no commit in common" in done.err
    assert done.code == 2


def test_without_git_it_is_exit_2(tmp_path: Path) -> None:
    Repository(tmp_path).write(FILES)
    done = Repository(tmp_path).check("--base", "main")

    assert "not a git repository" in done.err
    assert done.code == 2


def event(repository: Repository, payload: object, *, name: str = "pull_request", **more: str) -> dict[str, str]:
    """The variables of a run in Actions for an event."""
    path = repository.root.parent / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), **more}


def of_pull_request(sha: object) -> object:
    return {"pull_request": {"base": {"sha": sha}}}


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target", "pull_request_review", "merge_group"], ids=str)
def test_in_actions_the_base_is_that_of_the_event(repository: Repository, name: str) -> None:
    base = repository.git("rev-parse", "main")
    repository.write({WAIVERS: waiver()})
    repository.commit()
    payload = {"merge_group": {"base_sha": base}} if name == "merge_group" else of_pull_request(base)
    done = repository.check(environ=event(repository, payload, name=name))

    assert TAG_ONLY in done.out
    assert f"judged by {base[:12]}" in done.err


def test_elsewhere_and_for_other_events_there_is_none(repository: Repository) -> None:
    repository.write({WAIVERS: waiver()})
    payload = of_pull_request(repository.git("rev-parse", "main"))

    assert repository.check(environ=event(repository, payload, name="push")).code == 0
    assert repository.check(environ={**event(repository, payload), "GITHUB_ACTIONS": ""}).code == 0


def test_what_is_given_takes_the_place_of_the_event(repository: Repository) -> None:
    repository.write({WAIVERS: waiver()})
    repository.commit()
    done = repository.check("--base", "HEAD", environ=event(repository, "no JSON"))

    assert done.code == 0


def test_the_commit_that_github_merged_onto_is_newer_than_the_event_s(repository: Repository) -> None:
    old = repository.git("rev-parse", "main")
    repository.write({"env/staging/more.yaml": "image: ghcr.io/acme/api@<a>\n"})
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write({CONFIG: f"{CONFIGURATION}policy: {{rules: {{tag-only: warning}}}}\n"})
    newer = repository.commit()
    repository.git("checkout", "-q", "--detach")
    repository.git("merge", "-q", "--no-ff", "-m", "merged", "work")
    merge = repository.git("rev-parse", "HEAD")
    environ = event(repository, of_pull_request(old), GITHUB_SHA=merge, GITHUB_REF="refs/pull/7/merge")
    done = repository.check(environ=environ)
    head = repository.check(environ={**environ, "GITHUB_REF": "refs/heads/work"})

    assert f"judged by {newer[:12]}" in done.err
    assert "policy-changed" not in done.out
    assert f"judged by {old[:12]}" in head.err, "a merge that a person made is no base"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param({}, "no commit at pull_request.base.sha", id="nothing"),
        pytest.param(of_pull_request(7), "no commit at pull_request.base.sha", id="a number"),
        pytest.param(of_pull_request("main"), "no commit at pull_request.base.sha", id="a name"),
        pytest.param(of_pull_request("--upload-pack=x"), "no commit at pull_request.base.sha", id="an option"),
        pytest.param({"pull_request": []}, "no commit at pull_request.base.sha", id="a list"),
        pytest.param("{", "no JSON", id="half of it"),
        pytest.param("[" * 100_000, "no JSON", id="deep"),
        pytest.param(of_pull_request("c0" * 20), "fetch-depth: 0", id="not here"),
    ],
)
def test_an_event_without_a_base_is_exit_2(repository: Repository, payload: object, said: str) -> None:
    done = repository.check(environ=event(repository, payload))

    assert said in done.err
    assert (done.out, done.code) == ("", 2)


def test_an_event_that_is_not_there_is_exit_2(repository: Repository) -> None:
    environ = {**event(repository, {}), "GITHUB_EVENT_PATH": str(repository.root / "nowhere")}

    assert repository.check(environ=environ).code == 2


def test_a_change_does_not_say_which_registries_are_asked(tmp_path: Path) -> None:
    configuration = CONFIGURATION.replace("ghcr.io/acme/*", "**/acme/*")
    repository = Repository.begin(
        tmp_path / "gitops",
        {CONFIG: configuration, "env/dev/a.yaml": "a: 1\n", "env/staging/a.yaml": "image: host.invalid/acme/x@<a>\n"},
    )
    repository.write({CONFIG: f"{configuration}registries: {{host.invalid: {{}}}}\n"})
    done = repository.check("--base", "main", "--online")

    assert told(done) == [f"{CONFIG}:7:1 policy-changed", "env/staging/a.yaml:1:8 not-checked"]
    assert "; 1 not checked online; judged by " in done.err
    assert done.code == 0


def test_where_the_base_names_no_registry_none_is_asked(tmp_path: Path) -> None:
    repository = Repository.begin(tmp_path / "gitops", {"README.md": "x"})
    repository.write(FILES)
    done = repository.check("--base", "main", "--online")

    assert "; 2 not checked online" in done.err
    assert done.code == 1, "of the error that there is, and no registry was out of reach"

"""Workflows as they are written: who runs the bot, what its job may, and which checks always come."""

from collections.abc import Mapping

import pytest

from bot.diagnosis.automation import automation
from bot.diagnosis.check import Check, Name, Ok
from bot.diagnosis.facts import ActionsPolicy, Protection, Rule, Unreadable
from bot.diagnosis.scripts import scripts
from bot.diagnosis.workflows import Workflows, read_workflows
from tests.diagnosis.facts import only, seen, surface

READS = ActionsPolicy(opens_pull_requests=True, writes_by_default=False)
BUMP = """\
on: {schedule: [{cron: "17 * * * *"}]}
concurrency: {group: bump, cancel-in-progress: false}
jobs:
  bump:
    permissions: {contents: write, pull-requests: write}
    steps:
      - run: bump --env dev
"""


def read(**files: str) -> Workflows:
    return read_workflows({f".github/workflows/{name}.yml": text.encode() for name, text in files.items()})


def judged(
    found: Workflows,
    *,
    required: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    actions: ActionsPolicy | Unreadable = READS,
) -> list[Check]:
    protection = Protection(rules=(Rule(type="required_status_checks", checks=required),))
    return list(automation(found, protection=protection, named=named, actions=actions, base="main"))


def step(text: str) -> Workflows:
    return read(x=f"on: push\njobs:\n  j:\n    steps:\n      - {text}\n")


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("run: bump --env dev", True),
        ('run: .venv/bin/python -m bot --env "$ENV" --into pull-request', True),
        ('run: "docker run ghcr.io/acme/digest-bump@sha256:abc --env dev"', True),
        ("run: |\n          echo x\n          bump promote --to staging", True),
        ("run: |\n          bump \\\n            --env dev", True),
        ("run: bump check", False),
        ("run: bump --env dev --dry-run", False),
        ("run: bump", False),
        ("run: bump --version", False),
        ("run: bump doctor", False),
        ("run: npm run bump-version", False),
        ("run: cz bump --yes --changelog", False),
        ("run: bump -v --env=dev", True),
        ("run: bump --repo acme/gitops --env dev", True),
        ("run: uvx --from digest-bump bump --env dev", True),
        ("run: echo bump", False),
        ("uses: acme/bump@0123456789abcdef", True),
        ("uses: ./.github/actions/bump", True),
        ("{uses: acme/bump@v1, with: {command: check}}", False),
        ("{uses: acme/bump@v1, with: {command: validate}}", False),
        ("{uses: acme/bump@v1, with: {environment: dev, dry-run: true}}", False),
        ("{uses: acme/bump@v1, with: {environment: dev, dry-run: '${{ inputs.x }}'}}", True),
        ("{uses: acme/bump@v1, with: {command: update, environment: dev}}", True),
        ("uses: acme/bump-version@v1", False),
        ("uses: actions/checkout@v1", False),
    ],
)  # fmt: skip
def test_who_runs_the_bot(text: str, *, runs: bool) -> None:
    (workflow,) = step(text).read
    assert bool(workflow.bumping) is runs


def test_a_well_made_workflow_is_all_ok() -> None:
    checks = judged(read(bump=BUMP))
    assert [type(one) for one in checks] == [Ok] * 3
    assert checks[0].message == "bump runs in .github/workflows/bump.yml"


def test_nobody_runs_it_here() -> None:
    (one,) = judged(read(ci="on: push\njobs: {}\n"))
    assert seen(one)[0] == "CannotTell"


@pytest.mark.parametrize(
    ("old", "new", "actions", "verdict", "says"),
    [
        ("contents: write, ", "", READS, "Wrong", "lacks `contents: write` there → add `contents: write` to"),
        ("{contents: write, pull-requests: write}", "write-all", READS, "Ok", "GITHUB_TOKEN has"),
        ("{contents: write, pull-requests: write}", "read-all", READS, "Wrong", "and `pull-requests: write`"),
        ("{contents: write, pull-requests: write}", "{}", READS, "Wrong", "lacks"),
        ("    permissions: {contents: write, pull-requests: write}\n", "", READS, "Wrong", "by default"),
        (
            "    permissions: {contents: write, pull-requests: write}\n", "",
            ActionsPolicy(opens_pull_requests=True, writes_by_default=True), "Ok", "by default GITHUB_TOKEN may write",
        ),
        (
            "    permissions: {contents: write, pull-requests: write}\n", "",
            Unreadable("not shown; ask"), "CannotTell", "(not shown)",
        ),
        (
            "    permissions: {contents: write, pull-requests: write}\n",
            "    permissions: {}\n    env: {BUMP_GITHUB_TOKEN: x}\n", READS, "Ok", "a credential of its own",
        ),
    ],
)  # fmt: skip
def test_what_the_job_may(old: str, new: str, actions: ActionsPolicy | Unreadable, *, verdict: str, says: str) -> None:
    assert old in BUMP
    found = seen(only(judged(read(bump=BUMP.replace(old, new)), actions=actions), Name.JOB))
    assert (found[0], says in found[1]) == (verdict, True), found


def test_a_called_workflow_may_have_another_credential() -> None:
    calls = "permissions: {}\njobs:\n  x:\n    uses: acme/bump/.github/workflows/bump.yml@v1\n"
    verdict, says = seen(only(judged(read(bump=calls)), Name.JOB))
    assert (verdict, "what is called may have another credential" in says) == ("CannotTell", True)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (BUMP.replace("concurrency: {group: bump, cancel-in-progress: false}\n", ""), "Wrong"),
        (BUMP.replace("concurrency: {group: bump, cancel-in-progress: false}", "concurrency: bump"), "Ok"),
        (BUMP.replace("    steps", "    concurrency: own\n    steps"), "Ok"),
        ("jobs:\n  x:\n    uses: acme/bump/.github/workflows/bump.yml@v1\n", "Ok"),
        ("jobs:\n  x:\n    uses: acme/gitops-tools/.github/workflows/bump.yml@v1\n", "CannotTell"),
    ],
)
def test_concurrency(text: str, verdict: str) -> None:
    assert seen(only(judged(read(bump=text)), Name.CONCURRENCY))[0] == verdict


CALLER = "on: {schedule: [{cron: '7 * * * *'}]}\njobs:\n  x:\n    uses: ./.github/workflows/bump.yml\n"
CALLED = BUMP.replace('{schedule: [{cron: "17 * * * *"}]}', "workflow_call")


@pytest.mark.parametrize(
    ("caller", "called", "verdicts"),
    [
        (CALLER, CALLED, {"Ok"}),
        (f"concurrency: x\n{CALLER}", CALLED, {"Ok"}),
        (CALLER, CALLED.replace("concurrency", "x"), {"CannotTell"}),
        (f"concurrency: x\n{CALLER}", CALLED.replace("concurrency", "x"), {"Ok", "CannotTell"}),
    ],
)
def test_a_workflow_that_is_called_here(caller: str, called: str, verdicts: set[str]) -> None:
    assert called != BUMP
    found = read(caller=caller, bump=called)
    assert {seen(one)[0] for one in judged(found) if one.name is Name.CONCURRENCY} == verdicts
    assert seen(only(scripts(found, surface()), Name.WORKFLOW))[0] == "Ok"


def test_a_secret_that_is_passed_on_is_a_credential() -> None:
    text = CALLER.replace("bump.yml\n", "bump.yml\n    secrets: {BUMP_GITHUB_TOKEN: x}\n    permissions: {}\n")
    assert seen(only(judged(read(caller=text)), Name.JOB))[0] == "Ok"


CHECKS = {
    "whole": "on: pull_request\njobs: {gate: {}, test: {name: 'test (${{ matrix.x }})'}, call: {uses: ./x.yml}}\n",
    "part": "on:\n  pull_request:\n    paths: ['src/**']\njobs: {lint: {name: lint all}}\n",
    "push": "on: [push]\njobs: {built: {}}\n",
    "closed": "on:\n  pull_request:\n    types: [opened, closed]\njobs: {once: {}}\n",
    "types": "on:\n  pull_request:\n    types: [opened, synchronize, labeled]\njobs: {always: {}}\n",
    "main": "on: {pull_request: {branches: [main, 'release/**']}}\njobs: {on-main: {}}\n",
    "other": "on:\n  pull_request:\n    branches: ['release/**']\njobs: {on-release: {}}\n",
    "ignoring": "on: {pull_request: {branches-ignore: [main]}}\njobs: {not-on-main: {}}\n",
    "odd": "on: {pull_request: {branches: ['ma[a-z]n']}}\njobs: {on-odd: {}}\n",
    "take": "on: {pull_request: {paths: [env/**]}}\njobs: {pair: {}}\n",
    "leave": "on: {pull_request: {paths-ignore: [env/**]}}\njobs: {pair: {}}\n",
}


@pytest.mark.parametrize(
    ("check", "verdict", "says"),
    [
        ("gate", "Ok", "made for every pull request by .github/workflows/whole.yml"),
        ("test (3.11)", "Ok", "whole.yml"),
        ("call / inner", "Ok", "whole.yml"),
        ("lint all", "Wrong", ".github/workflows/part.yml:3: base requires the check lint all, and `paths` skips"),
        ("lint", "CannotTell", "no workflow here that runs for pull requests has a job of that name"),
        ("built", "CannotTell", "no workflow"),
        ("once", "Wrong", "closed.yml:3: base requires the check once, and `types` skips this workflow"),
        ("always", "Ok", "types.yml"),
        ("on-main", "Ok", "main.yml"),
        ("on-release", "Wrong", "other.yml:3: base requires the check on-release, and `branches` skips this workflow"),
        ("not-on-main", "Wrong", "`branches-ignore` skips"),
        ("on-odd", "CannotTell", "`branches` of .github/workflows/odd.yml is not read here"),
        ("pair", "CannotTell", "leave.yml and .github/workflows/take.yml"),
    ],
)
def test_a_required_check_comes_for_every_pull_request(check: str, verdict: str, says: str) -> None:
    found = seen(only(judged(read(**CHECKS), required=(check,)), Name.FILTER))
    assert (found[0], says in found[1]) == (verdict, True), found


@pytest.mark.parametrize(
    ("events", "verdict"), [("pull_request", "Wrong"), ("[pull_request, merge_group]", "Ok"), ("push", "CannotTell")]
)
def test_a_merge_queue_waits_for_its_own_event(events: str, verdict: str) -> None:
    rules = (Rule(type="required_status_checks", checks=("gate",)), Rule(type="merge_queue"))
    workflows = read(ci=f"on: {events}\njobs: {{gate: {{}}}}\n")
    checks = automation(workflows, protection=Protection(rules=rules), named=(), actions=READS, base="main")
    found = seen(only(checks, Name.FILTER))
    assert found[0] == verdict
    assert ("add `merge_group:`" in found[1]) is (verdict == "Wrong")


def test_what_auto_merge_waits_for_counts_too_and_each_once() -> None:
    checks = judged(read(**CHECKS), required=("gate",), named=("lint all", "gate"))
    assert sorted(seen(one)[0] for one in checks if one.name is Name.FILTER) == ["Ok", "Wrong"]


def test_without_the_rules_only_that_is_said() -> None:
    hidden = Unreadable("not shown; ask")
    checks = automation(read(**CHECKS), protection=hidden, named=(), actions=READS, base="main")
    assert seen(only(checks, Name.FILTER))[0] == "CannotTell"


# ---- others that write -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "says"),
    [
        ("run: yq -i '.a = 1' env/dev/values.yaml", "Wrong", "writes env/dev/values.yaml"),
        ("run: yq eval --inplace '.a = 1' ./env/dev/values.yaml", "Wrong", "writes"),
        ("run: sed -i s/a/b/ env/dev/*.yaml", "Wrong", "writes env/dev"),
        ('run: sed -i s/a/b/ "$FILE"', "CannotTell", "files that are not named"),
        ("run: sed -i s/a/b/ docs/x.yaml", "Ok", ""),
        ("run: sed -i s/$A/b/ docs/x.yaml", "Ok", ""),
        ("run: yq '.a' env/dev/values.yaml", "Ok", ""),
        ("run: sed -i s/$A/b/ package.json", "Ok", ""),
        ("run: sed -i s/$A/b/ *.yaml", "CannotTell", "not named"),
        ("run: cd env/dev && yq -i .a=1 values.yaml", "CannotTell", "perhaps env/dev/values.yaml"),
        ("run: cd env/dev/api && kustomize edit set image api=x:$TAG", "Wrong", "writes env/dev"),
        ('run: cd "$DIR" && kustomize edit set image api=x', "CannotTell", "perhaps env/dev/api/kustomization.yaml"),
        ("run: updatecli apply --config env/dev", "Wrong", "env/dev"),
        ("uses: chainguard-dev/digestabot@v1", "Wrong", "every digest in the repository"),
        ("uses: renovatebot/github-action@v1", "CannotTell", "its own settings"),
        ("{uses: mikefarah/yq@v4, with: {cmd: yq -i .a=1 env/dev/values.yaml}}", "Wrong", "env/dev/values.yaml"),
        ("{uses: mikefarah/yq@v4, with: {cmd: yq .a docs/x.yaml}}", "Ok", ""),
        ("uses: actions/checkout@v1", "Ok", ""),
    ],
)
def test_a_step_that_writes_the_same_files(text: str, verdict: str, says: str) -> None:
    found = seen(only(scripts(step(text), surface()), Name.WORKFLOW))
    assert (found[0], says in found[1]) == (verdict, True), found


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ({"one": BUMP}, "Ok"),
        ({"one": BUMP, "two": BUMP}, "Ok"),
        ({"one": BUMP, "two": BUMP.replace("group: bump", "group: other")}, "Wrong"),
        ({"one": BUMP.replace("concurrency", "x"), "two": BUMP.replace("concurrency", "x")}, "Wrong"),
        ({"one": BUMP, "two": BUMP.replace("bump --env dev", "bump check")}, "Ok"),
    ],
)
def test_two_workflows_that_run_the_bot(files: Mapping[str, str], verdict: str) -> None:
    assert seen(only(scripts(read(**files), surface()), Name.WORKFLOW))[0] == verdict


# ---- files that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"jobs: [",
        b"a: 1\n---\nb: 2\n",
        b"x: " * 200,
        b"jobs: {a: &a {steps: [{run: x}]}, b: *b}\n",
        b"{jobs: " * 120 + b"1" + b"}" * 120,
        b"a: &a {b: 1}\n" + b"".join(b"k%d: &n%d {x: *a, y: *a}\n" % (i, i) for i in range(10)),
        b"jobs: text\non: {pull_request: text}\npermissions: [1]\nconcurrency: [x]\n",
        b"",
    ],
)
def test_a_file_that_is_no_workflow_does_no_harm(content: bytes) -> None:
    found = read_workflows({".github/workflows/x.yml": content, ".github/workflows/y.yml": BUMP.encode()})
    assert ".github/workflows/y.yml" in {one.path for one in found.read}
    assert len(found.read) + len(found.unread) == 2
    list(scripts(found, surface()))
    judged(found)


def test_folders_below_and_other_files_are_not_looked_at() -> None:
    assert read_workflows({".github/workflows/a/x.yml": b"", ".github/workflows/x.md": b"", "x.yml": b""}).read == ()

"""What a user sees of each refusal of GitHub: one line that says what to do, and the exit code. Never a traceback."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.commands.gitops import CONFIG, files
from tests.commands.remote import remote_files, run_remote
from tests.commands.terminal import Done
from tests.commands.terminal import bump as run
from tests.doubles.github_api import ACTIONS, Answer, Fault, GitHubDouble, Request, Token
from tests.doubles.registry.server import PASSWORD, RegistryServer

LIMITED = "You have exceeded a secondary rate limit"
PRIMARY = "API rate limit exceeded"


@pytest.fixture
def double(tmp_path: Path, registry: RegistryServer) -> Iterator[GitHubDouble]:
    registry.push("acme/api", "main", seed="new")
    with GitHubDouble(tmp_path / "github") as made:
        made.seed(remote_files(registry.host))
        yield made


def bump(double: GitHubDouble, folder: Path, *more: str, **environ: str) -> Done:
    done = run_remote(double, folder, *more, **environ)
    assert "Traceback" not in done.err
    assert ACTIONS not in done.err
    return done


def every(answer: Answer) -> Callable[[Request], Fault | None]:
    return lambda _: answer


def at(operation: str, answer: Answer) -> Callable[[Request], Fault | None]:
    return lambda request: answer if request.operation == operation else None


def refuses(status: int, message: str, **headers: str) -> Answer:
    return Answer(
        status=status,
        body={"message": message},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


@pytest.mark.parametrize(
    ("faults", "code", "words"),
    [
        pytest.param(every(refuses(401, "Bad credentials")), 2, "BUMP_GITHUB_TOKEN: GitHub refused it", id="401"),
        pytest.param(
            at(
                "pulls/create",
                refuses(403, "Resource not accessible", X_Accepted_GitHub_Permissions="pull_requests=write"),
            ),
            2,
            "give the token 'Pull requests: read and write'",
            id="a permission",
        ),
        pytest.param(
            at("graphql:updateRefs", Answer(body={"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]})),
            2,
            "give the token 'Contents: read and write' and 'Pull requests: read and write'",
            id="a permission that GraphQL does not name",
        ),
        pytest.param(
            at("pulls/create", refuses(422, "Validation Failed")),
            2,
            "Validation Failed); correct what it names",
            id="422",
        ),
        pytest.param(
            at("pulls/create", refuses(422, "A pull request already exists for acme:bump/dev.")),
            3,
            "somebody was faster",
            id="a race that is lost again and again",
        ),
        pytest.param(every(refuses(502, "Bad gateway")), 3, "GitHub answered 502 (Bad gateway); try again", id="502"),
        pytest.param(every(Answer(status=503, body="<html>")), 3, "GitHub answered 503", id="a page of a proxy"),
        pytest.param(
            every(refuses(403, LIMITED, Retry_After="3000")), 3, "wait 50 min, and --max-wait is 5 min; run", id="limit"
        ),
        pytest.param(every(refuses(429, "slow down")), 3, "--max-wait is 5 min, of which 2 min are left", id="429"),
        pytest.param(
            at("git/create-commit", refuses(403, LIMITED)), 3, "of which 2 min are left; run again after", id="a write"
        ),
        pytest.param(
            every(
                refuses(
                    403,
                    PRIMARY,
                    X_RateLimit_Remaining="0",
                    X_RateLimit_Reset=str(int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())),
                )
            ),
            3,
            "run again after 2099-01-01 00:00:01 UTC",
            id="the primary limit",
        ),
    ],
)
def test_a_refusal_is_told_and_has_its_code(
    double: GitHubDouble, tmp_path: Path, faults: Callable[[Request], Fault | None], code: int, words: str
) -> None:
    double.faults = faults
    done = bump(double, tmp_path)
    assert done.code == code, done.err
    assert words in done.err


def test_a_wait_that_is_short_enough_is_told_and_the_run_goes_on(double: GitHubDouble, tmp_path: Path) -> None:
    waiting = [refuses(429, LIMITED, Retry_After="37"), refuses(403, LIMITED, Retry_After="20")]
    double.faults = lambda request: waiting.pop() if waiting and request.operation != "pulls/create" else None
    done = bump(double, tmp_path, "--max-wait", "1m")
    assert done.code == 0, done.err
    assert "GitHub asks to wait 37 s; waiting" in done.err
    assert "GitHub asks to wait 20 s; waiting" in done.err
    assert [pull.labels for pull in double.pulls] == [["image-bump"]]


def test_nobody_waits_who_may_not(double: GitHubDouble, tmp_path: Path) -> None:
    double.faults = every(refuses(429, LIMITED, Retry_After="1"))
    done = bump(double, tmp_path, "--max-wait", "0")
    assert (done.code, len(double.requests)) == (3, 1)
    assert "asks to wait 1 s, and --max-wait is 0 s; run again after" in done.err


@pytest.mark.parametrize("text", ["5", "-1s", "5 m", "soon", "9999999d", ""])
def test_a_time_of_no_sense_is_a_usage_error(tmp_path: Path, text: str) -> None:
    done = run("--env", "dev", "--max-wait", text, folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("bump: --max-wait ")


def test_an_archived_repository_is_told(double: GitHubDouble, tmp_path: Path) -> None:
    double.settings.archived = True
    done = bump(double, tmp_path)
    assert done.code == 2
    assert "archived" in done.err


def test_a_private_repository_that_the_token_does_not_see(double: GitHubDouble, tmp_path: Path) -> None:
    double.settings.private = True
    double.tokens["other"] = Token(login="other", kind="fine-grained", repositories=frozenset())
    done = bump(double, tmp_path, BUMP_GITHUB_TOKEN="other")
    assert done.code == 2
    assert "acme/gitops: GraphQL query: not found, or private and not shown to the token" in done.err


def test_a_workflow_that_may_not_open_pull_requests(double: GitHubDouble, tmp_path: Path) -> None:
    double.settings.actions_may_open_pull_requests = False
    done = bump(double, tmp_path)
    assert done.code == 2
    assert "tick 'Allow GitHub Actions to create and approve pull requests'" in done.err


def test_a_ruleset_on_the_branches_of_bump(double: GitHubDouble, tmp_path: Path) -> None:
    double.settings.rejected_branches = ("bump/*",)
    done = bump(double, tmp_path)
    assert done.code == 2
    assert "leave bump/** out of it in Settings, Rules" in done.err
    assert double.pulls == []


def test_the_token_of_a_workflow_is_told_where_its_permissions_are(double: GitHubDouble, tmp_path: Path) -> None:
    double.tokens["reader-token"] = Token(login="github-actions[bot]", kind="actions", permissions={"contents": "read"})
    environ = {
        "GITHUB_API_URL": double.url,
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/gitops",
        "GITHUB_TOKEN": "reader-token",
        "BUMP_REGISTRY_TEST": PASSWORD,
    }
    done = run("--env", "dev", "--repo", "acme/gitops", folder=tmp_path, environ=environ)
    assert done.code == 2
    assert "`contents: write` and `pull-requests: write` to `permissions:` of the job in the workflow" in done.err


def test_what_stands_here_does_not_matter(double: GitHubDouble, tmp_path: Path) -> None:
    for path, content in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / CONFIG).write_bytes(b"not: [valid")
    assert bump(double, tmp_path, GITHUB_REPOSITORY="acme/other").code == 0

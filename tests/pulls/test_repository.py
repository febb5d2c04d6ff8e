"""Reading from GitHub: bytes are proven by their blob ids, wherever they come from; refusals are told in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import BumpError, CredentialError, Outage, PublishError
from bot.planning.snapshot import blob_id
from bot.pulls.access import Access
from bot.pulls.repository import GitHubRepository
from tests.commands.gitops import NO_PAUSE, Shelf, bump, files, hub
from tests.doubles.github_api.access import Token
from tests.doubles.github_api.double import GitHubDouble
from tests.doubles.github_api.wire import Answer, queue

ODD = {
    "crlf.yaml": b"a: 1\r\nb: 2\r\n",
    "bom.yaml": "\ufeffa: ä\n".encode(),
    "binary.yaml": b"\x00\xff\xfe",
    "large.yaml": b"# line\n" * 200_000,
    "empty.yaml": b"",
}


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path / "github") as made:
        made.seed({**files(), **ODD})
        yield made


def test_bytes_are_what_git_has_whatever_they_are(double: GitHubDouble) -> None:
    repository = hub(double)
    entries = repository.entries(repository.observe("bump/dev").base.sha)
    contents = repository.contents([entries[path] for path in ODD])
    assert contents == ODD
    assert all(blob_id(contents[path]) == entries[path].blob for path in ODD)


def test_a_file_on_disk_is_used_where_it_is_the_same(double: GitHubDouble, tmp_path: Path) -> None:
    for path, content in ODD.items():
        (tmp_path / path).write_bytes(content)
    (tmp_path / "crlf.yaml").write_bytes(b"a: 1\nb: 2\n")  # as a checkout with other line ends has it
    (tmp_path / "empty.yaml").unlink()
    repository = hub(double, on_disk=tmp_path)
    entries = repository.entries(repository.observe("bump/dev").base.sha)
    double.requests.clear()

    assert repository.contents([entries[path] for path in ODD]) == ODD
    assert len(double.requests) == 1
    repository.contents([entries[path] for path in ODD])
    assert repository.differing == ("crlf.yaml",)


def test_a_tree_that_github_cut_is_not_taken_for_whole(double: GitHubDouble) -> None:
    double.settings.truncate_trees = True
    repository = hub(double)
    with pytest.raises(Outage, match="too large"):
        repository.entries(repository.observe("bump/dev").base.sha)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(Answer(status=401, body={"message": "Bad credentials"}), CredentialError, "expired", id="401"),
        pytest.param(
            Answer(status=403, body={"message": "Resource not accessible by integration"}),
            PublishError,
            "not allowed to the token from BUMP_GITHUB_TOKEN",
            id="403",
        ),
        pytest.param(Answer(status=404, body={"message": "Not Found"}), PublishError, "check the name", id="404"),
        pytest.param(Answer(status=502, body={}), Outage, "answered 502", id="502"),
        pytest.param(Answer(status=200, body={"data": None}), Outage, "without data", id="no data"),
    ],
)
def test_refusals_are_told_in_words(double: GitHubDouble, answer: Answer, error: type[BumpError], words: str) -> None:
    double.faults = lambda _: answer
    with pytest.raises(error, match=words):
        hub(double).observe("bump/dev")
    double.violations.clear()


def test_a_token_that_may_not_write_is_told(double: GitHubDouble) -> None:
    double.tokens["reader"] = Token(login="reader", kind="fine-grained", permissions={"contents": "read"})
    result_of = GitHubRepository(
        Access(token="reader", origin="BUMP_GITHUB_TOKEN", api_url=double.url), "acme/gitops", base=None, pace=NO_PAUSE
    )
    assert result_of.observe("bump/dev").branch is None
    double.tokens["actions-token"] = Token(login="a", kind="actions", permissions={"contents": "read"})
    result = bump(double, Shelf({"api": "b"}))
    assert isinstance(result.error, PublishError)
    assert "not allowed" in str(result.error)


def test_the_file_that_is_wanted_next_comes_with_what_is_observed(double: GitHubDouble) -> None:
    repository = hub(double)
    entries = repository.entries(repository.observe("bump/dev", ahead="crlf.yaml").base.sha)
    double.requests.clear()

    assert repository.contents([entries["crlf.yaml"]]) == {"crlf.yaml": ODD["crlf.yaml"]}
    assert double.requests == []


def test_what_came_ahead_counts_only_where_it_is_that_very_blob(double: GitHubDouble) -> None:
    repository = hub(double)
    repository.observe("bump/dev", ahead="crlf.yaml")
    double.seed({"crlf.yaml": b"newer\n"})
    entries = repository.entries(repository.observe("bump/dev", ahead="not there").base.sha)

    assert repository.contents([entries["crlf.yaml"]]) == {"crlf.yaml": b"newer\n"}


def test_what_is_too_much_for_one_request_comes_in_halves(double: GitHubDouble) -> None:
    many = {f"many/{number}.yaml": f"{number}\n".encode() for number in range(120)}
    double.seed(many)
    repository = hub(double)
    entries = repository.entries(repository.observe("bump/dev").base.sha)
    too_much = Answer(status=502, body={"message": "Bad Gateway"})
    double.requests.clear()
    double.faults = queue(too_much)

    assert repository.contents([entries[path] for path in many]) == many
    assert len(double.requests) == 3

    double.faults = queue(too_much)
    with pytest.raises(Outage):
        repository.contents([entries[path] for path in list(many)[:50]])

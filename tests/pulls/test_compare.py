"""Which of two commits is newer, as their source repository says; and what is asked, told and shown about it."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from bot import log
from bot.errors import PublishError
from bot.planning.order import Ancestry, Comparable, Comparison
from bot.pulls.access import Access
from bot.pulls.compare import Sources, last_page, server_of
from tests.commands.gitops import NO_PAUSE
from tests.doubles.github_api.double import ACTIONS, APP, GitHubDouble
from tests.doubles.github_api.wire import DROP_BEFORE, Answer, Request

SOURCE: Final = "acme/api"
GONE: Final = "dead" * 10


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    """A private GitOps repository, and a private source of three commits."""
    with GitHubDouble(tmp_path) as made:
        made.seed({"a.yaml": b"1\n"})
        made.settings.private = True
        made.add_repository(SOURCE, private=True)
        for number in range(3):
            made.seed({"main.py": f"{number}\n".encode()}, f"feat: {number}\n\nwith a body", repository=SOURCE)
        yield made


def history(double: GitHubDouble) -> list[str]:
    """Every commit of the source's main branch, oldest first."""
    git = double._at(SOURCE).git  # noqa: SLF001 - the double's own tests look there too
    head = double.head(repository=SOURCE)
    assert head is not None
    found = [head]
    while parents := git.commit(found[-1]).parents:
        found.append(parents[0])
    return found[::-1]


def sources(double: GitHubDouble, *, token: str = APP, most: int = 50) -> Sources:
    access = Access(token=token, origin="BUMP_GITHUB_TOKEN", api_url=double.url)
    return Sources(access, "acme/gitops", reads=lambda _: access, pace=NO_PAUSE, most=most)


def question(double: GitHubDouble, old: str, new: str, source: str = SOURCE) -> Comparable:
    return Comparable(source=f"https://{server_of(double.url)}/{source}", old=old, new=new)


def ask(double: GitHubDouble, old: str, new: str, *, token: str = APP) -> Comparison | None:
    asked = question(double, old, new)
    return sources(double, token=token).compare([asked]).get(asked)


def test_how_two_commits_stand_to_each_other(double: GitHubDouble) -> None:
    first, second, third = history(double)
    double.push("topic", first, repository=SOURCE)
    other = double.commit("topic", {"x": b"1"}, repository=SOURCE)

    assert ask(double, first, third) == Comparison(ancestry=Ancestry.AHEAD, commits=2, subjects=("feat: 2", "feat: 1"))
    assert ask(double, third, second) == Comparison(ancestry=Ancestry.BEHIND)
    assert ask(double, other, third) == Comparison(ancestry=Ancestry.DIVERGED)
    assert ask(double, third[:12], third) == Comparison(ancestry=Ancestry.IDENTICAL)
    assert ask(double, GONE, third) is None
    assert ask(double, first, GONE) is None
    assert {request.path.split("/")[2] for request in double.requests} == {"acme"}


def test_histories_that_have_nothing_in_common(double: GitHubDouble) -> None:
    git = double._at(SOURCE).git  # noqa: SLF001
    tree = git.commit(history(double)[0]).tree
    me = double._at(SOURCE).signature("person")  # noqa: SLF001
    orphan = git.write_commit(tree=tree, parents=[], author=me, committer=me, message="anew")

    assert ask(double, orphan, history(double)[-1]) is None


@pytest.mark.parametrize("short", ["old", "new"])
def test_a_branch_called_like_the_beginning_of_a_commit_is_not_taken_for_it(double: GitHubDouble, short: str) -> None:
    first, second, third = history(double)
    double.push("deadbee", second, repository=SOURCE)

    assert ask(double, *(("deadbee", third) if short == "old" else (first, "deadbee"))) is None
    assert ask(double, first[:7], third[:7]) is not None
    double.settings.private = False
    assert ask(double, *(("deadbee", third) if short == "old" else (first, "deadbee"))) is None
    assert ask(double, first[:7], third[:7]) == Comparison(ancestry=Ancestry.AHEAD)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 30, 31, 32, 33, 64])
def test_the_three_newest_commits_are_had_with_two_requests(double: GitHubDouble, count: int) -> None:
    old = history(double)[-1]
    for number in range(count):
        double.seed({"main.py": f"n{number}\n".encode()}, f"fix: {number}", repository=SOURCE)
    double.requests.clear()

    found = ask(double, old, history(double)[-1])

    newest = [f"fix: {number}" for number in reversed(range(count))][:3]
    assert found == Comparison(ancestry=Ancestry.AHEAD, commits=count, subjects=tuple(newest))
    compares = [request for request in double.requests if "/compare/" in request.path]
    assert len(compares) == (1 if count <= 30 else 2)
    assert len(double.requests) == len(compares) + 1


def test_a_last_page_holds_three_of_any_number() -> None:
    for total in range(31, 5000):
        size, page = last_page(total)
        assert size <= 30
        assert (page - 1) * size + 3 <= total <= page * size


@pytest.mark.parametrize(
    ("gitops", "source", "shown"),
    [
        pytest.param("private", "private", True, id="both private"),
        pytest.param("private", "public", True, id="a public source"),
        pytest.param("internal", "private", False, id="internal shows private"),
        pytest.param("internal", "internal", True, id="both internal"),
        pytest.param("internal", "public", True, id="internal shows public"),
        pytest.param("public", "private", False, id="public shows private"),
        pytest.param("public", "internal", False, id="public shows internal"),
        pytest.param("public", "public", True, id="both public"),
    ],
)
def test_commits_are_shown_where_no_more_people_see_them_than_see_the_source(
    double: GitHubDouble, gitops: str, source: str, shown: bool
) -> None:
    for settings, value in ((double.settings, gitops), (double._at(SOURCE).settings, source)):  # noqa: SLF001
        settings.private, settings.internal = value == "private", value == "internal"
    first, *_, last = history(double)

    found = ask(double, first, last)

    assert found is not None
    assert found.ancestry is Ancestry.AHEAD
    assert (found.commits, found.subjects) == ((2, ("feat: 2", "feat: 1")) if shown else (None, ()))


UNKNOWN: Final = [
    pytest.param(Answer(status=502, body={"message": "x"}), id="an outage"),
    pytest.param(Answer(status=404, body={"message": "x"}), id="not seen"),
    pytest.param(Answer(body=[]), id="no sense"),
    pytest.param(Answer(body={}), id="nothing said"),
    pytest.param(Answer(body={"visibility": "odd", "private": False}), id="another word"),
]


@pytest.mark.parametrize("answer", UNKNOWN)
@pytest.mark.parametrize("unknown", ["acme/gitops", SOURCE])
def test_a_visibility_that_is_not_known_shows_nothing(double: GitHubDouble, answer: Answer, unknown: str) -> None:
    double.settings.private = False
    double.faults = lambda request: answer if request.path == f"/repos/{unknown}" else None
    first, *_, last = history(double)

    assert ask(double, first, last) == Comparison(ancestry=Ancestry.AHEAD)


@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_public_source_may_be_shown_wherever_that_is(double: GitHubDouble, answer: Answer) -> None:
    double._at(SOURCE).settings.private = False  # noqa: SLF001
    double.faults = lambda request: answer if request.path == "/repos/acme/gitops" else None
    first, *_, last = history(double)

    found = ask(double, first, last)

    assert found is not None
    assert found.commits == 2


@pytest.mark.parametrize("private", [True, False])
def test_an_old_server_says_private_alone(double: GitHubDouble, *, private: bool) -> None:
    double.settings.private = False
    answer = Answer(body={"private": private})
    double.faults = lambda request: answer if request.path == f"/repos/{SOURCE}" else None
    first, *_, last = history(double)

    found = ask(double, first, last)

    assert found is not None
    assert (found.commits is None) is private


def test_the_first_line_is_shown_and_no_more_than_a_line_is_long(double: GitHubDouble) -> None:
    old = history(double)[-1]
    double.seed({"main.py": b"x"}, "\n\n  fix: x\r\nfixes #1", repository=SOURCE)
    double.seed({"main.py": b"y"}, "y" * 1_000_000, repository=SOURCE)

    found = ask(double, old, history(double)[-1])

    assert found is not None
    assert found.subjects == ("y" * 200, "fix: x")


def test_a_private_source_without_access_is_not_readable(double: GitHubDouble) -> None:
    double.settings.private = False
    first, *_, last = history(double)
    assert ask(double, first, last, token=ACTIONS) is None
    assert ask(double, first, last, token=APP) is not None


def test_each_source_is_read_with_its_own_credential_and_base_with_gits(double: GitHubDouble) -> None:
    double.settings.private = False
    git = Access(token=ACTIONS, origin="GITHUB_TOKEN", api_url=double.url)
    asked_for: list[str] = []

    def reads(repository: str) -> Access:
        asked_for.append(repository)
        return replace(git, token=APP, origin="BUMP_SOURCE_TOKEN")

    first, second, third = history(double)
    one, other = question(double, first, third), question(double, second, third)
    found = Sources(git, "acme/gitops", reads=reads, pace=NO_PAUSE).compare([one, other])

    assert set(found) == {one, other}
    assert asked_for == [SOURCE]
    used = {request.path.split("/")[3]: request.headers["authorization"].split()[-1] for request in double.requests}
    assert used == {"api": APP, "gitops": ACTIONS}


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        pytest.param("https://elsewhere.example/acme/api", "1" * 7, "2" * 7, id="another server"),
        pytest.param("http://{server}/acme/api", "1" * 7, "2" * 7, id="no https"),
        pytest.param("https://{server}/acme/..", "1" * 7, "2" * 7, id="up"),
        pytest.param("https://{server}/../api", "1" * 7, "2" * 7, id="up before"),
        pytest.param("https://{server}/acme/a..b", "1" * 7, "2" * 7, id="two dots"),
        pytest.param("https://{server}/acme/api/x", "1" * 7, "2" * 7, id="deeper"),
        pytest.param("https://{server}/acme", "1" * 7, "2" * 7, id="an owner"),
        pytest.param("https://{server}/acme/api?x", "1" * 7, "2" * 7, id="a query"),
        pytest.param("https://{server}/acme/api", "main", "2" * 7, id="a branch"),
        pytest.param("https://{server}/acme/api", "1" * 7, "2" * 65, id="too long"),
        pytest.param("https://{server}/acme/api", "1" * 7, "2" * 7 + "\n", id="a line feed"),
        pytest.param("https://{server}/acme/api", "1" * 7 + "...x", "2" * 7, id="dots"),
    ],
)
def test_what_is_no_question_to_this_server_is_not_asked(double: GitHubDouble, source: str, old: str, new: str) -> None:
    asked = Comparable(source=source.format(server=server_of(double.url)), old=old, new=new)

    assert sources(double).compare([asked]) == {}
    assert double.requests == []


def test_questions_are_asked_once_and_within_the_budget_of_a_run(double: GitHubDouble) -> None:
    first, *_, last = history(double)
    asked = [question(double, first[: 40 - number], last) for number in range(6)]
    run = sources(double, most=4)
    stream = io.StringIO()
    log.configure(stream=stream)
    try:
        found = [run.compare(asked[:3]), run.compare([*asked[:3], *asked[:2]]), run.compare(asked), run.compare(asked)]
    finally:
        log.configure()

    assert [len(one) for one in found] == [3, 3, 4, 4]
    assert list(found[2]) == asked[:4]
    assert len([request for request in double.requests if "/compare/" in request.path]) == 4
    assert stream.getvalue().count("only 4 builds are compared in one run") == 1


def warned(double: GitHubDouble, answer: object, count: int) -> tuple[int, int, list[str]]:
    """How many were answered and how many asked, and what was said, when GitHub answers so from the third on."""
    first, *_, last = history(double)
    asked = [question(double, first[: 40 - number], last) for number in range(count)]
    seen: list[str] = []

    def fault(request: Request) -> object:
        if "/compare/" in request.path:
            seen.append(request.path)
        return answer if len(seen) > 2 and "/compare/" in request.path else None

    double.faults = fault  # type: ignore[assignment]
    stream = io.StringIO()
    log.configure(stream=stream, format="json")
    try:
        found = sources(double).compare(asked)
    finally:
        log.configure()
        double.faults = lambda _: None
    told = [json.loads(line)["detail"] for line in stream.getvalue().splitlines()]
    return len(found), len(seen), told


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        pytest.param(Answer(status=502, body={"message": "bad gateway"}), 4, id="outage"),
        pytest.param(DROP_BEFORE, 4, id="connection lost"),
        pytest.param(Answer(status=429, body={"message": "slow down"}), 4, id="rate limit"),
        pytest.param(Answer(body={"status": "ahead"}), 4, id="no sense"),
        pytest.param(Answer(status=401, body={"message": "Bad credentials"}), 3, id="a credential that expired"),
    ],
)
def test_what_goes_wrong_is_told_once_and_asked_no_more(double: GitHubDouble, answer: object, asked: int) -> None:
    found, seen, told = warned(double, answer, 8)

    assert (found, seen) == (2, asked)
    assert len(told) == 1
    assert told[0].startswith("commits were not compared, build times decide: ")


@pytest.mark.parametrize("status", [403, 404, 422])
def test_what_cannot_be_read_is_no_warning_and_stops_nothing(double: GitHubDouble, status: int) -> None:
    found, seen, told = warned(double, Answer(status=status, body={"message": "no"}), 8)

    assert (found, seen, told) == (2, 8, [])


def test_a_credential_that_cannot_be_had_is_told_once(double: GitHubDouble) -> None:
    first, *_, last = history(double)
    access = Access(token=APP, origin="x", api_url=double.url)

    def reads(_: str) -> Access:
        raise PublishError("the App is not installed")

    assert Sources(access, "acme/gitops", reads=reads, pace=NO_PAUSE).compare([question(double, first, last)]) == {}


def test_an_unknown_status_is_not_understood(double: GitHubDouble) -> None:
    first, *_, last = history(double)
    double.faults = lambda _: Answer(body={"status": "sideways", "base_commit": {"sha": first}})

    assert ask(double, first, last) is None


@pytest.mark.parametrize(
    ("api", "server"),
    [
        ("https://api.github.com", "github.com"),
        ("https://ghe.corp/api/v3", "ghe.corp"),
        ("https://GHE.corp:8443/api/v3", "ghe.corp:8443"),
        ("https://api.octocorp.ghe.com", "octocorp.ghe.com"),
        ("https://api.corp/api/v3", "api.corp"),
    ],
)
def test_the_server_of_an_api(api: str, server: str) -> None:
    assert server_of(api) == server

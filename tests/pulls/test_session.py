"""What is sent again and what is not: limits and expired tokens always, an outage only where twice does no harm."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CredentialError, Outage, PublishError
from bot.pulls.access import Access, Pace
from bot.pulls.api import Api
from bot.pulls.waiting import Allowance
from tests.commands.gitops import NO_PAUSE
from tests.doubles.github_api import ACTIONS, DROP_AFTER, Answer, Fault, GitHubDouble, queue

LIMIT = Answer(status=403, headers={"Retry-After": "37"}, body={"message": "You have exceeded a secondary rate limit"})
EXPIRED = Answer(status=401, body={"message": "Bad credentials"})
BUSY = Answer(status=503, headers={"Retry-After": "3600"}, body={"message": "busy"})


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed({"a": b"1"})
        made.commit("work", {"a": b"2"})
        made.open("work", "work")
        yield made


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def pace(slept: list[float]) -> Pace:
    return replace(NO_PAUSE, retries=2, allowance=Allowance(100, sleep=slept.append))


def api(double: GitHubDouble, pace: Pace, **more: object) -> Api:
    access = Access(token=ACTIONS, origin="BUMP_GITHUB_TOKEN", api_url=double.url, **more)  # type: ignore[arg-type]
    return Api(access, "acme/gitops", pace=pace)


def comment(asked: Api) -> None:
    asked.write("POST", "/issues/1/comments", {"body": "once"})


def test_after_a_limit_a_write_is_sent_again_and_carried_out_once(
    double: GitHubDouble, pace: Pace, slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    double.faults = queue(LIMIT, replace(LIMIT, status=429, headers={}))
    comment(api(double, replace(pace, allowance=Allowance(200, sleep=slept.append))))
    assert slept == [37, 120]
    assert [one.body for one in double.pull(1).comments] == ["once"]
    assert "GitHub asks to wait 37 s; waiting" in capsys.readouterr().err


def test_the_time_is_shared_by_all_that_ask(double: GitHubDouble, pace: Pace, slept: list[float]) -> None:
    double.faults = queue(LIMIT, None, LIMIT, None, LIMIT)
    comment(api(double, pace))
    api(double, pace).get("/git/ref/heads/main")
    with pytest.raises(Outage, match="of which 26 s are left; run again after"):
        comment(api(double, pace))
    assert slept == [37, 37]


@pytest.mark.parametrize("fault", [BUSY, DROP_AFTER])
def test_an_outage_of_a_write_is_not_answered_by_another(
    double: GitHubDouble, pace: Pace, fault: Fault, slept: list[float]
) -> None:
    double.faults = queue(fault)
    with pytest.raises(Outage):
        comment(api(double, pace))
    assert (len(double.requests), slept) == (1, [])


def test_an_outage_of_a_read_is_tried_again_a_few_times(double: GitHubDouble, pace: Pace) -> None:
    double.faults = queue(BUSY, DROP_AFTER)
    api(double, pace).get("/git/ref/heads/main")
    double.faults = lambda _: BUSY
    double.requests.clear()
    with pytest.raises(Outage, match="503"):
        api(double, pace).get("/git/ref/heads/main")
    assert len(double.requests) == 3


def test_a_token_that_expired_is_renewed_once(double: GitHubDouble, pace: Pace) -> None:
    tokens = ["expired", ACTIONS]

    def renewal(refused: str) -> str:
        if refused == tokens[0]:
            tokens.pop(0)
        return tokens[0]

    comment(api(double, pace, renewal=renewal))
    assert [one.body for one in double.pull(1).comments] == ["once"]


def test_a_token_that_is_refused_for_good_is_told(double: GitHubDouble, pace: Pace) -> None:
    double.faults = lambda _: EXPIRED
    with pytest.raises(CredentialError, match="BUMP_GITHUB_TOKEN: GitHub refused it"):
        comment(api(double, pace))
    with pytest.raises(CredentialError, match="GitHub refused it"):
        comment(api(double, pace, renewal=lambda refused: f"{refused}x"))
    assert len(double.requests) == 1 + 2


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://elsewhere.example/x?token=secret", "redirects to the host elsewhere.example; correct GITHUB_API_URL"),
        ("https://127.0.0.1/", "redirects to another address; correct GITHUB_API_URL"),
    ],
    ids=["another host", "another scheme"],
)
def test_a_redirect_that_is_not_followed_is_told(double: GitHubDouble, pace: Pace, location: str, words: str) -> None:
    double.faults = lambda _: Answer(status=301, headers={"Location": location})
    with pytest.raises(PublishError, match=words) as caught:
        api(double, pace).query("query { viewer { login } }", {})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Answer(status=200), "without data|without JSON|not an object", id="nothing"),
        pytest.param(Answer(status=200, body=["a", 1]), "without data", id="a list"),
        pytest.param(
            Answer(status=200, body={"data": {}}, headers={"X-RateLimit-Reset": "soon"}), "never does", id="x"
        ),
        pytest.param(Answer(status=502, body="<html>"), "502", id="a proxy's page"),
    ],
)
def test_answers_of_no_sense_are_outages(double: GitHubDouble, pace: Pace, answer: Answer, words: str) -> None:
    double.faults = lambda _: answer
    with pytest.raises(Outage, match=words):
        api(double, pace).query("query { viewer { login } }", {})

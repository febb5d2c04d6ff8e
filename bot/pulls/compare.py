"""Asks source repositories how the commits of two builds stand to each other. What cannot be read is left out.

No answer here fails an image: without one, the build times decide. So what goes wrong is told once, and asked no more.
Source: https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from bot.errors import BumpError, Outage, PublishError
from bot.log import logger
from bot.planning.order import Ancestry, Comparable, Comparison
from bot.pulls import answers
from bot.pulls.access import Access, Pace
from bot.pulls.api import Api

MOST: Final = 50  # comparisons in one run, over all environments
_PAGE: Final = 30  # commits in the first answer: enough for most changes, and small
_SUBJECTS: Final = 3
_LONGEST: Final = 200
_WHOLE: Final = 40  # characters of an id that no branch can be called by
_FAILURES: Final = 2  # in a row, before nothing more is asked
_SOURCE: Final = re.compile(r"https://([a-z0-9.-]+(?::[0-9]{1,5})?)/([a-z0-9][a-z0-9_.-]*)/([a-z0-9_.-]*[a-z0-9_-])")
_REVISION: Final = re.compile(r"[0-9a-f]{7,64}")
# How many may see a repository, from the fewest on.
_SEEN: Final[Mapping[object, int]] = {"private": 0, "internal": 1, "public": 2}


class Sources:
    """The source repositories of one run. A question that is asked twice is answered from memory."""

    def __init__(
        self, git: Access, gitops: str, *, reads: Callable[[str], Access], pace: Pace, most: int = MOST
    ) -> None:
        """Ask nothing yet. `git` reads the repository `gitops`, which shows the answers; `reads` gives a source's own.

        Sources on another server than that of `git` are not asked.
        """
        self._server = server_of(git.api_url)
        self._reads = reads
        self._pace = replace(pace, retries=min(pace.retries, 1))  # without an answer the run goes on as well
        self._gitops = Api(git, gitops, pace=self._pace)
        self._most = most
        self._asked = 0
        self._failures = 0
        self._told: set[str] = set()
        self._known: dict[Comparable, Comparison | None] = {}
        self._apis: dict[str, Api] = {}
        self._audience: int | None = None
        self._shown: dict[str, bool] = {}

    def compare(self, questions: Sequence[Comparable]) -> Mapping[Comparable, Comparison]:
        """Answer what can be answered, with at most two requests for each question.

        One more for each source repository, and one for the GitOps repository, find out whether it may be shown.
        """
        for question in dict.fromkeys(questions):
            repository = self._repository(question)
            if repository is None or question in self._known or self._failures >= _FAILURES:
                continue
            if self._asked >= self._most:
                self._tell("budget", f"only {self._most} builds are compared in one run; build times decide the rest")
                break
            self._asked += 1
            self._known[question] = self._answer(question, repository)
        found = {question: self._known.get(question) for question in questions}
        return {question: answer for question, answer in found.items() if answer is not None}

    def _repository(self, question: Comparable) -> str | None:
        """Return `owner/name`, where everything that goes into a path is what it should be."""
        source = _SOURCE.fullmatch(question.source)
        sound = all(_REVISION.fullmatch(revision) for revision in (question.old, question.new))
        if source is None or not sound or ".." in question.source or source[1] != self._server:
            return None
        return f"{source[2]}/{source[3]}"

    def _answer(self, question: Comparable, repository: str) -> Comparison | None:
        try:
            found = self._compared(question, repository)
        except PublishError as error:  # gone, private, not allowed: what stays so is no warning on every run
            logger().info("source_not_compared", repository=repository, reason=str(error))
            found = None
        except BumpError as error:
            self._failures = self._failures + 1 if isinstance(error, Outage) else _FAILURES
            self._tell("failed", f"commits were not compared, build times decide: {error}")
            return None
        self._failures = 0
        return found

    def _compared(self, question: Comparable, repository: str) -> Comparison | None:
        api = self._api(repository)
        path = f"/compare/{question.old}...{question.new}?per_page={{}}&page={{}}"
        first = api.get(path.format(_PAGE, 1))
        ancestry = _ancestry(answers.field(first, "status"))
        # A branch may be called like the beginning of an id, and is then taken in its place: see what was compared.
        base = answers.sha(answers.field(first, "base_commit", "sha"), "base commit")
        if ancestry is None or not base.startswith(question.old):
            return None
        if ancestry is not Ancestry.AHEAD:
            return Comparison(ancestry=ancestry)
        may_show = self._may_show(repository, api)
        if not may_show and len(question.new) >= _WHOLE:
            return Comparison(ancestry=ancestry)
        total = answers.number(answers.field(first, "total_commits"), "total_commits")
        last = first if total <= _PAGE else api.get(path.format(*last_page(total)))
        commits = list(answers.items(answers.field(last, "commits"), "commits"))[-_SUBJECTS:]
        newest = answers.sha(answers.field(commits[-1], "sha"), "commit") if commits else ""
        if len(question.new) < _WHOLE and not newest.startswith(question.new):
            return None
        if not may_show:
            return Comparison(ancestry=ancestry)
        subjects = tuple(_subject(commit) for commit in reversed(commits))
        return Comparison(ancestry=ancestry, commits=total, subjects=subjects)

    def _api(self, repository: str) -> Api:
        if repository not in self._apis:
            self._apis[repository] = Api(self._reads(repository), repository, pace=self._pace)
        return self._apis[repository]

    def _may_show(self, repository: str, api: Api) -> bool:
        """Whether nobody sees the GitOps repository who does not see the source."""
        if self._audience is None:
            self._audience = _audience(self._gitops, unknown="public")
        if self._audience and repository not in self._shown:
            self._shown[repository] = _audience(api, unknown="private") >= self._audience
        return not self._audience or self._shown[repository]

    def _tell(self, what: str, detail: str) -> None:
        if what not in self._told:
            self._told.add(what)
            logger().warning("sources", detail=detail)


def server_of(api_url: str) -> str:
    """Return the host of the web pages that belong to an API: `github.com` for `https://api.github.com`.

    Source: https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api and
    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    """
    host = urlsplit(api_url).netloc.lower()
    return host.removeprefix("api.") if host == "api.github.com" or host.endswith(".ghe.com") else host


def last_page(total: int) -> tuple[int, int]:
    """Return the size and the number of a page that ends with the last of `total`, and holds three at least."""
    size = next(size for size in range(_SUBJECTS, total + 1) if (total - 1) % size + 1 >= _SUBJECTS)
    return size, -(-total // size)


def _ancestry(status: object) -> Ancestry | None:
    return next((one for one in Ancestry if one.value == status), None)


def _subject(commit: Mapping[str, object]) -> str:
    message = answers.text(answers.field(commit, "commit", "message"), "message")
    return message[: _LONGEST * 10].strip().partition("\n")[0].strip()[:_LONGEST]


def _audience(api: Api, *, unknown: str) -> int:
    """Return how many may see a repository. Source: https://docs.github.com/en/rest/repos/repos#get-a-repository."""
    try:
        answer = answers.mapping(api.get(""), "repository")
    except BumpError:
        return _SEEN[unknown]
    told = answer.get("visibility")
    if told is None and answer.get("private") is False:  # old servers do not know `visibility`
        told = "public"
    elif told is None and answer.get("private") is True:
        told = "private"
    return _SEEN.get(told, _SEEN[unknown])

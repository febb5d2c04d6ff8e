"""The session with GitHub: what PyGithub logs, and which of GitHub's GraphQL errors will pass by themselves."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import BumpError, Outage, PublishError
from tests.commands.gitops import hub
from tests.doubles.github_api.double import GitHubDouble
from tests.doubles.github_api.wire import Answer

_AFTER_THE_IMPORT = """
import logging
from bot import log
log.configure(verbosity=2)
import bot.pulls.repository
loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
print([
    f"{one.name}: {handler}"
    for one in loggers
    for handler in one.handlers
    if not isinstance(handler, logging.NullHandler) and type(handler.formatter).__name__ != "_Redacting"
])
print(logging.getLogger("github").level == logging.WARNING)
"""


def test_pygithub_logs_nothing_past_the_redaction() -> None:
    command = [sys.executable, "-c", _AFTER_THE_IMPORT]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True"]


def _graphql(*errors: dict[str, object]) -> Answer:
    return Answer(body={"data": None, "errors": list(errors)})


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(
            _graphql({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}),
            PublishError,
            "not allowed to the token from BUMP_GITHUB_TOKEN",
            id="forbidden",
        ),
        pytest.param(
            _graphql({"type": "INSUFFICIENT_SCOPES", "message": "needs read:org"}),
            PublishError,
            "not allowed to the token from BUMP_GITHUB_TOKEN.*needs read:org",
            id="scopes",
        ),
        pytest.param(
            _graphql({"type": "NOT_FOUND", "message": "Could not resolve"}), PublishError, "not found", id="not found"
        ),
        pytest.param(
            _graphql({"message": "odd"}, {"type": "NOT_FOUND", "message": "none"}),
            PublishError,
            "not found",
            id="one of several says that it will stay",
        ),
        pytest.param(
            _graphql({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}), Outage, "rate limit", id="limit"
        ),
        pytest.param(
            _graphql({"message": "Something went wrong while executing your query."}),
            Outage,
            "went wrong.*try again later",
            id="no type",
        ),
        pytest.param(
            _graphql({"type": "UNPROCESSABLE", "message": "no"}), PublishError, "GitHub refused", id="another type"
        ),
        pytest.param(
            _graphql({"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}),
            PublishError,
            "Field 'x'",
            id="an older server does not know a field",
        ),
    ],
)
def test_which_graphql_errors_pass_by_themselves(
    tmp_path: Path, answer: Answer, error: type[BumpError], words: str
) -> None:
    with GitHubDouble(tmp_path) as double:
        double.faults = lambda _: answer
        with pytest.raises(error, match=words):
            hub(double).observe("bump/dev")

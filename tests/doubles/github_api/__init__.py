"""An honest double of the GitHub API: real HTTP, real git, judged by GitHub's own descriptions. See README.md."""

from tests.doubles.github_api.access import Token
from tests.doubles.github_api.double import ACTIONS, APP, PERSON, GitHubDouble
from tests.doubles.github_api.repository import PullRequest, Refused, Settings
from tests.doubles.github_api.rulesets import Ruleset
from tests.doubles.github_api.wire import (
    DROP_AFTER,
    DROP_BEFORE,
    Answer,
    Fault,
    Faults,
    Request,
    no_fault,
    on_operation,
    on_write,
    queue,
)

__all__ = [
    "ACTIONS",
    "APP",
    "DROP_AFTER",
    "DROP_BEFORE",
    "PERSON",
    "Answer",
    "Fault",
    "Faults",
    "GitHubDouble",
    "PullRequest",
    "Refused",
    "Request",
    "Ruleset",
    "Settings",
    "Token",
    "no_fault",
    "on_operation",
    "on_write",
    "queue",
]

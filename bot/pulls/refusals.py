"""What GitHub's refusals mean, and what to do about each.

Status and error types decide the class, and so the exit code; texts add advice, because GitHub rewords them. The one
exception is a lost race: planning again where none was does no harm.

Source: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import BumpError, CredentialError, Outage, PublishError, RaceLost
from bot.pulls.access import Access
from bot.pulls.exchange import Answer
from bot.pulls.permissions import advice, login_advice, needed

_OK: Final = range(200, 300)
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TIMEOUT: Final = 408
_TOO_MANY: Final = 429
_INVALID: Final = 422
_SERVER: Final = 500
# What GraphQL says in `errors[].type`. Server errors have none, nor has an `updateRefs` whose `beforeOid` is stale.
_REFUSED: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
_PASSING: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT", "SERVICE_UNAVAILABLE", "TIMEOUT", ""})
_ACTIONS_MAY_NOT: Final = (
    "tick 'Allow GitHub Actions to create and approve pull requests' in Settings, Actions, General (the organization's "
    "settings may have to allow it first), or set BUMP_GITHUB_TOKEN"
)
_RULESET: Final = (
    "a ruleset or branch protection keeps bump from its branches: leave bump/** out of it in Settings, Rules, or add "
    "who writes to its bypass list"
)
_SINGLE_SIGN_ON: Final = "authorize the token for the organization's single sign-on"
# GitHub's words → what to do. Looked for in every refusal, whatever its status.
_ADVICE: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(words, re.IGNORECASE), what)
    for words, what in (
        (r"not permitted to create or approve pull requests", _ACTIONS_MAY_NOT),
        (r"archived", "it is archived: unarchive it in its settings, or stop running bump on it"),
        (r"rule violations|GH013|GH006|protected (?:branch|ref)", _RULESET),
        (r"(?:creations|updates|deletions) being restricted|must be made through a pull request", _RULESET),
        (r"SAML|single sign-on", _SINGLE_SIGN_ON),
        (r"IP allow list", "let the organization's IP allow list take in this machine, or run elsewhere"),
        (r"suspended", "the App's installation is suspended: unsuspend it in the settings of its account"),
        (r"pull request creation is restricted|disabled pull requests", "allow pull requests in its settings"),
        (r"body is too long|maximum is 65536", "shorten what people wrote around bump's part of the body"),
    )
)
# What another run or a person did between our reading and our writing: plan again.
_RACES: Final = re.compile(
    r"a pull request already exists|no commits between|reference already exists|reference does not exist"
    r"|not a fast[ -]forward|head branch was modified|expected head (?:sha|oid)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, about what (a repository, by name), and with which credential."""

    subject: str
    what: str
    access: Access


def refusal(answer: Answer, request: Request) -> BumpError | None:
    """Return the error that an answer is, or None when it is what was asked for."""
    at = f"{request.subject}: {request.what}"
    if kinds := answer.kinds:
        return _graphql(answer, kinds, at, request)
    if answer.status in _OK:
        return None
    if answer.status == _UNAUTHORIZED:
        login = login_advice(request.access)
        return CredentialError(f"{request.access.origin}: GitHub refused it ({answer.words}); {login}")
    if answer.status in {_TIMEOUT, _TOO_MANY} or answer.status >= _SERVER:
        return Outage(f"{at}: GitHub answered {answer.status} ({answer.words}); try again later")
    if answer.status == _INVALID and _RACES.search(answer.words):
        return RaceLost(f"{at}: somebody was faster ({answer.words}); run again")
    return _refused(answer, at, request)


def _refused(answer: Answer, at: str, request: Request) -> PublishError:
    if hint := _hint(answer):
        return PublishError(f"{at}: refused ({answer.words}); {hint}")
    if answer.status == _FORBIDDEN:
        return _forbidden(answer, at, request)
    if answer.status == _NOT_FOUND:
        return _missing(at, request)
    return PublishError(f"{at}: GitHub answered {answer.status} ({answer.words}); correct what it names")


def _graphql(answer: Answer, kinds: frozenset[str], at: str, request: Request) -> BumpError:
    """Translate errors that came with HTTP 200. One that is there to stay decides; without a type, it may pass."""
    if hint := _hint(answer):
        return PublishError(f"{at}: refused ({answer.words}); {hint}")
    if kinds & _REFUSED:
        return _forbidden(answer, at, request)
    if "NOT_FOUND" in kinds:
        return _missing(at, request)
    if kinds <= _PASSING:
        return Outage(f"{at}: GitHub failed ({answer.words}); try again later")
    return PublishError(f"{at}: GitHub refused it ({answer.words}); correct what it names")


def _hint(answer: Answer) -> str | None:
    if "x-github-sso" in answer.headers:
        return _SINGLE_SIGN_ON
    return next((what for words, what in _ADVICE if words.search(answer.words)), None)


def _forbidden(answer: Answer, at: str, request: Request) -> PublishError:
    permission = needed(answer.headers.get("x-accepted-github-permissions", ""))
    return PublishError(
        f"{at} is not allowed to the token from {request.access.origin} ({answer.words}); "
        f"{advice(request.access, permission)}"
    )


def _missing(at: str, request: Request) -> PublishError:
    return PublishError(
        f"{at}: not found, or private and not shown to the token from {request.access.origin}; "
        f"check the name, and {_reach(request.access)}"
    )


def _reach(access: Access) -> str:
    match access.kind:
        case "app":
            return "that the App is installed on it"
        case "actions":
            return "that it is this workflow's own repository; for another one set BUMP_GITHUB_TOKEN"
        case "fine-grained":
            return "that it is among the repositories that the token was made for"
        case "installation" | "classic" | "login" | "unknown":
            return "that the token's owner may read it"

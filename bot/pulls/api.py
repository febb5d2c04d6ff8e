"""One session with the GitHub API: PyGithub's transport, its answers as JSON, its exceptions as ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import github
import requests
from github import Auth, Github, GithubRetry
from github.Requester import Requester

from bot.errors import TRY_LATER, BumpError, CredentialError, Outage, PublishError, why_unreachable
from bot.log import adopt, redact
from bot.pulls.access import Access, Pace

adopt("github")  # PyGithub gives it a handler on import, which would write bodies and URLs past the redaction
_TIMEOUT: Final = 30
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SERVER: Final = 500
# Sending these twice does no harm, so they are tried again; everything else is looked up first.
_READING: Final = frozenset({"GET"})
_IDEMPOTENT: Final = frozenset({"GET", "POST"})
# What GraphQL says in `errors[].type`. Server errors have none, nor has an `updateRefs` whose `beforeOid` is stale.
_REFUSED: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
_PASSING: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT", ""})


class Api:
    """Requests to one repository's part of the API. Paths are relative to `/repos/{owner}/{name}`."""

    def __init__(self, access: Access, repository: str, *, pace: Pace) -> None:
        """Open no connection yet."""
        self.repository = repository
        self.owner, _, self.name = repository.partition("/")
        self._origin = access.origin
        self._host = urlsplit(access.api_url).netloc
        self._once = _requester(access, pace, _READING)
        self._again = _requester(access, pace, _IDEMPOTENT)

    def get(self, path: str) -> object:
        """GET one object."""
        with self._translated(f"GET {path}"):
            return self._once.requestJsonAndCheck("GET", self._url(path))[1]

    def write(self, verb: str, path: str, body: Mapping[str, object]) -> object:
        """Send a request that must not be repeated blindly."""
        with self._translated(f"{verb} {path}"):
            return self._once.requestJsonAndCheck(verb, self._url(path), input=body)[1]

    def store(self, path: str, body: Mapping[str, object]) -> object:
        """POST content that is addressed by its hash, which may be sent twice."""
        with self._translated(f"POST {path}"):
            return self._again.requestJsonAndCheck("POST", self._url(path), input=body)[1]

    def query(self, text: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a GraphQL query and return its `data`."""
        with self._translated("GraphQL query"):
            return self._data(self._again.graphql_query(text, dict(variables))[1])

    def mutate(self, text: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a GraphQL mutation and return its `data`."""
        with self._translated("GraphQL mutation"):
            return self._data(self._once.graphql_query(text, dict(variables))[1])

    def _url(self, path: str) -> str:
        return f"/repos/{self.repository}{path}"

    def _data(self, answer: Mapping[str, object]) -> Mapping[str, object]:
        data = answer.get("data")
        if not isinstance(data, dict):
            raise Outage(f"{self.repository}: GitHub answered without data; try again later")
        return data

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except github.GithubException as error:
            raise self._error(error, what) from error
        except requests.exceptions.RequestException as error:
            at = f"{self.repository}: GitHub at {self._host}"
            if isinstance(error, requests.exceptions.RetryError):
                raise Outage(f"{at} kept failing; try again later") from error
            # The exception's own text holds URLs and host addresses; what lies below it, or its class, is what matters.
            reason = why_unreachable(error) or type(error).__name__
            raise Outage(f"{at} was not reached ({reason}); {TRY_LATER}") from error

    def _error(self, error: github.GithubException, what: str) -> BumpError:
        words = _words(error)
        if kinds := _kinds(error):
            return self._graphql_error(kinds, what, words)
        if error.status == _UNAUTHORIZED:
            return CredentialError(f"{self._origin}: GitHub refused it ({words}); it may have expired")
        limited = isinstance(error, github.RateLimitExceededException) or error.status == _TOO_MANY
        if limited or error.status >= _SERVER:
            return Outage(f"{self.repository}: {what}: GitHub answered {error.status} ({words}); try again later")
        if error.status == _FORBIDDEN:
            return self._forbidden(what, words)
        if error.status == _NOT_FOUND:
            return self._missing(what)
        return PublishError(f"{self.repository}: {what}: GitHub answered {error.status} ({words})")

    def _graphql_error(self, kinds: frozenset[str], what: str, words: str) -> BumpError:
        """Translate errors that came with HTTP 200. One that is there to stay decides; without a type, it may pass."""
        if kinds & _REFUSED:
            return self._forbidden(what, words)
        if "NOT_FOUND" in kinds:
            return self._missing(what)
        if kinds <= _PASSING:
            return Outage(f"{self.repository}: {what}: GitHub failed ({words}); try again later")
        return PublishError(f"{self.repository}: {what}: GitHub refused it ({words})")

    def _forbidden(self, what: str, words: str) -> PublishError:
        return PublishError(f"{self.repository}: {what} is not allowed to the token from {self._origin} ({words})")

    def _missing(self, what: str) -> PublishError:
        return PublishError(
            f"{self.repository}: {what}: not found; check the name, and that the token from {self._origin} sees it"
        )


def _requester(access: Access, pace: Pace, methods: frozenset[str]) -> Requester:
    retry = GithubRetry(
        total=pace.retries,
        backoff_factor=pace.backoff,
        max_rate_limit_wait=pace.most_wait,
        allowed_methods=methods,
    )
    hub = Github(
        base_url=access.api_url,
        auth=Auth.Token(access.token),
        retry=retry,
        timeout=_TIMEOUT,
        user_agent="digest-bump",
        seconds_between_requests=pace.between_requests,
        seconds_between_writes=pace.between_writes,
    )
    return hub.requester


def _kinds(error: github.GithubException) -> frozenset[str]:
    """Return the types of GraphQL's errors, "" for one without; nothing when it was another request's error.

    A query that the server's schema does not allow has a code instead of a type.
    """
    data = error.data if isinstance(error.data, dict) else {}
    errors = data.get("errors")
    if "message" in data or not isinstance(errors, list):
        return frozenset()
    found = [one for one in errors if isinstance(one, dict)]
    return frozenset(str(one.get("type") or _code(one)) for one in found)


def _code(error: Mapping[str, object]) -> str:
    extensions = error.get("extensions")
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""


def _words(error: github.GithubException) -> str:
    """Return what GitHub said; a proxy in its place may say our token back."""
    data = error.data if isinstance(error.data, dict) else {}
    told: list[str] = []
    if isinstance(data.get("message"), str):
        told.append(data["message"])
    errors = data.get("errors")
    for one in errors if isinstance(errors, list) else ():
        text = one.get("message") if isinstance(one, dict) else one
        if isinstance(text, str):
            told.append(text)
    return redact("; ".join(dict.fromkeys(told)))[:400] or "no message"

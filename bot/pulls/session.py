"""PyGithub's transport, with what GitHub asks for around it: waits for rate limits, tokens renewed, refusals told.

Sent again is only what GitHub says it did not carry out (rate limits, an expired token), or what may be sent twice.
"""

import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.Requester import Requester
from urllib3 import Retry

from bot.errors import TRY_LATER, Outage, PublishError, why_unreachable
from bot.log import adopt
from bot.pulls.access import Access, Pace
from bot.pulls.exchange import Answer
from bot.pulls.refusals import Request, refusal
from bot.pulls.waiting import asked

adopt("github")  # PyGithub gives it a handler on import, which would write bodies and URLs past the redaction
_REDIRECTED: Final = re.compile(r"redirected from host \S+ to ([A-Za-z0-9.-]+),")
_TIMEOUT: Final = 30
_UNAUTHORIZED: Final = 401
_NOT_FOUND: Final = 404
_OK: Final = range(200, 300)
_FAILED: Final = frozenset(range(500, 600))
_READING: Final = frozenset({"GET"})
_REPEATABLE: Final = frozenset({"GET", "POST"})


class Session:
    """Requests to one API with one credential."""

    def __init__(self, access: Access, *, pace: Pace) -> None:
        """Open no connection yet."""
        self._access = access
        self._allowance = pace.allowance
        self._host = urlsplit(access.api_url).netloc
        self._bearer = _Bearer(access)
        self._once = _requester(access, self._bearer, pace, _READING)
        self._again = _requester(access, self._bearer, pace, _REPEATABLE)
        self.graphql = self._once.graphql_url

    def ask(
        self,
        verb: str,
        url: str,
        body: object = None,
        *,
        subject: str,
        what: str,
        repeatable: bool = False,
        absent: bool = False,
    ) -> Answer:
        """Send a request; raises a `BumpError` for every answer that is a refusal.

        `subject` and `what` begin every message. `repeatable`: it may be sent twice without harm, so it is tried again
        after an outage. `absent`: that nothing is there is an answer too, without a body.
        """
        request = Request(subject=subject, what=what, access=self._access)
        renewed = False
        earlier = 0
        while True:
            answer = self._sent(self._again if repeatable else self._once, verb, url, body, subject=subject)
            if (seconds := asked(answer, earlier=earlier, now=self._allowance.now())) is not None:
                earlier += 1
                self._allowance.wait(seconds, subject)
            elif answer.status == _UNAUTHORIZED and not renewed and self._bearer.renew():
                renewed = True
            elif absent and answer.status == _NOT_FOUND:
                return replace(answer, body=None)
            elif (error := refusal(answer, request)) is not None:
                raise error
            else:
                return answer

    def _sent(self, hub: Requester, verb: str, url: str, body: object, *, subject: str) -> Answer:
        at = f"{subject}: GitHub at {self._host}"
        try:
            status, headers, text = hub.requestJson(verb, url, input=body)
        except requests.exceptions.RequestException as error:
            # The exception's own text holds URLs and host addresses; what lies below it, or its class, is what matters.
            reason = why_unreachable(error) or type(error).__name__
            raise Outage(f"{at} was not reached ({reason}); {TRY_LATER}") from error
        except RuntimeError as error:  # PyGithub's, which follows a redirect only on the same host
            host = _REDIRECTED.search(str(error))
            where = f"the host {host[1]}" if host else "another address"
            raise PublishError(f"{at} redirects to {where}; correct GITHUB_API_URL, or the proxy") from error
        except (ValueError, AssertionError) as error:  # PyGithub's, for headers of no sense
            raise Outage(f"{at} answered what it never does ({type(error).__name__}); check GITHUB_API_URL") from error
        parsed: object = None
        if text:
            with suppress(ValueError):
                parsed = json.loads(text)
            if parsed is None and status in _OK:
                raise Outage(
                    f"{at} answered {status} without JSON, as a proxy does; check the proxy and GITHUB_API_URL"
                )
        return Answer(status=status, headers={name.lower(): str(value) for name, value in headers.items()}, body=parsed)


class _Bearer(Auth.Auth):
    """The credential as PyGithub asks for it, before each request."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._sent = ""

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        self._sent = self._access.bearer()
        return self._sent

    @property
    def _masked_token(self) -> str:
        return "Bearer (token removed)"

    def renew(self) -> bool:
        """Get another token than the one that was refused; False when there is none."""
        return self._access.bearer(refused=self._sent) != self._sent


def _requester(access: Access, bearer: Auth.Auth, pace: Pace, methods: frozenset[str]) -> Requester:
    # Not PyGithub's own GithubRetry: it sleeps through rate limits unseen, for each request anew, and not for writes.
    retry = Retry(
        total=pace.retries,
        backoff_factor=pace.backoff,
        status_forcelist=_FAILED,
        allowed_methods=methods,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    hub = Github(
        base_url=access.api_url,
        auth=bearer,
        retry=retry,
        timeout=_TIMEOUT,
        user_agent="digest-bump",
        seconds_between_requests=pace.between_requests,
        seconds_between_writes=pace.between_writes,
    )
    return hub.requester

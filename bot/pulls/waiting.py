"""How long GitHub asks to wait, and how much of that a run still has time for.

A rate limit says that nothing was carried out, so after the wait any request may be sent again. What it asks for is
bounded by `--max-wait` over the whole run; an outage is another matter, tried again a few times by the session.
Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

import math
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot import clock
from bot.errors import Outage
from bot.log import logger
from bot.pulls.exchange import Answer

MOST_WAIT: Final = 300.0
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_UNSAID: Final = 60.0  # "wait for at least one minute", and longer each time
_MINUTE: Final = 60
_HOUR: Final = 3600
_WORDS: Final = re.compile(
    r"rate limit|abuse detection|wait a few minutes|retry your request again later", re.IGNORECASE
)
_KINDS: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT"})


class Allowance:
    """What is left of `--max-wait`; one for a whole run, whoever of it asks GitHub."""

    def __init__(
        self,
        seconds: float = MOST_WAIT,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """`sleep` and `now` are given by tests."""
        self.now = now
        self._whole = seconds
        self._left = seconds
        self._sleep = sleep

    def renewed(self, seconds: float) -> "Allowance":
        """Return another one that waits in the same way."""
        return Allowance(seconds, sleep=self._sleep, now=self.now)

    def wait(self, seconds: float, subject: str) -> None:
        """Wait as long as GitHub asked, and say so; raises `Outage` when that is longer than what is left."""
        if seconds > self._left:
            until = (self.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
            left = "" if self._left == self._whole else f", of which {spell(self._left)} are left"
            raise Outage(
                f"{subject}: GitHub's rate limit asks to wait {spell(seconds)}, and --max-wait is "
                f"{spell(self._whole)}{left}; run again after {until}, or give a longer --max-wait"
            )
        self._left -= seconds
        logger().warning("github_wait", detail=f"GitHub asks to wait {spell(seconds)}; waiting")
        self._sleep(seconds)


def asked(answer: Answer, *, earlier: int, now: datetime) -> float | None:
    """Return the seconds that a rate limit asks to wait, or None when the answer is none.

    `earlier` is how often this request has been limited before: where GitHub names no time, each wait is longer.
    """
    headers = answer.headers
    named = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    if answer.status in {_FORBIDDEN, _TOO_MANY}:
        limited = answer.status == _TOO_MANY or named or _WORDS.search(answer.words) is not None
    else:
        limited = bool(answer.kinds & _KINDS)
    if not limited:
        return None
    if (after := _number(headers.get("retry-after"))) is not None:
        return max(after, 1)
    reset = _number(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now.timestamp(), 0) + 1  # it is not said when in that second
    return _UNSAID * float(2**earlier)


def spell(seconds: float) -> str:
    """Write a duration for people: `37 s`, `4 min 13 s`, `1 h 2 min`."""
    whole = math.ceil(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    big, small, names = (60, 1, ("min", "s")) if whole < _HOUR else (3600, 60, ("h", "min"))
    rest = whole % big // small
    return f"{whole // big} {names[0]}" + (f" {rest} {names[1]}" if rest else "")


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", text) else None

"""What goes over the wire: a request, an answer, and the ways in which a test can break the line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it came in. `number` counts from 1 in the order of arrival."""

    number: int
    method: str
    path: str
    """Still percent-encoded, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: object
    """The parsed JSON, or None without a body."""
    operation: str
    """The operation's id in GitHub's description (`git/create-tree`), or `graphql:` and its root fields."""
    is_write: bool

    def __str__(self) -> str:
        return f"{self.number}. {self.method} {self.path} ({self.operation})"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back. A `body` of None sends none."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """Break the connection without an answer: before the request is carried out, or after (the answer is lost)."""

    after: bool


DROP_BEFORE = Drop(after=False)
DROP_AFTER = Drop(after=True)
Fault = Drop | Answer
"""An Answer as a fault is sent instead of carrying the request out, and is not validated: proxies answer too."""
Faults = Callable[[Request], Fault | None]


def no_fault(_: Request) -> Fault | None:
    """The line holds."""
    return None


def on_write(number: int, fault: Fault) -> Faults:
    """That fault at the write of that number, counted from 1 over every REST write and GraphQL mutation from now on."""
    seen = 0

    def consult(request: Request) -> Fault | None:
        nonlocal seen
        seen += request.is_write
        return fault if request.is_write and seen == number else None

    return consult


def queue(*faults: Fault | None) -> Faults:
    """One entry for each request from now on, None for none; when the queue is empty, the line holds."""
    waiting = list(faults)
    return lambda _: waiting.pop(0) if waiting else None


def on_operation(operation: str, *faults: Fault) -> Faults:
    """These faults, one after the other, for the next requests of one operation."""
    waiting = list(faults)
    return lambda request: waiting.pop(0) if waiting and request.operation == operation else None

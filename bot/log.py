"""Log lines: constant snake_case events with facts as keys, on stderr, with every known secret replaced.

Whoever reads a credential registers it here, before it is used. structlog takes 0.1 s to import: only rooms that do
I/O import this module, `bot.cli` does not.
"""

import base64
import logging
import sys
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from itertools import islice
from typing import Final, Literal, TextIO, cast
from urllib.parse import quote

import structlog

_MASK: Final = "***"
_SHORTEST: Final = 6  # a shorter text would blank out half of every line, and is no secret
_SHORTEST_LINE: Final = 16
_DEEPEST: Final = 8
_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)
# httpx writes whole URLs at INFO, signed query strings included; PyGithub writes bodies with tokens at DEBUG.
_TALKATIVE: Final = ("httpx", "httpcore", "hpack", "h2", "github", "urllib3", "requests", "asyncio")


class _Redactor:
    """Replaces what it has been told; longest first, so that no rest of a longer secret stays.

    A run may know thousands of tokens, and they come one by one: no pattern is compiled, and what is longer than the
    text is not looked for.
    """

    def __init__(self) -> None:
        self._forms: list[str] = []

    def add(self, forms: Iterable[str]) -> None:
        for form in forms:
            if len(form) >= _SHORTEST and form not in self._forms[self._fitting(form) :]:
                insort(self._forms, form, key=_longest_first)

    def __call__(self, text: str) -> str:
        for form in islice(self._forms, self._fitting(text), None):
            if form in text:
                text = text.replace(form, _MASK)
        return text

    def _fitting(self, text: str) -> int:
        return bisect_left(self._forms, _longest_first(text), key=_longest_first)


def _longest_first(form: str) -> int:
    return -len(form)


def _forms(secret: str) -> Iterable[str]:
    """The spellings in which a secret travels: itself, in a URL, in base64, and a key's single lines."""
    if len(secret) < _SHORTEST:
        return
    yield secret
    yield quote(secret, safe="", errors="surrogatepass")
    raw = secret.encode(errors="surrogatepass")  # who sends it may refuse it; here it is only looked for
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode()
        yield encoded.decode().rstrip("=")
    for line in secret.splitlines():
        if len(line) >= _SHORTEST_LINE and not line.startswith("-----"):
            yield line


_redactor: Final = _Redactor()
_audience: Callable[[str], object] | None = None


def register_secret(value: str) -> None:
    """From now on `value`, and its base64 forms, stand as `***` in every log line and in what `redact` returns."""
    forms = tuple(_forms(value))
    _redactor.add(forms)
    if _audience is not None:
        for form in forms:
            _audience(form)


def announce(audience: Callable[[str], object] | None) -> None:
    """Tell every form of a secret that is registered to `audience` too: to what hides it in the output of others."""
    global _audience  # noqa: PLW0603 - the process has one, as it has one log
    _audience = audience


def register_token(value: str) -> None:
    """The same for a token that is fetched by the thousand, lives for minutes, and is sent as it is: no other forms."""
    _redactor.add((value,))


def redact(text: str) -> str:
    """Replace every registered secret in `text`."""
    return _redactor(text)


def _clean(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {redact(str(key)): _clean(item, depth + 1) for key, item in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, BaseException):
        return redact(f"{type(value).__name__}: {value}")
    return redact(str(value))


def _redacted(_logger: object, _method: str, event: MutableMapping[str, object]) -> Mapping[str, object]:
    return {key: value if key.startswith("_") else _clean(value) for key, value in event.items()}


class _Redacting(logging.Formatter):
    """The last line of defence: whatever was rendered, by whichever library, once more as text."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inner.format(record))


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at that moment, unless it was given a stream."""

    def __init__(self, given: TextIO | None) -> None:
        self._given = given
        super().__init__(given)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = self._given or sys.stderr
        super().emit(record)


def configure(
    *,
    format: Literal["console", "json"] = "console",  # noqa: A002 - the option's name
    verbosity: int = 0,
    stream: TextIO | None = None,
) -> None:
    """Set up all logging of the process: warnings, with `verbosity` 1 the steps too, with 2 every request."""
    stamp = [structlog.processors.TimeStamper(fmt="iso", utc=True)] if format == "json" else []
    # Exceptions become text before the redaction; structlog's own console rendering would print local variables.
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        *stamp,
        structlog.processors.format_exc_info,
        _redacted,
    ]
    renderer: structlog.typing.Processor
    if format == "json":
        renderer = structlog.processors.JSONRenderer(sort_keys=False)
    else:
        colours = (stream or sys.stderr).isatty()
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = _Stderr(stream)
    handler.setFormatter(_Redacting(formatter))
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if verbosity < 1:  # it warns of every attempt, and the command tells in one line what they came to
        logging.getLogger("urllib3").setLevel(logging.ERROR)
    level = _LEVELS[min(max(verbosity, 0), len(_LEVELS) - 1)]
    logging.getLogger("bot").setLevel(level)
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def adopt(name: str) -> None:
    """Take from a library's logger the handlers and the level that its import gave it: only ours redact."""
    library = logging.getLogger(name)
    for handler in list(library.handlers):
        library.removeHandler(handler)
    library.setLevel(logging.WARNING)


def logger() -> structlog.typing.FilteringBoundLogger:
    """Return the logger of the program; bind what holds for all its lines."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger("bot"))


# Before a command has configured anything, structlog would print every event on stdout, where the result stands.
configure()

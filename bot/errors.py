"""Every error that `bump` raises on purpose: one root, one family per subject.

A message starts with its subject, says what was got and what was expected, and ends with what to do. It never
holds a secret. Which exit code a family means is decided in one table in `bot.report.result`, not here.
"""

import errno
from collections.abc import Iterator
from typing import Final

TRY_LATER: Final = "check the name, network and proxy, or run again later"
# By class name: `socket` and `ssl` are not imported to read what was raised.
_CLASSES: Final = {
    "gaierror": "name not known",
    "SSLCertVerificationError": "certificate not trusted",
    "SSLError": "no TLS",
    "SSLEOFError": "connection closed",
    "SSLZeroReturnError": "connection closed",
    "TimeoutError": "timed out",
}
_NUMBERS: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: "timed out",
}


class BumpError(Exception):
    """The root of all errors that are meant for the user; `str()` is one line to show."""


class UsageError(BumpError):
    """The command line asks for something that cannot be done as asked."""


class ConfigError(BumpError):
    """The configuration is wrong; the message names the file, and the line or the key where it is known."""


class CredentialError(BumpError):
    """A credential is missing, empty, or refused; the message names where it came from, never its value."""


class InvalidReference(BumpError):
    """A text is not a registry, repository, tag, digest, platform or reference."""


class InvalidContent(BumpError):
    """Bytes from a registry are not what the specification allows; `code` is listed in docs/codes.md."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the documented `code` beside the text."""
        super().__init__(message)
        self.code = code


class RegistryError(BumpError):
    """A registry did not give what was asked; `code` is listed in docs/codes.md."""

    def __init__(self, code: str, message: str, *, outage: bool = False) -> None:
        """`outage`: the registry could not be reached at all, or kept failing; nothing is known about the image."""
        super().__init__(message)
        self.code = code
        self.outage = outage


class UnreadableFile(BumpError):
    """A file of the repository cannot be read as YAML that is safe to edit."""


class EditRefused(BumpError):
    """An edit would have changed more than it says; nothing of the file was changed."""


class CheckoutError(BumpError):
    """The working tree or its git repository cannot be read or written as asked."""


class PublishError(BumpError):
    """GitHub refused something that will not change by trying again; the message names the setting to change."""


class Outage(BumpError):
    """GitHub could not be reached, or kept failing."""


class RaceLost(BumpError):
    """Somebody else moved the branch between reading and writing it."""


class Unexpected(BumpError):
    """A bug, of ours or of a library, that stopped one part of a run."""

    def __init__(self, error: Exception) -> None:
        """Say it in one line, as the program does for a bug that stops the whole run."""
        detail = " ".join(str(error).split())[:300]
        super().__init__(f"unexpected {type(error).__name__}: {detail} (-v shows where; please report it)")


def why_unreachable(error: BaseException | None) -> str:
    """Say why a connection failed, from the system's error deep within `error`; empty when there is none.

    Texts of libraries are not passed on: they hold URLs, and so perhaps secrets.
    """
    reason = ""
    for one in beneath(error):
        if isinstance(one, OSError):
            reason = _reason(one) or reason
    return reason


def beneath(error: BaseException | None) -> Iterator[BaseException]:
    """Go from `error` down to what caused it, once: libraries raise from each other, in a circle too."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, BaseExceptionGroup):  # several addresses of one name were tried
            error = error.exceptions[0]
        yield error
        error = error.__cause__ or error.__context__


def _reason(error: OSError) -> str:
    name, module = type(error).__name__, type(error).__module__
    if module == "ssl" or (name in _CLASSES and module in {"builtins", "socket"}):
        return _CLASSES.get(name, "")  # the numbers of ssl are its own
    number = error.errno or 0
    return _NUMBERS.get(number) or errno.errorcode.get(number, "")

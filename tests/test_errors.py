"""Why a connection failed, told from what the libraries wrap around the system's own error."""

import errno
import socket
import ssl

import pytest

from bot.errors import why_unreachable


def wrapped(error: BaseException) -> BaseException:
    """As httpx, httpcore and anyio do: each layer raises its own, with the text that it found below."""
    for kind in (OSError, RuntimeError):
        try:
            raise kind("https://registry.example/v2/?signature=s1gned") from error
        except (OSError, RuntimeError) as outer:
            error = outer
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 9)"), "connection refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection reset"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name not known"),
        (OSError(errno.ENETUNREACH, "x"), "network unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "host unreachable"),
        (OSError(errno.EMFILE, "x"), "EMFILE"),
        (TimeoutError(), "timed out"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "certificate not trusted"),
        (ssl.SSLError(1, "wrong version number"), "no TLS"),
        (ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "EOF occurred in violation of protocol"), "connection closed"),
        (ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "The operation did not complete"), ""),
        (ExceptionGroup("multiple", [ConnectionRefusedError(errno.ECONNREFUSED, "x")]), "connection refused"),
        (OSError("All connection attempts failed"), ""),
        (ValueError("x"), ""),
    ],
    ids=lambda value: value or "unknown" if isinstance(value, str) else "",
)
def test_the_systems_own_error_is_named(error: BaseException, reason: str) -> None:
    assert why_unreachable(error) == reason
    assert why_unreachable(wrapped(error)) == reason


def test_errors_that_cause_each_other_are_looked_at_once() -> None:
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "x")
    outer = RuntimeError("x")
    outer.__cause__, refused.__cause__ = refused, outer
    assert why_unreachable(outer) == why_unreachable(refused) == "connection refused"

"""Logs are events with facts, on stderr, and no secret stands in them in any form."""

import base64
import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import log

SECRET = "s3cret/of+the=test"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    yield io.StringIO()
    log.configure()


def test_a_secret_that_is_no_text_is_replaced_too() -> None:
    log.register_secret("s3cret\udcff-of-bytes")
    assert log.redact("it is s3cret\udcff-of-bytes") == "it is ***"


def test_whoever_hides_secrets_elsewhere_hears_every_form() -> None:
    heard: list[str] = []
    log.announce(heard.append)
    try:
        log.register_secret("a-secret/of-two\nlines-of-text-each")
        log.register_token("a-token-that-is-minted-by-the-thousand")
    finally:
        log.announce(None)
    log.register_secret("another-secret")

    assert {"a-secret/of-two\nlines-of-text-each", "lines-of-text-each"} < set(heard)
    assert base64.b64encode(b"a-secret/of-two\nlines-of-text-each").decode() in heard
    assert not {"a-token-that-is-minted-by-the-thousand", "another-secret"} & set(heard)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _raised(text: str) -> ValueError:
    """An error with a traceback, in which the text stands as a local variable, too."""
    with pytest.raises(ValueError, match=r".*") as raised:
        int(text)
    return raised.value


FORMS = {
    "itself": SECRET,
    "in a URL": quote(SECRET, safe=""),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "URL-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    log.register_secret(SECRET)
    assert log.redact(f"before {form} after") == "before *** after"


def test_the_longest_secret_is_masked_first() -> None:
    log.register_secret("zq-abcdef")
    log.register_secret("zq-abcdefghij")
    assert log.redact("zq-abcdefghij zq-abcdef") == "*** ***"


def test_a_token_is_masked_as_it_is_sent() -> None:
    log.register_token("zq-t0ken")
    assert log.redact("Bearer zq-t0ken, zq-t0ken") == "Bearer ***, ***"


def test_a_short_text_is_no_secret() -> None:
    log.register_secret("main")
    log.register_secret("")
    assert log.redact("the channel main") == "the channel main"


def test_every_line_of_a_key_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7x\nshort\n-----END KEY-----\n"
    log.register_secret(key)
    assert log.redact("x MIIEpAIBAAKCAQEA7x y") == "x *** y"
    assert log.redact("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


@given(secret=st.text(min_size=6, max_size=40), before=st.text(max_size=10), after=st.text(max_size=10))
def test_any_secret_is_gone(secret: str, before: str, after: str) -> None:
    redactor = log._Redactor()  # noqa: SLF001 - the shared one would remember every example
    redactor.add(log._forms(secret))  # noqa: SLF001 - as above
    assert secret not in redactor(f"{before}{secret}{after}").replace("***", "\0")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("format", ["console", "json"])
def test_nothing_of_an_event_shows_a_secret(
    stream: io.StringIO,
    format: str,  # noqa: A002 - the option's name
    form: str,
) -> None:
    log.register_secret(SECRET)
    log.configure(format="json" if format == "json" else "console", verbosity=2, stream=stream)
    logger = log.logger().bind(bound=form)
    logger.debug("nested", a={"b": [form, (form,), {form: form}], "c": form.encode()}, n=1, none=None, yes=True)
    logger.warning("error", error=ValueError(form))
    logger.error("raised", exc_info=_raised(form))
    logging.getLogger("elsewhere").warning("a library says %s", form)
    logging.getLogger("elsewhere").error("and shows", exc_info=ValueError(form))
    assert SECRET not in stream.getvalue()
    assert form not in stream.getvalue()
    assert stream.getvalue().count("***") >= 9


def test_a_json_line_is_an_event_with_facts(stream: io.StringIO) -> None:
    log.configure(format="json", verbosity=1, stream=stream)
    log.logger().info("image_resolved", image="ghcr.io/acme/api:main", requests=1)
    (line,) = lines(stream)
    assert line.pop("timestamp")
    assert line == {"event": "image_resolved", "level": "info", "image": "ghcr.io/acme/api:main", "requests": 1}


@pytest.mark.parametrize(
    ("verbosity", "expected"),
    [
        (-1, ["warning"]),
        (0, ["warning"]),
        (1, ["info", "warning"]),
        (2, ["debug", "info", "warning"]),
        (9, ["debug", "info", "warning"]),
    ],
)
def test_verbosity_chooses_how_much(stream: io.StringIO, verbosity: int, expected: list[str]) -> None:
    log.configure(format="json", verbosity=verbosity, stream=stream)
    log.logger().debug("one")
    log.logger().info("two")
    log.logger().warning("three")
    assert [line["level"] for line in lines(stream)] == expected


@pytest.mark.parametrize("name", ["httpx", "httpcore", "github", "github.Requester", "urllib3.connectionpool"])
def test_libraries_that_show_urls_and_bodies_stay_silent(stream: io.StringIO, name: str) -> None:
    log.configure(format="json", verbosity=2, stream=stream)
    logging.getLogger(name).info("HTTP Request: GET https://storage.example/blob?signature=s1gned")
    logging.getLogger(name).debug("a body")
    assert stream.getvalue() == ""


def test_without_a_stream_it_is_stderr_whatever_that_is_then(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    log.logger().warning("one")
    first = capsys.readouterr()
    assert (first.out, first.err.strip()) == ("", "[warning  ] one")
    earlier, sys.stderr = sys.stderr, io.StringIO()
    try:
        log.logger().warning("two")
        assert "two" in sys.stderr.getvalue()
    finally:
        sys.stderr = earlier


def test_configuring_again_leaves_one_handler(stream: io.StringIO) -> None:
    log.configure(format="json", stream=io.StringIO())
    log.configure(format="json", stream=stream)
    log.logger().warning("once")
    assert len(lines(stream)) == 1

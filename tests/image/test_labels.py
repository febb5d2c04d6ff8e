"""Labels are a stranger's text: what does not fully match is not there."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidContent
from bot.image import Build, Platform, parse_config, parse_platform

OCI = "org.opencontainers.image."
REVISION = "3fa4c1d9bc17e0aa3fa4c1d9bc17e0aa3fa4c1d9"


def build(**labels: object) -> Build:
    """What a config blob with these `org.opencontainers.image` labels says."""
    return parse_config(json.dumps({"config": {"Labels": {OCI + key: text for key, text in labels.items()}}}).encode())


def test_all_four_labels_are_read() -> None:
    assert build(
        revision=REVISION, source="https://github.com/acme/api", created="2026-11-02T10:20:30Z", version="1.2.3"
    ) == Build(
        revision=REVISION,
        source="https://github.com/acme/api",
        created=datetime(2026, 11, 2, 10, 20, 30, tzinfo=UTC),
        version="1.2.3",
    )


def test_the_names_of_label_schema_stand_in_where_there_are_no_others() -> None:
    legacy = {
        "org.label-schema.vcs-ref": REVISION,
        "org.label-schema.vcs-url": "https://github.com/acme/api.git",
        "org.label-schema.build-date": "2026-11-02T10:20:30+02:00",
        "org.label-schema.version": "old",
        OCI + "version": "new",
    }
    assert parse_config(json.dumps({"config": {"Labels": legacy}}).encode()) == Build(
        revision=REVISION,
        source="https://github.com/acme/api",
        created=datetime(2026, 11, 2, 8, 20, 30, tzinfo=UTC),
        version="new",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"config": None},
        {"config": []},
        {"config": {}},
        {"config": {"Labels": None}},
        {"config": {"Labels": []}},
        {"Labels": {OCI + "revision": REVISION}},
    ],
    ids=["empty", "null", "list", "no labels", "null labels", "list of labels", "labels elsewhere"],
)
def test_a_config_without_labels_says_nothing(body: object) -> None:
    assert parse_config(json.dumps(body).encode()) == Build()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000], ids=["", "list", "null", "ff", "deep"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_config(body)
    assert caught.value.code == "invalid-config"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("3fa4c1", id="six digits"),
        pytest.param("3" * 65, id="65 digits"),
        pytest.param(REVISION.upper(), id="capitals"),
        pytest.param(f"{REVISION}\n", id="line end"),
        pytest.param(f"{REVISION}-dirty", id="dirty"),
        pytest.param("main", id="branch"),
        pytest.param("$(id)", id="shell"),
        pytest.param("::error::x", id="runner command"),
        pytest.param("٣" * 40, id="digits of another script"),
        pytest.param("", id="empty"),
        pytest.param(1234567, id="a number"),
        pytest.param([REVISION], id="a list"),
    ],
)
def test_a_revision_that_is_no_commit_counts_as_absent(text: object) -> None:
    assert build(revision=text).revision is None


@pytest.mark.parametrize("text", [REVISION, REVISION[:7], "0" * 64])
def test_a_revision_is_seven_to_64_hexadecimal_digits(text: str) -> None:
    assert build(revision=text).revision == text


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://github.com/acme/api", "https://github.com/acme/api"),
        ("https://github.com/acme/api/", "https://github.com/acme/api"),
        ("https://github.com/acme/api.git", "https://github.com/acme/api"),
        ("HTTPS://GitHub.com/Acme/Api", "https://github.com/Acme/Api"),
        ("https://git.corp:8443/acme/my.api", "https://git.corp:8443/acme/my.api"),
    ],
)
def test_a_source_is_a_repository_on_an_https_host(text: str, source: str) -> None:
    assert build(source=text).source == source


@pytest.mark.parametrize(
    "text",
    [
        "http://github.com/acme/api",
        "git@github.com:acme/api.git",
        "ssh://git@github.com/acme/api",
        "javascript:alert(1)//github.com/acme/api",
        "//github.com/acme/api",
        "https://user:secret@github.com/acme/api",
        "https://github.com@evil.example/acme/api",
        "https://github.com\\@evil.example/acme/api",
        "https://github.com/acme",
        "https://github.com/acme/api/tree/main",
        "https://github.com/acme/..",
        "https://github.com/../api",
        "https://github.com//api",
        "https://github.com/acme/.git",
        "https://github.com/acme/api?x=y",
        "https://github.com/acme/api?",
        "https://github.com/acme/api#x",
        "https://github.com/acme/api#",
        "https://github.com/acme/api)[x](https://evil.example",
        "https://github.com/acme/a%2e%2e",
        "https://github.com/ac\nme/api",
        "https://github.com/acme/api\n",
        " https://github.com/acme/api",
        "\x00https://github.com/acme/api",
        "https://git\thub.com/acme/api",
        "https://\N{KELVIN SIGN}.example/acme/api",
        "https://[::1/acme/api",
        "https:///acme/api",
        "https:github.com/acme/api",
    ],
)
def test_any_other_source_counts_as_absent(text: str) -> None:
    assert build(source=text).source is None


@pytest.mark.parametrize(
    ("text", "created"),
    [
        ("2026-11-02T10:20:30Z", datetime(2026, 11, 2, 10, 20, 30, tzinfo=UTC)),
        ("2026-11-02t10:20:30z", datetime(2026, 11, 2, 10, 20, 30, tzinfo=UTC)),
        ("2026-11-02 10:20:30.123456789Z", datetime(2026, 11, 2, 10, 20, 30, tzinfo=UTC)),
        ("2026-11-02T10:20:30-05:30", datetime(2026, 11, 2, 15, 50, 30, tzinfo=UTC)),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_created_is_a_time_of_rfc_3339(text: str, created: datetime) -> None:
    assert build(created=text).created == created


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-02",
        "2026-11-02T10:20:30",
        "2026-13-02T10:20:30Z",
        "2026-11-02T25:20:30Z",
        "2026-11-02T10:20:30+99:99",
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "٢٠٢٦-11-02T10:20:30Z",
        "2026-11-02T10:20:30Z\n",
        "yesterday",
    ],
)
def test_any_other_time_counts_as_absent(text: str) -> None:
    assert build(created=text).created is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.2.3-rc.1+build_5", "1.2.3-rc.1+build_5"),
        ("main", "main"),
        ("-rf", None),
        ("1.2.3\n", None),
        ("@everyone", None),
        ("fixes #1", None),
        ("<b>", None),
        ("x" * 65, None),
    ],
)
def test_a_version_is_one_plain_word(text: str, version: str | None) -> None:
    assert build(version=text).version == version


@given(st.dictionaries(st.sampled_from(["revision", "source", "created", "version"]), st.text()))
def test_whatever_the_labels_say_the_result_is_plain_text(labels: dict[str, str]) -> None:
    found = build(**labels)
    for text in (found.revision, found.source, found.version):
        assert text is None or (text.isascii() and text.isprintable() and not set(" <>@\\`") & set(text))


@given(st.binary())
def test_any_bytes_are_a_config_or_refused(body: bytes) -> None:
    with suppress(InvalidContent):
        parse_config(body)


@pytest.mark.parametrize(
    ("config", "platform"),
    [
        ({"os": "linux", "architecture": "amd64"}, "linux/amd64"),
        ({"os": "linux", "architecture": "arm64", "variant": "v8"}, "linux/arm64"),
        ({"os": "linux", "architecture": "arm", "variant": "v6"}, "linux/arm/v6"),
        ({"os": "linux", "architecture": "arm64", "variant": None}, "linux/arm64"),
        ({"os": "linux"}, None),
        ({"os": "", "architecture": ""}, None),
        ({"os": "linux", "architecture": 64}, None),
        ({}, None),
    ],
)
def test_a_config_says_what_it_was_built_for(config: dict[str, object], platform: str | None) -> None:
    found = parse_platform(json.dumps(config).encode())
    assert found == (None if platform is None else Platform.parse(platform))


def test_a_platform_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidContent) as refused:
        parse_platform(b'{"os": "linux\\n", "architecture": "amd64"}')
    assert refused.value.code == "invalid-config"

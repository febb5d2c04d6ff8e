"""Platforms are equal when a container runtime takes them for the same."""

import pytest
from hypothesis import given

from bot.errors import InvalidReference
from bot.image import Platform
from tests.image.strategies import platforms


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/arm64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm/5", "linux/arm/v5"),
        ("linux/arm/8", "linux/arm/v8"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
        ("windows/amd64", "windows/amd64"),
        ("linux/riscv64", "linux/riscv64"),
    ],
)
def test_platforms_are_normalised(text: str, normal: str) -> None:
    assert str(Platform.parse(text)) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "linux",
        "linux/",
        "/amd64",
        "linux/amd64/v1/x",
        "linux//v1",
        "linux/amd64 ",
        "linux/amd64\n",
        "li nux/x",
        "é/x",
    ],
)
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference, match="expected os/architecture"):
        Platform.parse(text)


@pytest.mark.parametrize(
    ("platform", "known"),
    [
        pytest.param(Platform.of("linux", "amd64"), True, id="real"),
        pytest.param(Platform.of("unknown", "unknown"), False, id="attestation"),
        pytest.param(Platform.of("linux", "unknown"), False, id="half"),
        pytest.param(Platform.of("", ""), False, id="empty"),
    ],
)
def test_an_attestation_is_no_known_platform(platform: Platform, known: bool) -> None:
    assert platform.known is known


@given(platforms)
def test_parsing_what_was_printed_gives_the_same(platform: Platform) -> None:
    assert Platform.parse(str(platform)) == platform


@given(platforms)
def test_normalising_twice_changes_nothing(platform: Platform) -> None:
    assert Platform.of(platform.os, platform.architecture, platform.variant) == platform

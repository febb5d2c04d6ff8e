"""Waivers: what they excuse, by whole segments and hosts, until their last day; and what is told about them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.errors import ConfigError
from bot.policy import Waiver
from tests.policy.checking import TODAY, WAIVERS, checked, told

PATH = "env/staging/api.yaml"


def file(path: str = PATH, image: str | None = "ghcr.io/acme/api", days: int = 30, rule: str = "tag-only") -> str:
    about = f", image: '{image}'" if image else ""
    entry = f"rule: {rule}, path: '{path}'{about}, reason: r, owner: o, expires: {TODAY + timedelta(days=days)}"
    return f"version: 1\nwaivers:\n  - {{{entry}}}\n"


def rules(waivers: str, image: str = "ghcr.io/acme/api:1.4.0", path: str = PATH, **more: object) -> list[str]:
    whole_run = more.get("whole_run", True) is True
    return [rule for rule, _ in told(checked({path: f"image: {image}", WAIVERS: waivers}, whole_run=whole_run))]


@pytest.mark.parametrize(
    ("pattern", "excused"),
    [
        pytest.param("env/staging/api.yaml", True, id="the file"),
        pytest.param("env/staging", True, id="its folder"),
        pytest.param("env", True, id="a folder above"),
        pytest.param("env/*/api.yaml", True, id="a pattern"),
        pytest.param("**", True, id="everything"),
        pytest.param("env/stag", False, id="the beginning of a folder"),
        pytest.param("env/staging/api", False, id="the beginning of a file"),
        pytest.param("staging", False, id="not from the root"),
        pytest.param("env/*", False, id="a pattern is whole"),
    ],
)
def test_paths(pattern: str, excused: bool) -> None:
    assert (rules(file(pattern)) == []) is excused


@pytest.mark.parametrize(
    ("pattern", "image", "excused"),
    [
        pytest.param("ghcr.io/acme/api", "ghcr.io/acme/api:1.4.0", True, id="the image"),
        pytest.param("ghcr.io/acme", "ghcr.io/acme/api:1.4.0", True, id="its owner"),
        pytest.param("ghcr.io/acme/*", "ghcr.io/acme/api:1.4.0", True, id="a pattern"),
        pytest.param(None, "ghcr.io/acme/api:1.4.0", True, id="every image"),
        pytest.param("ghcr.io/acme/ap", "ghcr.io/acme/api:1.4.0", False, id="the beginning of a name"),
        pytest.param("ghcr.io/ac", "ghcr.io/acme/api:1.4.0", False, id="the beginning of an owner"),
    ],
)
def test_images(pattern: str | None, image: str, excused: bool) -> None:
    assert (rules(file(image=pattern), image) == []) is excused


@pytest.mark.parametrize(
    ("host", "excused"), [("internal-registry.corp", True), ("internal-registry.corp-evil.io", False)]
)
def test_hosts_are_exact(host: str, excused: bool) -> None:
    waivers = file(image="internal-registry.corp/**", rule="unpinned")
    assert ("unpinned" not in rules(waivers, f"{host}/team/app:1.4.0")) is excused


def test_another_rule_is_not_excused() -> None:
    assert rules(file(rule="tag-form")) == ["waiver-unused", "tag-only"]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        pytest.param(-1, ["waiver-expired", "tag-only"], id="yesterday"),
        pytest.param(0, ["waiver-expiring"], id="the last day"),
        pytest.param(14, ["waiver-expiring"], id="14 days"),
        pytest.param(15, [], id="15 days"),
        pytest.param(90, [], id="as long as may be"),
        pytest.param(91, ["waiver-too-long"], id="a day longer"),
    ],
)
def test_days(days: int, found: list[str]) -> None:
    assert rules(file(days=days)) == found


def test_one_that_excuses_nothing_is_told_when_all_was_checked() -> None:
    pinned = "ghcr.io/acme/api@sha256:aa…"
    assert rules(file(), pinned) == ["waiver-unused"]
    assert rules(file(), pinned, whole_run=False) == []
    assert rules(file(days=-3), pinned) == ["waiver-expired"]


def test_what_is_waived_is_kept_with_its_waiver() -> None:
    ((finding, waiver),) = checked({PATH: "image: ghcr.io/acme/api:1.4.0", WAIVERS: file()}).waived
    assert (finding.rule, waiver.owner, waiver.where, waiver.line) == ("tag-only", "o", WAIVERS, 3)


def test_of_two_the_one_that_holds_longer_is_used() -> None:
    two = file(days=20) + file(path="env", days=40).partition("waivers:\n")[2]
    ((_, waiver),) = checked({PATH: "image: ghcr.io/acme/api:1.4.0", WAIVERS: two}).waived
    assert waiver.expires == TODAY + timedelta(days=40)


GOOD = {"rule": "tag-only", "path": "env", "reason": "r", "owner": "o", "expires": "2027-01-31"}


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        pytest.param("expires", "31.01.2027", "not a date", id="another date"),
        pytest.param("expires", "2027-02-30", "not a date", id="no such day"),
        pytest.param("expires", "2027-1-3", "not a date", id="a short date"),
        pytest.param("expires", "20270131", "expected text", id="a number"),
        pytest.param("rule", "tag-olny", "no such rule; there are channel-bleed", id="no such rule"),
        pytest.param("rule", "waiver-expired", "no waiver excuses that", id="a rule over waivers"),
        pytest.param("path", "../x", "cannot leave", id="out of the repository"),
        pytest.param("path", "env/[ab]", "only *, ** and ?", id="no pattern"),
        pytest.param("owner", "''", "expected one line", id="nobody's"),
        pytest.param("reason", '"a\\e[31m"', "expected one line", id="control characters"),
        pytest.param("image", "acme/api", "no host", id="no host"),
        pytest.param("why", "x", "unknown key", id="an unknown key"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(key: str, value: str, complaint: str) -> None:
    lines = "".join(f"    {name}: {said}\n" for name, said in {**GOOD, key: value}.items())
    with pytest.raises(ConfigError) as raised:
        config.load_waivers(f"version: 1\nwaivers:\n  -\n{lines}".encode(), path=WAIVERS)
    assert f"waivers[0].{key}: " in str(raised.value)
    assert complaint in str(raised.value)
    assert str(raised.value).startswith(f"{WAIVERS}:{3 + 1 + list({**GOOD, key: value}).index(key)}: ")


@pytest.mark.parametrize("key", list(GOOD))
def test_nothing_may_be_missing(key: str) -> None:
    lines = "".join(f"    {name}: {said}\n" for name, said in GOOD.items() if name != key)
    with pytest.raises(ConfigError, match=rf"waivers\[0\]\.{key}: missing"):
        config.load_waivers(f"version: 1\nwaivers:\n  -\n{lines}".encode(), path=WAIVERS)


def test_an_empty_file_has_none() -> None:
    assert config.load_waivers(b"", path=WAIVERS) == ()
    assert config.load_waivers(b"# nothing\n", path=WAIVERS) == ()


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    text = f"version: 1\nwaivers: [{{rule: tag-only, path: a, reason: r, owner: o, expires: {day}}}]\n"
    (waiver,) = config.load_waivers(text.encode(), path=WAIVERS)
    assert isinstance(waiver, Waiver)
    assert waiver.expires == day

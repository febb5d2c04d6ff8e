"""Waivers are added by splice: what was there keeps its bytes, and what comes out is what was asked for."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import add_waivers, load_waivers
from bot.errors import ConfigError
from bot.planning.glob import Glob
from bot.policy import Waiver

PATH = "config/waivers.yaml"
OLD = "rule: tag-form, path: env/dev, reason: r, owner: o, expires: 2027-01-01"
NEW = """\
  - rule: tag-only
    path: env/a.yaml
    image: ghcr.io/acme/api
    reason: it is old
    owner: sre
    expires: 2027-01-31
"""


def waiver(*, path: str = "env/a.yaml", image: str | None = "ghcr.io/acme/api", reason: str = "it is old") -> Waiver:
    return Waiver(
        rule="tag-only",
        path=Glob.parse(path),
        image=Glob.parse(image) if image else None,
        reason=reason,
        owner="sre",
        expires=date(2027, 1, 31),
        where=PATH,
        line=0,
        column=1,
    )


def added(text: str, *waivers: Waiver) -> str:
    return add_waivers(text.encode(), waivers or (waiver(),), path=PATH).decode()


LINES = OLD.replace(", ", "\n    ").replace("reason: r", "reason: >-\n      long\n      and longer")
ENTRY = f"  - {{{OLD}}}\n"
NARROW = NEW.replace("\n    ", "\n  ").replace("  - ", "- ", 1)
FLOW = "{rule: tag-only, path: env/a.yaml, image: ghcr.io/acme/api, reason: it is old, owner: sre, expires: 2027-01-31}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f"version: 1\nwaivers:\n{NEW}", id="empty"),
        pytest.param("# ours\n", f"# ours\nversion: 1\nwaivers:\n{NEW}", id="a comment"),
        pytest.param("# ours", f"# ours\nversion: 1\nwaivers:\n{NEW}", id="a comment without an end"),
        pytest.param("version: 1\n", f"version: 1\nwaivers:\n{NEW}", id="no list"),
        pytest.param("version: 1 # one", f"version: 1 # one\nwaivers:\n{NEW}", id="no list, no end"),
        pytest.param(f"version: 1\nwaivers:\n{ENTRY}", f"version: 1\nwaivers:\n{ENTRY}{NEW}", id="behind another"),
        pytest.param(
            f"version: 1\nwaivers: # all\n{ENTRY}  # the end\n",
            f"version: 1\nwaivers: # all\n{ENTRY}{NEW}  # the end\n",
            id="before a comment",
        ),
        pytest.param(
            f"version: 1\nwaivers:\n- {{{OLD}}} # why\n",
            f"version: 1\nwaivers:\n- {{{OLD}}} # why\n{NARROW}",
            id="not indented",
        ),
        pytest.param(
            f"waivers:\n  - {OLD.replace(', ', chr(10) + '    ')}\n\n# last\nversion: 1\n",
            f"waivers:\n  - {OLD.replace(', ', chr(10) + '    ')}\n{NEW}\n# last\nversion: 1\n",
            id="before another key",
        ),
        pytest.param(
            f"version: 1\nwaivers:\n  - {LINES}",
            f"version: 1\nwaivers:\n  - {LINES}\n{NEW}",
            id="no end of line",
        ),
        pytest.param("version: 1\nwaivers: []\n", f"version: 1\nwaivers:\n{NEW}", id="an empty list"),
        pytest.param("version: 1\nwaivers: [] # none\n", f"version: 1\nwaivers: # none\n{NEW}", id="with a comment"),
        pytest.param(
            "version: 1\nwaivers: [ # none\n]\n", f"version: 1\nwaivers: [ # none\n{FLOW}]\n", id="with one inside"
        ),
        pytest.param(
            f"version: 1\nwaivers: [{{{OLD}}}, # one\n]\n",
            f"version: 1\nwaivers: [{{{OLD}}}, {FLOW}, # one\n]\n",
            id="a list in brackets",
        ),
        pytest.param("{version: 1, waivers: []}\n", f"{{version: 1, waivers: [{FLOW}]}}\n", id="all in brackets"),
        pytest.param("{version: 1}", f"{{version: 1, waivers: [{FLOW}]}}", id="all in brackets, no list"),
        pytest.param(
            f"---\nversion: 1\nwaivers:\n{ENTRY}...\n", f"---\nversion: 1\nwaivers:\n{ENTRY}{NEW}...\n", id="marks"
        ),
        pytest.param(
            "\ufeffversion: 1\r\n# x\r\n",
            f"\ufeffversion: 1\r\nwaivers:\r\n{NEW.replace(chr(10), chr(13) + chr(10))}# x\r\n",
            id="a BOM, CRLF",
        ),
        pytest.param('"version": 1\n"waivers": []\n', f'"version": 1\n"waivers":\n{NEW}', id="quoted keys"),
    ],
)
def test_what_was_there_stays(before: str, after: str) -> None:
    assert added(before) == after


def test_a_file_that_is_not_there_is_made() -> None:
    assert add_waivers(None, [waiver()], path=PATH).decode() == f"version: 1\nwaivers:\n{NEW}"


def test_nothing_to_add_changes_nothing() -> None:
    assert add_waivers(b"# x\nversion:   1", (), path=PATH) == b"# x\nversion:   1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("version: 1\nwaivers: &all []\n", f"version: 1\nwaivers: &all [{FLOW}]\n", id="an anchor"),
        pytest.param("version: 1\n... # end\n", f"version: 1\nwaivers:\n{NEW}... # end\n", id="an end"),
        pytest.param("--- {version: 1}\n", f"--- {{version: 1, waivers: [{FLOW}]}}\n", id="a beginning"),
        pytest.param("? version\n: 1\n? waivers\n: []\n", f"? version\n: 1\n? waivers\n:\n{NEW}", id="keys with marks"),
    ],
)
def test_what_is_written_oddly(before: str, after: str) -> None:
    assert added(before) == after


def test_what_would_not_be_read_back_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be added to as it is written"):
        added("version: 1\n", waiver(reason="two\nlines"))


def test_a_file_that_is_wrong_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"waivers\[0\]"):
        added("version: 1\nwaivers: [{}]\n")


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(WORDS.map(str.strip).filter(lambda text: bool(text) and text.isprintable()), min_size=1, max_size=3),
    st.sampled_from(
        ["", "version: 1\n", f"version: 1\nwaivers:\n{ENTRY}", f"waivers: [{{{OLD}}}]\nversion: 1\n", "{version: 1}"]
    ),
)
def test_every_reason_is_read_back(reasons: list[str], before: str) -> None:
    after = add_waivers(before.encode(), [waiver(reason=reason) for reason in reasons], path=PATH)

    assert [one.reason for one in load_waivers(after, path=PATH)][-len(reasons) :] == reasons

"""The pull request's body: what did not move, a line per image always, the proof folded, and nothing alive in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.image import Build, Platform
from bot.planning.decision import Plan
from bot.planning.order import Ancestry, Comparable, Comparison, Comparisons
from bot.planning.resolution import Resolution
from bot.report.body import MOST_CHARACTERS, body
from tests.builders import AMD64, Answers, digest, failed, held, plan_of, repository, resolved, rule, snapshot, written
from tests.report.test_markdown import SPAN

STATE = snapshot(
    {
        "dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/web:main\n",
        "dev/b.yaml": "x: ghcr.io/acme/worker@<a>\ny: ghcr.io/acme/cron@<a>\n",
    }
)


HOME = "https://github.com/acme/api"
OLD, NEW = "1" * 40, "2" * 40


def compared(commits: int | None = 3, *subjects: str, ancestry: Ancestry = Ancestry.AHEAD) -> Plan:
    """The plan for an image of which both builds name their source, as that answered."""
    build = Build(revision=OLD, source=HOME)
    api = replace(resolved("b", revision=NEW, source=HOME), olds={digest("a"): build, digest("c"): build})
    asked = Comparable(source=HOME, old=OLD, new=NEW)
    comparisons: Comparisons = {asked: Comparison(ancestry=ancestry, commits=commits, subjects=subjects)}
    state = snapshot({"dev/a.yaml": "x: ghcr.io/acme/api@<a>\n"})
    return plan_of(state, {"api": api}, comparisons=comparisons, allow_backwards=True)


def many(count: int, answer: str, *, name: str = "image-{}", message: str = "no linux/arm64") -> Plan:
    names = [name.format(number) for number in range(count)]
    state = snapshot({"dev/x.yaml": "".join(f"- ghcr.io/acme/{one}@<a>\n" for one in names)})
    kinds: Answers = {"update": resolved("b"), "failed": failed(message=message), "held": held(message=message)}
    return plan_of(state, {one.rpartition("/")[2]: kinds[answer] for one in names}, rule("ghcr.io/acme/**"))


def outside(text: str) -> str:
    """`text` without its code spans: where Markdown means something."""
    return "\n".join(SPAN.sub("", line) for line in text.splitlines())


def test_the_body_reads_like_this() -> None:
    api = resolved(
        "b",
        revision="9bc17e0aaaa",
        source="https://github.com/acme/api",
        created=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        warnings=["the old digest is gone"],
    )
    answers: Answers = {"api": api, "web": resolved("c", platforms=[AMD64]), "worker": failed(), "cron": held()}

    wanted = plan_of(STATE, answers, proposed={(repository("cron"), digest("a")): digest("d")})

    a, b, c, d = (digest(name).short for name in "abcd")
    assert body(wanted) == written(
        f"""\
- ⏸️ **cron** not moved · mixed-revisions · `two revisions`
- ❌ **worker** not moved · platform-missing · `no linux/arm64`

- **api** `{a}` → `{b}` · amd64 arm64
- **web** `main` → `{c}` · amd64
- **cron** `{a}` → `{d}` · kept from an earlier run

<details><summary>ghcr.io/acme/api</summary>

- old: `<a>`
- new: `<b>`
- channel: `main`, order not verifiable
- `linux/amd64`: `{digest("b linux/amd64")}`
- `linux/arm64`: `{digest("b linux/arm64")}`
- source: https://github.com/acme/api/commit/9bc17e0aaaa
- built: 2026-03-04 05:06 UTC
- note: `the old digest is gone`
- in `dev/a.yaml:1` `x`
- check by hand: `bump resolve ghcr.io/acme/api@<b>`

</details>

<details><summary>ghcr.io/acme/web</summary>

- old: none, this is the first digest
- new: `<c>`
- channel: `main`, order none, this is the first digest
- `linux/amd64`: `{digest("c linux/amd64")}`
- in `dev/a.yaml:2` `y`
- check by hand: `bump resolve ghcr.io/acme/web@<c>`

</details>

<details><summary>ghcr.io/acme/cron</summary>

- old: `<a>`
- new: `<d>`, kept from an earlier run
- in `dev/b.yaml:2` `y`
- check by hand: `bump resolve ghcr.io/acme/cron@<d>`

</details>"""
    )


def test_the_same_plan_gives_the_same_text() -> None:
    answers: Answers = {"api": resolved("b"), "web": resolved("b"), "worker": failed(), "cron": held()}

    assert body(plan_of(STATE, answers)) == body(plan_of(STATE, dict(reversed(list(answers.items())))))


def test_images_that_share_a_name_are_told_apart() -> None:
    state = snapshot({"dev/x.yaml": "- ghcr.io/acme/a/api@<a>\n- ghcr.io/acme/b/api@<a>\n- ghcr.io/acme/web@<a>\n"})

    text = body(plan_of(state, {"api": resolved("b"), "web": resolved("b")}, rule("ghcr.io/acme/**")))

    assert "- **ghcr.io/acme/a/api** " in text
    assert "- **ghcr.io/acme/b/api** " in text
    assert "- **web** " in text


@pytest.mark.parametrize("answer", [failed(), held()])
def test_images_that_share_a_name_and_do_not_move_are_told_apart_too(answer: Resolution) -> None:
    state = snapshot({"dev/x.yaml": "- ghcr.io/acme/a/api@<a>\n- ghcr.io/acme/b/api@<a>\n- ghcr.io/acme/web@<a>\n"})

    text = body(plan_of(state, {"api": answer, "web": answer}, rule("ghcr.io/acme/**")))

    assert "**ghcr.io/acme/a/api** not moved · " in text
    assert "**ghcr.io/acme/b/api** not moved · " in text
    assert " **web** not moved · " in text


def test_an_image_that_moves_is_told_from_one_of_its_name_that_does_not() -> None:
    state = snapshot(
        {"dev/x.yaml": "- ghcr.io/acme/a/api@<a>\n- ghcr.io/acme/b/api@<a>\n- &x ghcr.io/acme/b/api@<c>\n"}
    )

    text = body(plan_of(state, {"api": resolved("a")}, rule("ghcr.io/acme/**")))

    assert "**ghcr.io/acme/b/api** not moved · anchored" in text


def test_a_tag_that_lies_is_noted() -> None:
    state = snapshot({"dev/x.yaml": "{repository: ghcr.io/acme/api, tag: 1f3c9ab, digest: '<a>'}"})

    assert "arm64 · stale-tag\n" in body(plan_of(state, {"api": resolved("b")}))


HOSTILE = [
    "@acme/team please look",
    "see #12 and acme/gitops#12 and GH-12",
    "fixes #1, closes https://github.com/acme/gitops/issues/1",
    "<img src=x onerror=alert(1)><!-- --></details>",
    "`@acme` and ``#12`` and ```\n# heading\n```",
    "[x](javascript:alert(1)) ![y](https://evil.example/y.png)",
    "\n\n# heading\n- [ ] task\n| a | b |\n",
    "\u202efixes\u202c #1 \u200b@\u200bacme",
    "\\`@acme\\`",
    "@acme #12 <b>" * 800_000,
]


@pytest.mark.parametrize("message", HOSTILE, ids=lambda message: message[:20].encode("unicode_escape").decode())
def test_text_from_outside_does_nothing(message: str) -> None:
    answers: Answers = {
        "api": resolved("b", warnings=[message]),
        "worker": failed(message=message),
        "cron": held(message=message),
    }
    text = body(plan_of(STATE, answers))

    assert not re.search(r"[@#\[\]]|fixes|closes|evil|GH-|onerror|javascript|<img|<!--", outside(text))
    assert text.count("<details>") == outside(text).count("</details>") == 1
    assert not re.search(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
    assert len(text) < 5_000


def test_what_is_new_at_the_source_is_counted_linked_and_shown() -> None:
    lines = body(compared(12, "feat: newest", "fix: before it", "chore: first")).splitlines()

    a, b = digest("a").short, digest("b").short
    assert lines[0] == f"- **api** `{a}` → `{b}` · +12 commits · amd64 arm64"
    at = lines.index(f"- compare: {HOME}/compare/{OLD}...{NEW} · +12 commits")
    assert lines[at + 1 : at + 4] == ["  - `feat: newest`", "  - `fix: before it`", "  - `chore: first`"]
    assert " · +1 commit · " in body(compared(1)).splitlines()[0]


@pytest.mark.parametrize("ancestry", [Ancestry.AHEAD, Ancestry.BEHIND])
def test_where_commits_are_not_to_be_shown_there_is_the_link_alone(ancestry: Ancestry) -> None:
    text = body(compared(None, ancestry=ancestry))

    assert " commit" not in text
    assert f"- compare: {HOME}/compare/{OLD}...{NEW}\n- in " in text


def test_a_build_of_the_same_commit_has_nothing_to_compare() -> None:
    build = Build(revision=NEW, source=HOME)
    api = replace(resolved("b", revision=NEW, source=HOME), olds={digest("a"): build})

    assert "compare" not in body(plan_of(STATE, {"api": api}))


def test_several_old_builds_are_linked_each_and_counted_on_no_line() -> None:
    state = snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<c>\n"})
    olds = {digest("a"): Build(revision=OLD, source=HOME), digest("c"): Build(revision="3" * 40, source=HOME)}
    api = replace(resolved("b", revision=NEW, source=HOME), olds=olds)
    comparisons = {
        Comparable(source=HOME, old=old, new=NEW): Comparison(ancestry=Ancestry.AHEAD, commits=count)
        for old, count in ((OLD, 5), ("3" * 40, 2))
    }

    text = body(plan_of(state, {"api": api}, comparisons=comparisons))

    assert "commit" not in text.splitlines()[0]
    assert f"/{OLD}...{NEW} · +5 commits\n- compare: {HOME}/compare/{'3' * 40}...{NEW} · +2 commits\n" in text


@pytest.mark.parametrize("subject", HOSTILE, ids=lambda subject: subject[:20].encode("unicode_escape").decode())
def test_the_subject_of_a_commit_does_nothing(subject: str) -> None:
    text = body(compared(3, subject, subject, subject))

    assert not re.search(r"[@#\[\]]|fixes|closes|evil|GH-|onerror|javascript|<img|<!--", outside(text))
    assert text.count("<details>") == outside(text).count("</details>") == 1
    assert not re.search(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
    assert len(text) < 2_000


def test_a_platform_is_text_from_outside_too() -> None:
    platforms = [AMD64, *map(Platform.parse, ["linux/closes", "linux/gh-12", "linux/www.evil.example", "linux/__x__"])]

    text = outside(body(plan_of(STATE, {"api": resolved("b", platforms=platforms)})))

    assert not re.search("gh-12|evil|__x__", text)


def test_a_path_and_a_key_are_text_from_outside_too() -> None:
    state = snapshot({"dev/@acme#12.yaml": '"<b>@acme `#1`": ghcr.io/acme/api@<a>\n'})

    assert not re.search("[@#]|<b>", outside(body(plan_of(state, {"api": resolved("b")}))))


@pytest.mark.parametrize("count", [1, 12, 60, 400])
def test_every_image_has_its_line_however_many_there_are(count: int) -> None:
    text = body(many(count, "update"))

    lines = text.splitlines()
    for number in range(count):
        assert f"- **image-{number}** `{digest('a').short}` → `{digest('b').short}` · amd64 arm64" in lines
    assert len(text) <= MOST_CHARACTERS
    assert text.count("<details>") == text.count("</details>")
    assert ("detail of further images is left out" in text) is (text.count("<details>") < count)
    assert (text.count("<details>") == count) is (count <= 60)


@pytest.mark.parametrize("answer", ["failed", "held"])
@pytest.mark.parametrize("count", [1, 12, 60, 400])
def test_every_trouble_has_its_line_however_long_its_message(count: int, answer: str) -> None:
    text = body(many(count, answer, message="x" * 10_000))

    lines = text.splitlines()
    assert len([line for line in lines if " not moved · " in line and "`xxx" in line]) == count
    assert len(text) <= MOST_CHARACTERS


def test_a_few_troubles_are_told_at_length() -> None:
    assert "x" * 299 in body(many(12, "failed", message="x" * 299))


def test_the_detail_of_hundreds_of_places_is_left_out_first() -> None:
    state = snapshot({"dev/x.yaml": "".join(f"k{number}: ghcr.io/acme/api@<a>\n" for number in range(4000))})

    text = body(plan_of(state, {"api": resolved("b")}))

    assert text.startswith(f"- **api** `{digest('a').short}` → `{digest('b').short}` · amd64 arm64\n")
    assert len(text) <= MOST_CHARACTERS


def test_a_line_names_a_few_old_digests_and_counts_the_others() -> None:
    olds = [digest(str(number)) for number in range(12)]
    state = snapshot({"dev/x.yaml": "".join(f"- ghcr.io/acme/api@{old}\n" for old in olds)})

    line = body(plan_of(state, {"api": resolved("b")})).splitlines()[0]

    shown = ", ".join(f"`{old.short}`" for old in olds[:3])
    assert line == f"- **api** {shown} and 9 more → `{digest('b').short}` · amd64 arm64"


def test_a_line_names_some_platforms_and_counts_the_others() -> None:
    platforms = [Platform.parse(f"linux/a{number:03}") for number in range(300)]

    line = body(plan_of(STATE, {"api": resolved("b", platforms=platforms)})).splitlines()[0]

    assert line.endswith(" · a000 a001 a002 a003 a004 a005 a006 a007 and 292 more")


def test_thousands_of_old_digests_of_many_images_leave_every_line() -> None:
    olds = [digest(str(number)) for number in range(300)]
    text = "".join(f"- ghcr.io/acme/image-{number}@{old}\n" for number in range(30) for old in olds)
    answers = {f"image-{number}": resolved("b") for number in range(30)}

    shown = body(plan_of(snapshot({"dev/x.yaml": text}), answers))

    assert len(shown) <= MOST_CHARACTERS
    assert len(re.findall(r"^- \*\*image-\d+\*\* ", shown, re.MULTILINE)) == 30


@pytest.mark.parametrize("room", [60_000, 20_000, 6_000, 5_000])
def test_detail_and_long_messages_give_way_where_others_have_taken_the_room(room: int) -> None:
    answers: Answers = {f"image-{number}": resolved("b") for number in range(60)}
    state = snapshot({"dev/x.yaml": "".join(f"- ghcr.io/acme/{one}@<a>\n" for one in answers)})

    text = body(plan_of(state, answers), room=room)

    assert len(text) <= room
    assert len([line for line in text.splitlines() if line.startswith("- **image-")]) == 60
    assert text.count("<details>") == text.count("</details>")


def test_lines_stay_even_where_there_is_no_room_at_all() -> None:
    text = body(plan_of(STATE, {"api": resolved("b"), "worker": failed()}), room=0)

    assert [line[:8] for line in text.splitlines()] == ["- ❌ **wo", "", "- **api*"]


def test_nothing_wanted_says_nothing() -> None:
    assert not body(plan_of(STATE, {}))

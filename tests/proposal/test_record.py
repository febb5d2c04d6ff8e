"""The trailers of our commits: written and read back, and never read out of a person's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image import Repository
from bot.planning.snapshot import FILE, SYMLINK, Entry
from bot.proposal.observed import difference, untouched
from bot.proposal.record import Bump, Record
from tests.builders import COMMIT, TREE, commit, digest, repository
from tests.image.strategies import digests

RECORD = Record(
    environment="dev",
    bumps=(Bump(repository("api"), digest("a"), digest("b")), Bump(repository("web"), None, digest("c"))),
    fingerprint="f1" * 20,
    base=COMMIT,
    tree=TREE,
)
TRAILERS = "\n".join(RECORD.trailers())


def test_the_trailers_are_these() -> None:
    assert list(RECORD.trailers()) == [
        "Bump-Environment: dev",
        f"Bump-Image: ghcr.io/acme/api {digest('a')} {digest('b')}",
        f"Bump-Image: ghcr.io/acme/web none {digest('c')}",
        f"Bump-Fingerprint: {'f1' * 20}",
        f"Bump-Base: {COMMIT}",
        f"Bump-Tree: {TREE}",
    ]


repositories = st.sampled_from(
    ["ghcr.io/acme/api", "docker.io/library/redis", "localhost:5000/a/b__c", "[::1]:5000/x", "localhost/x"]
).map(Repository.parse)
records = st.builds(
    Record,
    environment=st.from_regex(r"[a-z0-9][a-z0-9-]{0,38}", fullmatch=True),
    bumps=st.lists(st.builds(Bump, repositories, st.none() | digests, digests), max_size=4).map(tuple),
    fingerprint=st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
    base=st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True),
    tree=st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True),
)
subjects = st.text(max_size=30).filter(lambda text: "Bump-" not in text)


@given(records, subjects, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n", "\n\n \n"]))
def test_a_record_is_read_back_from_any_message_that_ends_with_it(
    record: Record, subject: str, line_end: str, end: str
) -> None:
    message = line_end.join([subject, "", *record.trailers()]) + end

    assert Record.parse(message) == record


@pytest.mark.parametrize(
    "message",
    [
        f"x\n\n{TRAILERS}\n\nSigned off",
        f"{TRAILERS}\n\nx",
        f"x\n\n{TRAILERS}\nBump-Tree: {'0' * 40}",
        f"x\n\n{TRAILERS}\nBump-Base: {COMMIT}",
        f"x\n\n{TRAILERS}\nBump-Environment: production",
        f"x\n\n{TRAILERS}\nBump-Fingerprint: 0",
        f"x\n\n{TRAILERS}\nBump-Image: ghcr.io/acme/api {digest('a')}",
        f"x\n\n{TRAILERS}\nBump-Image: ghcr.io/acme/api none none",
        f"x\n\n{TRAILERS}\nBump-Image: GHCR.io/Acme/api none {digest('a')}",
        f"x\n\n{TRAILERS}\nBump-Image: ghcr.io/acme/api none sha256:short",
        "x\n\n" + TRAILERS.replace("Bump-Tree", "bump-tree"),
        "x\n\n" + TRAILERS.replace("Bump-Tree", "> Bump-Tree"),
        "x\n\n" + TRAILERS.replace("Bump-Tree:", "Bump-Tree"),
        "x\n\n" + TRAILERS.replace(TREE, TREE[:-1]),
        "x\n\n" + TRAILERS.replace(TREE, TREE.upper()),
        "x\n\n" + TRAILERS.replace(TREE, TREE + "\u200b"),
        "x\n\n" + TRAILERS.replace(COMMIT, "main"),
        "x\n\n" + TRAILERS.replace("\n", "\u2028"),
        "x\n\n" + TRAILERS.replace("\n", "\v"),
        "x\n\n" + TRAILERS.replace("\n", "\r"),
        "x\n\n" + "\n".join(RECORD.trailers()).replace("Bump-Environment: dev\n", ""),
        "",
        "\n\n",
        "\x00",
    ],
)
def test_what_is_not_wholly_our_record_is_none(message: str) -> None:
    assert Record.parse(message) is None


@pytest.mark.parametrize(
    "line", ["", "Co-authored-by: x <x@example.com>", "Bump-Note: later versions may say more", "é"]
)
def test_other_lines_among_the_trailers_are_passed_over(line: str) -> None:
    assert Record.parse(f"x\n\nBump-Tree: person's\n\n{line}\n{TRAILERS}".replace("\n\n\n", "\n\n")) == RECORD


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    Record.parse(text)
    Record.parse(f"x\n\n{TRAILERS}\n{text}")


def test_a_long_message_is_read_in_no_time() -> None:
    assert Record.parse("x\n\nBump-Image: " + "a " * 1_000_000) is None


def test_a_commit_is_ours_while_its_tree_is_the_one_it_names() -> None:
    message = f"bump(dev): 2 images\n\n{TRAILERS}\n"

    assert untouched(commit(message, tree=TREE)) == RECORD
    assert untouched(commit(message, tree="0" * 40)) is None
    assert untouched(commit("Fix the values", tree=TREE)) is None


def test_two_trees_differ_where_a_path_a_blob_or_a_mode_does() -> None:
    def entry(path: str, blob: str = "0", mode: str = FILE) -> Entry:
        return Entry(path=path, mode=mode, blob=blob * 40)

    before = {"same": entry("same"), "blob": entry("blob"), "mode": entry("mode"), "gone": entry("gone")}
    after = {
        "same": entry("same"),
        "blob": entry("blob", "1"),
        "mode": entry("mode", mode=SYMLINK),
        "new": entry("new"),
    }

    assert difference(before, after) == {
        "blob": entry("blob", "1"),
        "mode": entry("mode", mode=SYMLINK),
        "gone": None,
        "new": entry("new"),
    }

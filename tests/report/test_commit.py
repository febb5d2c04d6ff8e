"""The commit message: a headline to read, a list, and trailers that are read back."""

import pytest

from bot.proposal.change import Change
from bot.proposal.record import Record
from bot.report.commit import headline, message
from tests.builders import COMMIT, TREE, digest, failed, plan_of, proposal, repository, resolved, snapshot

A, B, C, D = (digest(name).short for name in "abcd")


def changed(*lines: str, **news: str) -> Change:
    state = snapshot({"dev/x.yaml": "".join(f"- {line}\n" for line in lines)})
    return proposal(plan_of(state, {name: resolved(new) for name, new in news.items()}), state)


@pytest.mark.parametrize(
    ("lines", "news", "expected"),
    [
        (["ghcr.io/acme/api@<a>"], {"api": "b"}, f"bump(dev): api {A} → {B}"),
        (["ghcr.io/acme/api@<a>"] * 3, {"api": "b"}, f"bump(dev): api {A} → {B}"),
        (["ghcr.io/acme/api:main"], {"api": "b"}, f"bump(dev): api unpinned → {B}"),
        (["ghcr.io/acme/api@<a>", "ghcr.io/acme/api@<c>"], {"api": "b"}, f"bump(dev): api → {B}"),
        (["ghcr.io/acme/api@<a>", "ghcr.io/acme/web@<a>"], {"api": "b", "web": "b"}, "bump(dev): 2 images"),
    ],
)
def test_the_headline_says_what_moves(lines: list[str], news: dict[str, str], expected: str) -> None:
    assert headline(changed(*lines, **news)) == expected


def test_one_image_at_two_carried_digests_names_both() -> None:
    state = snapshot({"dev/x.yaml": "- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<c>\n"})
    api = repository("api")
    wanted = plan_of(
        state, {"api": failed()}, proposed={(api, digest("a")): digest("b"), (api, digest("c")): digest("d")}
    )

    assert headline(proposal(wanted, state)) == f"bump(dev): api → {', '.join(sorted([B, D]))}"


def test_the_message_of_one_image() -> None:
    one = changed("ghcr.io/acme/api@<a>", api="b")

    assert message(one, TREE) == (
        f"bump(dev): api {A} → {B}\n"
        "\n"
        "Bump-Environment: dev\n"
        f"Bump-Image: ghcr.io/acme/api {digest('a')} {digest('b')}\n"
        f"Bump-Fingerprint: {one.fingerprint}\n"
        f"Bump-Base: {COMMIT}\n"
        f"Bump-Tree: {TREE}\n"
    )


def test_the_message_of_several_lists_them() -> None:
    one = changed("ghcr.io/acme/web:main", "ghcr.io/acme/api@<a>", api="b", web="c")

    assert message(one, TREE).splitlines()[:6] == [
        "bump(dev): 2 images",
        "",
        f"ghcr.io/acme/api {A} → {B}",
        f"ghcr.io/acme/web unpinned → {C}",
        "",
        "Bump-Environment: dev",
    ]


@pytest.mark.parametrize("count", [1, 2, 400])
def test_the_trailers_are_read_back(count: int) -> None:
    names = [f"image-{number}" for number in range(count)]
    one = changed(*(f"ghcr.io/acme/{name}@<a>" for name in names), **dict.fromkeys(names, "b"))

    record = Record.parse(message(one, TREE))

    assert record == one.record(TREE)
    assert record is not None
    assert len(record.bumps) == count

"""Few patterns for many files, and nobody else's among them."""

from collections.abc import Iterable

import pytest

from bot.planning.patterns import alone, matched, patterns
from bot.planning.places import glob_of


def texts(found: Iterable[tuple[str, ...]]) -> list[str]:
    return ["/".join(one) for one in found]


def split(*narrow: str) -> list[tuple[str, ...]]:
    return [tuple(one.split("/")) for one in narrow]


@pytest.mark.parametrize(
    ("narrow", "others", "expected"),
    [
        pytest.param(["env/dev/**"], [], ["env/dev/**"], id="one"),
        pytest.param(["a/overlays/dev/**", "b/overlays/dev/**"], [], ["*/overlays/dev/**"], id="one folder differs"),
        pytest.param(
            ["g/a/dev/**", "g/b/dev/**", "h/a/dev/**", "h/b/dev/**"], [], ["*/*/dev/**"], id="two folders differ"
        ),
        pytest.param(["a/values-dev.yaml", "b/values-dev.yaml"], [], ["*/values-dev.yaml"], id="files"),
        pytest.param(["a/values-dev.yaml", "a/dev.yaml"], [], ["a/dev.yaml", "a/values-dev.yaml"], id="ends stay"),
        pytest.param(["env/dev/**", "clusters/dev/**"], [], ["clusters/dev/**", "env/dev/**"], id="containers stay"),
        pytest.param(["a/dev/**", "b/dev/**"], ["c/dev/x.yaml"], ["a/dev/**", "b/dev/**"], id="not over others"),
        pytest.param(["/".join(["d"] * n) + "/dev/**" for n in range(1, 15)], [], ["**/dev/**"], id="many depths"),
        pytest.param(
            ["/".join(["d"] * n) + "/env/dev/**" for n in range(1, 15)], [], ["**/env/dev/**"], id="with container"
        ),
    ],
)
def test_patterns_are_widened(narrow: list[str], others: list[str], expected: list[str]) -> None:
    assert texts(patterns(split(*narrow), others)) == expected


def test_many_depths_are_not_widened_over_others() -> None:
    narrow = ["/".join(["d"] * n) + "/dev/**" for n in range(1, 15)]
    assert texts(patterns(split(*narrow), ["x/dev/a.yaml"])) == sorted(narrow, key=lambda one: one.split("/"))


def test_alone_takes_the_highest_folder_that_is_free() -> None:
    paths, others = ["k8s/a/x.yaml", "k8s/b/y.yaml", "free/deep/z.yaml", "top.yaml", "k8s/w.yaml"], ["k8s/a/dev/v.yaml"]
    assert texts(alone(paths, others)) == ["free/**", "k8s/a/x.yaml", "k8s/b/**", "k8s/w.yaml", "top.yaml"]


def test_matched_keeps_the_order() -> None:
    globs = [glob_of(("a", "**")), glob_of(("**", "x.yaml"))]
    assert list(matched(globs, ["c/x.yaml", "a/y.yaml", "ab/y.yaml", "a/x.yaml"])) == [
        "c/x.yaml",
        "a/y.yaml",
        "a/x.yaml",
    ]

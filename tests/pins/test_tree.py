"""YAML by its keys, with the lines; and that a small file is never a large walk."""

import pytest

from bot.errors import UnreadableFile
from bot.pins.tree import MOST_STEPS, read_tree, read_trees

TEXT = b"""\xef\xbb\xbfon:
  push:
  pull_request: {paths: [a, "b"]}
jobs:
  one: &one
    name: first
    name: second
  two: *one
"""


def test_keys_texts_and_lines() -> None:
    tree = read_tree(TEXT)
    assert [name for name, _ in tree.at("on").entries()] == ["push", "pull_request"]
    assert tree.at("on", "pull_request", "paths").texts() == ("a", "b")
    assert (tree.at("jobs", "two", "name").text, tree.at("jobs", "two", "name").line) == ("second", 7)
    assert tree.at("jobs", "one").line == 6


def test_what_is_not_there_holds_nothing() -> None:
    tree = read_tree(TEXT)
    nowhere = tree.at("on", "nothing", "at", "all")
    assert (bool(nowhere), nowhere.text, nowhere.line, nowhere.items(), nowhere.entries()) == (False, "", 0, [], [])
    assert bool(tree.at("on", "push"))
    assert not read_tree(b"")


def test_one_value_is_a_list_of_one() -> None:
    assert read_tree(b"a: x\n").at("a").texts() == ("x",)


def test_everything_comes_with_its_key() -> None:
    found = [(key, one.text) for key, one in read_tree(b"a: [x, {b: y}]\nc: z\n").everything() if one.text]
    assert found == [("a", "x"), ("b", "y"), ("c", "z")]


def test_a_bomb_of_aliases_is_given_up() -> None:
    levels = b"".join(b"k%d: &k%d {%s}\n" % (i, i, b", ".join(b"x%d: *k%d" % (j, i - 1) for j in range(9)))
                      for i in range(1, 12))  # fmt: skip
    tree = read_tree(b"k0: &k0 {a: b}\n" + levels)
    with pytest.raises(UnreadableFile, match=f"more than {MOST_STEPS} values"):
        sum(1 for _ in tree.everything())


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfea", b"a: \xff", b"{a: " * 200 + b"}" * 200])
def test_what_is_no_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_tree(content)


def test_documents() -> None:
    assert [one.at("a").text for one in read_trees(b"a: 1\n---\na: 2\n")] == ["1", "2"]
    with pytest.raises(UnreadableFile, match="second document"):
        read_tree(b"a: 1\n---\na: 2\n")

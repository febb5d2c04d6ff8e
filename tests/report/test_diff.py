"""The unified diff, as `git apply` reads it."""

import pytest

from bot.report.diff import unified


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "1\n2\n3\n4\n5\n6\n7\n",
            "1\n2\n3\nfour\n5\n6\n7\n",
            "@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+four\n 5\n 6\n",
        ),
        ("a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"),
        (
            "a\nb",
            "a\nc",
            "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
        ),
        ("a: 1\nb", "a: 2\nb", "@@ -1,2 +1,2 @@\n-a: 1\n+a: 2\n b\n\\ No newline at end of file\n"),
        ("\ufeff😀: 1\n", "\ufeff😀: 2\n", "@@ -1 +1 @@\n-\ufeff😀: 1\n+\ufeff😀: 2\n"),
        (
            "# a\u2028b\x85c\x0cd\x1ce\rf\na: 1\n",
            "# a\u2028b\x85c\x0cd\x1ce\rf\na: 2\n",
            "@@ -1,2 +1,2 @@\n # a\u2028b\x85c\x0cd\x1ce\rf\n-a: 1\n+a: 2\n",
        ),
    ],
    ids=["context", "crlf", "no end", "no end in the context", "mark and astral", "what is no line end to git"],
)
def test_a_hunk_holds_the_lines_as_they_are(before: str, after: str, expected: str) -> None:
    text = unified({"dev/x.yaml": before.encode()}, {"dev/x.yaml": after.encode()})

    assert text == f"--- a/dev/x.yaml\n+++ b/dev/x.yaml\n{expected}"


def test_files_come_in_the_order_of_their_paths_and_only_those_that_change() -> None:
    before = {"b.yaml": b"1\n", "a.yaml": b"1\n", "c.yaml": b"1\n"}

    text = unified(before, {"b.yaml": b"2\n", "a.yaml": b"2\n"})

    assert [line for line in text.splitlines() if line.startswith("---")] == ["--- a/a.yaml", "--- a/b.yaml"]
    assert not unified(before, {})
    assert not unified(before, before)

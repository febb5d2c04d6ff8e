"""Documents mention what the configuration says, or that is told; without a word on them, nothing is."""

import pytest

from tests.policy.checking import checked

PATH = "backlog/495.md"
POLICY = "{documents: {backlog/495.md: [602-pull policy, '603']}}"


def told(text: str | bytes | None, policy: str = POLICY) -> list[str]:
    files: dict[str, str | bytes] = {} if text is None else {PATH: text}
    return [f"{one.place} {one.remark.message}" for one in checked(files, policy=policy).findings]


@pytest.mark.parametrize(
    "text",
    ["See 602-pull policy and 603.\n", "[602-pull\n  policy](x) (603)\n", "\ufeff602-pull policy|603"],
)
def test_what_is_mentioned(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("text", ["602-pull policy, 6031, 1603", "602-pull policy", "602-pull policy 60 3"])
def test_half_a_word_is_none(text: str) -> None:
    assert told(text) == ["backlog/495.md:1:1 does not mention '603'"]


def test_each_text_is_told() -> None:
    assert told("") == [
        "backlog/495.md:1:1 does not mention '602-pull policy'",
        "backlog/495.md:1:1 does not mention '603'",
    ]


def test_a_document_that_is_not_there_mentions_nothing() -> None:
    assert told(None)[0] == "backlog/495.md:1:1 no such document, which should mention '602-pull policy'"


def test_what_is_no_text_mentions_nothing() -> None:
    assert told(b"\xff 603")[0].startswith("backlog/495.md:1:1 cannot be read (not UTF-8 at byte 0")


def test_nothing_is_asked_by_default() -> None:
    assert told("nothing", policy="") == []

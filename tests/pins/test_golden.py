"""Pairs of files that a reader can open: before, after every pin moved to one digest, and the pins that were found.

`python -m tests.pins.test_golden` writes the last two anew; the difference is then to be read, not trusted.
"""

import sys
from pathlib import Path

import pytest

from bot.pins import Pin, rewrite, splice
from tests.builders import digest, found

FOLDER = Path(__file__).parent / "golden"
CASES = sorted(path.name.removesuffix(".before.yaml") for path in FOLDER.glob("*.before.yaml"))


def moved(content: bytes) -> bytes:
    pins = [one for one in found(content).pins if one.refusal is None and (one.reference.tag or one.reference.digest)]
    return splice(content, [edit for one in pins for edit in rewrite(one, digest=digest("b"), tag=None, slot=one.slot)])


def told(one: Pin) -> str:
    said = f"{one.line}:{one.column} {one.key} {one.shape} {one.reference}"
    where = f" named in {one.named_in.rpartition(':')[2]}" if one.named_in else ""
    return said + where + (f" refused {one.refusal.code}" if one.refusal else "")


def listed(content: bytes) -> str:
    result = found(content)
    assert not result.problems
    lines = [told(one) for one in result.pins]
    return "\n".join([*lines, *(f"{one.line}:{one.column} {one.key} orphan" for one in result.orphans)]) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_a_golden_file_moves_as_its_pair_shows(case: str) -> None:
    before = (FOLDER / f"{case}.before.yaml").read_bytes()

    assert listed(before) == (FOLDER / f"{case}.pins").read_text(encoding="utf-8")
    assert moved(before) == (FOLDER / f"{case}.after.yaml").read_bytes()


def test_there_are_golden_files() -> None:
    assert len(CASES) >= 8


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        content = (FOLDER / f"{name}.before.yaml").read_bytes()
        (FOLDER / f"{name}.after.yaml").write_bytes(moved(content))
        (FOLDER / f"{name}.pins").write_text(listed(content), encoding="utf-8")

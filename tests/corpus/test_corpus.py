"""Every real file is read without an exception, and every reference in it moves to another digest and back.

The files are no part of the repository: CORPUS says where they are. `make corpus` prints what was found in them.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.image import Digest
from bot.pins import Edit, FirstParty, Pin, discover, rewrite, splice
from tests.pins.undo import taken_back

CORPUS = Path(os.environ.get("CORPUS", "../shared/corpus"))
EVERYTHING = FirstParty(lambda repository: True, ())
MISSING = f"no files of public projects in {CORPUS}; set CORPUS to a folder of them"
OTHER = Digest.of(b"another build")


def files() -> list[Path]:
    return sorted(path for path in CORPUS.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file())


def movable(pins: Iterator[Pin] | tuple[Pin, ...]) -> list[Pin]:
    """What names a build, so that the names of people and folders, which read as references too, stay as they are."""
    return [pin for pin in pins if pin.refusal is None and (pin.reference.tag or pin.reference.digest)]


def edits_of(pins: list[Pin]) -> list[Edit]:
    """Move each to another digest. A first digest goes beside the tag, since a key that is added cannot go again."""
    return [
        edit
        for pin in pins
        for edit in rewrite(
            pin,
            digest=OTHER,
            tag=pin.reference.tag,
            slot=pin.slot if pin.slot is not None and pin.slot.adds is None else None,
        )
    ]


@pytest.mark.skipif(not files(), reason=MISSING)
@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(CORPUS)))
def test_every_reference_moves_and_comes_back(path: Path) -> None:
    content = path.read_bytes()
    found = discover(path.name, content, EVERYTHING)
    pins = movable(found.pins)
    edits = edits_of(pins)

    after = splice(content, edits) if edits else content

    assert splice(after, taken_back(edits)) == content if edits else True
    again = discover(path.name, after, EVERYTHING)
    assert [pin.key for pin in movable(again.pins)] == [pin.key for pin in pins]
    assert {pin.reference.digest for pin in movable(again.pins)} <= {OTHER}


def counted() -> Iterator[str]:
    """What there is in all files, as lines to print."""
    shapes: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    problems = nested = 0
    paths = files()
    for path in paths:
        found = discover(path.name, path.read_bytes(), EVERYTHING)
        problems += len(found.problems)
        pins = movable(found.pins)
        shapes.update(str(pin.shape) for pin in pins)
        nested += sum("|" in pin.key for pin in pins)
        refused.update(pin.refusal.code for pin in found.pins if pin.refusal is not None)
    yield f"{len(paths)} files, {problems} of them no YAML"
    yield f"{shapes.total()} references with a tag or a digest, {nested} of them in YAML within YAML"
    yield from (f"  {count:5} {shape}" for shape, count in shapes.most_common())
    yield f"{refused.total()} refused"
    yield from (f"  {count:5} {code}" for code, count in refused.most_common())


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in (counted() if files() else [MISSING]))

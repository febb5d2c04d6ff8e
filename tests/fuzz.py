"""Throws mutated real files, and bytes of no sense, at discovery and editing: `make fuzz`, not part of the test run.

Nothing may be raised but our own refusals, every file must be done in seconds, and whatever is found must be edited
soundly or refused. The seed is printed; a file that breaks the rules is saved and can be given back as an argument.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from tempfile import gettempdir
from time import monotonic, process_time
from typing import Final

from bot.errors import EditRefused
from bot.image import Digest
from bot.pins import NO_LAYERS, FirstParty, Found, Layers, Pin, Slot, discover, read_layers, rewrite, splice

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "30"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "0")) or Random().randrange(1, 2**32)
MOST_SECONDS: Final = 3.0  # to read a file; the largest here is some 200 KB
FAILED: Final = Path(gettempdir()) / "bump-fuzz-failed.yaml"
NEW: Final = Digest.of(b"new")
# Everything is ours, and nearly nothing: the two ways through the filter.
OWNERS: Final = (FirstParty(lambda repository: True, ()), FirstParty(lambda one: "acme" in str(one), ("acme",)))
LAYERS, _ = read_layers(
    [("base/x.yaml", b"image: {repository: ghcr.io/acme/api}\nglobal: {imageRegistry: ghcr.io/acme}\n", 0)],
    OWNERS[1],
    ["x.yaml"],
)
PIECES: Final = tuple(
    piece.encode()
    for piece in (
        *("ghcr.io/acme/api:main", f"ghcr.io/acme/api@{NEW}", "repository: acme/api", f"digest: {NEW}", "tag: main"),
        *("digest:", "digest: ''", "images:\n- name: api\n  newTag: x", "api=acme/api:main", "<<: *a", "&a ", "*a"),
        *("x: |\n  image: acme/api:main\n", "|2-\n", ">\n", "---\n", "...\n", "{{- if x }}", "{{", "}}", "[", "]"),
        *("{", "}", "- ", "? ", ": ", ", ", "'", '"', "\\ud800", "\\n", "\\x85", "#", " #", "!!str ", "%YAML 1.1\n"),
        *("\n", "\r\n", "\r", "\t", "    ", "\ufeff", "\u2028", "\x85", "😀", "\0", "global: {imageRegistry: acme}\n"),
    )
)


def seeds() -> list[bytes]:
    """Golden files always, real files where they are at hand, and nothing."""
    folders = [Path("tests/pins/golden"), Path(os.environ.get("CORPUS", "../shared/corpus"))]
    paths = sorted(path for folder in folders for path in folder.rglob("*.yaml") if path.is_file())
    return [b"", *(path.read_bytes() for path in paths)]


def mutated(draw: Random, files: Sequence[bytes]) -> bytes:
    """One of `files` after a few changes, or bytes of no sense."""
    if draw.random() < 0.05:
        return draw.randbytes(draw.randrange(400))
    content = bytearray(draw.choice(files))
    for _ in range(draw.randrange(1, 8)):
        start = draw.randrange(len(content) + 1)
        end = min(len(content), start + draw.randrange(1, 40))
        draw.choice(CHANGES)(draw, content, start, end)
        if len(content) > 200_000:
            break
    return bytes(content)


def _insert(draw: Random, content: bytearray, start: int, _: int) -> None:
    content[start:start] = draw.choice(PIECES)


def _replace(draw: Random, content: bytearray, start: int, end: int) -> None:
    content[start:end] = draw.choice(PIECES)


def _delete(_: Random, content: bytearray, start: int, end: int) -> None:
    del content[start:end]


def _repeat(draw: Random, content: bytearray, start: int, end: int) -> None:
    content[start:start] = content[start:end] * draw.randrange(1, 200)


def _flip(draw: Random, content: bytearray, start: int, end: int) -> None:
    if start < end:
        content[start] = draw.randrange(256)


def _nest(_: Random, content: bytearray, start: int, end: int) -> None:
    content[:] = b"nested: |\n" + b"".join(b"  " + line for line in bytes(content).splitlines(keepends=True))


def _end_lines(draw: Random, content: bytearray, start: int, end: int) -> None:
    content[:] = bytes(content).replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n"]))


CHANGES: Final[tuple[Callable[[Random, bytearray, int, int], None], ...]] = (
    *(_insert,) * 4,
    *(_replace,) * 3,
    *(_delete,) * 3,
    _repeat,
    _flip,
    _nest,
    _end_lines,
)


def check(content: bytes, seen: Counter[str]) -> None:
    """Raise where a rule is broken."""
    for ours in OWNERS:
        for layers in (NO_LAYERS, LAYERS):
            started = process_time()
            found = discover("x.yaml", content, ours, layers)
            spent = process_time() - started
            assert spent < MOST_SECONDS, f"{len(content)} bytes took {spent:.1f} s"
            seen["problems"] += len(found.problems)
            # What names no build is not moved: it may be a registry before other names.
            named = [pin for pin in found.pins if pin.refusal is not None or pin.reference.tag or pin.reference.digest]
            for pin in named[:10]:
                seen["pins"] += 1
                assert f"{pin.place} {pin.key}".isprintable(), pin
                if pin.refusal is not None:
                    seen["refused"] += 1
                    continue
                for slot in {None, pin.slot}:
                    _edit(content, pin, slot, partial(_again, ours, layers), seen)


def _again(ours: FirstParty, layers: Layers, content: bytes) -> Found:
    return discover("x.yaml", content, ours, layers)


def _edit(content: bytes, pin: Pin, slot: Slot | None, read: Callable[[bytes], Found], seen: Counter[str]) -> None:
    try:
        after = splice(content, rewrite(pin, digest=NEW, tag=None, slot=slot))
    except EditRefused:
        if slot is None:  # a new key may find no sound place; a value that is not refused has one
            raise
        seen["edits refused"] += 1
        return
    seen["edits"] += 1
    again = read(after)
    assert not again.problems, again.problems
    assert len(again.pins) >= len(read(content).pins), f"fewer pins: {pin}"
    assert NEW in {one.reference.digest for one in again.pins}, f"lost: {pin}"


def main(arguments: Sequence[str]) -> int:
    """Check the files named, or mutated ones until the time is over."""
    seen: Counter[str] = Counter()
    if arguments:
        for name in arguments:
            check(Path(name).read_bytes(), seen)
        return 0
    draw = Random(SEED)
    files = seeds()
    until = monotonic() + SECONDS
    while monotonic() < until:
        content = mutated(draw, files)
        seen["files"] += 1
        try:
            check(content, seen)
        except BaseException:
            FAILED.write_bytes(content)
            sys.stderr.write(f"broken by file {seen['files']} of FUZZ_SEED={SEED}, saved as {FAILED}\n")
            raise
    told = ", ".join(f"{count} {what}" for what, count in seen.items())
    sys.stdout.write(f"FUZZ_SEED={SEED}, {len(files)} files to begin with: {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

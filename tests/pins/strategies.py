"""YAML texts with references in them, in every style that can be edited, and arbitrary other YAML around them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from bot.image import Digest

DIGESTS = st.binary(max_size=4).map(Digest.of) | st.binary(max_size=4).map(
    lambda seed: Digest.of(seed, algorithm="sha512")
)
NAMES = st.sampled_from(["ghcr.io/acme/api", "ghcr.io/acme/team/web", "acme/api", "localhost:5000/acme/api__x"])
TAGS = st.sampled_from(["main", "1f3c9ab", "1.2.3", "v1.2.3-rc.1", "1.10", "0x10", "_"])
KEYS = st.sampled_from(["image", "ref", "a.b", "é😀", "on", "tag", "list[0]", "x-y"])
BREAKS = st.sampled_from(["\n", "\r\n"])
# What cannot be mistaken for a pin, and would move offsets if bytes or UTF-16 units were counted.
NOISE = st.sampled_from(
    ["1", "~", "é", "'😀'", '"\\u0041\\n"', "''", "[1, {a: b}]", "&x y", "!t z", "- #", "redis:7", "'it''s'"]
)
COMMENTS = st.sampled_from(["", " # acme", " # é 😀", "   "])


@dataclass(frozen=True)
class Written:
    """A file's text, and how many pins stand in it."""

    text: str
    pins: int


@st.composite
def _quoted(draw: st.DrawFn, text: str) -> str:
    quote = draw(st.sampled_from(["", "'", '"']))
    return f"{quote}{text}{quote}"


@st.composite
def _string(draw: st.DrawFn) -> str:
    name = draw(NAMES)
    tag = draw(st.none() | TAGS)
    digest = draw(st.none() | DIGESTS)
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


@st.composite
def _pairs(draw: st.DrawFn) -> list[str]:
    """An image mapping's lines, in any order, with other keys between."""
    name = draw(NAMES)
    tag = draw(TAGS)
    lines = [f"repository: {draw(_quoted(name))}"]
    shape = draw(st.sampled_from(["digest", "digest and tag", "suffix", "tag"]))
    if shape.startswith("digest"):
        lines.append(f"digest: {draw(_quoted(str(draw(DIGESTS))))}")
    if shape == "suffix":
        lines.append(f"tag: {draw(_quoted(f'{tag}@{draw(DIGESTS)}'))}")
    elif shape != "digest":
        lines.append(f"tag: {draw(_quoted(tag))}")
    if draw(st.booleans()):
        lines.append(f"pullPolicy: {draw(NOISE.filter(lambda noise: not noise.startswith('-')))}")
    return draw(st.permutations(lines))


@st.composite
def _entry(draw: st.DrawFn, key: str) -> tuple[list[str], int]:
    """One top-level key with what stands under it, as lines, and its number of pins."""
    kind = draw(st.sampled_from(["noise", "string", "list", "flow", "block mapping", "flow mapping", "nested"]))
    if kind == "noise":
        noise = draw(NOISE)
        return ([f"{key}:", f"  {noise}"], 0)
    if kind == "string":
        return [f"{key}: {draw(_quoted(draw(_string())))}{draw(COMMENTS)}"], 1
    if kind == "list":
        items = draw(st.lists(_string(), min_size=1, max_size=3))
        return [f"{key}:", *(f"  - {draw(_quoted(item))}{draw(COMMENTS)}" for item in items)], len(items)
    if kind == "flow":
        items = draw(st.lists(_string(), min_size=1, max_size=3))
        return [f"{key}: [{', '.join([draw(_quoted(item)) for item in items])}]{draw(COMMENTS)}"], len(items)
    pairs = draw(_pairs())
    if kind == "flow mapping":
        plain = [pair for pair in pairs if "&" not in pair and "!" not in pair]
        return [f"{key}: {{{', '.join(plain)}}}{draw(COMMENTS)}"], 1
    if kind == "block mapping":
        return [f"{key}:", *(f"    {pair}{draw(COMMENTS)}" for pair in pairs)], 1
    return [f"{key}:", "  - name: x", *(f"    {pair}" for pair in pairs)], 1


@st.composite
def files(draw: st.DrawFn) -> Written:
    """A whole file: documents of entries, with or without a byte order mark and an end to its last line."""
    end = draw(BREAKS)
    documents: list[str] = []
    count = 0
    for _ in range(draw(st.integers(1, 3))):
        lines: list[str] = []
        for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
            entry, pins = draw(_entry(key if key.isascii() and "[" not in key else f'"{key}"'))
            lines += [*entry, *draw(st.sampled_from([[], [""], ["# acme 😀"]]))]
            count += pins
        documents.append(end.join(lines))
    text = f"{end}---{end}".join(documents) + draw(st.sampled_from(["", end]))
    return Written(draw(st.sampled_from(["", "\ufeff"])) + text, count)

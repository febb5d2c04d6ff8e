"""YAML texts with references in them, in every style that can be edited, and arbitrary other YAML around them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from bot.image import Digest

DIGESTS = st.binary(max_size=4).map(Digest.of) | st.binary(max_size=4).map(
    lambda seed: Digest.of(seed, algorithm="sha512")
)
NAMES = st.sampled_from(["ghcr.io/acme/api", "ghcr.io/acme/team/web", "acme/api", "localhost:5000/acme/api__x"])
TAGS = st.sampled_from(["main", "1f3c9ab", "1.2.3", "v1.2.3-rc.1", "1.10", "0x10", "_"])
KEYS = st.sampled_from(["image", "ref", "a.b", "é😀", "on", "sidecar", "list[0]", "x-y"])
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
def _digest(draw: st.DrawFn, *, flow: bool = False) -> str:
    """A digest, or one of the ways to say that there is none yet."""
    empty = st.sampled_from([" ", "''", '""', "null", "~"] if flow else ["", "''", '""', "null", "~"])
    return draw(empty) if draw(st.integers(0, 3)) == 0 else draw(_quoted(str(draw(DIGESTS))))


@st.composite
def _pairs(draw: st.DrawFn, *, flow: bool = False, bare: bool = False) -> list[str]:
    """An image mapping's lines, in any order, with other keys between. `bare`: a registry stands before its name."""
    name = "api" if bare else draw(NAMES)
    tag = draw(TAGS)
    style = draw(st.sampled_from(["{}", "image{}", "db-{}", "image_{}"]))
    word = (lambda role: role.capitalize()) if style == "image{}" else str

    def pair(role: str, value: str) -> str:
        return f"{style.format(word(role))}: {value}"

    lines = [pair("repository", draw(_quoted(name)))]
    if "." in name and draw(st.booleans()):
        host, _, path = name.partition("/")
        lines = [pair("registry", draw(_quoted(host))), pair("repository", draw(_quoted(path)))]
    shape = draw(st.sampled_from(["digest", "digest and tag", "suffix", "tag"]))
    if shape.startswith("digest"):
        lines.append(pair("digest", draw(_digest(flow=flow))))
    if shape == "suffix":
        lines.append(pair("tag", draw(_quoted(f"{tag}@{draw(DIGESTS)}"))))
    elif shape != "digest":
        lines.append(pair("tag", draw(_quoted(tag))))
    if draw(st.booleans()):
        lines.append(f"pullPolicy: {draw(NOISE.filter(lambda noise: not noise.startswith('-')))}")
    return draw(st.permutations(lines))


@st.composite
def _kustomized(draw: st.DrawFn) -> list[str]:
    """An item of kustomize's `images`, as lines without its dash."""
    lines = ["name: api", f"newName: {draw(_quoted(draw(NAMES)))}"]
    if draw(st.booleans()):
        lines.append(f"newTag: {draw(_quoted(draw(TAGS)))}")
    if len(lines) == 2 or draw(st.booleans()):
        lines.append(f"digest: {draw(_quoted(str(draw(DIGESTS))))}")
    return draw(st.permutations(lines))


@st.composite
def _parameters(draw: st.DrawFn) -> list[str]:
    """The `helm.parameters` of an Argo CD Application, two lines each."""
    above = draw(st.sampled_from(["", "image.", "a.b."]))
    named = {"repository": draw(NAMES), "tag": draw(TAGS), "digest": str(draw(DIGESTS))}
    roles = draw(st.sampled_from([["repository", "tag"], ["repository", "digest"], ["tag", "digest", "repository"]]))
    pairs = [(f"name: {above}{role}", f"value: {draw(_quoted(named[role]))}") for role in draw(st.permutations(roles))]
    return [line for name, value in pairs for line in (f"- {name}", f"  {value}")]


def _listed(lines: list[str]) -> list[str]:
    return [("- " if number == 0 else "  ") + line for number, line in enumerate(lines)]


def _below(key: str, lines: list[str], by: int = 2) -> list[str]:
    return [f"{key}:", *(" " * by + line if line else line for line in lines)]


KINDS = ("noise", "string", "list", "flow", "mapping", "flow mapping", "item", "kustomize", "arguments", "parameters")


@st.composite
def _sequence(draw: st.DrawFn, key: str, *, flow: bool) -> tuple[list[str], int]:
    items = [draw(_quoted(item)) for item in draw(st.lists(_string(), min_size=1, max_size=3))]
    if flow:
        return [f"{key}: [{', '.join(items)}]{draw(COMMENTS)}"], len(items)
    dash = draw(st.sampled_from(["- ", "- - ", "-   "]))
    return _below(key, [f"{dash}{item}{draw(COMMENTS)}" for item in items]), len(items)


@st.composite
def _entry(  # noqa: PLR0911 - one kind of entry a case
    draw: st.DrawFn, key: str, *, bare: bool, depth: int
) -> tuple[list[str], int]:
    """One key with what stands under it, as lines, and its number of pins; texts within the text to `depth`."""
    kind = draw(st.sampled_from([*KINDS, *(["text", "text"] if depth else [])]))
    match kind:
        case "noise":
            return _below(key, [draw(NOISE)]), 0
        case "string":
            return [f"{key}: {draw(_quoted(draw(_string())))}{draw(COMMENTS)}"], 1
        case "list" | "flow":
            items = [draw(_quoted(item)) for item in draw(st.lists(_string(), min_size=1, max_size=3))]
            if kind == "flow":
                return [f"{key}: [{', '.join(items)}]{draw(COMMENTS)}"], len(items)
            return _below(key, [draw(st.sampled_from(["- ", "- - "])) + item + draw(COMMENTS) for item in items]), len(
                items
            )
        case "flow mapping":
            pairs = [pair for pair in draw(_pairs(flow=True, bare=bare)) if "&" not in pair and "!" not in pair]
            return [f"{key}: {{{', '.join(pairs)}}}{draw(COMMENTS)}"], 1
        case "kustomize":
            lines = draw(_kustomized())
            item = [f"- {{{', '.join(lines)}}}"] if draw(st.booleans()) else _listed(lines)
            return _below(key, _below("images", item)), 1
        case "arguments":
            return _below(key, ["images:", f"  - {draw(_quoted(f'api={draw(_string())}'))}"]), 1
        case "parameters":
            return _below(key, _below("parameters", draw(_parameters()))), 1
        case "text":
            return draw(_text(key, depth=depth - 1))
        case _:
            pairs = [f"{pair}{draw(COMMENTS)}" for pair in draw(_pairs(bare=bare))]
            return _below(key, pairs if kind == "mapping" else ["- name: x", *(f"  {pair}" for pair in pairs)], 4), 1


@st.composite
def _text(draw: st.DrawFn, key: str, *, depth: int) -> tuple[list[str], int]:
    """A literal block with YAML in it, whose lines may hold template actions."""
    lines, count = draw(_documents(depth=depth))
    if draw(st.booleans()):
        lines = ["{{- if .Values.x }}", *lines, "{{ end -}}"]
    chomping = draw(st.sampled_from(["", "-", "+"]))
    indicator, by = draw(st.sampled_from([("", 1), ("", 2), ("", 4), ("2", 2), ("4", 4)]))
    first = draw(st.sampled_from([[], [""], ["# acme"]]))
    body = [*first, *lines, *draw(st.sampled_from([[], [""]]))]
    head = f"{key}: |{indicator}{chomping}{draw(COMMENTS)}"
    return [head, *(" " * by + line if line else line for line in body)], count


@st.composite
def _documents(draw: st.DrawFn, *, depth: int) -> tuple[list[str], int]:
    """The lines of one to three documents, and how many pins they hold."""
    lines: list[str] = []
    count = 0
    for document in range(draw(st.integers(1, 3 if depth == MOST_DEPTH else 2))):
        lines += ["---"] if document else []
        bare = draw(st.integers(0, 4)) == 0
        lines += ["global:", "  imageRegistry: ghcr.io/acme"] if bare else []
        for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
            quoted = key if key.isascii() and "[" not in key else f'"{key}"'
            entry, pins = draw(_entry(quoted, bare=bare, depth=depth))
            lines += [*entry, *draw(st.sampled_from([[], [""], ["# acme 😀"]]))]
            count += pins
    return lines, count


MOST_DEPTH = 3


@st.composite
def files(draw: st.DrawFn) -> Written:
    """A whole file: documents of entries, with or without a byte order mark and an end to its last line."""
    end = draw(BREAKS)
    lines, count = draw(_documents(depth=MOST_DEPTH))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    return Written(draw(st.sampled_from(["", "\ufeff"])) + text, count)

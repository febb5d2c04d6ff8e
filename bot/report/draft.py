"""A first configuration as the text of environments.yaml, with the reason of every guess beside it."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.planning.environment import FirstPin
from bot.planning.glob import Glob
from bot.planning.sightings import ImagesDraft
from bot.planning.survey import Draft, EnvironmentDraft

_HEAD: Final = """\
# Which images of this repository move, how, and where. Written by `bump init` from what it found: check every line.
# `bump config validate` checks this file; `bump config schema --write` puts its schema beside it, for editors.
version: 1
"""
_PLAIN: Final = re.compile(r"[a-z][a-z0-9-]*")
_WORDS: Final = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})
_COLUMN: Final = 48


def render(draft: Draft, *, origin: str | None) -> str:
    """Return the file; `origin` is the repository at GitHub that the checkout is of."""
    parts = [_HEAD, _gitops(origin), _images(draft.images), _environments(draft.environments)]
    return "\n".join(parts)


def _gitops(origin: str | None) -> str:
    if origin is None:
        return (
            "# gitops: {repository: owner/name}   # needed for pull requests: this checkout has no origin at GitHub\n"
        )
    text = f"# gitops: {{repository: {origin}, base: main}}"
    return f"{text}   # left out: the checkout's origin, its default branch\n"


def _images(images: Iterable[ImagesDraft]) -> str:
    text = ["images:  # first match wins; no match means third-party: never moved"]
    for one in images:
        text.append(f"  - match: {_quoted(one.match)}")
        if not one.move:
            text.append(_line("    move: false", "copies of other people's images, or charts"))
            continue
        text.append(_line("    platforms: [linux/amd64, linux/arm64]", "all must be there, or nothing is proposed"))
        if one.first_pin is FirstPin.DIGEST_KEY:
            text.append(_line("    first_pin: digest-key", "kustomize knows `digest` beside `newTag`"))
        elif one.unpinned:
            text += [
                f"    # References with a tag in a key of its own and no digest: {one.unpinned}. Say how the first one",
                "    # is written: digest-key (a key `digest` beside it) or tag-suffix (`tag: main@sha256:…`).",
                "    first_pin: ask",
            ]
    return "\n".join(text) + "\n"


def _environments(environments: Iterable[EnvironmentDraft]) -> str:
    blocks = ["\n".join(_environment(one)) + "\n" for one in environments]
    return "environments:\n" + "\n".join(blocks)


def _environment(one: EnvironmentDraft) -> Iterator[str]:
    moves = one.follow is not None or one.promote_from is not None
    yield f"  {_name(one.name)}:" if moves else _line(f"  {_name(one.name)}:", one.reason)
    yield from _globs("paths", one.paths)
    yield from _globs("exclude", one.exclude)
    yield from _globs("layers", one.layers)
    if one.follow is not None:
        yield _line(f"    follow: {_name(str(one.follow))}", one.reason)
    if one.promote_from is not None:
        yield _line(f"    promote_from: {_name(one.promote_from)}", one.reason)


def _globs(key: str, globs: Iterable[Glob]) -> Iterator[str]:
    texts = [_quoted(str(glob)) for glob in globs]
    if len(texts) == 1:
        yield f"    {key}: [{texts[0]}]"
    elif texts:
        yield f"    {key}:"
        yield from (f"      - {text}" for text in texts)


def _line(text: str, comment: str) -> str:
    return f"{text:<{_COLUMN}}# {comment}" if len(text) < _COLUMN else f"{text}  # {comment}"


def _name(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

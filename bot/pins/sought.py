"""Which images and objects are looked for, and by which words a file, a document or a scalar without any is left out.

Texts are searched for one by one, which is faster in long ones, and by one expression in scalars.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.image import Repository
from bot.pins.layers import Layers

# What stands in every key that says that it names an image.
_IMAGE: Final = "mage"
_DIGESTS: Final = ("sha256:", "sha512:")
# Any of these words can be written otherwise in double quotes: https://yaml.org/spec/1.2.2/#57-escaped-characters
_ESCAPES: Final = ("\\x", "\\u", "\\U")
_FOLDED: Final = re.compile(r"\\[\r\n]")
_OF_ANYONE: Final = (_IMAGE, "epository", "newName", "newTag", "ullPolicy", *_ESCAPES)
# What a check reads of objects besides: what they are, and what definitions declare.
_API: Final = b"apiVersion"
_OF_OBJECTS: Final = (_API.decode(), "openAPIV3Schema", "IfNotPresent")
_OPENED: Final = frozenset({"metadata", "names"})
_DEFINITION: Final = "\nkind: CustomResourceDefinition"
# A line at the left edge that a definition does not have: then the document may be something else.
_FOREIGN: Final = re.compile(
    r"^(?!(?:apiVersion|metadata|spec|status):|kind: CustomR|---|\.\.\.|[ #\r\n]|\Z)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class FirstParty:
    """Which repositories are ours. `needles`: texts of which every one of our references, or its parts, holds one.

    No needles means that nothing can be skipped. `everyone`: other people's images count too, where a key says that
    it names an image, or a repository stands beside a tag or digest; that is for checks, which move nothing. They
    look for objects, too: those with pods, those of `kinds` whatever they hold, and what owns one by the label `owner`.
    """

    owns: Callable[[Repository], bool]
    needles: tuple[str, ...]
    everyone: bool = False
    kinds: frozenset[str] = frozenset()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a document must hold to matter at all, and what a scalar; everything may, where there are no words.

    `within` are the words for definitions, which describe images and name none but as a default. `folded`: a word may
    be broken by the end of a line in double quotes, too.
    """

    words: tuple[str, ...]
    within: tuple[str, ...]
    kinds: re.Pattern[str] | None
    hot: Callable[[str], object]
    folded: bool

    @classmethod
    def of(cls, ours: FirstParty, content: bytes, layers: Layers) -> "Sought":
        """Work it out for one file, whose `content` may need more words than others."""
        words = _words(ours, content, layers)
        more = (*_OF_OBJECTS, *([ours.owner] if ours.owner else ())) if ours.everyone and _API in content else ()
        return cls(
            words=words,
            within=(*ours.needles, *_DIGESTS),
            kinds=_said(ours.kinds) if ours.everyone and ours.kinds else None,
            hot=any_of((*words, *more)) if words else everything,
            folded=ours.everyone,
        )

    @classmethod
    def alone(cls, words: tuple[str, ...]) -> "Sought":
        """Look for some words and nothing else."""
        return cls(words=words, within=words, kinds=None, hot=any_of(words), folded=False)

    def matter(self, content: bytes) -> bool:
        """Whether a file may hold anything."""
        if not self.words or any(word.encode() in content for word in self.words):
            return True
        return self._is_elsewhere(content.decode("utf-8", "replace"))

    def matters(self, document: str) -> bool:
        """Whether a document may."""
        words = self.within if _DEFINITION in document and not _FOREIGN.search(document) else self.words
        return not self.words or any(word in document for word in words) or self._is_elsewhere(document)

    def _is_elsewhere(self, text: str) -> bool:
        """Whether it is of one of the kinds, or a word may be broken over lines."""
        of_kind = self.kinds is not None and self.kinds.search(text) is not None
        return of_kind or (self.folded and _FOLDED.search(text) is not None)


def _words(ours: FirstParty, content: bytes, layers: Layers) -> tuple[str, ...]:
    """Return what a scalar, or a whole file, must hold to matter; nothing when everything may."""
    if not ours.needles:
        return ()
    words = [*ours.needles, *_DIGESTS, *(_OF_ANYONE if ours.everyone else ())]
    if layers.repositories or b"parameters" in content:  # there a tag may stand apart from everything that is ours
        words += ["tag", "Tag", "TAG"]
    if b"parameters" in content:  # whose names stand in values, one mapping each
        words += ["digest", "Digest", "DIGEST"]
    if layers.prefixes or layers.registries or b"egistry" in content:
        words += ["egistry", "epository"]
    return tuple(words)


@lru_cache(maxsize=256)
def any_of(words: tuple[str, ...]) -> Callable[[str], object]:
    """Return the search for any of the words."""
    return re.compile("|".join(re.escape(word) for word in words)).search


@lru_cache(maxsize=16)
def _said(kinds: frozenset[str]) -> re.Pattern[str]:
    """Match one of the kinds where a text says that it is one."""
    named = "|".join(re.escape(kind) for kind in sorted(kinds))
    return re.compile(rf"""kind["']?: *["']?(?:{named})\b""")


def opens_all(key: str) -> bool:
    """Whether what stands right below a key is kept, whatever it is."""
    return _IMAGE in key or key in _OPENED


def everything(_: str) -> bool:
    """Find something in any text."""
    return True

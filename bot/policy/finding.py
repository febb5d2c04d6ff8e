"""What a rule says about a place: a remark; and what becomes of it once its level is known: a finding."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Final

from bot.image import Repository

_POSITION: Final = re.compile(r"\[\d+\]|\|\d+")
_LENGTH: Final = 32


class Level(StrEnum):
    """How loudly a finding is told; only errors make a check fail."""

    ERROR = "error"
    WARNING = "warning"
    IGNORE = "ignore"


class Party(Enum):
    """Whose image it is. An operator's is held to more, whoever's it is."""

    FIRST = "first-party"
    THIRD = "third-party"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A rule is broken here. `text` is what stands there, `instead` what to write; `line` is 0 for a whole file.

    `key` is the key path and `image` the image, where there is one: by these it is found again after lines moved.
    """

    path: str
    line: int
    column: int = 1
    text: str = ""
    message: str
    instead: str = ""
    key: str = ""
    image: Repository | None = None
    party: Party = Party.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A remark with its rule, its level and the environment that decided it; None for what belongs to none.

    `fingerprint` stays the same while lines move and digests change.
    """

    rule: str
    level: Level
    environment: str | None
    remark: Remark
    fingerprint: str = ""

    @property
    def place(self) -> str:
        """`path:line:column`, as editors open it."""
        return f"{self.remark.path}:{self.remark.line or 1}:{self.remark.column}"


def arranged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings in the order of paths and lines, each place once for a rule, and give them fingerprints.

    Where two environments have the file, the louder level stays.
    """
    places: dict[tuple[str, str, int, int, str], Finding] = {}
    for one in sorted(findings, key=lambda one: (one.level is not Level.ERROR, one.environment or "")):
        remark = one.remark
        places.setdefault((one.rule, remark.path, remark.line, remark.column, remark.key), one)
    return tuple(_marked(in_order(places.values())))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Put findings in the order of paths and lines."""
    return sorted(findings, key=lambda one: (one.remark.path, one.remark.line, one.remark.column, one.rule))


def position_free(key: str) -> str:
    """Return a key path without the positions in lists, which move when something is put in before."""
    return _POSITION.sub("", key)


def _marked(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: Counter[str] = Counter()
    for one in findings:
        remark = one.remark
        parts = [one.rule, remark.path, str(remark.image or ""), position_free(remark.key)]
        if not remark.key:
            parts.append(remark.text)
        said = json.dumps(parts)
        seen[said] += 1
        print_ = hashlib.sha256(f"{said}{seen[said]}".encode()).hexdigest()[:_LENGTH]
        yield replace(one, fingerprint=print_)

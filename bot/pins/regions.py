"""Blanks the parts of an object that are most of it and name nothing: probes, variables, volumes, resources.

Only in a document every line of which is plain: it ends whatever it begins, so that indentation alone says what is
below a key. Nothing moves: each place is where it was. This is for checks, as `sections` is.
"""

import re
from collections.abc import Callable
from typing import Final

_WORDS: Final = (
    "affinity|annotations|args|command|containerStatuses|data|env|envFrom|labels|lifecycle|livenessProbe|managedFields|"
    "nodeSelector|ports|readinessProbe|resources|rules|securityContext|selector|startupProbe|strategy|tolerations|"
    "topologySpreadConstraints|updateStrategy|volumeClaimTemplates|volumeMounts|volumes"
)
_VALUE: Final = r"""(?:
    (?: -++ (?=[^\s-]) )? [A-Za-z0-9_./~+$(] [^\n:\#]*+ (?: : (?=\S) [^\n:\#]*+ )*+
  | "[^"\\\n]*+"
  | '[^'\n]*+'
  | \[ (?: [^\[\]{}\n"'\#] | "[^"\\\n]*+" | '[^'\n]*+' )*+ \]
  | \{ [^{}\[\]\n"'\#]*+ \}
)"""
_LINE: Final = rf"[ ]*+ (?: -[ ]++ )*+ (?: [A-Za-z0-9_./-]++: (?=[ \n]) )? (?: [ ]*+ {_VALUE} )? [ ]*+ (?: \#[^\n]*+ )?"
_PLAIN: Final = re.compile(rf"(?> {_LINE} (?: \n|\Z ) )*+", re.VERBOSE)
_REGION: Final = re.compile(
    rf"^(?P<indent> *)(?:{_WORDS}): *\n(?P<below>(?:(?P=indent)(?: |- )[^\n]*\n)++)", re.MULTILINE
)


def without_regions(document: str, matters: Callable[[str], object]) -> str:
    """Put blanks for what is below such a key, where nothing of it matters."""

    def blanked(region: re.Match[str]) -> str:
        below = region["below"]
        if matters(below):
            return region[0]
        lines, line = below.count("\n"), "\n"
        return f"{region[0][: -len(below)]}{' ' * (len(below) - lines)}{line * lines}"

    start = len("---") if document.startswith("---") else 0
    return _REGION.sub(blanked, document) if _PLAIN.fullmatch(document, start) else document

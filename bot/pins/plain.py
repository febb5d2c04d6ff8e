"""Whether a tag that is written without quotes would still be read as text, by readers of YAML 1.1 and of 1.2.

Rather too often not: quotes do no harm. Sources: https://yaml.org/type/, https://yaml.org/spec/1.2.2/#1032-tag-resolution,
and https://github.com/yaml/go-yaml/blob/v3/resolve.go, which takes numbers as Go writes them.
"""

import re
from typing import Final

_WORDS: Final = frozenset({"", "~", "=", "<<", "null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_NUMBER: Final = re.compile(
    r"""[-+]? (?:
        0x [0-9a-f_]+ | 0o [0-7_]+ | 0b [01_]+
      | [0-9] [0-9_]* (?: : [0-5]?[0-9] )* (?: \. [0-9_]* )? (?: e [-+]? [0-9]+ )?
      | \. (?: [0-9] [0-9_]* (?: e [-+]? [0-9]+ )? | inf )
    ) | \.nan
      | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} (?: (?: t | [ \t]+ ) .* )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII | re.DOTALL,
)


def reads_as_text(text: str) -> bool:
    """Whether `text`, written plainly, is a string to all of them."""
    return text.lower() not in _WORDS and _NUMBER.fullmatch(text) is None

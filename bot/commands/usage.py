"""Says what is wrong with a command line, in words that help to put it right."""

import re
from collections.abc import Collection, Sequence


def misused(message: str, words: Sequence[str], *, asked: str, verbs: Collection[tuple[str, ...]]) -> str:
    """Word a usage error: `message` is the library's, `asked` the command whose help tells more."""
    extra = re.search(r"unexpected extra argument\S* \((.+)\)", message)
    if extra and words[:1] == ["update"] and (verb := _verb(extra[1].split(), verbs)):
        rest = list(words[1:])
        for word in verb:
            rest.remove(word)
        return f"{verb[0]}: the verb comes first: {' '.join(('bump', *verb, *rest))}"
    # pydantic, which Typer reads values with, names its own class first
    told = message.replace("Value error, ", "").removesuffix(".")
    return f"{told} (see {asked} --help)"


def _verb(words: Sequence[str], verbs: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """The verb that `words` begin with, of one word or two; empty when it is none."""
    return next((one for one in (tuple(words[:1]), tuple(words[:2])) if one in verbs), ())

"""One answer of GitHub, as it came over the wire, and the words in it. Nothing here decides what it means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.log import redact

_LONGEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`headers` have their names in lower case; `body` is the JSON, or None where there was none."""

    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def words(self) -> str:
        """What GitHub said; a proxy in its place may say our token back."""
        return (
            redact("; ".join(dict.fromkeys(" ".join(one.split()) for one in self._told())))[:_LONGEST] or "no message"
        )

    @property
    def kinds(self) -> frozenset[str]:
        """What GraphQL calls its errors, `""` for one without a type; empty for every other answer.

        Its errors come with HTTP 200 and without `message`; validation errors of the REST API have both.
        """
        if not isinstance(self.body, dict) or "message" in self.body:
            return frozenset()
        return frozenset(str(one.get("type") or _code(one)) for one in self._errors() if isinstance(one, dict))

    def _told(self) -> Iterator[str]:
        if isinstance(self.body, dict) and isinstance(self.body.get("message"), str):
            yield self.body["message"]
        for one in self._errors():
            text = one.get("message") if isinstance(one, dict) else one
            if isinstance(text, str):
                yield text

    def _errors(self) -> list[object]:
        errors = self.body.get("errors") if isinstance(self.body, dict) else None
        return errors if isinstance(errors, list) else []


def _code(error: Mapping[str, object]) -> str:
    extensions = error.get("extensions")
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""

"""config/waivers.yaml: time-boxed permissions to break a rule, as the values of `bot.policy`.

The file is written by `bump` and by people; one that is not there is one without waivers.
"""

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, ValidationError

from bot.config import fields, json_schema, wording
from bot.config.document import Document, read
from bot.config.kinds import ImagePattern, Pattern, Sentence, read_text, shown
from bot.config.section import Section
from bot.errors import ConfigError
from bot.policy import RULES, Waiver

WAIVERS: Final = "waivers.yaml"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _waivable(text: str) -> str:
    return fields.rule(text, waivable=True)


def _date(text: str) -> date:
    expected = f"{text[:40]!r}: not a date; expected year, month and day, as in 2027-01-31"
    if not _DATE.fullmatch(text):
        raise ConfigError(expected)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(expected) from error


class WaiverSection(Section):
    """One permission: which rule, where, for which image, why, whose, until when."""

    model_config = ConfigDict(title="Waiver")

    rule: Annotated[str, read_text(_waivable), shown(enum=[name for name, one in RULES.items() if one.waivable])] = (
        Field(description="The rule's name.")
    )
    path: Pattern = Field(description="A pattern of files; without wildcards a folder stands for all that is in it.")
    image: ImagePattern | None = Field(
        default=None, description="A pattern over host/path; left out: every image, and findings without one."
    )
    reason: Sentence = Field(description="Why it is allowed.")
    owner: Sentence = Field(description="Who sees to it that it ends.")
    expires: Annotated[date, read_text(_date), shown(_DATE.pattern, examples=("2027-01-31",))] = Field(
        description="The last day, as in 2027-01-31."
    )


class WaiversFile(Section):
    """The permissions to break a rule."""

    model_config = ConfigDict(title="Waivers")

    version: Literal[1] = Field(description="The version of this file's format: 1.")
    waivers: tuple[WaiverSection, ...] = Field(default=(), description="One entry for each permission.")


def waiver_terms(owner: str, reason: str, expires: str) -> tuple[str, str, date]:
    """Read the options of a new waiver as the file's keys are read; raises `ConfigError` that names the option."""
    found: list[str] = []
    for option, text in (("--owner", owner), ("--reason", reason)):
        try:
            found.append(fields.line(text))
        except ConfigError as error:
            raise ConfigError(f"{option}: {error}") from error
    try:
        return found[0], found[1], _date(expires)
    except ConfigError as error:
        raise ConfigError(f"--expires {error}") from error


def waivers_schema() -> str:
    """The JSON Schema of the file as text: draft 2020-12, the same bytes every time."""
    return json_schema.text_of(WaiversFile)


def is_waivers_schema_stale(copy: bytes) -> bool:
    """Whether `copy` says something else; line ends and spacing do not count."""
    return json_schema.is_stale_of(WaiversFile, copy)


def beside(config: str) -> str:
    """Return where the waivers of the configuration at `config` stand."""
    folder, slash, _ = config.rpartition("/")
    return f"{folder}{slash}{WAIVERS}"


def load_waivers(text: bytes, *, path: str) -> tuple[Waiver, ...]:
    """Read the bytes of the file at `path`; raises `ConfigError` with every problem in it, one line each."""
    document = read(text, path=path)
    try:
        file = WaiversFile.model_validate(document.tree if document.tree is not None else {"version": 1})
    except ValidationError as error:
        problems = [*document.problems, *wording.problems(error, document.tree)]
        raise ConfigError(wording.report(problems, document, path)) from error
    if document.problems:
        raise ConfigError(wording.report(document.problems, document, path))
    return tuple(_waiver(position, one, document, path) for position, one in enumerate(file.waivers))


def _waiver(position: int, section: WaiverSection, document: Document, path: str) -> Waiver:
    line, column = document.mark(("waivers", position))
    return Waiver(
        rule=section.rule,
        path=section.path,
        image=section.image,
        reason=section.reason,
        owner=section.owner,
        expires=section.expires,
        where=path,
        line=line,
        column=column + 1,
    )

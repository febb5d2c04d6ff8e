"""The documents say what is so: links lead somewhere, examples are real, codes are complete."""

import ast
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from bot import config
from bot.cli import app
from bot.commands.demo import play
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace
from tools.docs import pages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
# What has a code, and the place of that code among the arguments that are not named.
CODED = {"InvalidContent": 0, "RegistryError": 0, "Unavailable": 0, "Limit": 1} | dict.fromkeys(
    ("Failed", "Held", "Problem", "Refusal", "Unresolved")
)
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
CLI = (ROOT / "docs/cli.md").read_text(encoding="utf-8").split("## Shell completion")[0]
COMMANDS = [
    *re.findall(r"^(bump .*)", README + CLI, re.MULTILINE),
    *re.findall(r"`(bump [a-z-][^`]*)`", README),
]


def block(language: str, document: str = README) -> str:
    """The first fenced block of that language in a document."""
    return document.split(f"```{language}\n", 1)[1].split("```\n", 1)[0]


def test_the_pull_request_of_the_readme_is_the_demos(tmp_path: Path) -> None:
    surroundings = Surroundings(
        environ={"TMPDIR": str(tmp_path)},
        folder=tmp_path,
        out=io.StringIO(),
        err=io.StringIO(),
        pace=Pace(),
        endpoints={},
    )
    assert block("markdown").strip() == play(surroundings).pull_request_body.strip()


def test_the_configuration_of_the_readme_is_valid() -> None:
    read = config.load(block("yaml").encode(), path="config/environments.yaml")
    assert set(read.environments) == {"dev", "staging", "shared"}


def test_the_documents_made_from_the_program_are_up_to_date() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make docs`"


def test_the_first_configuration_that_the_document_shows_is_valid() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    read = config.load(block("yaml", text).encode(), path="config/environments.yaml")
    assert set(read.environments) == {"dev"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_readme_can_be_given(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command = get_command(app)
    words = ["update", *words] if words[0].startswith("-") else words
    while commands := getattr(command, "commands", None):
        command = commands[words.pop(0)]
    if words == ["--env"]:  # the option is spoken of, not given
        return
    command.make_context("bump", words)  # raises for an option that is none, and a value that it does not take


def test_every_code_is_documented_and_no_other() -> None:
    made = {code for path in sorted((ROOT / "bot").rglob("*.py")) for code in codes_in(path)}
    assert rows("code") == made


def test_every_note_is_documented_and_no_other() -> None:
    tree = ast.parse((ROOT / "bot/planning/tags.py").read_text(encoding="utf-8"))
    assert rows("note") == {
        text for tuple_ in ast.walk(tree) if isinstance(tuple_, ast.Tuple) for text in texts(tuple_)
    }


def rows(heading: str) -> set[str]:
    """The first column of the tables with that heading in docs/codes.md."""
    tables = (ROOT / "docs/codes.md").read_text(encoding="utf-8").split("\n\n")
    found = [
        name
        for table in tables
        if table.startswith(f"| {heading} |")
        for name in re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    ]
    assert len(found) == len(set(found)), "a row stands twice"
    return set(found)


def codes_in(path: Path) -> Iterator[str]:
    """Every code that a module gives to what it makes; one that is only passed on is no text there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in ast.walk(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in CODED:
            continue
        place = CODED[call.func.id]
        given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        given += call.args[place : place + 1] if place is not None else []
        for argument in given:
            value = named[argument.id] if isinstance(argument, ast.Name) else argument
            found = set(texts(value))
            assert found or isinstance(value, ast.Attribute), f"{path}:{call.lineno}: cannot tell the code"
            yield from found


def texts(node: ast.expr) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and CODE.fullmatch(one.value):
            yield one.value

"""The documents say what is so: links lead somewhere, examples are real, codes are complete."""

import io
import re
from pathlib import Path

import pytest

from bot import config
from bot.cli import run
from bot.commands.demo import play
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
# What a code is passed as, in the places that make one.
MADE = (
    re.compile(r'\bcode="([a-z-]+)"'),
    re.compile(r'(?:InvalidContent|RegistryError|Unavailable|Limit)\(\s*(?:size=[^,]+, )?(?:code=)?"([a-z-]+)"'),
    re.compile(r'\bcode, \w+ = .* else \("([a-z-]+)"'),
    re.compile(r'code = "([a-z-]+)"(?: if .* else "([a-z-]+)")?'),
)
NOTES = {"semantic-tag", "stale-tag"}


def block(language: str) -> str:
    """The first fenced block of that language in the README."""
    return README.split(f"```{language}\n", 1)[1].split("```\n", 1)[0]


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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("line", re.findall(r"^bump .*", README, re.MULTILINE))
def test_commands_of_the_readme_exist(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = line.partition("#")[0].split()[1:]
    verb = ["update", *words] if words[0].startswith("-") else words
    assert run([*verb, "--help"]) == 0
    assert "Usage: bump" in capsys.readouterr().out


def test_every_code_is_documented_and_no_other() -> None:
    documented = set(
        re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs/codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot").rglob("*.py")))
    made = {name for pattern in MADE for found in pattern.finditer(source) for name in found.groups() if name}
    assert made <= documented, f"not in docs/codes.md: {sorted(made - documented)}"
    spoken = {name for name in documented if f'"{name}"' in source}
    assert documented == spoken, f"no longer made: {sorted(documented - spoken)}"
    assert documented >= NOTES

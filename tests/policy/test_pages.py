"""docs/rules/ holds a page for each rule, made from its docstring; `python -m tests.policy.test_pages` writes them."""

from collections.abc import Mapping
from pathlib import Path

from bot.policy import RULES
from bot.report.findings import index, page

FOLDER = Path(__file__).parent.parent.parent / "docs" / "rules"


def pages() -> Mapping[str, str]:
    return {"README.md": index(RULES.values()), **{f"{name}.md": page(rule) for name, rule in RULES.items()}}


def test_the_pages_say_what_the_rules_do() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert there == pages(), "run python -m tests.policy.test_pages"


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()

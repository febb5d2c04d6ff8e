"""Writes the documents that are made from the program: `python -m tools.docs`, or `make docs`.

With `--check` nothing is written, and one that is stale is an error.
"""

import sys
from pathlib import Path

from tools import page_of_cli, page_of_configuration

ROOT = Path(__file__).parent.parent


def pages() -> dict[Path, str]:
    """Every document that is made, by its place, with what it should say."""
    example = (ROOT / "config/environments.yaml").read_text(encoding="utf-8")
    return {
        ROOT / "docs/cli.md": page_of_cli.page(),
        ROOT / "docs/configuration.md": page_of_configuration.page(example),
    }


def main(arguments: list[str]) -> int:
    """Write the documents that are stale, or name them."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if arguments == ["--check"]:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)}: stale; run `make docs`\n")
        return 1 if stale else 0
    made = pages()
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}: written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

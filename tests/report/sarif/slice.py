"""Cuts `schema.json` out of SARIF's: `python -m tests.report.sarif.slice FILE`. Prose goes, rules stay."""

import json
import sys
from pathlib import Path
from typing import Final

SCHEMA: Final = Path(__file__).with_name("schema.json")


def cut(node: object) -> object:
    """Leave out what only people read; a property that is called `description` is no prose."""
    if isinstance(node, list):
        return [cut(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: cut(one) for key, one in node.items() if key != "description" or not isinstance(one, str)}


if __name__ == "__main__":
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    SCHEMA.write_text(json.dumps(cut(whole), separators=(",", ":")) + "\n", encoding="utf-8")

"""`bump check` over real files, as if all were of one environment: no file stops it, and every place is told once.

Whoever's images they are: once all first-party, once all third-party, each under both profiles.
"""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.commands.terminal import bump
from tests.corpus.test_corpus import CORPUS, MISSING, files

WRITTEN = re.compile(r"^(?:[&!]\S+\s+)*['\"]?")  # an anchor, a tag and a quote begin a value
BLOCK = re.compile(r"[>|][+-]?")  # the value begins on the next line
CONFIGURATION = """\
version: 1
images: [{match: "**", move: %s}]
environments:
  all: {paths: ["corpus/**"], layers: ["corpus/**"]}
policy: {profile: %s}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    for path in files():
        copy = root / "corpus" / path.relative_to(CORPUS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    (root / "config").mkdir()
    return root


@pytest.mark.skipif(not files(), reason=MISSING)
@pytest.mark.parametrize("profile", ["plan", "strict"])
@pytest.mark.parametrize("ours", ["true", "false"])
def test_every_place_is_told_once_and_is_there(checkout: Path, ours: str, profile: str) -> None:
    (checkout / "config/environments.yaml").write_text(CONFIGURATION % (ours, profile))
    done = bump("check", "--format", "json", folder=checkout)

    assert done.code == 1, done.err
    document = json.loads(done.out)
    findings = document["findings"]
    assert document["summary"]["files"] >= len(files())
    told = Counter((one["rule"], one["path"], one["line"], one["column"]) for one in findings)
    assert {place: count for place, count in told.items() if count > 1} == {}
    assert len({one["fingerprint"] for one in findings}) == len(findings)
    for one in findings:
        if one["image"] is not None:
            line = (checkout / one["path"]).read_text(encoding="utf-8-sig").split("\n")[one["line"] - 1]
            there = WRITTEN.sub("", line[one["column"] - 1 :])
            assert there.startswith(one["text"]) or BLOCK.fullmatch(there), one

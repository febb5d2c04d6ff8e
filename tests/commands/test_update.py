"""What stops one environment stops no other, whatever it is."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot import log
from bot.checkout import WorkingTree
from bot.commands.update import Request, update_files
from bot.planning.environment import Configuration
from bot.planning.resolution import Lookup, Resolution
from bot.report import json as report
from bot.report.result import Result
from tests.commands.gitops import CONFIG, Shelf, files


class Broken(Shelf):
    """A registry whose answers break the program from the second environment on."""

    def resolve(self, configuration: Configuration, lookups: Sequence[Lookup]) -> Mapping[Lookup, Resolution]:
        if self.asked:
            raise LookupError("a bug\nover two lines with s3cret-of-ours")
        return super().resolve(configuration, lookups)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, content in files().items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return tmp_path


def run(checkout: Path) -> Result:
    request = Request(environments=("dev", "local"), config=CONFIG)
    return update_files(request, WorkingTree(checkout), Broken({"api": "b"}).resolve)


def test_a_bug_in_one_environment_keeps_the_results_of_the_others(checkout: Path) -> None:
    result = run(checkout)

    assert result.exit_code == 3
    dev, local = json.loads(report.render(result))["environments"]
    assert [one["image"] for one in dev["updated"]] == ["ghcr.io/acme/api"]
    assert local["error"]["exit_code"] == 3
    assert local["error"]["message"].startswith("unexpected LookupError: a bug over two lines")


@pytest.mark.parametrize("verbosity", [0, 1])
def test_its_place_is_shown_when_asked_for(checkout: Path, verbosity: int) -> None:
    log.register_secret("s3cret-of-ours")
    stream = io.StringIO()
    try:
        log.configure(verbosity=verbosity, stream=stream)
        run(checkout)
    finally:
        log.configure()

    assert ("Traceback" in stream.getvalue()) is bool(verbosity)
    assert "s3cret-of-ours" not in stream.getvalue()

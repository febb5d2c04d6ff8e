"""The main job over a repository in which every shape stands: layers, kustomize, Applications, YAML within YAML."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.planning.decision import Held, Update
from bot.proposal.outcome import Done
from tests.builders import digest
from tests.commands.gitops import CONFIG, Shelf, bump
from tests.doubles.github_api.double import GitHubDouble
from tests.pins.test_golden import FOLDER

CONFIGURATION = b"""\
version: 1
images:
  - match: "ghcr.io/acme/*"
    first_pin: digest-key
environments:
  dev:
    paths: ["dev/**"]
    layers: ["shared/**"]
    follow: main
"""
IMAGES = ("api", "cron", "first", "migrate", "mirror", "other", "sidecar", "web", "worker")
GOLDEN = ("application", "crlf", "helm-values", "kustomize", "manifests-in-values", "merged")
OVERLAY = f"image:\n  digest: {digest('a')} # api\n".encode()


def tree() -> dict[str, bytes]:
    files = {f"dev/{name}.yaml": (FOLDER / f"{name}.before.yaml").read_bytes() for name in GOLDEN}
    layer = b"image:\n  repository: ghcr.io/acme/api\n  tag: main\n"
    return {CONFIG: CONFIGURATION, **files, "dev/apps/api.yaml": OVERLAY, "shared/apps/api.yaml": layer}


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed(tree())
        yield made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(dict.fromkeys(IMAGES, "b"))


def test_one_pull_request_moves_them_all_and_nothing_else(double: GitHubDouble, shelf: Shelf) -> None:
    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    for name in GOLDEN:
        assert double.read("bump/dev", f"dev/{name}.yaml") == (FOLDER / f"{name}.after.yaml").read_bytes()
    moved = OVERLAY.replace(str(digest("a")).encode(), str(digest("b")).encode())
    assert double.read("bump/dev", "dev/apps/api.yaml") == moved
    assert double.read("bump/dev", "shared/apps/api.yaml") == tree()["shared/apps/api.yaml"]


def test_after_the_merge_there_is_nothing_to_do(double: GitHubDouble, shelf: Shelf) -> None:
    number = bump(double, shelf).outcome.number
    assert number is not None
    double.merge(number)

    again = bump(double, shelf)

    assert again.plan is not None
    assert not [one for one in again.plan.decisions if isinstance(one, Update | Held)]


def test_a_layer_that_is_gone_takes_its_overlay_out_of_the_next_commit(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.commit("main", {"shared/apps/api.yaml": b"image: {}\n"})

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert double.read("bump/dev", "dev/apps/api.yaml") == OVERLAY

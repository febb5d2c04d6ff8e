"""`bump init` in real checkouts: what it writes is sound, what it covers is right, and it writes nothing else."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot import config
from bot.checkout import Git, WorkingTree
from bot.planning.coverage import covered
from bot.planning.environment import Configuration, FirstPin
from tests.commands.gitops import CONFIG
from tests.commands.layouts import helm, kustomize
from tests.commands.terminal import bump

API = "image: ghcr.io/acme/api:main\n"


def checkout(root: Path, files: Mapping[str, str], *, origin: str | None = "git@github.com:Acme/gitops.git") -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git = Git(root)
    git.run("init", "--quiet")
    git.run("add", "--all")
    if origin:
        git.run("remote", "add", "origin", origin)
    return root


def there(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def load(root: Path) -> Configuration:
    return config.load((root / CONFIG).read_bytes(), path=CONFIG)


def files_of(root: Path) -> dict[str, set[str]]:
    """The files of each environment; raises where a glob matches nothing, or a file has two environments."""
    read, entries = load(root), WorkingTree(root).entries()
    return {name: {entry.path for entry in covered(read, one, entries)[0]} for name, one in read.environments.items()}


def test_helm_values_by_environment(tmp_path: Path) -> None:
    root = checkout(tmp_path, helm())
    before = there(root)
    done = bump("init", folder=root)
    assert (done.code, set(there(root)) - set(before)) == (0, {CONFIG})
    assert {path: there(root)[path] for path in before} == before

    read = load(root)
    assert [(str(rule.match), rule.move, [str(one) for one in rule.platforms]) for rule in read.images] == [
        ("ghcr.io/acme/mirror/**", False, []),
        ("ghcr.io/acme/*", True, ["linux/amd64", "linux/arm64"]),
    ]
    assert {
        name: (str(one.follow or ""), one.promote_from, [str(glob) for glob in one.layers])
        for name, one in read.environments.items()
    } == {
        "local": ("main", None, ["sources/values/_shared/**"]),
        "dev": ("main", None, ["sources/values/_shared/**"]),
        "staging": ("", "dev", ["sources/values/_shared/**"]),
        "production": ("", "staging", ["sources/values/_shared/**"]),
        "shared": ("", None, []),
    }
    values = "sources/values"
    assert files_of(root) == {
        name: {path for path in before if path.startswith(f"{values}/{folder}/")}
        for name, folder in {
            **{name: f"env/{name}" for name in ("local", "dev", "staging", "production")},
            "shared": "_shared",
        }.items()
    }
    assert bump("config", "validate", folder=root).err == ""


def test_kustomize_overlays(tmp_path: Path) -> None:
    root = checkout(tmp_path, kustomize())
    done = bump("init", folder=root)
    assert done.code == 0
    read = load(root)
    assert {
        name: ([str(glob) for glob in one.paths], str(one.follow or ""), one.promote_from, one.layers)
        for name, one in read.environments.items()
    } == {
        "dev": (["apps/*/overlays/dev/**"], "develop", None, ()),
        "qa": (["apps/*/overlays/qa/**"], "", "dev", ()),
        "prod": (["apps/*/overlays/prod/**"], "", "qa", ()),
        "base": (["apps/*/base/**"], "", None, ()),
    }
    assert {name: len(files) for name, files in files_of(root).items()} == {"dev": 2, "qa": 2, "prod": 2, "base": 4}
    assert (str(read.images[-1].match), read.images[-1].first_pin) == ("ghcr.io/acme/*", FirstPin.DIGEST_KEY)


@pytest.mark.parametrize(
    ("layout", "moving"),
    [
        (helm, {("dev", "api"), ("dev", "migrations"), ("local", "api"), ("dev", "jobs"), ("local", "jobs")}),
        (kustomize, {("dev", "api"), ("dev", "web")}),
    ],
)
def test_it_ends_with_the_pins_and_what_comes_next(
    tmp_path: Path, layout: Callable[[], Mapping[str, str]], moving: set[tuple[str, str]]
) -> None:
    root = checkout(tmp_path, layout())
    done = bump("init", folder=root)
    assert done.out == bump("pins", folder=root).out
    pins = json.loads(bump("pins", "--format", "json", folder=root).out)["pins"]
    follow = {(pin["environment"], pin["image"].removeprefix("ghcr.io/acme/")) for pin in pins if pin["follows"]}
    assert follow == moving  # the repository of jobs stands in the layers
    held = {(pin["environment"], pin["image"]) for pin in pins if "needs-digest-key" in (pin["reason"] or "")}
    assert held == ({(name, "ghcr.io/acme/web") for name in ("dev", "local")} if layout is helm else set())
    assert ("set images[1].first_pin: 4 with a tag" in done.err) is (layout is helm)
    assert done.err.startswith(f"bump: {CONFIG}: written, ")
    for words in ("bump config validate", "bump --env dev --dry-run", "BUMP_GITHUB_TOKEN", "GHCR_TOKEN"):
        assert words in done.err


def test_it_never_writes_over_one_that_is_there(tmp_path: Path) -> None:
    root = checkout(tmp_path, {**helm(), CONFIG: "version: 1\n"})
    done = bump("init", folder=root)
    assert (done.code, done.out) == (2, "")
    assert f"{CONFIG}: there already" in done.err
    assert "bump config validate" in done.err
    assert (root / CONFIG).read_text() == "version: 1\n"
    assert bump("init", "--config", "other.yaml", folder=root).code == 0
    assert bump("config", "validate", "--config", "other.yaml", folder=root).code == 0


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({}, "no image references here", id="nothing"),
        pytest.param({"dev/a.yaml": "a: 1\n"}, "no image references here", id="no references"),
        pytest.param({"dev/a.yaml": "a: [\n"}, "no image references here", id="not YAML"),
        pytest.param({"dev/a.yaml": "image: quay.io/x/y:1.2.3\n"}, "among quay.io/x (1)", id="other people's"),
        pytest.param({".github/workflows/a.yaml": API}, "no image references here", id="workflows"),
    ],
)
def test_nothing_recognisable_writes_nothing(tmp_path: Path, files: Mapping[str, str], words: str) -> None:
    root = checkout(tmp_path, files)
    before = there(root)
    done = bump("init", folder=root)
    assert (done.code, done.out, there(root)) == (2, "", before)
    assert words in done.err
    assert "looked in .yaml and .yml files" in done.err
    assert done.err.count("\n") == 1
    assert not (root / "config").exists()


@pytest.mark.parametrize("origin", [None, "https://gitlab.com/somebody/gitops.git"])
def test_without_an_origin_at_github_tags_tell_whose_images_they_are(tmp_path: Path, origin: str | None) -> None:
    root = checkout(tmp_path, {"dev/a.yaml": API, "dev/b.yaml": "image: quay.io/x/y:1.2.3\n"}, origin=origin)
    done = bump("init", folder=root)
    assert done.code == 0
    assert [str(rule.match) for rule in load(root).images] == ["ghcr.io/acme/*"]
    assert "set gitops.repository" in done.err


def test_without_git(tmp_path: Path) -> None:
    (tmp_path / "env/dev").mkdir(parents=True)
    (tmp_path / "env/dev/a.yaml").write_text("image: registry.corp:5000/acme/api:develop\n")
    done = bump("init", "--root", ".", folder=tmp_path)
    assert done.code == 0
    assert [str(rule.match) for rule in load(tmp_path).images] == ["registry.corp:5000/acme/*"]
    assert str(load(tmp_path).environments["dev"].follow) == "develop"
    assert "registries.<host>.token_env" in done.err


def test_where_nothing_follows_it_says_so(tmp_path: Path) -> None:
    root = checkout(tmp_path, {"prod/a.yaml": "image: ghcr.io/acme/api:1.0.0\n"})
    done = bump("init", folder=root)
    assert done.code == 0
    assert "no environment follows a channel yet" in done.err
    assert "--dry-run" not in done.err


def test_symlinks_and_files_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    root = checkout(tmp_path / "root", {"dev/a.yaml": API, "values/x.yaml": API})
    (root / "prod").mkdir()
    (root / "prod/a.yaml").symlink_to("../dev/a.yaml")
    (root / "staging").symlink_to("dev")
    (root / "dev/b.yaml").write_bytes(b"image: ghcr.io/acme/\xff")
    assert bump("init", folder=root).code == 0
    assert set(load(root).environments) == {"dev", "other"}


def test_it_does_not_write_outside_the_checkout(tmp_path: Path) -> None:
    root = checkout(tmp_path / "root", {"dev/a.yaml": API})
    (tmp_path / "elsewhere").mkdir()
    (root / "config").symlink_to(tmp_path / "elsewhere")
    done = bump("init", folder=root)
    assert done.code == 2
    assert "behind a symlink" in done.err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_odd_names(tmp_path: Path) -> None:
    names = ("promote", "Prod EU", "größe", "1", "no", "a[1]", "x" * 60)
    root = checkout(tmp_path, {f"env/{name}/a.yaml": API for name in names})
    assert bump("init", folder=root).code == 0
    assert sorted(files_of(root)) == ["1", "a-1", "env-promote", "gr-e", "no", "prod-eu", "x" * 39]
    assert {len(files) for files in files_of(root).values()} == {1}


def test_ten_thousand_files(tmp_path: Path) -> None:
    names = ("local", "dev", "staging", "prod")
    files = {
        f"apps/app-{n // 20}/overlays/{names[n % 4]}/{n}.yaml": API
        if n % 20 < 4
        else f"kind: ConfigMap\ndata: {{a: {n}}}\n"
        for n in range(10_000)
    }
    root = checkout(tmp_path, files)
    start = time.process_time()
    assert bump("init", folder=root).code == 0
    spent = time.process_time() - start
    assert {name: len(found) for name, found in files_of(root).items()} == dict.fromkeys(names, 2500)
    start = time.process_time()
    assert bump("pins", folder=root).code == 0
    assert spent < 6 * (time.process_time() - start)  # it reads every file, and then does what pins does

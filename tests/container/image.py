"""The image of the Dockerfile, built and run. Not part of `make test`: `make image-test` runs it, in two minutes.

What this shows: the Dockerfile builds, and what it builds does its work as nobody in particular, on a read-only root,
in a checkout of somebody else. What it does not show: the same on the base that the Dockerfile names, for which Docker
Hub has to be asked, and on another architecture. The base's stand-in holds the Python of this Debian (`base.py`); that
the lock has wheels for the Python of the real one, `make lock` sees to.
"""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot
from bot.image import Digest
from tests.container import base
from tests.container.engine import Built, Engine, Ran, told
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.registry.server import PASSWORD, RegistryServer

ROOT = Path(__file__).parent.parent.parent
OWNER = (20001, 20001)  # of the checkouts; the image's own user is another one
MOST = 150 * 1000 * 1000  # bytes beyond the base
LABELS = {
    "CREATED": "2026-01-06T09:30:00Z",
    "REVISION": "1f3c9ab0" * 5,
    "SOURCE": "https://github.com/acme/bump",
    "VERSION": bot.__version__,
}
COMPILERS = {"cc", "c++", "gcc", "g++", "clang", "tcc", "ld", "as", "make", "rustc", "cargo", "go"}


@dataclass(frozen=True, kw_only=True)
class Image:
    """What was built, and how to run it."""

    engine: Engine
    built: Built
    base: Built
    base_name: str

    def run(
        self,
        *arguments: str,
        repository: Path,
        user: tuple[int, int] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Ran:
        return self.engine.run(self.built, *arguments, repository=repository, user=user, environ=environ)

    def shell(self, script: str, *, repository: Path) -> Ran:
        return self.engine.run(self.built, "-c", script, repository=repository, entrypoint=["/bin/sh"])


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """The image, built on the stand-in, which comes from a registry by its digest as the real one does."""
    if missing := Engine.missing():
        pytest.fail(f"not installed: {' '.join(missing)} (Debian, Ubuntu: apt-get install {' '.join(missing)})")
    with (
        tempfile.TemporaryDirectory(prefix="bump-image-") as name,
        Engine(folder := Path(name)) as engine,
        RegistryServer(authenticated=False) as shelf,
    ):
        base.make(folder / "base.tar")
        engine.load(folder / "base.tar", "stand-in")
        host, port = shelf.front.backend
        reference = f"{host}:{port}/library/python:slim"
        pinned = f"{reference}@{engine.push('stand-in', reference)}"
        engine.buildah("rmi", "stand-in")
        engine.buildah("pull", "--quiet", "--tls-verify=false", pinned)
        here = engine.open(pinned)
        engine.build(
            ROOT,
            "bump",
            arguments={"BASE": pinned, **LABELS},
            mounts={wheels(folder, here): "/wheels", offline(folder): "/etc/pip.conf"},
            pull=False,
        )
        yield Image(engine=engine, built=engine.open("bump"), base=here, base_name=pinned)


def wheels(folder: Path, base_image: Built) -> Path:
    """What pip would download in the build, fetched out here, where pip is set up for this machine's network."""
    (python,) = (base_image.root / "usr/bin").glob("python3.[0-9]*[0-9]")
    version = python.name.removeprefix("python")
    for lock in ("build", "run"):
        told(
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes",
            "--no-deps", "--only-binary", ":all:", "--python-version", version, "--dest", folder / "wheels",
            "--requirement", ROOT / f"requirements/{lock}.txt",
        )  # fmt: skip
    return folder / "wheels"


def offline(folder: Path) -> Path:
    """Pip's settings for the build: the wheels, and no index. The hashes of the lock still have to fit."""
    path = folder / "pip.conf"
    path.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that belongs to OWNER and may be read by all; pytest's own are closed to everybody but root."""
    with tempfile.TemporaryDirectory(prefix="bump-checkout-") as name:
        Path(name).chmod(0o755)
        os.chown(name, *OWNER)
        yield Path(name)


@dataclass(frozen=True, kw_only=True)
class World:
    """A checkout of OWNER, its repository at the double of GitHub, and a newer build in the registry."""

    checkout: Path
    double: GitHubDouble
    registry: RegistryServer
    old: Digest
    new: Digest

    @property
    def environ(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.double.url,
            "BUMP_GITHUB_TOKEN": ACTIONS,
            "BUMP_REGISTRY_TEST": PASSWORD,
        }


@pytest.fixture
def world(folder: Path, tmp_path: Path, registry: RegistryServer) -> Iterator[World]:
    old, new = (registry.push("acme/api", "main", seed=build).digest for build in ("1", "2"))
    configuration = (
        "version: 1\ngitops: {repository: acme/gitops, base: main}\n"
        f'registries: {{"{registry.host}": {{token_env: BUMP_REGISTRY_TEST, username: bot}}}}\n'
        f'images: [{{match: "{registry.host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
        "environments: {dev: {paths: [env/dev/**], follow: main}}\n"
    )
    values = f"image:\n  ref: {registry.host}/acme/api@{old} # moved by bump\n"
    with GitHubDouble(tmp_path / "github") as double:
        double.seed({"config/environments.yaml": configuration.encode(), "env/dev/api.yaml": values.encode()})
        told("git", "clone", "--quiet", double.clone_url, folder)
        subprocess.run(("chown", "--recursive", f"{OWNER[0]}:{OWNER[1]}", folder), check=True)
        yield World(checkout=folder, double=double, registry=registry, old=old, new=new)


def test_it_says_its_version(image: Image, folder: Path) -> None:
    assert image.run("--version", repository=folder) == Ran(code=0, out=f"bump {bot.__version__}\n", err="")


def test_the_demo_runs(image: Image, folder: Path) -> None:
    done = image.run("demo", repository=folder)
    assert done.code == 0, done.err
    assert list(folder.iterdir()) == []


def test_it_lists_the_pins_of_a_checkout_that_belongs_to_somebody_else(image: Image, world: World) -> None:
    validated = image.run("config", "validate", repository=world.checkout)
    assert validated.code == 0, validated.err
    done = image.run("pins", repository=world.checkout)
    assert done.code == 0, done.err
    (pin,) = [line.split("\t") for line in done.out.splitlines()]
    assert pin[:2] == ["dev", "env/dev/api.yaml:2:8"]
    assert {f"{world.registry.host}/acme/api", str(world.old)} <= set(pin)


def test_it_opens_a_pull_request_from_a_checkout_that_it_cannot_write_to(image: Image, world: World) -> None:
    done = image.run("--env", "dev", repository=world.checkout, environ=world.environ)
    assert done.code == 0, done.err
    assert [line.split("\t")[2] for line in done.out.splitlines()][-1] == "created"
    assert len(world.double.pulls) == 1
    assert str(world.new).encode() in world.double.read("bump/dev", "env/dev/api.yaml")
    assert git(world.checkout, "status", "--porcelain") == ""


def test_it_changes_files_as_the_user_who_owns_them(image: Image, world: World) -> None:
    done = image.run("--env", "dev", "--into", "files", repository=world.checkout, user=OWNER, environ=world.environ)
    assert done.code == 0, done.err
    assert git(world.checkout, "status", "--porcelain") == "M env/dev/api.yaml"
    changed = world.checkout / "env/dev/api.yaml"
    assert changed.read_text() == f"image:\n  ref: {world.registry.host}/acme/api@{world.new} # moved by bump\n"
    assert (changed.stat().st_uid, changed.stat().st_gid) == OWNER


def test_files_of_somebody_else_stay_and_the_reason_is_said(image: Image, world: World) -> None:
    done = image.run("--env", "dev", "--into", "files", repository=world.checkout, environ=world.environ)
    assert done.code != 0
    assert "env/dev" in done.err
    assert "Traceback" not in done.err
    assert git(world.checkout, "status", "--porcelain") == ""


def test_it_is_nobody_in_particular_and_writes_nowhere_but_in_tmp(image: Image, folder: Path) -> None:
    script = (
        "id -u; id -g; touch /tmp/there && echo tmp; touch /there /opt/bump/there ~/there 2>/dev/null || echo closed"
    )
    done = image.shell(script, repository=folder)
    assert done.out.split() == ["10001", "10001", "tmp", "closed"]
    setuid = [path for path in files(image.built.root) if path.stat().st_mode & stat.S_ISUID]
    before = [path for path in files(image.base.root) if path.stat().st_mode & stat.S_ISUID]
    assert len(setuid) == len(before), setuid


def test_it_holds_git_and_neither_pip_nor_a_compiler(image: Image, folder: Path) -> None:
    assert image.shell("git --version", repository=folder).out.startswith("git version 2.")
    for name in ("pip", "ensurepip"):
        assert image.shell(f"python -c 'import {name}'", repository=folder).code == 1
        assert (
            image.shell(
                f"$(command -v -p python || echo /usr/local/bin/python) -c 'import {name}'", repository=folder
            ).code
            == 1
        )
    names = {path.name for path in files(image.built.root)}
    assert not names & COMPILERS
    assert not [name for name in names if re.fullmatch(r"pip[0-9.]*|pip-.*\.whl", name)]
    assert not [name for name in names if re.fullmatch(r".*-(gcc|g\+\+|ld)(-[0-9]+)?", name)]


def test_it_starts_from_bytecode(image: Image) -> None:
    """On a read-only root Python cannot keep what it compiles: it would do so again at every start."""
    sources = list((image.built.root / "opt/bump").rglob("site-packages/bot/**/*.py"))
    assert sources
    assert all(list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")) for path in sources)


def test_its_labels_say_where_it_comes_from(image: Image) -> None:
    labels = {
        name.removeprefix("org.opencontainers.image."): value for name, value in image.built.config["Labels"].items()
    }
    labels.pop("io.buildah.version", None)
    assert labels == {
        "title": "bump",
        "description": "Pins the images of a GitOps repository to proven digests",
        "licenses": "Apache-2.0",
        "base.name": image.base_name,
        **{name.lower(): value for name, value in LABELS.items()},
    }


def test_it_is_small(image: Image) -> None:
    beyond = image.built.size - image.base.size
    print(json.dumps({"image": image.built.size, "beyond the base": beyond}))  # noqa: T201 - for `pytest -s`
    assert beyond < MOST


def files(root: Path) -> list[Path]:
    """Every file of an image, links left out."""
    return [
        Path(folder) / name
        for folder, _, names in os.walk(root)
        for name in names
        if not (Path(folder) / name).is_symlink()
    ]


def git(checkout: Path, *arguments: str) -> str:
    return told("git", "-c", f"safe.directory={checkout}", "-C", checkout, *arguments)

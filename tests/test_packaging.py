"""What an installation rests on: the locks, the version, the files of the wheel, the C parser."""

import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from hatchling.build import build_wheel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import bot

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))


@dataclass(frozen=True, slots=True)
class Locked:
    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> Version:
        (pin,) = self.requirement.specifier
        assert pin.operator == "=="
        return Version(pin.version)


def locked(name: str) -> Mapping[str, tuple[Locked, ...]]:
    """The entries of a lock by canonical name; a name has several where platforms differ."""
    text = (ROOT / f"requirements/{name}.txt").read_text().replace("\\\n", " ")
    entries: dict[str, tuple[Locked, ...]] = {}
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.partition("#")[0].strip())
        if requirement:
            entry = Locked(Requirement(requirement), tuple(hashes))
            key = canonicalize_name(entry.requirement.name)
            entries[key] = (*entries.get(key, ()), entry)
    return entries


def wanted(name: str) -> Iterator[Requirement]:
    """What a lock was made for: its `.in` file, and the sections of pyproject.toml that it serves."""
    source = ROOT / f"requirements/{name}.in"
    lines = source.read_text().splitlines() if source.exists() else []
    if name in {"run", "test"}:
        lines += PYPROJECT["project"]["dependencies"]
    if name in {"build", "test"}:
        lines += PYPROJECT["build-system"]["requires"]
    return (Requirement(line) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_records_no_address_and_no_path(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text()

    assert not re.search(r"://|file:|@ |(^|\s)--(?!hash=)|(^|\s)-[a-z] (?!requirements/)", text)
    assert not re.search(r"(^|[\s=\"'])/\w", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_is_one_version_with_hashes(name: str) -> None:
    for entry in (entry for entries in locked(name).values() for entry in entries):
        assert str(entry.requirement.specifier) == f"=={entry.version}"
        assert entry.hashes, entry.requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in entry.hashes), entry.requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_is_asked_for(name: str) -> None:
    entries = locked(name)
    asked = list(wanted(name))

    assert asked
    for requirement in asked:
        found = entries.get(canonicalize_name(requirement.name), ())
        assert found, f"requirements/{name}.txt lacks {requirement}: run `make lock`"
        for entry in found:
            assert requirement.specifier.contains(entry.version), f"{name}.txt: {requirement}: run `make lock`"


def test_the_tests_run_with_the_libraries_that_are_shipped() -> None:
    shipped, tested = locked("run"), locked("test")

    for name, entries in shipped.items():
        versions = {entry.version for entry in entries}
        assert {entry.version for entry in tested[name]} == versions, f"{name}: run `make lock`"


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PYPROJECT["project"]["dynamic"]
    assert "version" not in PYPROJECT["project"]
    stated = re.compile(r"^__version__\s*=", re.MULTILINE)
    files = [path for path in (ROOT / "bot").rglob("*.py") if stated.search(path.read_text(encoding="utf-8"))]
    assert files == [ROOT / PYPROJECT["tool"]["hatch"]["version"]["path"]]
    assert str(Version(bot.__version__)) == bot.__version__


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    name = build_wheel(str(tmp_path))
    with zipfile.ZipFile(tmp_path / name) as wheel:
        files = {file for file in wheel.namelist() if ".dist-info/" not in file}

    checkout = (path.relative_to(ROOT) for path in (ROOT / "bot").rglob("*") if path.is_file())
    assert files == {path.as_posix() for path in checkout if "__pycache__" not in path.parts}
    assert "bot/py.typed" in files
    assert name == f"digest_bump-{bot.__version__}-py3-none-any.whl"


def test_the_c_parser_of_yaml_is_there() -> None:
    try:
        import_module("_ruamel_yaml")
    except ImportError:
        pytest.fail("YAML is read ten times slower: install ruamel.yaml.clib, as requirements/run.txt does")

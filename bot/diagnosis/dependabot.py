"""Whether Dependabot writes the same files. Its ecosystem `docker` moves tags and digests in Kubernetes manifests and
Helm values, in the folders that it is given.

Source: https://docs.github.com/en/code-security/dependabot/ecosystems-supported-by-dependabot/supported-ecosystems-and-repositories
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.foreign import glob
from bot.diagnosis.surface import Surface
from bot.errors import UnreadableFile
from bot.pins.tree import Tree, read_tree

PATHS: Final = (".github/dependabot.yml", ".github/dependabot.yaml")
_FIX: Final = "leave these folders out of its `directories`, or ignore your images there"


def dependabot(files: Mapping[str, bytes], surface: Surface) -> Iterator[Check]:
    """Yield what is to be said; never raises."""
    path = next((one for one in PATHS if one in files), None)
    if path is None:
        yield Ok(Name.DEPENDABOT, "", "no configuration of Dependabot in the checkout")
        return
    try:
        updates = read_tree(files[path]).at("updates").items()
        yield from [check for one in updates if (check := _judged(path, one, surface))] or [
            Ok(Name.DEPENDABOT, path, "looks for images in none of these folders")
        ]
    except UnreadableFile as error:
        yield CannotTell(Name.DEPENDABOT, path, f"cannot be read: {error}", _FIX)


def _judged(path: str, update: Tree, surface: Surface) -> Check | None:
    if update.at("package-ecosystem").text != "docker":
        return None
    folders = (*update.at("directory").texts(), *update.at("directories").texts())
    hit = next((file for file in sorted(surface.files) if any(_lies_in(file, folder) for folder in folders)), None)
    if hit is None:
        return None
    at, message = f"{path}:{update.line}", f"Dependabot's ecosystem docker reads {hit}"
    if update.at("ignore"):
        look = "look whether all of your images are among them"
        return CannotTell(Name.DEPENDABOT, at, f"{message}, and ignores some dependencies", look)
    return Wrong(Name.DEPENDABOT, at, message, _FIX)


def _lies_in(file: str, folder: str) -> bool:
    here, text = file.rpartition("/")[0], folder.strip("/")
    matches = glob(text) if text else None
    return here == text or (matches is not None and matches(here))

"""Whether Renovate writes the same files, by its configuration in the checkout.

Its managers are told by the patterns of files that they read. Presets of others are not here to be read, so where one
could switch something off, nothing is called wrong.
Source: https://docs.renovatebot.com/configuration-options/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.foreign import Matches, expression, glob, pattern
from bot.diagnosis.surface import Surface
from bot.errors import UnreadableFile
from bot.pins.tree import Tree, read_tree

# The first one that is there counts. https://docs.renovatebot.com/configuration-options/#configuration-file-options
PATHS: Final = (
    "renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json",
    ".gitlab/renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5", "package.json",
)  # fmt: skip
# https://docs.renovatebot.com/modules/manager/: those that read images in YAML, and the files they read unasked.
_MANAGERS: Final[Mapping[str, tuple[str, ...]]] = {
    "helm-values": (r"(^|/)values\.ya?ml$",),
    "kustomize": (r"(^|/)kustomization\.ya?ml$",),
    "kubernetes": (),
    "argocd": (),
}
# What a reader of JSON5 leaves out; strings are kept, whatever stands in them. What is not closed goes to the end, so
# that the rest is not searched again and again.
_COMMENT: Final = re.compile(
    r""""(?:\\.|[^"\\])*(?:"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_KNOWN: Final = re.compile(
    r"(?:config|docker|helpers|group|schedule|security|workarounds|default|mergeConfidence|)?:\w.*"
)
_OFF: Final = "packageRules: [{matchDatasources: [docker], enabled: false}], or `ignorePaths` with these files"
_LOOK: Final = "look whether Renovate leaves these images alone; two bots undo each other"


@dataclass(frozen=True, slots=True)
class _Manager:
    """A manager, and which paths it reads; `odd`: patterns of its that cannot be judged here."""

    name: str
    reads: tuple[Matches, ...]
    odd: bool


def renovate(files: Mapping[str, bytes], surface: Surface) -> Iterator[Check]:
    """Yield what is to be said; never raises."""
    path = next((one for one in PATHS if one in files), None)
    if path is None:
        yield Ok(Name.RENOVATE, "", "no configuration of Renovate in the checkout")
        return
    try:
        yield _judged(path, _read(path, files[path]), surface)
    except UnreadableFile as error:
        yield CannotTell(Name.RENOVATE, path, f"cannot be read: {error}", _LOOK)


def _read(path: str, content: bytes) -> Tree:
    """Read JSON or JSON5: without its comments it is YAML's flow style."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"not UTF-8 at byte {error.start}") from error
    bare = _COMMENT.sub(lambda found: found[0] if found[0][0] in "\"'" else "\n" * found[0].count("\n") + " ", text)
    tree = read_tree(bare.replace("\t", " ").encode())
    return tree.at("renovate") if path == "package.json" else tree


def _judged(path: str, tree: Tree, surface: Surface) -> Check:
    if not tree:
        return Ok(Name.RENOVATE, "", f"{path} says nothing of Renovate")
    extends = tree.at("extends").texts()
    if tree.at("enabled").text == "false" or "docker:disable" in extends:
        return Ok(Name.RENOVATE, path, "Renovate, or its part for images, is switched off")
    ignored = [found for one in tree.at("ignorePaths").texts() if (found := _ignoring(one)) is not None]
    mine = [file for file in sorted(surface.files) if not any(one(file) for one in ignored)]
    managers = tuple(_managers(tree))
    hits = [(one, file) for one in managers for file in mine if any(read(file) for read in one.reads)]
    hits = [(one, file) for one, file in hits if not _switched_off(tree, one, file)]
    if hits:
        manager, file = hits[0]
        count = len({one for _, one in hits})
        more = f" and {count - 1} more of these files" if count > 1 else ""
        message = f"Renovate's manager {manager.name} reads {file}{more}"
        if _partly_off(tree) or any(not _KNOWN.fullmatch(one) for one in extends):
            why = "a rule or a preset may keep it from your images"
            return CannotTell(Name.RENOVATE, path, f"{message}; {why}", f"{_LOOK}: {_OFF}")
        return Wrong(Name.RENOVATE, path, message, f"switch it off for them: {_OFF}")
    odd = [one.name for one in managers if one.odd]
    if odd:
        return CannotTell(Name.RENOVATE, path, f"the file patterns of {', '.join(odd)} are not read here", _LOOK)
    return Ok(Name.RENOVATE, path, "reads none of these files for images")


def _managers(tree: Tree) -> Iterator[_Manager]:
    enabled = tree.at("enabledManagers").texts()
    for name, defaults in _MANAGERS.items():
        section = tree.at(name)
        if section.at("enabled").text != "false" and (not enabled or name in enabled):
            yield _manager(name, section, defaults)
    if not enabled or {"custom.regex", "regex", "custom.jsonata"} & set(enabled):
        for custom in (*tree.at("customManagers").items(), *tree.at("regexManagers").items()):
            if custom.at("datasourceTemplate").text in {"", "docker"}:
                yield _manager("custom.regex", custom, ())


def _manager(name: str, section: Tree, defaults: tuple[str, ...]) -> _Manager:
    found = [expression(one) for one in (*defaults, *section.at("fileMatch").texts())]
    found += [pattern(one) for one in section.at("managerFilePatterns").texts()]
    return _Manager(name, tuple(one for one in found if one is not None), None in found)


def _ignoring(text: str) -> Matches | None:
    """Renovate takes a path without signs for the beginning of what is ignored, too."""
    if not any(sign in text for sign in "*?[{"):
        return lambda path: path == text or path.startswith(f"{text.rstrip('/')}/")
    return glob(text)


_NARROWING: Final = (
    "matchPackageNames", "matchPackagePatterns", "matchPackagePrefixes", "matchDepNames", "matchUpdateTypes",
    "matchCurrentVersion", "matchCurrentValue", "matchCategories", "matchDepTypes", "matchSourceUrls",
)  # fmt: skip


def _rules_off(tree: Tree) -> Iterator[Tree]:
    return (rule for rule in tree.at("packageRules").items() if rule.at("enabled").text == "false")


def _switched_off(tree: Tree, manager: _Manager, path: str) -> bool:
    """Whether a rule switches every image in the file off: all that it is narrowed by fits."""
    for rule in _rules_off(tree):
        names, datasources = rule.at("matchManagers").texts(), rule.at("matchDatasources").texts()
        paths = [*rule.at("matchFileNames").texts(), *rule.at("matchPaths").texts()]
        if (
            (not names or manager.name in names)
            and (not datasources or "docker" in datasources)
            and (not paths or any((fits := pattern(one)) is not None and fits(path) for one in paths))
            and not any(rule.at(key) for key in _NARROWING)
        ):
            return True
    return False


def _partly_off(tree: Tree) -> bool:
    return any(rule.at(key) for rule in _rules_off(tree) for key in _NARROWING)

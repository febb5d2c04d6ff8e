"""Controllers in the cluster that write the same keys, by what configures them in the checkout.

Kargo's stages, the annotations and resources of Argo CD Image Updater, and Flux's markers. What cannot be parsed, a
Helm template for one, is searched as text and is never called sure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.surface import Surface
from bot.errors import UnreadableFile
from bot.pins.tree import Tree, read_trees

NEEDLES: Final = (b"kargo.akuity.io/", b"argocd-image-updater.argoproj.io/", b"$imagepolicy")
_UPDATER: Final = "argocd-image-updater.argoproj.io/"
_KARGO: Final = "kargo.akuity.io/"
_STAGES: Final = frozenset({"Stage", "PromotionTask", "ClusterPromotionTask"})
_FILE_STEPS: Final = frozenset({"yaml-update", "json-update", "yaml-merge", "helm-update-image"})
# https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources
_MARKER: Final = re.compile(rb'#[ \t]*\{[ \t]*"\$imagepolicy"[ \t]*:[ \t]*"([^"\r\n]{1,200})"')
_NONE: Final = {
    Name.KARGO: "no Stage in the checkout writes these files",
    Name.UPDATER: "no annotation and no ImageUpdater in the checkout names an image of yours",
    Name.FLUX: "no $imagepolicy marker stands in these files",
}


def controllers(files: Mapping[str, bytes], surface: Surface) -> Iterator[Check]:
    """Yield who else writes, and for each kind of controller that nobody does; never raises."""
    found: list[Check] = []
    for path in sorted(files):
        content = files[path]
        if not any(needle in content for needle in NEEDLES):
            continue
        found += _flux(path, content, surface)
        if any(needle in content for needle in NEEDLES[:2]):
            found += _resources(path, content, surface)
    yield from found
    for name, message in _NONE.items():
        if not any(one.name is name for one in found):
            yield Ok(name, "", message)


def _flux(path: str, content: bytes, surface: Surface) -> Iterator[Check]:
    if path not in surface.files:
        return
    markers = list(_MARKER.finditer(content))
    if markers:
        line = content.count(b"\n", 0, markers[0].start()) + 1
        policy = markers[0][1].decode("utf-8", "replace")
        more = f", and {len(markers) - 1} more here" if len(markers) > 1 else ""
        yield Wrong(
            Name.FLUX,
            f"{path}:{line}",
            f"Flux's image automation writes this line by the policy {policy}{more}",
            'remove the comment `# {"$imagepolicy": …}`, or leave the file to Flux by `exclude`',
        )


def _resources(path: str, content: bytes, surface: Surface) -> Iterator[Check]:
    try:
        for tree in read_trees(content):
            yield from _resource(path, tree, surface)
    except UnreadableFile as error:
        yield from _unreadable(path, content, str(error))


def _unreadable(path: str, content: bytes, reason: str) -> Iterator[Check]:
    for name, needle in ((Name.KARGO, NEEDLES[0]), (Name.UPDATER, NEEDLES[1])):
        if needle in content:
            yield CannotTell(
                name, path, f"speaks of {needle.decode()[:-1]}, and cannot be read ({reason})",
                "look whether it writes the digests of your images",
            )  # fmt: skip


def _resource(path: str, tree: Tree, surface: Surface) -> Iterator[Check]:
    api, kind = tree.at("apiVersion").text, tree.at("kind").text
    if api.startswith(_KARGO) and kind in _STAGES:
        yield from _stage(path, tree, surface)
    elif api.startswith(_UPDATER) and kind == "ImageUpdater":
        named = [(key, one) for key, one in tree.at("spec").everything() if key == "imageName"]
        yield from _updated(path, named, surface, f"the ImageUpdater {tree.at('metadata', 'name').text} updates")
    else:
        lists = [(key, one) for key, one in tree.everything() if key == f"{_UPDATER}image-list"]
        yield from _updated(path, lists, surface, "Argo CD Image Updater is told to update")


def _updated(path: str, named: list[tuple[str, Tree]], surface: Surface, what: str) -> Iterator[Check]:
    for _, one in named:
        repository = surface.ours(one.text)
        if repository is not None:
            yield Wrong(
                Name.UPDATER, f"{path}:{one.line}", f"{what} {repository}",
                "take the image out there: what it writes into Git or the Application undoes the digest in Git",
            )  # fmt: skip
        elif "{{" in one.text:
            yield CannotTell(
                Name.UPDATER, f"{path}:{one.line}", f"{what} an image that a template names",
                "look whether it is one of yours",
            )  # fmt: skip


def _stage(path: str, tree: Tree, surface: Surface) -> Iterator[Check]:
    who = f"the {tree.at('kind').text} {tree.at('metadata', 'name').text}".rstrip()
    spec = tree.at("spec")
    if spec.at("promotionMechanisms"):
        yield CannotTell(
            Name.KARGO, f"{path}:{spec.at('promotionMechanisms').line}",
            f"{who} promotes by `promotionMechanisms`, of which nothing is known here",
            "look whether it writes these files",
        )  # fmt: skip
    for step in (*spec.at("promotionTemplate", "spec", "steps").items(), *spec.at("steps").items()):
        yield from _step(path, step, surface, who)


def _step(path: str, step: Tree, surface: Surface, who: str) -> Iterator[Check]:
    uses, config = step.at("uses").text, step.at("config")
    target, what = None, ""
    if uses in _FILE_STEPS:
        target, what = surface.named(config.at("path").text), "writes"
    elif uses == "kustomize-set-image":
        target, what = surface.inside(config.at("path").text or "."), "sets images in"
    elif uses == "argocd-update":
        image = next((found for _, one in config.everything() if (found := surface.ours(one.text))), None)
        target, what = (None, "") if image is None else ((str(image), True), "overrides in the Application the image")
    if target is None:
        return
    named, sure = target
    at = f"{path}:{step.line}"
    fix = f"take the step {uses} out, or leave what it writes out of the environment by `exclude`"
    if sure:
        yield Wrong(Name.KARGO, at, f"{who} {what} {named}", fix)
    else:
        yield CannotTell(Name.KARGO, at, f"{who} {what} a path with an expression in it, perhaps {named}", fix)

"""How a pull policy is mended: what Kubernetes would fill in is written down, and `Always` beside a digest changes.

Whether `Never` is meant, or an image that moves is to be pulled always, a person decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference
from bot.image import Reference
from bot.pins import PULL, Container, Edit, Pull, Written
from bot.policy.manifests import PREFERRED, beside, mapping_of
from bot.policy.sheet import Sheet, Use

_LATEST: Final = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulling:
    """A place that the rule speaks of, by which its finding is known, and the edits; or why there are none."""

    path: str
    line: int
    column: int
    key: str
    edits: tuple[Edit, ...] = ()
    reason: str = ""


def pulling(sheet: Sheet) -> Iterator[Pulling]:
    """Yield the places of a file in which a pull policy could be mended."""
    for one in sheet.objects:
        for pods in one.pods:
            for container in pods.containers:
                key = f"{container.key}.{PULL}"
                if container.pull is None and pods.entire:
                    yield _placed(one.path, key, container.image, _inserted(container))
                elif container.pull is not None and _is_always_by_digest(container):
                    yield _placed(one.path, key, container.pull, _replaced(container.pull))
    images = beside(sheet.uses) if sheet.pulls else {}
    for pull in sheet.pulls:
        if _is_always_beside(pull, images.get(mapping_of(pull), ())) and not _is_of_primitive(sheet, pull):
            yield _placed(pull.path, pull.key, pull.written, _replaced(pull.written))


def _placed(path: str, key: str, place: Written, made: Edit | str) -> Pulling:
    edits, reason = ((made,), "") if isinstance(made, Edit) else ((), made)
    return Pulling(path=path, line=place.line, column=place.column, key=key, edits=edits, reason=reason)


def _inserted(container: Container) -> Edit | str:
    image, slot = container.image, container.slot
    if _is_pulled_always(image.value):
        return f"Kubernetes pulls {image.value} always, as nothing says which build it is; pin it first"
    if slot is None:
        return image.refusal.reason if image.refusal else f"no place for {PULL} beside the image"
    return Edit(token=slot.token, text=f"{slot.before}{PREFERRED}{slot.after}", adds=slot.adds)


def _replaced(written: Written) -> Edit | str:
    return written.refusal.reason if written.refusal else Edit(token=written.token, text=PREFERRED)


def _is_pulled_always(image: str) -> bool:
    """Whether Kubernetes would do so, and nothing but that brings a new build.

    Source: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    """
    try:
        reference = Reference.parse(image)
    except InvalidReference:
        return True
    return reference.digest is None and (reference.tag is None or str(reference.tag) == _LATEST)


def _is_always_by_digest(container: Container) -> bool:
    return container.pull is not None and container.pull.value == "Always" and "@" in container.image.value


def _is_always_beside(pull: Pull, uses: Iterable[Use]) -> bool:
    """Whether it stands beside images that all have a digest."""
    found = [use.pin.reference.digest is not None and not use.hidden for use in uses]
    return pull.written.value == "Always" and bool(found) and all(found)


def _is_of_primitive(sheet: Sheet, pull: Pull) -> bool:
    return sheet.policy.operators.primitive(pull.group, pull.kind)

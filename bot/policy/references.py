"""Rules over one reference: its digest, its tag, and whether it is one at all.

A reference that lacks a digest breaks one of them, the one that says most; an operator's breaks `operator-pinned`.
"""

from collections.abc import Iterator

from bot.pins import Shape
from bot.policy.finding import Party, Remark
from bot.policy.sheet import Sheet, Use
from bot.policy.tags import Form

_FIXED = frozenset({Form.COMMIT, Form.VERSION})


def unpinned(use: Use) -> Iterator[Remark]:
    """An image is named with its digest.

    A tag can be moved, and without one `latest` is meant. Only a digest says in Git what runs, and a new build rolls
    out by a commit that shows old and new. First-party images with a fixed tag alone break `tag-only` instead, and
    what has a moving tag alone breaks `floating-tag`, as does somebody else's image without a tag.

    A repository alone, as in `image: {repository: …}`, leaves the rest to its chart. It is told unless a layer has its
    digest; where it stands in a layer, unless an overlay names it.

    Bad:
        image: ghcr.io/acme/api

    Good:
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    tag = use.pin.reference.tag
    others = _is_latest(use) if tag is None else use.party is Party.FIRST or _floats(use)
    if others or not _lacks_digest(use):
        return
    alone = "no tag either, so its chart decides" if use.half else "neither tag nor digest, so it is latest"
    said = f"the tag {tag} can be moved" if tag else alone
    yield use.remark(f"{use.pin.reference.repository}: no digest {use.place}; {said}", instead=use.pinned)


def floating_tag(use: Use) -> Iterator[Remark]:
    """No image is named by a tag alone that moves with a branch, nor by `latest`.

    A new build behind `:main` changes nothing in Git and rolls out nothing, until a pod restarts and runs something
    else than its neighbour. Of first-party images, whose tags are build commits or semantic versions, every other tag
    counts as one that moves. Somebody else's image without a tag is named by `latest`, too.

    Bad:
        image: ghcr.io/acme/api:main

    Good:
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    tag = use.pin.reference.tag
    if _lacks_digest(use) and (_is_latest(use) if tag is None else _floats(use)):
        said = "no tag, so latest, which moves" if tag is None else f"the tag {tag} moves"
        yield use.remark(
            f"{use.pin.reference.repository}: {said}, and there is no digest {use.place}", instead=use.pinned
        )


def tag_only(use: Use) -> Iterator[Remark]:
    """A first-party image with a fixed tag and no digest is tracked by a waiver.

    The plan allows a tag alone only as a transition: explicitly, with an owner and an end. The waiver is what tracks
    it.

    Bad:
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0

    Good:
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0
          digest: sha256:3fa4c1d…
    """
    tag = use.pin.reference.tag
    if _lacks_digest(use) and use.party is Party.FIRST and tag is not None and not _floats(use):
        yield use.remark(
            f"{use.pin.reference.repository}: only the tag {tag} {use.place}, no digest beside it", instead=use.pinned
        )


def channel_tag_with_digest(use: Use) -> Iterator[Remark]:
    """No tag that moves stands beside a digest, either.

    The digest decides what runs, and the tag beside it lies as soon as it is moved: whoever reads `:main` takes it for
    the newest build.

    Bad:
        image: ghcr.io/acme/api:main@sha256:3fa4c1d…

    Good:
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    tag = use.pin.reference.tag
    if use.hidden or use.pin.reference.digest is None or use.form is not Form.CHANNEL or tag is None:
        return
    if use.party is Party.THIRD and any(char.isdigit() for char in tag.text):
        return  # `7.2` beside a digest says where it came from; a word does not
    yield _about_tag(use, f"{use.pin.reference.repository}: the tag {tag} moves, and stands beside a digest")


def tag_form(use: Use) -> Iterator[Remark]:
    """Beside a digest stands a build's commit or a semantic version, or no tag.

    A person who reads the tag should be able to find the build by it. How builds of an image name their commits is
    `revision_tag` in the image's rule.

    Bad:
        image: ghcr.io/acme/api:build-42@sha256:3fa4c1d…

    Good:
        image: ghcr.io/acme/api:1f3c9ab@sha256:3fa4c1d…
    """
    tag = use.pin.reference.tag
    if use.hidden or use.pin.reference.digest is None or use.form is not Form.OTHER or use.rule is None:
        return
    if use.party is not Party.THIRD:
        yield _about_tag(use, f"{use.pin.reference.repository}: the tag {tag} is {Form.OTHER.value}")


def channel_bleed(use: Use) -> Iterator[Remark]:
    """The channel of a fast lane stays in that lane.

    `:main` in production means that whatever is merged next may run there, without promotion. It is the same beside a
    digest: nobody can tell whether that was promoted.

    Bad:
        # file: env/production/api.yaml
        image: ghcr.io/acme/api:main@sha256:3fa4c1d…

    Good:
        # file: env/production/api.yaml
        image: ghcr.io/acme/api:1.4.0@sha256:3fa4c1d…
    """
    tag, environment = use.pin.reference.tag, use.environment
    if use.hidden or tag is None or environment is None or use.rule is None or not use.rule.move:
        return
    own = (use.rule.channel or environment.follow) if environment.follow else None
    if tag in use.house.fast and tag != own:
        lanes = ", ".join(one.name for one in use.house.configuration.environments.values() if one.follow == tag)
        follows = f"follows {own}" if own else "follows no channel"
        yield _about_tag(
            use,
            f"{use.pin.reference.repository}: {tag} is the channel of {lanes}, and {environment.name} {follows}",
        )


def invalid_reference(sheet: Sheet) -> Iterator[Remark]:
    """What stands where an image is named is a reference.

    A container runtime refuses anything else, but only once it is to run: `InvalidImageName`.

    Bad:
        image: ghcr.io/acme/API:main@sha256:3fa4c1d…

    Good:
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    for use in sheet.uses:
        refusal = use.pin.refusal
        if refusal is not None and refusal.code == "invalid-reference":
            yield use.remark(f"no reference: {refusal.reason}", instead=use.preferred)
    for one in sheet.illegible:
        yield Remark(
            path=one.path,
            line=one.line,
            column=one.column,
            text=one.text,
            message=f"no reference: {one.reason}",
            instead="host/path@sha256:…",
            key=one.key,
        )


def _lacks_digest(use: Use) -> bool:
    return not use.hidden and use.pin.reference.digest is None and use.party is not Party.OPERATOR


def _floats(use: Use) -> bool:
    return use.form is Form.CHANNEL or (use.party is not Party.THIRD and use.form not in _FIXED)


def _is_latest(use: Use) -> bool:
    """Whether somebody else's image has a name alone; of ours that is `unpinned`, as a repository alone is."""
    return use.party is Party.THIRD and not use.half and use.pin.reference.tag is None


def _about_tag(use: Use, message: str) -> Remark:
    pin = use.pin
    fixed = "a build's commit or a version"
    instead = use.preferred if pin.shape is Shape.STRING else f"{fixed}, or no tag"
    at = pin.tag if pin.shape is Shape.DIGEST_KEY else None
    return use.remark(message, instead=instead, at=at)

"""Rules over what registries have under the digests that are pinned, and which registries may be asked.

Only hosts that the configuration names are asked: whoever changes a values file must not send a request, let alone a
credential, to a host of his choice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.image import Digest, Platform, Repository
from bot.planning.environment import Configuration
from bot.planning.presence import Gone, Here, Inquiry, Outside, Presence
from bot.policy.finding import Remark
from bot.policy.sheet import Use

Pinned = tuple[Repository, Digest]


@dataclass(frozen=True, slots=True)
class Answered:
    """A pinned image, and what its registry says of the digest."""

    use: Use
    presence: Presence


def hosts(configuration: Configuration | None) -> frozenset[str]:
    """Return the hosts that may be asked: the keys of `registries`, and those that `images` spell out."""
    if configuration is None:
        return frozenset()
    named = (rule.match.literal_segments[:1] for rule in configuration.images)
    return frozenset(configuration.registries).union(*named)


def inquiries(pinned: Iterable[Use], asked: frozenset[str]) -> Mapping[Pinned, Inquiry]:
    """Ask once for each distinct digest at the hosts in `asked`, for all platforms that any of its places needs."""
    found: dict[Pinned, Inquiry] = {}
    for use in pinned:
        repository, digest = use.pin.reference.repository, use.pin.reference.digest
        if digest is None or repository.host not in asked:
            continue
        one = found.get((repository, digest)) or Inquiry(repository=repository, digest=digest)
        wanted = tuple(sorted({*one.platforms, *demanded(use)}))
        found[repository, digest] = one if wanted == one.platforms else replace(one, platforms=wanted)
    return found


def demanded(use: Use) -> tuple[Platform, ...]:
    """Return the platforms that must be in an image: its rule's and its environment's."""
    rule = use.rule.platforms if use.rule else ()
    return tuple(sorted({*rule, *(use.environment.platforms if use.environment else ())}))


def digest_missing(answered: Answered) -> Iterator[Remark]:
    """The digest that is pinned can be pulled from its registry.

    Registries clean up what no tag names any more. What runs goes on running, until a node is replaced and the next
    pod waits for an image that nobody has. A registry that denies access is told here, too: private and missing images
    look alike.

    Bad:
        # at the registry: nothing
        image: ghcr.io/acme/api@sha256:3fa4c1d…

    Good:
        # at the registry: an index of linux/amd64 linux/arm64
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    use = answered.use
    if isinstance(answered.presence, Gone):
        yield use.remark(
            f"{use.pin.reference.repository}: {answered.presence.reason}", instead="a digest that is there"
        )


def platform_missing(answered: Answered) -> Iterator[Remark]:
    """A pinned image holds every platform that its rule and its environment need.

    A mirror that copied one architecture alone, or an index whose parts were cleaned up, fails on the first node of
    another one. Needed is what stands in `platforms` of the image's rule and of the environment.

    Bad:
        # at the registry: an index of linux/amd64
        image: ghcr.io/acme/mirror/redis@sha256:3fa4c1d…

    Good:
        # at the registry: an index of linux/amd64 linux/arm64
        image: ghcr.io/acme/mirror/redis@sha256:3fa4c1d…
    """
    use, here = answered.use, answered.presence
    if not isinstance(here, Here) or _needs_index(use, here):
        return
    wanted = demanded(use)
    absent = [platform for platform in wanted if platform not in here.platforms]
    if here.index is False and use.rule is not None and use.rule.allow_single_arch and len(absent) < len(wanted):
        absent = []
    broken = [platform for platform in wanted if platform in here.broken]
    if absent:
        what = "manifest" if here.index is False else "index"
        said = f"no {_listed(absent)} in the {what} (has {_listed(here.platforms) or 'none'}), needed {use.place}"
    elif broken:
        said = f"{_listed(broken)} of the index cannot be pulled {use.place}: {here.broken[broken[0]]}"
    else:
        return
    yield use.remark(f"{use.pin.reference.repository}: {said}", instead=f"a digest with {_listed(wanted)}")


def not_an_index(answered: Answered) -> Iterator[Remark]:
    """An image that needs several platforms is pinned by the digest of its index.

    The digest of one platform's manifest looks the same, and runs on the nodes of that platform alone. It comes from a
    copy by a tool that resolves the index first, or from a build that pushed one platform. `allow_single_arch` in the
    image's rule permits it.

    Bad:
        # at the registry: a manifest of linux/amd64
        image: ghcr.io/acme/api@sha256:3fa4c1d…

    Good:
        # at the registry: an index of linux/amd64 linux/arm64
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    use, here = answered.use, answered.presence
    if isinstance(here, Here) and _needs_index(use, here):
        wanted = _listed(demanded(use))
        has = f" of {_listed(here.platforms)}" if here.platforms else ""
        yield use.remark(
            f"{use.pin.reference.repository}: a single-platform manifest{has}, an index with {wanted} is needed "
            f"{use.place}",
            instead="the digest of the index",
        )


def not_checked(answered: Answered) -> Iterator[Remark]:
    """The registry of a pinned image is one that the configuration names, so that it can be asked.

    No request, and no credential, goes to a host that only a values file names. A host is named as a key of
    `registries`, or at the beginning of a `match` in `images`. Where this is ignored, `bump check --online` still
    counts what it did not check.

    Bad:
        # at the registry: nobody asked
        image: quay.io/acme/redis@sha256:3fa4c1d…

    Good:
        # at the registry: an index of linux/amd64 linux/arm64
        image: ghcr.io/acme/mirror/redis@sha256:3fa4c1d…
    """
    use = answered.use
    if isinstance(answered.presence, Outside):
        host = use.pin.reference.repository.host
        yield use.remark(
            f"{use.pin.reference.repository}: its registry was not asked; {host} is in neither images nor registries",
            instead=f"{host}: {{}} under registries of the configuration, or an image of a registry that is there",
        )


def _needs_index(use: Use, here: Here) -> bool:
    allowed = use.rule is not None and use.rule.allow_single_arch
    return here.index is False and len(demanded(use)) > 1 and not allowed


def _listed(platforms: Iterable[Platform]) -> str:
    return ", ".join(str(platform) for platform in sorted(platforms))

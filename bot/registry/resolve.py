"""What a channel means now: one HEAD when nothing has changed, otherwise the proof of all that stands behind it.

A digest from a HEAD is never combined with a later GET by tag: the tag may have moved in between. It only tells that
nothing has changed; what is proposed is the hash of bytes that were fetched by tag once.
"""

from bot.errors import RegistryError
from bot.image import Content, Digest, Manifest, Platform, Tag
from bot.planning.resolution import Current, Lookup, Resolved, Unresolved
from bot.planning.tags import revision_tag
from bot.registry.client import RemoteRepository
from bot.registry.proof import Demand, Proven, platforms_of, prove

_HELD = frozenset({"mixed-revisions", "repository-unsure"})


async def resolve(remote: RemoteRepository, lookup: Lookup) -> Current | Resolved:
    """Ask what `lookup` asks; raises `RegistryError`.

    Requests: 1 for an unchanged image, else at most 2, and 2 per required platform, and 1 per old digest, and 1 where
    the build's own tag is asked for.
    """
    only = next(iter(lookup.known)) if len(lookup.known) == 1 and not lookup.unpinned else None
    if only is not None and await remote.head(lookup.channel) == only:
        return Current(digest=only, warnings=remote.host.warnings(lookup.repository))
    content = await remote.manifest(lookup.channel)
    if content.digest == only:
        return Current(digest=only, warnings=remote.host.warnings(lookup.repository))
    proven = await prove(content, remote, demand(lookup))
    gone = await _compare(remote, lookup, content, proven)
    return Resolved(
        digest=content.digest,
        media_type=content.media_type,
        size=content.size,
        variants=proven.variants,
        build=proven.build,
        revision_tag=await _revision_tag(remote, lookup, content, proven),
        warnings=(*remote.host.warnings(lookup.repository), *proven.warnings, *gone),
    )


async def _revision_tag(remote: RemoteRepository, lookup: Lookup, new: Content, proven: Proven) -> Tag | None:
    """Return the tag that names the build, when the registry says that it is the new digest."""
    tag = revision_tag(lookup.revision_tag, proven.build.revision) if lookup.revision_tag else None
    if tag is None:
        return None
    try:
        digest = await remote.head(tag) or (await remote.manifest(tag)).digest
    except RegistryError as error:
        if error.outage:
            raise
        return None
    return tag if digest == new.digest else None


def demand(lookup: Lookup) -> Demand:
    """Return what `lookup` wants to be there."""
    return Demand(
        platforms=lookup.platforms, allow_single_arch=lookup.allow_single_arch, named_in=f"{lookup.rule}.platforms"
    )


def unresolved(lookup: Lookup, error: RegistryError) -> Unresolved:
    """Turn an expected failure into an answer; the message gets its subject here."""
    return Unresolved(
        code=error.code, message=f"{lookup.subject}: {error}", held=error.code in _HELD, outage=error.outage
    )


async def _compare(remote: RemoteRepository, lookup: Lookup, new: Content, proven: Proven) -> tuple[str, ...]:
    """Refuse to lose a platform that an old digest has; return a warning for each that cannot be compared."""
    warnings: list[str] = []
    for digest in sorted((lookup.doubtful if lookup.allow_lost_platforms else lookup.known) - {new.digest}):
        try:
            old = await _old_platforms(remote, lookup, new, digest)
        except RegistryError as error:
            if error.outage:
                raise
            if digest in lookup.doubtful:
                raise _unsure(digest, error) from error
            why = "is gone" if error.code == "manifest-missing" else f"cannot be read ({error.code})"
            warnings.append(f"the old digest {digest} {why}: not comparable")
            continue
        if (lost := sorted(old - proven.platforms)) and not lookup.allow_lost_platforms:
            named = ", ".join(str(platform) for platform in lost)
            raise RegistryError(
                "platforms-lost",
                f"{named} is lost (it is in {digest}); publish it again, or set {lookup.rule}.allow_lost_platforms",
            )
    return tuple(warnings)


def _unsure(digest: Digest, error: RegistryError) -> RegistryError:
    return RegistryError(
        "repository-unsure",
        f"{digest} stands where a layer of another name says this repository, and is not in it ({error.code}); "
        "write `repository` beside the digest, or name the layer's file as the overlay's",
    )


async def _old_platforms(remote: RemoteRepository, lookup: Lookup, new: Content, digest: Digest) -> frozenset[Platform]:
    old = await remote.manifest(digest)
    # Which platform a single manifest is for stands in its config: one more request, which is saved where the rule
    # names the platforms that count.
    if isinstance(old, Manifest) and lookup.platforms and not isinstance(new, Manifest):
        return frozenset()
    return await platforms_of(old, remote)

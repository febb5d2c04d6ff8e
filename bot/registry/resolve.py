"""What a channel means now: one HEAD when nothing has changed, otherwise the proof of all that stands behind it.

A digest from a HEAD is never combined with a later GET by tag: the tag may have moved in between. It only tells that
nothing has changed; what is proposed is the hash of bytes that were fetched by tag once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.errors import RegistryError
from bot.image import Build, Content, Digest, Manifest, Tag
from bot.planning.resolution import Current, Lookup, Resolved, Unresolved
from bot.planning.tags import revision_tag
from bot.registry.client import RemoteRepository
from bot.registry.proof import Demand, Proven, glance, prove

_HELD = frozenset({"mixed-revisions", "repository-unsure"})


@dataclass(frozen=True, slots=True)
class _Old:
    """An old build by one of its platforms, and when the new one was built for the same."""

    build: Build
    new_created: datetime | None


async def resolve(remote: RemoteRepository, lookup: Lookup) -> Current | Resolved:
    """Ask what `lookup` asks; raises `RegistryError`.

    Requests: 1 for an unchanged image, else at most 2, and 2 per required platform, and 1 per old digest, or 3 per old
    or proposed one where the new build says when or from what it was built, and 1 where its own tag is asked for.
    """
    only = next(iter(lookup.known)) if len(lookup.known) == 1 and not lookup.unpinned else None
    # For what an open pull request proposes a HEAD would but tell once more that a GET is needed.
    if only is not None and not lookup.proposed and await remote.head(lookup.channel) == only:
        return Current(digest=only, warnings=remote.host.warnings(lookup.repository))
    content = await remote.manifest(lookup.channel)
    if content.digest == only:
        return Current(digest=only, warnings=remote.host.warnings(lookup.repository))
    proven = await prove(content, remote, demand(lookup))
    olds = await _compare(remote, lookup, content, proven)
    return Resolved(
        digest=content.digest,
        media_type=content.media_type,
        size=content.size,
        variants=proven.variants,
        build=proven.build,
        revision_tag=await _revision_tag(remote, lookup, content, proven),
        olds={digest: old.build for digest, old in olds.items() if isinstance(old, _Old)},
        beside={digest: old.new_created for digest, old in olds.items() if isinstance(old, _Old)},
        warnings=(
            *remote.host.warnings(lookup.repository),
            *proven.warnings,
            *(old for old in olds.values() if isinstance(old, str)),
        ),
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


async def _compare(
    remote: RemoteRepository, lookup: Lookup, new: Content, proven: Proven
) -> Mapping[Digest, _Old | str]:
    """Refuse to lose a platform that an old digest has; return each old build, or why it cannot be compared."""
    olds: dict[Digest, _Old | str] = {}
    new_build = proven.build
    told = new_build.created is not None or (new_build.source is not None and new_build.revision is not None)
    for digest in sorted((lookup.known | lookup.proposed if told else lookup.known) - {new.digest}):
        try:
            old = await remote.manifest(digest)
            # Which platform a single manifest is for counts only where the rule does not name those that do.
            named = isinstance(old, Manifest) and bool(lookup.platforms) and not isinstance(new, Manifest)
            if named and not told:
                continue
            there, build, platform = await glance(old, remote, tuple(proven.builds), told=told)
            olds[digest] = _Old(build, proven.created(platform))
        except RegistryError as error:
            if error.outage:
                raise
            if digest in lookup.doubtful:
                raise _unsure(digest, error) from error
            why = "is gone" if error.code == "manifest-missing" else f"cannot be read ({error.code})"
            olds[digest] = f"the old digest {digest} {why}: not comparable"
            continue
        if digest not in lookup.known or lookup.allow_lost_platforms or named:
            continue
        if lost := sorted(there - proven.platforms):
            platforms = ", ".join(str(platform) for platform in lost)
            raise RegistryError(
                "platforms-lost",
                f"{platforms} is lost (it is in {digest}); publish it again, or set {lookup.rule}.allow_lost_platforms",
            )
    return olds


def _unsure(digest: Digest, error: RegistryError) -> RegistryError:
    return RegistryError(
        "repository-unsure",
        f"{digest} stands where a layer of another name says this repository, and is not in it ({error.code}); "
        "write `repository` beside the digest, or name the layer's file as the overlay's",
    )

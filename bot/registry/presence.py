"""Whether a digest that is pinned is still there, and what is in it: one HEAD, or what the platforms take.

A HEAD is no pull, so that it does not count where those are limited (Docker Hub). That a registry has a digest is
what it says; whoever pulls it hashes the bytes.
Source: https://docs.docker.com/docker-hub/usage/pulls/
"""

from bot.errors import RegistryError
from bot.image import Index
from bot.planning.presence import Gone, Here, Inquiry, Unknown
from bot.registry.client import RemoteRepository
from bot.registry.proof import UNSOUND, contained

_DENIED = "access-denied"


async def examine(remote: RemoteRepository, inquiry: Inquiry) -> Here | Gone:
    """Ask what `inquiry` asks; raises `RegistryError` when nothing becomes known.

    Requests: 1 without platforms, else 1 and 2 for each that is there.
    """
    try:
        if not inquiry.platforms:
            if await remote.head(inquiry.digest) != inquiry.digest:
                await remote.manifest(inquiry.digest)
            return Here()
        content = await remote.manifest(inquiry.digest)
    except RegistryError as error:
        if error.code == "manifest-missing":
            return Gone(f"{inquiry.digest} is not at {remote.host.name}: cleaned up, or never pushed there")
        return _unsound(inquiry, error)
    try:
        platforms, broken = await contained(content, remote, inquiry.platforms)
    except RegistryError as error:
        return _unsound(inquiry, error)
    return Here(index=isinstance(content, Index), platforms=platforms, broken=broken)


def unknown(inquiry: Inquiry, error: RegistryError) -> Unknown:
    """Turn an expected failure into an answer; the message gets its subject here."""
    return Unknown(reason=f"{inquiry.subject}: {error}", outage=error.outage)


def _unsound(inquiry: Inquiry, error: RegistryError) -> Gone:
    """Tell what cannot be pulled from what could not be asked; private and missing images look alike."""
    if error.outage or error.code not in {*UNSOUND, _DENIED}:
        raise error
    return Gone(f"{inquiry.digest}: {error}")

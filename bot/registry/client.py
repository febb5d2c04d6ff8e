"""What one can ask of a repository, in the words of images: a tag's digest, a manifest, a config.

Everything that is returned is verified; what cannot be verified raises `RegistryError` with a documented code.
Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
"""

from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidContent, InvalidReference, RegistryError
from bot.image import MANIFEST_LIMIT, MEDIA_TYPES, Content, Descriptor, Digest, Repository, Tag, parse_content
from bot.registry.host import Host
from bot.registry.protocol import redirect_target
from bot.registry.transport import Answer, Limit

CONFIG_LIMIT: Final = 4 * 1024 * 1024
_MANIFEST: Final = Limit(MANIFEST_LIMIT, "manifest-too-large")
_CONFIG: Final = Limit(CONFIG_LIMIT, "invalid-config")
_ACCEPT: Final = ", ".join(MEDIA_TYPES)
_OK, _NOT_FOUND = 200, 404
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 3


@dataclass(frozen=True, slots=True)
class RemoteRepository:
    """One repository at its host."""

    host: Host
    repository: Repository

    async def head(self, wanted: Tag | Digest) -> Digest | None:
        """Return the digest that a HEAD names for it; None when it names none that counts, and a GET must tell."""
        answer = await self.host.ask(self.repository, "HEAD", f"manifests/{wanted}", accept=_ACCEPT, limit=_MANIFEST)
        if answer.status == _NOT_FOUND:
            raise self._no_such(wanted)
        self._refuse_redirect(answer)
        if answer.status != _OK:
            return None
        try:
            return Digest.parse(answer.headers.get("docker-content-digest", ""))
        except InvalidReference:
            return None

    async def manifest(self, wanted: Tag | Digest) -> Content:
        """Fetch an index or manifest. Its digest is the hash of its bytes, and the one asked for or in the header."""
        answer = await self.host.ask(self.repository, "GET", f"manifests/{wanted}", accept=_ACCEPT, limit=_MANIFEST)
        if answer.status == _NOT_FOUND:
            raise self._no_such(wanted)
        self._refuse_redirect(answer)
        self._expect_ok(answer)
        expected = wanted if isinstance(wanted, Digest) else _named_digest(answer)
        try:
            return parse_content(answer.body, content_type=answer.headers.get("content-type", ""), expected=expected)
        except InvalidContent as error:
            raise RegistryError(error.code, str(error)) from error

    async def config(self, descriptor: Descriptor) -> bytes:
        """Fetch the config blob that `descriptor` names, checked by size and digest."""
        if descriptor.size > CONFIG_LIMIT:
            raise RegistryError("invalid-config", f"a config of {descriptor.size} bytes; the limit is {CONFIG_LIMIT}")
        answer = await self._blob(descriptor.digest)
        if len(answer.body) != descriptor.size:
            raise RegistryError("size-mismatch", f"the config has {len(answer.body)} bytes, expected {descriptor.size}")
        found = Digest.of(answer.body, algorithm=descriptor.digest.algorithm)
        if found != descriptor.digest:
            raise RegistryError("digest-mismatch", f"the config hashes to {found}, expected {descriptor.digest}")
        return answer.body

    async def _blob(self, digest: Digest) -> Answer:
        path = f"blobs/{digest}"
        answer = await self.host.ask(self.repository, "GET", path, accept="*/*", limit=_CONFIG)
        at, left = self.host.url(self.repository, path), False
        for _ in range(_MOST_REDIRECTS):
            if answer.status not in _REDIRECTS:
                break
            at = redirect_target(at, answer.location)
            left = left or not self.host.is_at(at)  # who was sent away is not trusted to send us back (CVE-2024-45336)
            answer = await self.host.follow(self.repository, at, limit=_CONFIG, bare=left)
        if answer.status in _REDIRECTS:
            raise RegistryError("redirect-refused", f"more than {_MOST_REDIRECTS} redirects of a blob")
        if answer.status == _NOT_FOUND:
            raise self._no_such(digest)
        self._expect_ok(answer)
        return answer

    def _no_such(self, wanted: Tag | Digest) -> RegistryError:
        if isinstance(wanted, Tag):
            return RegistryError("tag-not-found", f"no such tag at {self.host.name}; push it, or correct the channel")
        return RegistryError("manifest-missing", f"{wanted} is not at {self.host.name}; push the image again")

    def _refuse_redirect(self, answer: Answer) -> None:
        if answer.status in _REDIRECTS:
            raise RegistryError("redirect-refused", f"{self.host.name} redirects manifests, which is not followed")

    def _expect_ok(self, answer: Answer) -> None:
        if answer.status != _OK:
            reply = f"{self.host.name} answered {answer.reply}, expected {_OK}"
            raise RegistryError("registry-error", reply)


def _named_digest(answer: Answer) -> Digest | None:
    text = answer.headers.get("docker-content-digest", "")
    if not text:
        return None
    try:
        return Digest.parse(text)
    except InvalidReference as error:
        raise RegistryError(
            "unsupported-digest", f"the registry names a digest that cannot be checked: {error}"
        ) from error

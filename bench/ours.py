"""bump's own way to ask: what a command does between reading files and writing them."""

from bench.question import Question
from bot.image import Digest, Reference, Tag
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Lookup
from bot.registry import Registries


async def bump(question: Question) -> int:
    """Resolve as a command does, from opening the client to closing it; returns how many are unchanged."""
    rule = RegistryRule(host=question.host, ca_file=question.authority.name)
    digest = Digest.parse(question.digest)
    lookups = [
        Lookup(
            repository=Reference.parse(f"{question.host}/{name}").repository,
            channel=Tag.parse("main"),
            known=frozenset({digest}),
        )
        for name in question.names
    ]
    root = question.authority.parent
    opened = Registries({rule.host: rule}, {}, root=root, concurrency=question.concurrency)
    async with opened as registries:
        answers = await registries.resolve_all(lookups)
    return sum(isinstance(answer, Current) for answer in answers.values())

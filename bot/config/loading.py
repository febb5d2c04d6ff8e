"""From the bytes of environments.yaml to the frozen values that the rest of the program works with."""

from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from bot.config import wording
from bot.config.coherence import contradictions, pull_request
from bot.config.document import Document, Problem, read
from bot.config.grammar import (
    AutoMergeSection,
    EnvironmentSection,
    File,
    ImageSection,
    PullRequestSection,
    RegistrySection,
)
from bot.config.policy_grammar import AdmissionSection
from bot.errors import ConfigError
from bot.planning.environment import (
    AutoMerge,
    Configuration,
    Environment,
    FirstPin,
    Gates,
    GitOps,
    ImageRule,
    PullRequestSettings,
    RegistryRule,
)
from bot.policy import Level, Operators, Policy, Profile
from bot.policy.admission.settings import Action, Admission
from bot.policy.settings import Fleet

T = TypeVar("T")

_VERSION: Final = 1


def load(text: bytes, *, path: str) -> Configuration:
    """Read the bytes of the file at `path`; raises `ConfigError` with every problem in it, one line each."""
    document, file = _file(text, path)
    return Configuration(
        path=path,
        gitops=GitOps(
            repository=file.gitops.repository, base=file.gitops.base, branch_prefix=file.gitops.branch_prefix
        ),
        registries=MappingProxyType({host: _registry(host, rule) for host, rule in file.registries.items()}),
        images=tuple(_image(position, rule) for position, rule in enumerate(file.images)),
        environments=MappingProxyType(
            {
                name: _environment(name, section, PullRequestSection.model_validate(pull_request(document.tree, name)))
                for name, section in file.environments.items()
            }
        ),
    )


def load_policy(text: bytes, *, path: str) -> Policy:
    """Read what the same file says about policy; raises as `load` does."""
    section = _file(text, path)[1].policy
    operators = section.operators
    return Policy(
        profile=Profile(section.profile),
        levels=MappingProxyType(
            {
                rule: MappingProxyType({name: Level(level) for name, level in levels.items()})
                for rule, levels in section.rules.items()
            }
        ),
        max_waiver_days=section.max_waiver_days,
        operators=Operators(
            kinds=frozenset(operators.kinds),
            group=operators.group,
            owner_label=operators.owner_label or "",
            image_pull_policy=operators.image_pull_policy or "",
            images=operators.images,
            paths=operators.paths,
        ),
        fleet=Fleet(key=section.fleet.key, evaluated=section.fleet.evaluated),
        documents=MappingProxyType({path: _distinct(texts) for path, texts in section.documents.items()}),
        admission=_admission(section.admission),
        private_images=_distinct(section.private_images),
    )


def _admission(section: AdmissionSection) -> Admission:
    return Admission(
        namespace_labels=MappingProxyType(section.namespace_labels),
        registries=_distinct(section.registries),
        actions=MappingProxyType(
            {name: tuple(map(Action, _distinct(actions))) for name, actions in section.actions.items()}
        ),
    )


def _file(text: bytes, path: str) -> tuple[Document, File]:
    document = read(text, path=path)
    file, problems = _validated(document)
    if file is None or problems:
        raise ConfigError(wording.report(problems, document, path))
    return document, file


def _validated(document: Document) -> tuple[File | None, list[Problem]]:
    """Give the file, unless it has the wrong shape, and what is wrong with it."""
    tree = document.tree
    if tree is None:
        return None, [Problem((), "the file is empty; `bump init` writes a first one")]
    if isinstance(tree, dict) and (wrong := _wrong_version(tree.get("version", _VERSION))):
        return None, [wrong]  # everything else would be measured against the wrong grammar
    found = [*document.problems, *contradictions(tree)]
    try:
        return File.model_validate(tree), found
    except ValidationError as error:
        return None, [*found, *wording.problems(error, tree)]


def _wrong_version(version: object) -> Problem | None:
    if isinstance(version, int) and not isinstance(version, bool) and version == _VERSION:
        return None
    if version == str(_VERSION):
        return Problem(
            ("version",), f"got the string {wording.shown(version)}, expected {_VERSION}; take off the quotes"
        )
    newer = isinstance(version, int) and not isinstance(version, bool) and version > _VERSION
    advice = "a newer format needs a newer bump" if newer else f"write version: {_VERSION}"
    return Problem(("version",), f"got {wording.shown(version)}, expected {_VERSION}; {advice}")


def _registry(host: str, section: RegistrySection) -> RegistryRule:
    return RegistryRule(
        host=host,
        token_env=section.token_env,
        username=section.username,
        token_realm=section.token_realm,
        ca_file=section.ca_file,
        insecure=section.insecure,
    )


def _image(position: int, section: ImageSection) -> ImageRule:
    return ImageRule(
        match=section.match,
        position=position,
        move=section.move,
        platforms=_distinct(section.platforms),
        source=section.source,
        channel=section.channel,
        first_pin=FirstPin(section.first_pin),
        revision_tag=section.revision_tag,
        allow_single_arch=section.allow_single_arch,
        allow_lost_platforms=section.allow_lost_platforms,
    )


def _environment(name: str, section: EnvironmentSection, settings: PullRequestSection) -> Environment:
    return Environment(
        name=name,
        paths=section.paths,
        exclude=section.exclude,
        layers=section.layers,
        follow=section.follow,
        promote_from=section.promote_from,
        gates=Gates(soak_seconds=section.gates.soak, lineage=section.gates.lineage),
        platforms=_distinct(section.platforms),
        pull_request=_pull_request(settings),
    )


def _pull_request(section: PullRequestSection) -> PullRequestSettings:
    return PullRequestSettings(
        auto_merge=None if section.auto_merge is None else _auto_merge(section.auto_merge),
        labels=_distinct(section.labels),
        reviewers=_distinct(section.reviewers),
        team_reviewers=_distinct(section.team_reviewers),
        assignees=_distinct(section.assignees),
        draft=section.draft,
        settle_seconds=section.settle,
    )


def _auto_merge(section: AutoMergeSection) -> AutoMerge:
    return AutoMerge(method=section.method, by=section.by, required_checks=_distinct(section.required_checks))


def _distinct(items: tuple[T, ...]) -> tuple[T, ...]:
    """Keep the first of equals; `arm64` and `arm64/v8` are equals."""
    return tuple(dict.fromkeys(items))

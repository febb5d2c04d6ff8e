"""Values for tests, by the few words that matter to a test; everything else gets a plain default."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.image import Build, Digest, Platform, Repository, Tag
from bot.pins import FirstParty, Found, Pin, discover
from bot.planning.decision import Plan
from bot.planning.environment import Configuration, Environment, FirstPin, GitOps, ImageRule
from bot.planning.glob import Glob
from bot.planning.order import NOT_COMPARED, Comparisons
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved, Variant
from bot.planning.snapshot import FILE, Entry, Snapshot, blob_id
from bot.planning.targets import Target, first_party, targets
from bot.planning.update import plan
from bot.proposal.change import Change, change
from bot.proposal.observed import Commit

OURS = FirstParty(lambda repository: repository.path.startswith("acme/"), ("acme",))
COMMIT = "c0" * 20
TREE = "7e" * 20
AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")


def digest(name: str) -> Digest:
    """A digest of its own for every name."""
    return Digest.of(name.encode())


def repository(name: str = "api") -> Repository:
    """`ghcr.io/acme/<name>`, or `name` itself where it is a path."""
    return Repository.parse(name if "/" in name else f"ghcr.io/acme/{name}")


def tag(text: str = "main") -> Tag:
    return Tag.parse(text)


def written(text: str) -> str:
    """`text` with every `<a>` replaced by the digest of that name."""
    for name in "abcdef":
        text = text.replace(f"<{name}>", str(digest(name)))
    return text


def found(text: str | bytes, path: str = "values.yaml") -> Found:
    content = text if isinstance(text, bytes) else written(text).encode()
    return discover(path, content, OURS)


def pins_of(text: str, path: str = "values.yaml") -> tuple[Pin, ...]:
    return found(text, path).pins


def pin(text: str, path: str = "values.yaml") -> Pin:
    """The one pin in `text`."""
    (one,) = pins_of(text, path)
    return one


def resolved(
    name: str,
    *,
    platforms: Sequence[Platform] = (AMD64, ARM64),
    revision: str | None = None,
    source: str | None = None,
    created: datetime | None = None,
    warnings: Sequence[str] = (),
) -> Resolved:
    return Resolved(
        digest=digest(name),
        media_type="application/vnd.oci.image.index.v1+json",
        size=1000,
        variants=tuple(
            Variant(platform=platform, digest=digest(f"{name} {platform}"), size=500) for platform in platforms
        ),
        build=Build(revision=revision, source=source, created=created),
        warnings=tuple(warnings),
    )


def current(name: str, *, warnings: Sequence[str] = ()) -> Current:
    """The channel means the digest `name`, at which every pin stands."""
    return Current(digest=digest(name), warnings=tuple(warnings))


def failed(code: str = "platform-missing", message: str = "no linux/arm64", *, outage: bool = False) -> Unresolved:
    return Unresolved(code=code, message=message, outage=outage)


def held(code: str = "mixed-revisions", message: str = "two revisions") -> Unresolved:
    return Unresolved(code=code, message=message, held=True)


def rule(
    match: str = "ghcr.io/acme/*",
    *,
    position: int = 0,
    move: bool = True,
    channel: str | None = None,
    source: str | None = None,
    first_pin: FirstPin = FirstPin.ASK,
    platforms: Sequence[Platform] = (),
) -> ImageRule:
    return ImageRule(
        match=Glob.parse(match),
        position=position,
        move=move,
        channel=None if channel is None else tag(channel),
        source=None if source is None else Glob.parse(source),
        first_pin=first_pin,
        platforms=tuple(platforms),
    )


def environment(
    name: str = "dev",
    *,
    follow: str | None = "main",
    promote_from: str | None = None,
    platforms: Sequence[Platform] = (),
) -> Environment:
    return Environment(
        name=name,
        paths=(Glob.parse(f"{name}/**"),),
        follow=None if follow is None else tag(follow),
        promote_from=promote_from,
        platforms=tuple(platforms),
    )


def configuration(*rules: ImageRule, environments: Sequence[Environment] = ()) -> Configuration:
    return Configuration(
        path="config/environments.yaml",
        gitops=GitOps(),
        registries={},
        images=rules or (rule(),),
        environments={one.name: one for one in environments or (environment(),)},
    )


def snapshot(files: Mapping[str, str | bytes], *, commit: str = COMMIT) -> Snapshot:
    """Files at `commit`; digests in their texts are written `<a>`."""
    contents = {path: text if isinstance(text, bytes) else written(text).encode() for path, text in files.items()}
    entries = {path: Entry(path=path, mode=FILE, blob=blob_id(content)) for path, content in sorted(contents.items())}
    return Snapshot(commit=commit, entries=entries, contents=contents)


def commit(message: str = "a commit", *, sha: str = COMMIT, tree: str = TREE) -> Commit:
    return Commit(sha=sha, tree=tree, parents=(), message=message)


def proposal(wanted: Plan, state: Snapshot) -> Change:
    """The change for `wanted`, on the branch of its environment."""
    return change(wanted, state, base=commit(sha=state.commit), branch=f"bump/{wanted.environment}")


Answers = Mapping[str, Resolution]
Proposed = Mapping[tuple[Repository, Digest | None], Digest]


def targets_of(
    state: Snapshot,
    *rules: ImageRule,
    selection: Sequence[str] = (),
    where: Environment | None = None,
    proposed: Mapping[tuple[Repository, Digest | None], tuple[Digest, Tag | None]] | None = None,
) -> tuple[Target, ...]:
    """The targets of all files of `state`, as a run finds them."""
    where = where or environment()
    config = configuration(*rules, environments=(where,))
    found_ = [discover(path, content, first_party(config)) for path, content in state.contents.items()]
    return targets(config, where, itertools.chain.from_iterable(one.pins for one in found_), selection, proposed)


def answered(asked: Iterable[Target], answers: Answers) -> Mapping[Lookup, Resolution]:
    """The answers, by the image's last segment, as the registry room hands them over."""
    return {target.lookup: answers[target.repository.last] for target in asked if target.repository.last in answers}


def plan_of(
    state: Snapshot,
    answers: Answers,
    *rules: ImageRule,
    selection: Sequence[str] = (),
    proposed: Proposed | None = None,
    seen: Snapshot | None = None,
    comparisons: Comparisons = NOT_COMPARED,
    allow_backwards: bool = False,
) -> Plan:
    """The plan for the files of `state`, from discovery (in `seen`, where that differs) to the new bytes."""
    config = configuration(*rules)
    problems = [
        problem
        for path, content in state.contents.items()
        for problem in discover(path, content, first_party(config)).problems
    ]
    tagged = {key: (new, None) for key, new in (proposed or {}).items()}
    asked = targets_of(seen or state, *rules, selection=selection, proposed=tagged)
    return plan(
        state,
        environment="dev",
        targets=asked,
        problems=problems,
        resolutions=answered(asked, answers),
        proposed=tagged,
        comparisons=comparisons,
        allow_backwards=allow_backwards,
        narrowed=bool(selection),
    )

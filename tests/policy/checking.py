"""Checks made of texts: files by their path, and the day; what a test does not say is as in `CONFIGURATION`.

A digest is written by its beginning, `sha256:3fa4c1d…`, as in the rules' own examples.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from bot import config
from bot.image import Platform
from bot.pins import discover, read_layers
from bot.planning.coverage import layers_of, relative
from bot.planning.environment import Configuration, Environment
from bot.planning.presence import Gone, Here, Outside, Presence
from bot.planning.snapshot import FILE, Entry
from bot.policy import (
    RULES,
    Broken,
    Chart,
    House,
    Policy,
    Rule,
    Sheet,
    Survey,
    Templates,
    Verdict,
    charts,
    judge,
    survey,
)
from bot.policy.online import Answered
from bot.policy.registry import ONLINE

CONFIGURATION = """\
version: 1
images:
  - {match: "ghcr.io/acme/mirror/**", move: false, platforms: [linux/amd64, linux/arm64]}
  - {match: "ghcr.io/acme/*", platforms: [linux/amd64, linux/arm64]}
environments:
  local: {paths: ["env/local/**"], follow: edge}
  dev: {paths: ["env/dev/**"], layers: ["shared/**"], follow: main}
  staging: {paths: ["env/staging/**"], layers: ["shared/**"], promote_from: dev}
  production: {paths: ["env/production/**"], promote_from: staging}
  shared: {paths: ["shared/**"]}
"""
TODAY = date(2026, 11, 25)
WAIVERS = "config/waivers.yaml"
SETTINGS = "config/environments.yaml"  # in an example: what stands below `CONFIGURATION`
SHORT = re.compile(r"sha256:([0-9a-f]+)…")
# What the registry has under the digests of an example, in words.
THERE = re.compile(r"^# at the registry: (nothing|nobody asked|(an index|a manifest) of (.*))$", re.MULTILINE)
HEADER = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


def whole(text: str) -> str:
    """`text` with every digest written out."""
    return SHORT.sub(lambda match: f"sha256:{(match[1] * 64)[:64]}", text)


def files_of(text: str, path: str = "env/staging/example.yaml") -> Mapping[str, str]:
    """The files of an example: `path`, unless lines `# file: …` say otherwise."""
    parts = HEADER.split(text)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {**({path: parts[0]} if parts[0].strip() else {}), **files}


def checked(
    files: Mapping[str, str | bytes] | str,
    *,
    policy: str = "",
    configuration: str = CONFIGURATION,
    today: date = TODAY,
    whole_run: bool = True,
) -> Verdict:
    """The verdict on files, or on one in staging; `policy` is that section of the configuration."""
    given = dict(files_of(files) if isinstance(files, str) else files)
    configuration += str(given.pop(SETTINGS, ""))
    contents = {path: text if isinstance(text, bytes) else whole(text).encode() for path, text in given.items()}
    read, rules = _configured(configuration + (f"policy: {policy}\n" if policy else ""))
    excuses = config.load_waivers(contents.pop(WAIVERS, b"version: 1\n"), path=WAIVERS)
    seen = survey(sheets(read, rules, contents))
    presence = there(contents)
    also = online(seen, presence) if presence is not None else ()
    return judge(seen, rules, excuses, today=today, whole=whole_run, also=also)


def there(contents: Mapping[str, bytes]) -> Presence | None:
    """What the texts say that their registry has; None where they say nothing."""
    said = THERE.search("\n".join(content.decode(errors="replace") for content in contents.values()))
    if said is None:
        return None
    if said[2] is None:
        return Gone("cleaned up") if said[1] == "nothing" else Outside()
    return Here(index=said[2] == "an index", platforms=frozenset(Platform.parse(one) for one in said[3].split()))


def online(seen: Survey, presence: Presence) -> tuple[Broken, ...]:
    """The rules over one answer for every pinned image."""
    return tuple(
        Broken(rule, use.environment, remark)
        for use in seen.pinned
        for rule, check in ONLINE
        for remark in check(Answered(use, presence))
    )


@cache
def _configured(text: str) -> tuple[Configuration, Policy]:
    path = "config/environments.yaml"
    return config.load(text.encode(), path=path), config.load_policy(text.encode(), path=path)


def sheets(read: Configuration, policy: Policy, contents: Mapping[str, bytes]) -> Iterator[Sheet]:
    house = House(read, policy, labelling(contents), templates(policy, contents))
    for environment in read.environments.values():
        yield from _in(house, environment, contents)
    yield from house.templates()
    yield from (house.document(path, contents.get(path)) for path in policy.documents)


def labelling(contents: Mapping[str, bytes]) -> tuple[Chart, ...]:
    folders = [path.removesuffix("/Chart.yaml") for path in contents if path.endswith("/Chart.yaml")]
    return charts(folders, {path: content for path, content in contents.items() if "/templates/" in path})


def templates(policy: Policy, contents: Mapping[str, bytes]) -> Templates:
    read = Templates(policy.operators.kinds)
    folders = [path.removesuffix("/Chart.yaml") for path in contents if path.endswith("/Chart.yaml")]
    read.read(folders, {path: content for path, content in contents.items() if "/templates/" in path})
    for path in (*read.missing, *(one for one in contents if any(g.matches(one) for g in policy.fleet.evaluated))):
        if path in contents:
            read.add(path, contents[path])
    return read


def _in(house: House, environment: Environment, contents: Mapping[str, bytes]) -> Iterator[Sheet]:
    entries = {path: Entry(path=path, mode=FILE, blob="") for path in contents}
    mine = [path for path in sorted(contents) if environment.covers(path)]
    below = [(entry.path, contents[entry.path], order) for entry, order in layers_of(environment, entries)]
    ours = house.ours
    names = relative(environment.paths, environment.layers, mine, [path for path, _, _ in below])
    layers, _ = read_layers(below, ours, mine, names)
    for path in mine:
        yield house.sheet(path, contents[path], environment, discover(path, contents[path], ours, layers))


def told(verdict: Verdict) -> list[tuple[str, str]]:
    """Rule and level of every finding."""
    return [(one.rule, one.level.value) for one in verdict.findings]


def placed(verdict: Verdict, rules: Iterable[str] = tuple(RULES)) -> list[str]:
    """Place and rule of every finding."""
    return [f"{one.place} {one.rule}" for one in verdict.findings if one.rule in set(rules)]


def rules() -> Sequence[Rule]:
    return tuple(RULES.values())

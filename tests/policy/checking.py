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
    Amended,
    Broken,
    Chart,
    House,
    Policy,
    Rule,
    Sheet,
    Survey,
    Templates,
    Verdict,
    Waiver,
    amended,
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
PATH = "config/environments.yaml"  # in an example: what stands below `CONFIGURATION`
WAIVERS = "config/waivers.yaml"
SHORT = re.compile(r"sha256:([0-9a-f]+)…")
HEADER = re.compile(r"^# (file: \S+|base: \S+)\n", re.MULTILINE)
BASE = "base: "
# What the registry has under the digests of an example, in words.
THERE = re.compile(r"^# at the registry: (nothing|nobody asked|(an index|a manifest) of (.*))$", re.MULTILINE)


def whole(text: str) -> str:
    """`text` with every digest written out."""
    return SHORT.sub(lambda match: f"sha256:{(match[1] * 64)[:64]}", text)


def files_of(text: str, path: str = "env/staging/example.yaml") -> Mapping[str, str]:
    """The files of an example: `path`, unless lines `# file: …` say otherwise; `# base: …` is a file as it was."""
    parts = HEADER.split(text)
    files = {name.removeprefix("file: "): one for name, one in zip(parts[1::2], parts[2::2], strict=True)}
    return {**({path: parts[0]} if parts[0].strip() else {}), **files}


def checked(
    files: Mapping[str, str | bytes] | str,
    *,
    policy: str = "",
    configuration: str = CONFIGURATION,
    today: date = TODAY,
    whole_run: bool = True,
) -> Verdict:
    """The verdict on files, or on one in staging; `policy` is that section of the configuration, if no file says it."""
    given = dict(files_of(files) if isinstance(files, str) else files)
    said = str(given.pop(PATH, "")) or (f"policy: {policy}\n" if policy else "")
    contents = {path: text if isinstance(text, bytes) else whole(text).encode() for path, text in given.items()}
    text = configuration + said
    was = {path.removeprefix(BASE): contents.pop(path) for path in [*contents] if path.startswith(BASE)}
    read, rules = _configured(text)
    excuses = config.load_waivers(contents.pop(WAIVERS, b"version: 1\n"), path=WAIVERS)
    seen = survey(sheets(read, rules, contents), whole=whole_run)
    also = amended(_amended(was, text.encode(), excuses)) if was else ()
    presence = there(contents)
    also += online(seen, presence) if presence is not None else ()
    return judge(seen, rules, excuses, today=today, whole=whole_run, also=also)


def _amended(was: Mapping[str, bytes], text: bytes, excuses: tuple[Waiver, ...]) -> Amended:
    before = was.get(PATH, text)
    return Amended(
        path=PATH,
        before=config.load_settings(before, path=PATH),
        after=config.load_settings(text, path=PATH),
        waived_before=config.load_waivers(was.get(WAIVERS, b"version: 1\n"), path=WAIVERS),
        waived_after=excuses,
    )


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
    return config.load(text.encode(), path=PATH), config.load_policy(text.encode(), path=PATH)


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
        yield house.sheet(path, contents[path], environment, discover(path, contents[path], ours, layers), layers)


def told(verdict: Verdict) -> list[tuple[str, str]]:
    """Rule and level of every finding."""
    return [(one.rule, one.level.value) for one in verdict.findings]


def placed(verdict: Verdict, rules: Iterable[str] = tuple(RULES)) -> list[str]:
    """Place and rule of every finding."""
    return [f"{one.place} {one.rule}" for one in verdict.findings if one.rule in set(rules)]


def rules() -> Sequence[Rule]:
    return tuple(RULES.values())

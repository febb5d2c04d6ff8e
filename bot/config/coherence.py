"""What two keys of the configuration say about each other: circles, contradictions, names that nothing has.

It reads the plain tree and passes over what has the wrong shape, so that these problems are reported beside those.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from typing import Final

from bot.config import fields
from bot.config.document import KeyPath, Problem
from bot.errors import ConfigError

_MOST: Final = 20  # names in a message


def contradictions(tree: object) -> Iterable[Problem]:
    """Every problem between keys, in no particular order."""
    file = _mapping(tree)
    environments = {name: _mapping(section) for name, section in _mapping(file.get("environments")).items()}
    return chain(
        _branches(_mapping(file.get("gitops"))),
        _same_hosts(_mapping(file.get("registries"))),
        _movements(environments),
        _circles(environments),
        _unchecked_merges(file, environments),
        _by_environment(file, environments),
    )


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> Mapping[str, object]:
    """Lay `above` over `below`: mappings merge, everything else is replaced."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        both[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both


def pull_request(tree: object, name: str) -> Mapping[str, object]:
    """What the file says about an environment's pull request, the defaults included."""
    file = _mapping(tree)
    defaults = _mapping(_mapping(file.get("defaults")).get("pull_request"))
    own = _mapping(_mapping(_mapping(file.get("environments")).get(name)).get("pull_request"))
    return merged(defaults, own)


def suggestion(text: str, known: Iterable[str]) -> str:
    """Say which of the `known` words was probably meant, else what there is."""
    words = sorted(word if word.isprintable() else repr(word) for word in known)
    close = get_close_matches(text, words, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"there are {', '.join(words[:_MOST])}{', …' * (len(words) > _MOST)}"


def _branches(gitops: Mapping[str, object]) -> Iterator[Problem]:
    base, prefix = gitops.get("base"), gitops.get("branch_prefix", "bump")
    if not isinstance(base, str) or not isinstance(prefix, str):
        return
    # git keeps a branch as a file: below `main` there is no place for `main/dev`
    if f"{prefix}/".startswith(f"{base}/") or base.startswith(f"{prefix}/"):
        key = "branch_prefix" if "branch_prefix" in gitops else "base"
        text = f"base {base[:80]!r} and the branches {prefix[:80]!r}/… cannot both exist in git; choose another prefix"
        yield Problem(("gitops", key), text)


def _same_hosts(registries: Mapping[str, object]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key in registries:
        try:
            first = seen.setdefault(fields.host(key), key)
        except ConfigError:
            continue
        if first != key:
            yield Problem(("registries", key), f"the same registry as {first!r}; keep one")


def _movements(environments: Mapping[str, Mapping[str, object]]) -> Iterator[Problem]:
    for name, section in environments.items():
        origin = section.get("promote_from")
        if origin is not None and section.get("follow") is not None:
            text = "beside follow; an environment has one of the two: remove one"
            yield Problem(("environments", name, "promote_from"), text)
        if isinstance(origin, str) and origin not in environments:
            text = f"{origin[:60]!r}: no such environment; {suggestion(origin, environments)}"
            yield Problem(("environments", name, "promote_from"), text)
        if origin is None and "gates" in section:
            text = "gates hold promotions back, and nothing is promoted here; remove them, or set promote_from"
            yield Problem(("environments", name, "gates"), text)


def _circles(environments: Mapping[str, Mapping[str, object]]) -> Iterator[Problem]:
    done: set[str] = set()
    for start in environments:
        chain_of: list[str] = []
        name: object = start
        while isinstance(name, str) and name in environments and name not in done:
            if name in chain_of:
                circle = [*chain_of[chain_of.index(name) :], name]
                text = (
                    f"a circle: {' ← '.join(map(repr, circle))}; one of them must follow a channel, or be moved by hand"
                )
                yield Problem(("environments", name, "promote_from"), text)
                break
            chain_of.append(name)
            name = environments[name].get("promote_from")
        done.update(chain_of)


def _unchecked_merges(
    tree: Mapping[str, object], environments: Mapping[str, Mapping[str, object]]
) -> Iterator[Problem]:
    for name, section in environments.items():
        auto_merge = _mapping(pull_request(tree, name).get("auto_merge"))
        if auto_merge.get("by") == "bump" and not auto_merge.get("required_checks"):
            own = "auto_merge" in _mapping(section.get("pull_request"))
            text = f"by: bump without required_checks would merge {name[:60]!r} unchecked; name at least one check"
            at = (
                ("environments", name, "pull_request", "auto_merge")
                if own
                else ("defaults", "pull_request", "auto_merge")
            )
            yield Problem(at, text)


def _by_environment(file: Mapping[str, object], environments: Mapping[str, object]) -> Iterator[Problem]:
    policy = _mapping(file.get("policy"))
    places: list[tuple[KeyPath, object]] = [
        (("policy", "rules", rule), levels) for rule, levels in _mapping(policy.get("rules")).items()
    ]
    places.append((("policy", "admission", "actions"), _mapping(policy.get("admission")).get("actions")))
    for at, by_environment in places:
        for name in _mapping(by_environment):
            if name not in environments:
                text = f"{name[:60]!r}: no such environment; {suggestion(name, environments)}"
                yield Problem((*at, name), text)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}

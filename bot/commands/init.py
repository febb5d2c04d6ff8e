"""`bump init`: a first configuration from what the checkout holds. It writes that one file, and never over another."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot import config as configuration
from bot.checkout import Git, remote_repository, toplevel
from bot.checkout.creation import create
from bot.commands.pins import run_pins
from bot.commands.place import Place, find_place
from bot.commands.reading import Files
from bot.commands.surroundings import Surroundings
from bot.errors import BumpError, CheckoutError, ConfigError
from bot.pins import NO_LAYERS, Found, discover, read_layers
from bot.planning.coverage import relative
from bot.planning.environment import FirstPin
from bot.planning.places import Kind, assigned, glob_of, is_deployment
from bot.planning.places import Place as Named
from bot.planning.sightings import GHCR, anybodys, may_count, sightings
from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.planning.survey import Draft, Survey, Unrecognised, draft
from bot.report.draft import render
from bot.report.markdown import plain
from bot.report.result import DONE, SETTINGS

_GITHUB: Final = "github.com"
_SHOWN: Final = 5


def run_init(surroundings: Surroundings, *, config: str, root: Path | None) -> int:
    """Write the configuration, show the pins that it makes, and say what comes next.

    A file that cannot be read for pins is named, and is no failure: the configuration is written.
    """
    place = find_place(surroundings, root=root, config=config)
    config = place.config
    if os.path.lexists(place.root / config):
        raise ConfigError(f"{config}: there already, and init never writes over it; run bump config validate")
    origin = _origin(place)
    proposed = draft(_survey(place.working_tree(), owner=origin.partition("/")[0] if origin else None))
    if isinstance(proposed, Unrecognised):
        raise ConfigError(_nothing(place, proposed))
    text = render(proposed, origin=origin).encode()
    configuration.load(text, path=config)  # what is not sound is not written
    create(place.root, config, text)
    numbers = f"{len(proposed.environments)} environments, {len(proposed.images)} image rules"
    surroundings.err.write(f"bump: {config}: written, {numbers}; these are the pins that it covers:\n")
    surroundings.err.flush()
    code = run_pins(surroundings, environments=(), config=config, root=root, output="text")
    surroundings.out.flush()
    surroundings.err.write("".join(f"{line}\n" for line in _next(proposed, config, origin)))
    return SETTINGS if code == SETTINGS else DONE


def _origin(place: Place) -> str | None:
    """Return `owner/name` of the checkout's origin at GitHub; without git, or at another host, there is none."""
    try:
        found = remote_repository(Git(place.root)) if toplevel(place.root) else None
    except BumpError:
        return None
    return found[1] if found is not None and found[0] == _GITHUB else None


def _survey(files: Files, *, owner: str | None) -> Survey:
    entries = {
        path: entry
        for path, entry in files.entries().items()
        if path.endswith((".yaml", ".yml")) and entry.mode in {FILE, EXECUTABLE} and is_deployment(path)
    }
    places = assigned(entries)
    found = _found(files, entries, places)
    return Survey(
        places=places,
        paths=tuple(entries),
        seen=tuple(sightings(pin for one in found.values() for pin in one.pins)),
        orphans=tuple(path for path, one in found.items() if one.orphans),
        naming=frozenset(
            pin.named_in.rpartition(":")[0] for one in found.values() for pin in one.pins if pin.named_in is not None
        ),
        owner=owner,
    )


def _found(files: Files, entries: Mapping[str, Entry], places: Mapping[str, Named]) -> Mapping[str, Found]:
    """Read every file, the environments' with the shared ones as their layers."""
    ours = anybodys()
    above = {path for path, place in places.items() if place.kind is not Kind.SHARED}
    below = [path for path in places if path not in above]
    layers, _ = read_layers(
        ((path, text, 0) for path, text in _contents(files, entries, below)), ours, above, _relative(places)
    )
    return {
        path: discover(path, text, ours, layers if path in above else NO_LAYERS)
        for path, text in _contents(files, entries, entries)
        if may_count(text)
    }


def _relative(places: Mapping[str, Named]) -> Mapping[str, Collection[str]]:
    """Take files without what the patterns of their environments begin with, as the configuration will have them."""
    groups: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for path, place in places.items():
        groups.setdefault(place.name, {}).setdefault(place.segments, []).append(path)
    found: dict[str, Collection[str]] = {}
    for group in groups.values():
        paths = [path for some in group.values() for path in some]
        globs = [glob_of(segments) for segments in group]
        shared = places[paths[0]].kind is Kind.SHARED
        found |= relative((), globs, (), paths) if shared else relative(globs, (), paths, ())
    return found


def _contents(files: Files, entries: Mapping[str, Entry], paths: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    """Yield files one by one, so that only one is held; one that cannot be read says nothing here."""
    for path in paths:
        try:
            yield path, files.contents([entries[path]])[path]
        except CheckoutError:
            continue


def _nothing(place: Place, unrecognised: Unrecognised) -> str:
    looked = (
        f"looked in .yaml and .yml files for {GHCR}/<owner of origin>/…, and for tags such as main, develop, latest or "
        "a commit"
    )
    if not unrecognised.found:
        return f"{place.root}: no image references here; {looked}; give --root, or write {place.config} by hand"
    listed = ", ".join(f"{owner} ({count})" for owner, count in unrecognised.found[:_SHOWN])
    more = ", …" * (len(unrecognised.found) > _SHOWN)
    text = f"{place.root}: no images here that are surely yours, among {listed}{more}; {looked}"
    return plain(f"{text}; write {place.config} by hand", most=2000)


def _first_pins(proposed: Draft) -> Iterator[str]:
    """Name the rules whose references with a tag and no digest are held until it is said where one goes."""
    for position, one in enumerate(proposed.images):
        if one.unpinned and one.first_pin is FirstPin.ASK:
            yield (
                f"set images[{position}].first_pin: {one.unpinned} with a tag in a key of its own and no digest, "
                "held as needs-digest-key until then"
            )


def _next(proposed: Draft, config: str, origin: str | None) -> Sequence[str]:
    following = [one for one in proposed.environments if one.follow is not None]
    follows = min(following, key=lambda one: one.kind is Kind.LOCAL).name if following else None
    hosts = {owner.host for owner in proposed.owners}
    token = "GHCR_TOKEN (read:packages)" if hosts == {GHCR} else "docker login, or registries.<host>.token_env"
    steps = [
        f"read {config}: what moves, and whose images, is guessed from names and tags",
        *_first_pins(proposed),
        "bump config validate",
        f"private images: {token}",
    ]
    if follows is None:
        steps.append("no environment follows a channel yet: set `follow` where images shall move by themselves")
    else:
        steps.append(f"bump --env {follows} --into files --dry-run     see what would change; needs no GitHub token")
    if origin is None:
        steps.append("set gitops.repository: there is no origin at GitHub here")
    steps.append("commit the file and bring it to the base branch, where bump reads it")
    if follows is not None:
        steps.append(f"set BUMP_GITHUB_TOKEN (contents and pull requests: write), then bump --env {follows} --dry-run")
    return ["", "Next:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]

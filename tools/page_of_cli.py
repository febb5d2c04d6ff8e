"""docs/cli.md: every verb and option from the program itself, and beside each verb what its help has no room for.

A verb without a note is shown all the same; a note without its verb, or for an exit code that the help does not
have, is an error.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from typer.main import get_command

from bot.cli import app
from tools.markdown import code, fenced, joined, linked, prose, table

_INTRO: Final = """\
# Command line

`bump VERB [OPTIONS]`. A first word that is an option means `update`: `bump --env dev` is `bump update --env dev`.
Options of a verb stand behind it. Bare `bump` prints the help, and is an error.

stdout carries the result alone; log, progress and errors go to stderr. On a terminal a result is a table; otherwise
it is one line per image, with tabs between and full digests ([text.md](text.md)), or JSON ([json.md](json.md)).

Which credentials are read from where stands in the [README](../README.md#on-your-machine), what the file may say in
[configuration.md](configuration.md)."""
_SHARED: Final = "Options that verbs share"
_CODES: Final = """\
## Exit codes

The highest one counts, of several environments too. What a verb makes of them stands with the verb."""
_COMPLETION: Final = """\
## Shell completion

`bump --install-completion` sets it up for the shell that it is run from: bash, zsh or fish. It completes verbs,
options, the words that an option takes, and behind `--env` the names of the environments in the configuration of the
checkout that you are in. In zsh the first Tab loads it, the second completes.

It edits a file of yours: `~/.bashrc`, `~/.zshrc`, or one below `~/.config/fish`. To put the script where you want it,
name the shell:"""
_SCRIPTS: Final = """\
bump --show-completion bash > ~/.local/share/bash-completion/completions/bump
bump --show-completion fish > ~/.config/fish/completions/bump.fish
bump --show-completion zsh > ~/.bump.zsh     # and in ~/.zshrc, behind compinit: source ~/.bump.zsh
"""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is said of a verb: paragraphs, commands to copy, and what its exit codes mean."""

    text: str = ""
    examples: str = ""
    exits: Mapping[int, str]


_SETTINGS: Final = "the command line or the configuration is wrong"
NOTES: Final[Mapping[str, Note]] = {
    "update": Note(
        text="""\
The configuration and the values files are read from the base branch at GitHub, not from the working tree; with
`--into files|branch` from the checkout. Without `--env` it is an error that names the environments that follow a
channel.

`--image` takes a pattern over `host/path`; one without a slash may also be the last segment (`api`). It narrows what
the registry is asked about: what the open pull request holds of other images stays in it.

`--into branch` writes a commit to `bump/<env>` and touches neither HEAD, index nor files; `--into files` changes the
files and commits nothing. Neither needs a credential for Git.""",
        examples="""\
bump --env dev --dry-run            # plan, diff and pull request text; nothing is written
bump --env dev                      # open the pull request, or bring it up to date
bump --env dev --env local          # one pull request each
bump --env dev --image api          # ask about this image alone
bump --env dev --into files         # change the files here
bump --env dev --image api --repo acme/gitops   # from a build elsewhere, without a checkout
""",
        exits={
            0: "done, nothing to do, or what is left out was declined by a person",
            1: "an image failed or is held ([codes.md](codes.md)), or a person's commit blocks the pull request; "
            "the rest is published",
            2: "command line, configuration, credentials, permissions, settings of the repository",
            3: "GitHub or every registry that was asked is unreachable, a race was lost three times, or an unexpected "
            "error: run it again later",
        },
    ),
    "resolve": Note(
        text="""\
It is proven as in the main job, and its labels are shown, too. It works outside of a checkout; the configuration is
read for `registries`, if it is there.""",
        examples="""\
bump resolve ghcr.io/acme/api:main
bump resolve ghcr.io/acme/api:main --platform linux/arm64 --format json
""",
        exits={
            0: "it is whole, and has the platforms",
            1: "it is not there, incomplete, lacks a platform, or may not be read",
            2: _SETTINGS,
            3: "the registry is unreachable",
        },
    ),
    "pins": Note(
        text="""\
With the rule by which it moves or stays. Without `--env` these are the pins of all environments, and of the files
that none of them covers. It asks no registry.""",
        examples="bump pins\nbump pins --env dev --format json\n",
        exits={
            0: "listed",
            1: "a file could not be read, or a reference is written in a way that is refused",
            2: _SETTINGS,
        },
    ),
    "init": Note(
        text="How it tells environments, channels and your own images: [init.md](init.md).",
        examples="bump init\nbump init --root ~/src/gitops\n",
        exits={0: "written", 2: "there is a configuration already, or nothing to make one from"},
    ),
    "doctor": Note(
        text="What it looks at, check by check, with the fixes: [doctor.md](doctor.md).",
        examples="bump doctor\nbump doctor --env dev --format json\n",
        exits={
            0: "nothing is wrong; something may not be known",
            2: "something is wrong",
            3: "GitHub or a registry could not be reached",
        },
    ),
    "check": Note(
        text="Rules, levels, waivers, and what a base is: [policy.md](policy.md).",
        examples="""\
bump check                                        # all environments
bump check --env staging env/staging/api.yaml     # a file
bump check --base origin/main --changed           # what this branch brings
bump check --write-waivers --owner platform --reason "from before bump" --expires 2027-01-31
""",
        exits={
            0: "no error; there may be warnings",
            1: "an error",
            2: "command line, configuration or waivers, a base that is not there (a shallow clone)",
        },
    ),
    "waivers": Note(
        text="What a waiver is: [policy.md](policy.md#waivers).",
        examples="bump waivers\nbump waivers --format json\n",
        exits={0: "listed", 2: _SETTINGS},
    ),
    "environments": Note(
        text="With `--format json` the result stands on one line, as a step output takes it for a matrix of jobs.",
        examples="bump environments --follow --format json\n",
        exits={0: "listed", 2: _SETTINGS},
    ),
    "demo": Note(
        text="Nothing of yours is read or changed.",
        exits={0: "it went as it should", 3: "it did not: please report it"},
    ),
    "config validate": Note(
        text="Every problem is one line with key path and line. A stale copy of the schema is a warning.",
        exits={0: "valid", 2: "it is not, or a pattern matches no file"},
    ),
    "config schema": Note(
        examples="bump config schema --write    # config/environments.schema.json, beside the configuration\n",
        exits={0: "printed, or written", 2: "the copy cannot be written"},
    ),
}


def page() -> str:
    """The whole document."""
    verbs = dict(_verbs(get_command(app)))
    if strays := NOTES.keys() - verbs.keys():
        raise ValueError(f"{', '.join(sorted(strays))}: no such verb; correct NOTES in tools/page_of_cli.py")
    shared = _shared(verbs)
    codes = dict(re.findall(r"^  (\d+) +(.+)$", app.info.epilog or "", re.MULTILINE))
    return joined(
        (
            _INTRO,
            table(
                ("verb", "does"),
                ((linked(f"`bump {name}`", f"bump {name}"), verb.short_help) for name, verb in verbs.items()),
            ),
            *(block for name, verb in verbs.items() for block in _section(name, verb, shared, codes)),
            f"## {_SHARED}",
            _options(shared.values()),
            _CODES,
            table(("code", "means"), codes.items()),
            _COMPLETION,
            fenced("sh", _SCRIPTS),
        )
    )


def _verbs(command: Any, *above: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer publishes no name for it
    for name, inner in command.commands.items():
        if inner.hidden:
            continue
        if hasattr(inner, "commands"):
            yield from _verbs(inner, *above, name)
        else:
            yield " ".join((*above, name)), inner


def _shared(verbs: Mapping[str, Any]) -> dict[str, Any]:
    """The options, by all that is said of them, that more than two verbs declare."""
    seen: dict[str, list[Any]] = {}
    for verb in verbs.values():
        for one in verb.params:
            if one.param_type_name == "option":
                seen.setdefault(_row(one)[0], []).append(one)
    return {name: same[0] for name, same in seen.items() if len(same) > 2 and len({_row(one) for one in same}) == 1}  # noqa: PLR2004 - said above


def _section(name: str, verb: Any, shared: Mapping[str, Any], codes: Mapping[str, str]) -> Iterator[str]:  # noqa: ANN401 - as above
    note = NOTES.get(name, Note(exits={}))
    arguments = [one for one in verb.params if one.param_type_name == "argument"]
    options = [one for one in verb.params if one.param_type_name == "option"]
    own = [one for one in options if _row(one)[0] not in shared]
    common = [one for one in options if _row(one)[0] in shared]
    yield f"## bump {name}"
    yield prose(" ".join(verb.help.split()))
    yield note.text
    if note.examples:
        yield fenced("sh", note.examples)
    yield _arguments(arguments)
    yield _options(own)
    if common:
        listed = ", ".join(code(one.opts[0]) for one in common)
        yield f"{'Also' if own else 'Options'}: {listed} ({linked('shared', _SHARED)})."
    for number in note.exits:
        if str(number) not in codes:
            raise ValueError(
                f"bump {name}: exit code {number} is not in the help; correct NOTES in tools/page_of_cli.py"
            )
    if note.exits:
        yield table(("exit", "means"), ((str(number), text) for number, text in note.exits.items()))


def _arguments(arguments: list[Any]) -> str:
    return (
        table(("argument", "meaning"), ((code(one.metavar), prose(one.help)) for one in arguments)) if arguments else ""
    )


def _options(options: Any) -> str:  # noqa: ANN401 - as above
    rows = [_row(one) for one in options]
    return table(("option", "default", "meaning"), rows) if rows else ""


def _row(option: Any) -> tuple[str, str, str]:  # noqa: ANN401 - as above
    """How an option is given, its default, and what it does."""
    choices = option.type_descriptor.choices
    takes = "" if option.is_flag or option.count else (option.metavar or "|".join(map(str, choices or ())))
    name = code(f"{', '.join(sorted(option.opts, key=len))} {takes}".strip())
    default = option.default if option.show_default and not option.is_flag else None
    return name, "–" if default is None else code(str(default)), prose(option.help)

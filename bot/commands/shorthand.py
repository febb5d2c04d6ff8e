"""`bump --env dev` is short for `bump update --env dev`: for a run, and while a shell completes the line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from typer.core import TyperGroup

if TYPE_CHECKING:  # Typer's own classes, of which it publishes no names
    from typer._click.core import Context
    from typer._click.shell_completion import CompletionItem

# A first argument that is an option means `update`, except for the options that the program itself has.
_OWN_OPTIONS: Final = frozenset({"--help", "-h", "--version", "--install-completion", "--show-completion"})
_MEANT: Final = "update"


def spelled_out(words: Sequence[str]) -> list[str]:
    """Put the verb that is meant before the words that begin with an option."""
    short = bool(words) and words[0].startswith("-") and words[0] not in _OWN_OPTIONS
    return [_MEANT, *words] if short else list(words)


class Verbs(TyperGroup):
    """The program's verbs; where an option may stand first, those of `update` are among them."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Read the words before the verb; a shell's come as they are typed."""
        return super().parse_args(ctx, spelled_out(args))

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
        """Return what the word that is being typed may become."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            update = self.commands[_MEANT]
            inner = update.make_context(_MEANT, [], parent=ctx, resilient_parsing=True)
            known = {item.value for item in found}
            found += [item for item in update.shell_complete(inner, incomplete) if item.value not in known]
        return found

"""What every verb begins with."""

from typing import TYPE_CHECKING

import typer

from bot.commands.options import LogFormat

if TYPE_CHECKING:
    from bot.commands.surroundings import Surroundings


def opened(context: typer.Context, log_format: LogFormat, verbose: int) -> "Surroundings":
    """Set the log up as asked, and return what surrounds the program; a test gives its own."""
    from bot import log
    from bot.commands.actions import masker
    from bot.commands.surroundings import Surroundings

    surroundings = context.obj if isinstance(context.obj, Surroundings) else Surroundings.real()
    log.configure(format=log_format.value, verbosity=verbose, stream=surroundings.err)
    log.announce(masker(surroundings))
    return surroundings

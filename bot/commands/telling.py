"""Tells the verdict of a check: the findings on stdout in the form that was asked for, the count on stderr.

In GitHub Actions also as annotations, on stderr unless they are the result, and as job summary.
"""

from collections.abc import Sequence

from bot.commands.actions import tell_commands, tell_errors, tell_summary, within
from bot.commands.options import CheckFormat
from bot.commands.output import lines
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.log import redact
from bot.policy import Verdict
from bot.report import annotating, sarif
from bot.report import findings as report


def tell_verdict(
    verdict: Verdict, errors: Sequence[ConfigError], surroundings: Surroundings, *, statistics: bool, output: str
) -> None:
    """Write it all; `errors` are what is wrong with the configuration. `statistics` counts, in text alone."""
    stopped = [line for one in errors for line in str(one).splitlines()]
    match CheckFormat(output):
        case CheckFormat.JSON:
            surroundings.out.write(redact(report.render(verdict)))
        case CheckFormat.SARIF:
            surroundings.out.write(redact(sarif.render(verdict, stopped=stopped)))
        case CheckFormat.GITHUB:
            tell_commands(annotating.annotations(verdict), surroundings.out)
        case CheckFormat.TEXT:
            lines(surroundings, report.statistics_lines(verdict) if statistics else report.lines(verdict))
    if output != CheckFormat.GITHUB and within(surroundings):
        tell_commands(annotating.annotations(verdict), surroundings.err)
    surroundings.err.write(redact("".join(f"bump: {line}\n" for line in stopped)))
    tell_errors(stopped, surroundings)
    surroundings.err.write(f"{report.summary(verdict)}\n")
    if within(surroundings):
        tell_summary(annotating.job_summary(verdict), surroundings)

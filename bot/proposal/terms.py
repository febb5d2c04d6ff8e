"""Under which terms a run acts: what was asked for, what is configured, and what time it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.planning.environment import AutoMerge


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which a run acts. `entire`: it asked, without `--image`, about every image, and none failed; only such a
    run may close what is there. `opens`: a pull request is wanted, not the branch alone.

    `declined`: what a person turned down is part of why nothing is wanted. `broken`: a digest that is proposed now does
    not hold any more. `arms`: the repository allows auto-merge.
    """

    now: datetime
    entire: bool = False
    opens: bool = True
    declined: bool = False
    broken: bool = False
    arms: bool = False
    auto_merge: AutoMerge | None = None
    settle: timedelta = timedelta(0)

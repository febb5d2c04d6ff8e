"""The commit message: the record that stays when the pull request is long forgotten."""

from bot.proposal.change import Change
from bot.proposal.record import Bump


def headline(change: Change) -> str:
    """Return the first line, which is also the pull request's title: `bump(dev): api 3fa4c1d → 9bc17e0`."""
    repositories = sorted({bump.repository for bump in change.bumps})
    if len(repositories) != 1:
        return f"bump({change.environment}): {len(repositories)} images"
    news = {bump.new for bump in change.bumps}
    olds = {bump.old for bump in change.bumps}
    name = repositories[0].last
    if len(news) == len(olds) == 1:
        return f"bump({change.environment}): {name} {_short(change.bumps[0])}"
    return f"bump({change.environment}): {name} → {', '.join(sorted(new.short for new in news))}"


def message(change: Change, tree: str) -> str:
    """Return the whole message of the commit that holds `change` as `tree`."""
    lines = [headline(change), ""]
    names = [f"{bump.repository} {_short(bump)}" for bump in change.bumps]
    if len(names) > 1:
        lines += [*names, ""]
    return "\n".join([*lines, *change.record(tree).trailers()]) + "\n"


def _short(bump: Bump) -> str:
    return f"{bump.old.short if bump.old else 'unpinned'} → {bump.new.short}"

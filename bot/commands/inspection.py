"""One check as it was asked for: what it looks at, what its findings are, and what came of mending them first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import clock
from bot.commands.checking import Checked, labelling
from bot.commands.fixing import NOTHING, Fixing, Kept, fix, overlaid
from bot.commands.online import NOBODY, Asked, ask
from bot.commands.place import Place
from bot.commands.reading import Reading
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.planning.environment import Configuration
from bot.policy import House, Policy, Survey, Use, Verdict, Waiver, judge, survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What stands in the files; `uses` are the images that could be mended, `errors` what is wrong with the globs."""

    seen: Survey
    uses: tuple[Use, ...]
    errors: tuple[ConfigError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """The verdict on the files as they are, or will be once `fixing` is written, and what was asked for it."""

    verdict: Verdict
    errors: tuple[ConfigError, ...]
    fixing: Fixing
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The environments by name, all of them where there is none, and the only paths to look at, or None for all.

    `policy` and `waivers` decide what is told. `whose` says which registries may be asked, and with which credential:
    the base's configuration, where the files here are somebody's proposal; None: nobody may be.
    """

    place: Place
    environments: Sequence[str]
    wanted: frozenset[str] | None
    policy: Policy
    waivers: Sequence[Waiver]
    whose: Configuration | None
    mends: bool = False
    dry_run: bool = False
    online: bool = False

    def inspect(self, reading: Reading, surroundings: Surroundings) -> Inspected:
        """Go through the files, mend them in memory, and ask registries, as far as is wanted. Nothing is written."""
        looked, fixing, asked = self._look(reading), NOTHING, NOBODY
        root = self.place.root
        if self.mends:
            before = self._judge(looked, NOBODY).findings
            fixing = fix(before, looked.uses, reading, surroundings, policy=self.policy, whose=self.whose, root=root)
            if fixing.mended.files:
                looked = self._look(overlaid(reading, fixing.mended))
        if self.online:
            asked = ask(looked.seen.pinned, self.whose, surroundings, root=root)
        verdict = self._judge(looked, asked)
        verdict = replace(verdict, fixed=fixing.mended.findings, dry_run=self.dry_run, unasked=asked.unasked)
        return Inspected(verdict=verdict, errors=looked.errors, fixing=fixing, asked=asked)

    def _look(self, reading: Reading) -> Looked:
        house = House(reading.configuration, self.policy, labelling(reading))
        checked = Checked(house, reading, self.environments, self.wanted)
        kept = Kept(checked.sheets())
        return Looked(seen=survey(kept), uses=tuple(kept.uses), errors=tuple(checked.errors))

    def _judge(self, looked: Looked, asked: Asked) -> Verdict:
        whole = not self.environments and self.wanted is None and not looked.errors
        return judge(
            looked.seen,
            self.policy,
            self.waivers,
            today=clock.now().date(),
            whole=whole,
            also=asked.broken,
            ran=asked.ran,
        )

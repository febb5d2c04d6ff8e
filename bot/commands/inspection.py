"""One check as it was asked for: what it looks at, what its findings are, and what came of mending them first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import clock
from bot.commands.charting import chart_files, labelling, templates
from bot.commands.checking import Checked
from bot.commands.fixing import NOTHING, Fixing, Kept, fix, overlaid
from bot.commands.online import NOBODY, Asked, ask
from bot.commands.place import Place
from bot.commands.reading import Reading
from bot.commands.rendered import Rendered, environment_of
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.planning.environment import Configuration
from bot.policy import House, Policy, Survey, Verdict, Waiver, judge, survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What stands in the files; `kept` is what could be mended there, `errors` what is wrong with the globs."""

    seen: Survey
    kept: Kept
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

    `manifests` are looked at in the place of the environments' files; the environment then says whose levels count.

    `policy` and `waivers` decide what is told. `whose` says which registries may be asked, and with which credential:
    the base's configuration, where the files here are somebody's proposal; None: nobody may be.
    """

    place: Place
    environments: Sequence[str]
    wanted: frozenset[str] | None
    policy: Policy
    waivers: Sequence[Waiver]
    whose: Configuration | None
    manifests: Sequence[str] = ()
    mends: bool = False
    dry_run: bool = False
    online: bool = False

    def inspect(self, reading: Reading, surroundings: Surroundings) -> Inspected:
        """Go through the files, mend them in memory, and ask registries, as far as is wanted. Nothing is written."""
        looked, fixing, asked = self._look(reading, surroundings), NOTHING, NOBODY
        root = self.place.root
        if self.mends:
            before = self._judge(looked, NOBODY).findings
            fixing = fix(before, looked.kept, reading, surroundings, policy=self.policy, whose=self.whose, root=root)
            if fixing.mended.files:
                looked = self._look(overlaid(reading, fixing.mended), surroundings)
        if self.online:
            asked = ask(looked.seen.pinned, self.whose, surroundings, root=root)
        verdict = self._judge(looked, asked)
        verdict = replace(verdict, fixed=fixing.mended.findings, dry_run=self.dry_run, unasked=asked.unasked)
        return Inspected(verdict=verdict, errors=looked.errors, fixing=fixing, asked=asked)

    def _look(self, reading: Reading, surroundings: Surroundings) -> Looked:
        if self.manifests:
            environment = environment_of(self.environments, reading)
            house, folder = House(reading.configuration, self.policy), surroundings.folder
            rendered = Rendered(house, self.place, self.manifests, folder=folder, environment=environment)
            kept = Kept(rendered.sheets(surroundings.stdin))
            return Looked(seen=survey(kept), kept=kept, errors=())
        found = chart_files(reading)
        read = templates(found, reading, self.policy)
        house = House(reading.configuration, self.policy, labelling(found), read)
        checked = Checked(house, reading, self.environments, self.wanted)
        kept = Kept(checked.sheets())
        return Looked(seen=survey(kept), kept=kept, errors=tuple(checked.errors))

    def _judge(self, looked: Looked, asked: Asked) -> Verdict:
        whole = not (self.environments or self.manifests or looked.errors) and self.wanted is None
        return judge(
            looked.seen,
            self.policy,
            self.waivers,
            today=clock.now().date(),
            whole=whole,
            also=asked.broken,
            ran=asked.ran,
        )

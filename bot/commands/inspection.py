"""One check as it was asked for: what it looks at, what its findings are, and what came of mending them first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import clock
from bot.commands.basing import Against, Ruled, Standard
from bot.commands.fixing import NOTHING, Fixing, Kept, fix, overlaid
from bot.commands.narrowing import changed_alone
from bot.commands.online import NOBODY, Asked, ask
from bot.commands.place import Place
from bot.commands.reading import Reading
from bot.commands.rendered import Rendered, environment_of
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.planning.environment import Configuration
from bot.policy import House, Survey, Verdict, amended, judge, survey


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

    `here` are policy and waivers of the files; where they are a change onto a base (`where`), the base's decide what is
    told, and which registries may be asked, with which credential. `changed` leaves what the change has to do with.
    `manifests` are looked at in the place of the environments' files; the environment then says whose levels count.
    """

    place: Place
    environments: Sequence[str]
    wanted: frozenset[str] | None
    here: Standard
    where: Against | None = None
    manifests: Sequence[str] = ()
    changed: bool = False
    mends: bool = False
    dry_run: bool = False
    online: bool = False

    @property
    def ruling(self) -> Standard:
        """What decides what is told."""
        return (self.where.ruling if self.where else None) or self.here

    @property
    def whose(self) -> Configuration | None:
        """Whose word on registries counts; nobody's where the base has none: a change does not send us anywhere."""
        ruling = self.where.ruling if self.where else self.here
        return ruling.configuration if ruling else None

    def inspect(self, reading: Reading, surroundings: Surroundings) -> Inspected:
        """Go through the files, mend them in memory, and ask registries, as far as is wanted. Nothing is written."""
        looked, fixing, asked = self._look(reading, surroundings), NOTHING, NOBODY
        root = self.place.root
        if self.mends:
            before = self._judge(looked, NOBODY, reading).findings
            fixing = fix(
                before, looked.kept, reading, surroundings, policy=self.ruling.policy, whose=self.whose, root=root
            )
            if fixing.mended.files:
                reading = overlaid(reading, fixing.mended)
                looked = self._look(reading, surroundings)
        if self.online:
            asked = ask(looked.seen.pinned, self.whose, surroundings, root=root)
        verdict = self._judge(looked, asked, reading)
        verdict = replace(verdict, fixed=fixing.mended.findings, dry_run=self.dry_run, unasked=asked.unasked)
        return Inspected(verdict=verdict, errors=looked.errors, fixing=fixing, asked=asked)

    def _look(self, reading: Reading, surroundings: Surroundings) -> Looked:
        if self.manifests:
            return self._rendered(surroundings)
        checked = Ruled(self.ruling, reading, self.environments, self.wanted)
        kept = Kept(checked.sheets())
        seen = survey(kept, whole=not self.environments and self.wanted is None)
        return Looked(seen=seen, kept=kept, errors=tuple(checked.errors))

    def _rendered(self, surroundings: Surroundings) -> Looked:
        ruling = self.ruling
        environment = environment_of(self.environments, ruling.configuration)
        house = House(ruling.configuration, ruling.policy)
        rendered = Rendered(house, self.place, self.manifests, folder=surroundings.folder, environment=environment)
        kept = Kept(rendered.sheets(surroundings.stdin))
        return Looked(seen=survey(kept), kept=kept, errors=())

    def _judge(self, looked: Looked, asked: Asked, reading: Reading) -> Verdict:
        whole = not (self.environments or self.manifests or looked.errors) and self.wanted is None
        where, today = self.where, clock.now().date()
        verdict = judge(
            looked.seen,
            self.ruling.policy,
            self.ruling.waivers,
            present=self.here.waivers,
            today=today,
            whole=whole,
            also=(*asked.broken, *(amended(where.amended) if where else ())),
            ran=asked.ran,
        )
        if where is None:
            return verdict
        verdict = replace(verdict, base=where.base.tip if where.ruling else None)
        if not self.changed:
            return verdict
        return changed_alone(verdict, where, self.ruling, reading, self.environments, today=today)

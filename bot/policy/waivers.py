"""Waivers: time-boxed permissions to break a rule, and the rules over them.

A waiver without wildcards speaks for what lies below it, by whole segments: `env/dev` for `env/dev/api.yaml` and not
for `env/dev-2/api.yaml`, `registry.corp/team` for its images and not for those of `registry.corp-evil`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.planning.glob import Glob
from bot.policy.finding import Remark

SOON_DAYS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One entry of the file `where`. `expires` is the last day on which it holds; no image means any."""

    rule: str
    path: Glob
    image: Glob | None = None
    reason: str
    owner: str
    expires: date
    where: str
    line: int
    column: int

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is about."""
        return self.rule, self.path, self.image

    @property
    def terms(self) -> tuple[object, ...]:
        """All that it says, wherever it stands."""
        return *self.subject, self.reason, self.owner, self.expires

    def excuses(self, rule: str, remark: Remark) -> bool:
        """Whether it speaks for a finding, if it still holds."""
        if rule != self.rule or not self.reaches(remark.path):
            return False
        return self.image is None or (remark.image is not None and _covers(self.image, str(remark.image)))

    def reaches(self, path: str) -> bool:
        """Whether it speaks of the file."""
        return _covers(self.path, path)

    def days_left(self, today: date) -> int:
        """Say how many days it still holds, today not counted; negative once it has expired."""
        return (self.expires - today).days

    def remark(self, message: str, *, instead: str = "") -> Remark:
        """Say something about it, at its place."""
        image = f" {self.image}" if self.image else ""
        text = f"{self.rule} {self.path}{image}"
        return Remark(
            path=self.where,
            line=self.line,
            column=self.column,
            text=text,
            key=text,
            message=message,
            instead=instead,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A waiver on the day of a check. `used`: it excused something; None where the check cannot know."""

    waiver: Waiver
    today: date
    most_days: int
    used: bool | None


def waiver_expired(judged: Judged) -> Iterator[Remark]:
    """A waiver is mended or renewed before it expires.

    An exception without an end is the rule. An expired one excuses nothing: what it stood for is reported again.

    Bad:
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2026-01-31

    Good:
        # file: config/waivers.yaml
        version: 1
        waivers: []
    """
    left = judged.waiver.days_left(judged.today)
    if left < 0:
        yield judged.waiver.remark(
            f"the waiver of {judged.waiver.rule} expired {_days(-left)} ago (owner: {judged.waiver.owner}); "
            "mend what it excuses, or agree on a new date"
        )


def waiver_expiring(judged: Judged) -> Iterator[Remark]:
    """A waiver that ends within 14 days is told beforehand.

    Its owner should hear of it while there is time, and not by a pull request that fails.

    Bad:
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            image: ghcr.io/acme/legacy
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2026-12-01
        # file: env/staging/legacy.yaml
        image: ghcr.io/acme/legacy:1.4.0

    Good:
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            image: ghcr.io/acme/legacy
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2027-01-31
        # file: env/staging/legacy.yaml
        image: ghcr.io/acme/legacy:1.4.0
    """
    left = judged.waiver.days_left(judged.today)
    if 0 <= left <= SOON_DAYS:
        when = f"in {_days(left)}" if left else "today"
        yield judged.waiver.remark(
            f"the waiver of {judged.waiver.rule} ends {when} (owner: {judged.waiver.owner}); mend what it excuses, or "
            "agree on a new date"
        )


def waiver_unused(judged: Judged) -> Iterator[Remark]:
    """A waiver that excuses nothing is taken out.

    It would excuse the next one who breaks the rule there. Told only when everything was checked, and where the rule
    itself was.

    Bad:
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2027-01-31

    Good:
        # file: config/waivers.yaml
        version: 1
        waivers: []
    """
    if judged.used is False and judged.waiver.days_left(judged.today) >= 0:
        yield judged.waiver.remark(f"the waiver of {judged.waiver.rule} excuses nothing; take it out")


def waiver_too_long(judged: Judged) -> Iterator[Remark]:
    """A waiver ends within `policy.max_waiver_days`.

    Whoever asks for an exception comes back and says why it is still needed.

    Bad:
        # file: config/waivers.yaml
        version: 1
        waivers:
          - rule: tag-only
            path: env/staging/legacy.yaml
            reason: the vendor publishes no digests yet
            owner: platform
            expires: 2029-01-31

    Good:
        # file: config/waivers.yaml
        version: 1
        waivers: []
    """
    last = judged.today + timedelta(days=judged.most_days)
    if judged.waiver.expires > last:
        left = judged.waiver.days_left(judged.today)
        yield judged.waiver.remark(
            f"the waiver of {judged.waiver.rule} holds for {_days(left)} more; at most {judged.most_days} are allowed",
            instead=f"expires: {last} or earlier",
        )


def excuse(waivers: Sequence[Waiver], rule: str, remark: Remark, today: date) -> Waiver | None:
    """Return the waiver that excuses a finding today: of several, the one that holds longest."""
    found = [one for one in waivers if one.expires >= today and one.excuses(rule, remark)]
    return max(found, key=lambda one: one.expires, default=None)


def _covers(glob: Glob, text: str) -> bool:
    if glob.matches(text):
        return True
    return glob.literal_segments == tuple(str(glob).split("/")) and text.startswith(f"{glob}/")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"

"""The content of a proposal: base plus edits, and a fingerprint that tells whether a branch already holds it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.planning.decision import Carried, Plan, Update
from bot.planning.snapshot import Entry, Snapshot
from bot.planning.targets import Proposed
from bot.proposal.observed import Commit
from bot.proposal.record import Bump, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """New bytes for some files on top of `base`. `modes` are git's, one per file; no files is no change."""

    environment: str
    branch: str
    base: Commit
    bumps: tuple[Bump, ...]
    files: Mapping[str, bytes]
    modes: Mapping[str, str]
    fingerprint: str

    def record(self, tree: str) -> Record:
        """What the commit with this change and `tree` says about itself."""
        return Record(
            environment=self.environment, bumps=self.bumps, fingerprint=self.fingerprint, base=self.base.sha, tree=tree
        )


def change(plan: Plan, snapshot: Snapshot, *, base: Commit, branch: str) -> Change:
    """Return the proposal for `plan` on `branch`; `base` is the commit that the snapshot shows."""
    return Change(
        environment=plan.environment,
        branch=branch,
        base=base,
        bumps=_bumps(plan),
        files=plan.files,
        modes={path: snapshot.entries[path].mode for path in plan.files},
        fingerprint=_fingerprint(plan, snapshot.entries),
    )


def broken(plan: Plan, proposed: Proposed) -> bool:
    """Whether something that the open branch proposes could not be found any more when its image was asked about."""
    for update in plan.updates:
        for pin in (one.pin for one in update.changes):
            there, _ = proposed.get((update.repository, pin.reference.digest), (None, None))
            asked = update.new.build.created is not None and there not in {None, update.new.digest}
            if asked and there not in update.new.olds:
                return True
    return False


def _bumps(plan: Plan) -> tuple[Bump, ...]:
    bumps: set[Bump] = set()
    groups: tuple[Update | Carried, ...] = (*plan.updates, *plan.carried)
    for group in groups:
        new = group.new.digest if isinstance(group, Update) else group.digest
        tag = next((one.tag for one in group.changes if one.tag is not None), None)
        bumps.update(Bump(group.repository, one.pin.reference.digest, new, tag) for one in group.changes)
    return tuple(sorted(bumps, key=lambda bump: (str(bump.repository), str(bump.old or ""), str(bump.new))))


def _fingerprint(plan: Plan, entries: Mapping[str, Entry]) -> str:
    """Hash every edited place with its old and new text, and the blobs that the edits were made on.

    With the blobs in it, a base that changed one of our files asks for a new commit, and one that did not does not.
    """
    places = [
        [one.pin.path, entries[one.pin.path].blob, one.pin.document, one.pin.key, edit.token.text, edit.text]
        for one in plan.changes
        for edit in one.edits
    ]
    return hashlib.sha256(json.dumps(places).encode()).hexdigest()[:40]

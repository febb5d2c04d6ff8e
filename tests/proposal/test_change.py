"""The content of a proposal, and the fingerprint that tells whether a branch holds it already."""

from bot.planning.snapshot import EXECUTABLE, Entry, Snapshot
from bot.proposal.record import Bump
from tests.builders import COMMIT, digest, failed, plan_of, proposal, repository, resolved, snapshot

FILE = "a: ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<c>\nc: ghcr.io/acme/web:main\n"
STATE = snapshot({"dev/x.yaml": FILE, "dev/other.yaml": "x: 1\n"})
ANSWERS = {"api": resolved("b"), "web": resolved("b")}


def fingerprint(state: Snapshot = STATE, **news: str) -> str:
    answers = {**ANSWERS, **{name: resolved(new) for name, new in news.items()}}
    return proposal(plan_of(state, answers), state).fingerprint


def test_a_change_is_base_with_new_bytes() -> None:
    wanted = plan_of(STATE, ANSWERS)

    one = proposal(wanted, STATE)

    assert (one.environment, one.branch, one.base.sha) == ("dev", "bump/dev", COMMIT)
    assert one.files == wanted.files
    assert one.modes == {"dev/x.yaml": "100644"}


def test_a_files_mode_is_kept() -> None:
    entry = STATE.entries["dev/x.yaml"]
    entries = {**STATE.entries, entry.path: Entry(path=entry.path, mode=EXECUTABLE, blob=entry.blob)}
    state = Snapshot(commit=COMMIT, entries=entries, contents=STATE.contents)

    assert proposal(plan_of(state, ANSWERS), state).modes == {"dev/x.yaml": "100755"}


def test_there_is_one_bump_per_image_and_old_digest_sorted() -> None:
    state = snapshot({"dev/x.yaml": FILE, "dev/y.yaml": FILE})

    assert proposal(plan_of(state, ANSWERS), state).bumps == (
        *sorted(
            (Bump(repository("api"), digest(old), digest("b")) for old in ("a", "c")), key=lambda bump: str(bump.old)
        ),
        Bump(repository("web"), None, digest("b")),
    )


def test_what_is_carried_over_is_in_the_record_too() -> None:
    wanted = plan_of(
        STATE, {"api": failed(), "web": failed()}, proposed={(repository("api"), digest("a")): digest("b")}
    )

    assert proposal(wanted, STATE).bumps == (Bump(repository("api"), digest("a"), digest("b")),)


def test_the_record_says_what_the_change_is() -> None:
    one = proposal(plan_of(STATE, ANSWERS), STATE)

    record = one.record("0" * 40)

    assert (record.environment, record.bumps, record.fingerprint) == ("dev", one.bumps, one.fingerprint)
    assert (record.base, record.tree) == (COMMIT, "0" * 40)


def test_nothing_wanted_has_no_files() -> None:
    one = proposal(plan_of(STATE, {}), STATE)

    assert (one.files, one.modes, one.bumps) == ({}, {}, ())


def test_the_same_change_has_the_same_fingerprint() -> None:
    assert fingerprint() == fingerprint()


def test_the_fingerprint_does_not_change_with_base_alone() -> None:
    assert fingerprint(snapshot({"dev/x.yaml": FILE, "dev/other.yaml": "x: 1\n"}, commit="d" * 40)) == fingerprint()


def test_the_fingerprint_does_not_change_with_a_file_that_is_not_edited() -> None:
    assert (
        fingerprint(snapshot({"dev/x.yaml": FILE, "dev/other.yaml": "x: 2\n", "dev/new.yaml": "\n"})) == fingerprint()
    )


def test_the_fingerprint_does_not_change_with_what_is_told_about_a_build() -> None:
    told = {"api": resolved("b", revision="0123456", warnings=["old is gone"]), "web": ANSWERS["web"]}

    assert proposal(plan_of(STATE, told), STATE).fingerprint == fingerprint()


def test_the_fingerprint_is_the_same_for_what_is_carried_over() -> None:
    proposed = {
        (repository("api"), digest("a")): digest("b"),
        (repository("api"), digest("c")): digest("b"),
        (repository("web"), None): digest("b"),
    }
    wanted = plan_of(STATE, {"api": failed(), "web": failed()}, proposed=proposed)

    assert proposal(wanted, STATE).fingerprint == fingerprint()


def test_the_fingerprint_changes_with_every_thing_that_the_commit_would_hold() -> None:
    prints = [
        fingerprint(),
        fingerprint(api="d"),
        fingerprint(web="d"),
        fingerprint(web="d", api="d"),
        fingerprint(snapshot({"dev/y.yaml": FILE})),
        fingerprint(snapshot({"dev/x.yaml": "# a comment\n" + FILE})),
        fingerprint(snapshot({"dev/x.yaml": FILE + "d: ghcr.io/acme/api@<e>\n"})),
        fingerprint(snapshot({"dev/x.yaml": FILE.replace("<c>", "<e>")})),
        fingerprint(snapshot({"dev/x.yaml": FILE.replace("<c>", "<b>")})),
        fingerprint(snapshot({"dev/x.yaml": FILE, "dev/y.yaml": FILE})),
    ]

    assert len(set(prints)) == len(prints)

"""What one answer of a registry says."""

import pytest

from bot.diagnosis.check import CannotTell, Ok, Wrong
from bot.diagnosis.registries import Answered, NoImage, NotRead, Read, registry

IMAGE = "ghcr.io/acme/api"


@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [
        (Read(host="ghcr.io", image=IMAGE, credential="GHCR_TOKEN"), Ok, f"read {IMAGE} with the credential from"),
        (Read(host="ghcr.io", image=IMAGE, credential="no credential (x)"), Ok, f"read {IMAGE} with no credential (x)"),
        (
            Read(host="ghcr.io", image=IMAGE, credential="no credential", warnings=("refused; read without",)),
            Wrong, "refused; read without",
        ),
        (NotRead(host="ghcr.io", image=IMAGE, reason="denied; use another"), Wrong, f"{IMAGE}: denied"),
        (NotRead(host="ghcr.io", image="", reason="X is empty; set it"), Wrong, "X is empty"),
        (NotRead(host="ghcr.io", image=IMAGE, reason="down; later", outage=True), CannotTell, "down"),
        (NoImage("ghcr.io"), CannotTell, "no image of it"),
    ],
)  # fmt: skip
def test_an_answer(answer: Answered, verdict: type, says: str) -> None:
    check = registry(answer)
    assert isinstance(check, verdict)
    assert says in check.message


def test_only_an_outage_is_unreachable() -> None:
    down = registry(NotRead(host="ghcr.io", image=IMAGE, reason="down; later", outage=True))
    assert down == CannotTell(down.name, "ghcr.io", "down", "later", unreachable=True)
    nothing = registry(NoImage("ghcr.io"))
    assert isinstance(nothing, CannotTell)
    assert not nothing.unreachable

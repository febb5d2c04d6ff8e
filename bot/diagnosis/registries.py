"""Whether every registry that is needed gives out a token, and with which credential."""

from dataclasses import dataclass

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One question was answered for `image`. `warnings`: a credential that was refused and left out, say."""

    host: str
    image: str
    credential: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """It was not; `outage`: the registry could not be reached. `image` is empty where none was asked about."""

    host: str
    image: str
    reason: str
    outage: bool = False


@dataclass(frozen=True, slots=True)
class NoImage:
    """Configured, and no pin is there: no question, so no token."""

    host: str


Answered = Read | NotRead | NoImage


def registry(answer: Answered) -> Check:
    """Say what became of the one question that a registry was asked."""
    match answer:
        case Read(warnings=()):
            return Ok(Name.REGISTRY, answer.host, f"read {answer.image} with {_with(answer.credential)}")
        case Read():
            return Wrong(
                Name.REGISTRY, answer.host, "; ".join(answer.warnings),
                "renew that credential, or remove it: private images cannot be read without",
            )  # fmt: skip
        case NotRead(outage=True):
            message, fix = told(answer.reason, "run it again later")
            return CannotTell(Name.REGISTRY, answer.host, message, fix, unreachable=True)
        case NotRead():
            message, fix = told(answer.reason, "look at the registry")
            return Wrong(Name.REGISTRY, answer.host, f"{answer.image}: {message}" if answer.image else message, fix)
        case NoImage():
            look = "run `bump resolve` with an image of it"
            return CannotTell(Name.REGISTRY, answer.host, "configured, and no image of it is pinned here", look)


def _with(source: str) -> str:
    return source if source.startswith("no credential") else f"the credential from {source}"

"""What goes over the wire, as the front saw it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and the status of its answer. `authorization` is the scheme that it carried, or ""."""

    method: str
    path: str
    """Without the query."""
    status: int
    authorization: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

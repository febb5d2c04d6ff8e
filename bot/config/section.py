"""What every mapping of a configuration has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

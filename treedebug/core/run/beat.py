"""The last sign of life of a writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Beat:
    """The last sign of life of a writer that had nothing to write; the stream of a run that is slow."""

    n_rounds: int
    """Rounds recorded then."""
    idle_seconds: float
    """Since the last of them was written."""

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - of the writer, not of a round
        """Return the beat itself."""
        return self

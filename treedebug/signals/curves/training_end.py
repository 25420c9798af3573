"""Where in its life a training stands: still running, finished as planned, or stopped early and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import FINISHED, RunView


@dataclass(frozen=True)
class Ending:
    """Whether the training has ended, and which patience watched over it."""

    final: bool
    """Nothing more will come."""
    state: str
    """finished, stopped or interrupted; "" while it runs."""
    patience: int | None
    """Rounds of the library's early stopping, where known."""
    stopped_early: bool
    """It ended before its planned rounds without an interruption."""

    @classmethod
    def measure(cls, view: RunView) -> Self:
        """Measure from the header and the recorded end."""
        header, ending = view.header, (view.run.ending or {}) if view.final else {}
        state = str(ending.get("state", FINISHED)) if view.final else ""
        planned, best = header.planned_rounds, ending.get("best_round")
        patience = header.early_stopping_rounds
        ran_out = patience is not None and best is not None and view.n_rounds - 1 - int(best) >= patience
        early = view.final and state == FINISHED and (ran_out or (planned is not None and view.n_rounds < planned))
        return cls(view.final, state, patience, early)

    def allows(self, n_rounds: int) -> bool:
        """Return whether early stopping is meant to wait this many rounds after the best one."""
        return self.stopped_early or (self.patience is not None and n_rounds <= self.patience)

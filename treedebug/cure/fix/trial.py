"""One training that is tried: what is changed and why, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RECIPE = "recipe"
KEPT, REFUSED, STOPPED, FAILED = "kept", "refused", "stopped", "failed"


@dataclass(frozen=True)
class Trial:
    """A training to be tried. Parameters have canonical names (the scikit-learn wrapper's)."""

    name: str
    changes: Mapping[str, Any]
    """Against the user's parameters."""
    rounds: int
    why: str = RECIPE
    """The code of the finding that asks for it, or "recipe"."""
    reason: str = ""
    drop: tuple[str, ...] = ()
    """Columns that are left out."""

    def __str__(self) -> str:
        """Return the changes as the user would type them."""
        words = [f"{name}={_short(value)}" for name, value in self.changes.items()]
        return ", ".join([*words, *(f"without {name}" for name in self.drop)]) or self.name


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, eq=False)
class TrialModel:
    """What a training gave: the model cut at its best round, and what it loses on each validation row."""

    raw: bytes
    losses: Floats
    """(n_valid,)"""
    n_rounds: int
    n_leaves: int
    seconds: float
    run: Any = None
    """The recorded run (RunData)."""
    path: str = ""
    metric: float = np.nan
    """The best value of the metric that early stopping watched."""
    best_rounds: tuple[int, ...] = ()
    """Of each fold."""
    cut_off: str = ""
    """Why the race ended it early; "" where it was not."""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """A trial, judged against the reference."""

    trial: Trial
    verdict: str
    difference: float = np.nan
    """Mean loss of the validation rows less that of the reference."""
    error: float = np.nan
    """Standard error of the difference, paired by row."""
    trained: TrialModel | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data."""
        t = self.trained
        known = {} if t is None else {"n_rounds": t.n_rounds, "n_leaves": t.n_leaves, "n_bytes": len(t.raw),
                                      "seconds": t.seconds, "path": t.path}  # fmt: skip
        return {
            "name": self.trial.name, "changes": dict(self.trial.changes), "drop": list(self.trial.drop),
            "why": self.trial.why, "reason": self.trial.reason, "verdict": self.verdict,
            "difference": self.difference, "error": self.error, "note": self.note, **known,
        }  # fmt: skip


@dataclass(frozen=True)
class CureLimits:
    """What the user does not want changed, or exceeded."""

    frozen: frozenset[str] = field(default=frozenset())
    """Parameters, by canonical name."""
    keep: frozenset[str] = field(default=frozenset())
    """Features that must stay."""
    most_leaves: int | None = None
    most_bytes: int | None = None
    most_seconds: float | None = None
    """Of the prediction of one row."""

    def allowed(self, trial: Trial) -> Trial | None:
        """Return the trial without what must not be touched; None where nothing is left of it."""
        changes = {k: v for k, v in trial.changes.items() if k not in self.frozen}
        drop = tuple(name for name in trial.drop if name not in self.keep)
        if not changes and not drop and (trial.changes or trial.drop):
            return None
        return Trial(trial.name, changes, trial.rounds, trial.why, trial.reason, drop)

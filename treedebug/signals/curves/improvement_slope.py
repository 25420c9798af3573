"""How fast the deciding metric still improves, compared with its first rounds and with all it has gained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from treedebug.signals.curves.eval_curves import EvalLoss

_SHORTEST = 4


@dataclass(frozen=True, eq=False)
class Slope:
    """Speeds of the validation curve: losses per round, positive while it improves."""

    first: float
    """Over the first fifth of the rounds."""
    last: float
    """Over the last fifth."""
    left: float
    """Loss that is left at the end, as a share of the loss at the start; 1 if the metric has no perfect value."""
    tail_rounds: int
    """A tenth of the rounds, at least three."""
    tail_gain: float
    """Improvement over the last `tail_rounds`, each end averaged over a few rounds."""
    tail_share: float
    """`tail_gain` as a share of all improvement since the start; 0 if there was none."""
    falling: bool
    """The last fifth improves beyond the noise of the curve."""

    @classmethod
    def measure(cls, loss: EvalLoss) -> Self:
        """Measure from the deciding curve; all zero for fewer than four rounds."""
        values, n = loss.valid, len(loss.valid)
        if n < _SHORTEST:
            return cls(0.0, 0.0, 1.0, 0, 0.0, 0.0, falling=False)
        fifth, tenth = max(n // 5, 1), min(max(n // 10, 3), n - 1)
        width, half = max(1, tenth // 4), max(1, fifth // 2)
        first = float(values[:half].mean() - values[fifth : fifth + half].mean()) / fifth
        last = float(values[n - fifth - half : n - fifth].mean() - values[n - half :].mean()) / fifth
        tail = float(values[n - 1 - tenth : n - 1 - tenth + width].mean() - values[n - width :].mean())
        gained = loss.start - float(values[-1])
        whole = math.nan if loss.perfect is None else loss.start - loss.perfect
        left = (float(values[-1]) - loss.perfect) / whole if loss.perfect is not None and whole > 0 else 1.0
        share = tail / gained if gained > 0 and tail > 0 else 0.0
        falling = last * fifth > 2.0 * loss.drift(1) and gained > 0
        return cls(first, last, left, tenth, tail, share, falling)

    @property
    def straightness(self) -> float:
        """`last / first`: 1 for a straight line, near 0 for a curve that has levelled off; 0 if it never fell."""
        return self.last / self.first if self.first > 0 and self.last > 0 else 0.0

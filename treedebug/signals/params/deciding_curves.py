"""What early stopping went by, curve by curve, where it ended a training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from treedebug.core.run.eval_log import EvalLog, EvalSeries
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.params.watched_sets import WatchedSets, is_copy


@dataclass(frozen=True, eq=False)
class DecidingCurves:
    """The curve that ended a training, and the other validation curves that were watched."""

    decider: EvalSeries
    others: tuple[EvalSeries, ...]
    best_round: int
    """Of the one that decided."""
    patience: int
    any_of_them: bool
    """LightGBM: whichever curve stalls first decides, unless first_metric_only."""

    @classmethod
    def measure(cls, guard: WatchedSets, log: EvalLog, header: Header, ending: Ending) -> Self:
        """Raise Missing unless early stopping of the library has ended the training."""
        if guard.patience is None or not ending.final or not ending.stopped_early:
            raise Missing("early stopping did not end this training")
        copies = {n for n in header.data if is_copy(header, n)}
        told = [c for c in log if not log.is_training(c.dataset) and c.dataset not in copies]
        told = [_directed(c, guard) for c in told]
        curves = [c for c in told if len(c.values) and c.higher_is_better is not None]
        if not curves:
            raise Missing("no validation metric of a known direction was recorded")
        lightgbm = guard.library == "lightgbm"
        first_only = bool((header.extra.get("stopping") or {}).get("first_metric_only"))
        waits = [int(c.rounds[-1]) - best_round(c) for c in curves]
        named = [i for i, c in enumerate(curves) if (c.dataset, c.metric) == (guard.decides, guard.metric)]
        at = named[0] if named and not lightgbm else int(np.argmax(waits))
        others = tuple(c for i, c in enumerate(curves) if i != at)
        return cls(curves[at], others, best_round(curves[at]), guard.patience, lightgbm and not first_only)

    def improving(self) -> tuple[EvalSeries, ...]:
        """Other curves whose best value came in the last half of the patience: training stopped while they fell."""
        last = int(self.decider.rounds[-1])
        return tuple(c for c in self.others if last - best_round(c) < self.patience / 2)


def _directed(curve: EvalSeries, guard: WatchedSets) -> EvalSeries:
    """Return an own metric that decides with the direction that early stopping takes it for."""
    if curve.higher_is_better is not None or (curve.dataset, curve.metric) != (guard.decides, guard.metric):
        return curve
    return replace(curve, higher_is_better=guard.maximizes)


def best_round(curve: EvalSeries) -> int:
    """Round of the best finite value, the first of equals; the first round where there is none."""
    known = np.isfinite(curve.values)
    if not known.any():
        return int(curve.rounds[0])
    values = np.where(known, -curve.values if curve.higher_is_better else curve.values, np.inf)
    return int(curve.rounds[int(values.argmin())])

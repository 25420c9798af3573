"""Several runs side by side: what the pictures of a comparison share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.pictures.learning_curves import deciding_loss
from treedebug.pictures.picture import AnyRun, data_of
from treedebug.signals.curves.eval_curves import EvalLoss

MOST_RUNS = 50
NO_METRIC = "no metric is recorded in two or more of the runs"


@dataclass(frozen=True, eq=False)
class Scored:
    """A run whose deciding metric is that of the others. `position` is its place among all that are compared."""

    position: int
    label: str
    run: RunData
    loss: EvalLoss

    @property
    def best(self) -> float:
        """Best value of the metric, as the user knows it."""
        return self.loss.shown(float(self.loss.valid[self.loss.best]))

    @property
    def leaves(self) -> float:
        """Leaves of all trees; NaN without trees."""
        summary = self.run.stream(TreeSummary)
        return float(summary.column("n_leaves").sum()) if summary is not None else float("nan")

    @property
    def seconds(self) -> float:
        """Of all rounds; NaN where unknown."""
        seconds = self.run.rounds.seconds
        return float(np.nansum(seconds)) if np.isfinite(seconds).any() else float("nan")


def scored(runs: Sequence[AnyRun], labels: Sequence[str]) -> list[Scored]:
    """Return the runs that share the metric that most of them decide by, in the order given, at most fifty."""
    found = [
        Scored(i, label, data_of(run), loss)
        for i, (run, label) in enumerate(zip(runs, labels, strict=True))
        if (loss := deciding_loss(data_of(run))) is not None
    ][:MOST_RUNS]
    names = [s.loss.metric for s in found]
    usual = max(names, key=names.count, default="")
    return [s for s in found if s.loss.metric == usual]

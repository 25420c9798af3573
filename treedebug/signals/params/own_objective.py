"""A training with an objective of the user's own: its curvature, and which way the training metric goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import EvalLog, EvalSeries
from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, eq=False)
class OwnObjective:
    """What a function of gradients and hessians made of the training."""

    hessian: float | None
    """Hessian of a row in the mean, the largest of all recorded roots; None where no root has one."""
    splitless: int
    """Rounds so far where none of them has a split, and no root a hessian; else 0."""
    dataset: str
    metric: str
    rounds: NDArray[np.int64]
    loss: NDArray[np.float64]
    """(n,) a metric on the training data, or else on the validation data; lower is better, finite rounds only."""

    @classmethod
    def measure(cls, header: Header, params: Params, log: EvalLog, trees: TreeSummary | None) -> Self:
        """Raise Missing for an objective of the library's."""
        if params.objective != "custom" and header.objective != "custom":
            raise Missing("the objective is the library's own")
        n = header.training_facts().get("n_rows")
        roots = np.empty(0) if trees is None else trees.column("root_hessian")
        roots = roots[np.isfinite(roots)]
        hessian = float(roots.max()) / (params.sampled * n) if len(roots) and n else None
        blank = trees is not None and len(roots) == 0 and not (trees.column("depth") > 0).any()
        splitless = trees.n_rounds if trees is not None and blank else 0
        curves = sorted(
            (c for c in log if c.higher_is_better is not None), key=lambda c: not log.is_training(c.dataset)
        )
        if not curves:
            return cls(hessian, splitless, "", "", np.empty(0, dtype=np.int64), np.empty(0))
        return cls(hessian, splitless, curves[0].dataset, curves[0].metric, *_finite(curves[0]))


def _finite(curve: EvalSeries) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    known = np.isfinite(curve.values)
    sign = -1.0 if curve.higher_is_better else 1.0
    return curve.rounds[known], sign * curve.values[known]

"""What turned gradients into leaf values: the start, the learning rate of each round, the penalty."""

from __future__ import annotations

import numpy as np

from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable


class BoostingSteps:
    """The start, rates and L2 penalty of one recorded training."""

    def __init__(self, run: RunData) -> None:
        self._params, self._library = run.header.params, run.header.library
        self.penalty = float(self._params.get("reg_lambda") or 0.0)
        rates = zip(run.rounds.rounds, run.rounds.learning_rate, strict=True)
        self._rates = {int(r): float(rate) for r, rate in rates if np.isfinite(rate)}

    @property
    def start_is_fitted(self) -> bool:
        """Whether the start of all rows was fitted to the labels, as it is by default."""
        # XGBoost keeps the same parameter: 0 where the user gave a base_score.
        return self._params.get("boost_from_average") not in (False, "false", "False", 0, "0")

    def rate(self, round_index: int, n_parallel: int) -> float:
        """Return the share of each Newton step that was taken; XGBoost divides it among parallel trees."""
        given = self._rates.get(round_index) or self._params.get("learning_rate")
        rate = float(given or (0.3 if self._library == "xgboost" else 0.1))
        return rate / n_parallel if self._library == "xgboost" else rate

    def start_inside(self, first: TreeTable) -> float:
        """Return the start that LightGBM added to the leaves of its first tree; 0 elsewhere.

        The Newton steps of a tree, each times its leaf's mass, sum to zero at a fitted start, so the mass-weighted mean
        of the leaves is the start.
        """
        if self._library != "lightgbm" or not self.start_is_fitted:
            return 0.0
        leaf = np.flatnonzero(first.is_leaf[: int(first.offsets[1])])
        if len(leaf) == 1:  # no split: the tree is the start itself
            return float(first.leaf_value[leaf[0]])
        mass = first.sum_hessian[leaf] + self.penalty
        return float((mass * first.leaf_value[leaf]).sum() / mass.sum()) if mass.sum() > 0 else 0.0

"""How far single training rows pull a prediction, through the leaves that they share with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable
from treedebug.leaves.boosting_steps import BoostingSteps
from treedebug.leaves.loss_slopes import LossSlopes
from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]


def pulls(  # noqa: PLR0913 - the trees, one row, and the training rows beside it
    tables: list[TreeTable],
    facts: ModelFacts,
    *,
    leaves: NDArray[np.integer],
    query: NDArray[np.integer],
    label: Floats,
    weight: Floats,
    steps: BoostingSteps,
) -> Floats:
    """Return (k,) how much higher the margin of one row is for each of k training rows being there.

    In each leaf that both share, a training row holds the leaf value by eta (-g - h theta) / (H + lambda), theta being
    the leaf's Newton step: BoostIn (Brophy, Hammoudeh and Lowd, 2023), up to its sign. Splits are held fixed. `leaves`
    (n_trees, k) are theirs, `query` (n_trees,) the row's.

    Raise ConfigError for a loss whose leaves are no Newton steps that are known here.
    """
    slopes = LossSlopes(facts)
    margin = np.full(len(label), float(facts.base_margin[0]))
    total = np.zeros(len(label))
    at = 0
    for table in tables:
        parallel = np.bincount(table.round_index - table.round_index.min())
        before = margin.copy()
        for t in range(table.n_trees):
            start, stop = int(table.offsets[t]), int(table.offsets[t + 1])
            if t and table.round_index[t] != table.round_index[t - 1]:
                before = margin.copy()
            inside = steps.start_inside(table) if at == 0 else 0.0
            margin += inside
            before += inside
            value, cover = table.leaf_value[start:stop] - inside, table.sum_hessian[start:stop]
            mine = leaves[at]
            if np.isfinite(cover).all():  # LightGBM's tree without a split holds no row's gradient
                step = steps.rate(
                    int(table.round_index[t]), int(parallel[table.round_index[t] - table.round_index.min()])
                )
                gradient, hessian = weight * slopes.gradient(before, label), weight * slopes.hessian(before)
                held = -step * gradient - hessian * value[mine]
                pull = held / np.maximum(cover[mine] + steps.penalty, 1e-300)
                total += np.where(mine == query[at], pull, 0.0)
            margin += value[mine]
            at += 1
    return total

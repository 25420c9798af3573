"""Runs that no rule may crash on."""

from __future__ import annotations

import numpy as np

from treedebug.core.run.run_data import RunData
from treedebug.testing.builders import classes, curves, ending, header, labels, rounds
from treedebug.testing.tables import hostile_tables
from treedebug.testing.tree_builders import grown, leaf, trees


def hostile_runs() -> dict[str, RunData]:
    """Return runs that are broken, empty or extreme, with curves, trees, classes and data."""
    falling, nan, inf = np.linspace(1.0, 0.1, 60), float("nan"), float("inf")
    both: dict[str, list[float]] = {
        "one round": [0.5],
        "two rounds": [0.5, 0.4],
        "nan": [nan] * 60,
        "nan in the middle": [*falling[:30], nan, *falling[31:]],
        "infinite": [*falling[:30], *[inf] * 30],
        "constant": [0.5] * 60,
        "zero": [0.0] * 60,
        "huge": [1e300 * (-1) ** k for k in range(60)],
        "growing out of range": [10.0 ** (5 * k) for k in range(60)],
    }
    made = {name: curves(train=v, valid=v) for name, v in both.items()}
    made["empty"] = RunData()
    made["ended before the first round"] = ending(header())
    made["unknown metric"] = curves(train=falling.tolist(), valid=falling.tolist(), metric="my_own")
    made["no library"] = curves(train=falling.tolist(), valid=falling.tolist(), library="")
    made["no training data"] = curves(valid=falling.tolist())
    made["root-only trees"] = trees([leaf()] * 60)
    made["no trees"] = trees([[]] * 60, n_features=3)
    made["gains out of range"] = trees([grown(4, gains=(1e300,))] * 60, n_features=9)
    made["zero gains"] = trees([grown(4, gains=(0.0,), hessian=0.0)] * 60, n_features=9)
    made["nan hessian"] = trees([leaf(hessian=nan), grown(3, gains=(nan,), hessian=nan)] * 30, n_features=9)
    made["empty confusion"] = classes([np.zeros((3, 3))] * 60, data=labels([0, 0, 0]))
    made["one class"] = classes([np.full((1, 1), 9)] * 60, data=labels([9]))
    made["classes without rows"] = classes([np.diag([50, 0, 0])] * 60, data=labels([50, 0, 0]))
    made["continued"] = rounds(60, run=curves(valid=falling[:20].tolist(), start_round=40))
    return made | hostile_tables()

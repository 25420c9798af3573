"""Continued training: is the booster to continue the one that was recorded?"""

from __future__ import annotations

import numpy as np

from treedebug.core.errors import NotRecordedError
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.library_readers import read_batch
from treedebug.recorders.booster_port import BoosterPort


def check_start(run: RunData, start: int) -> None:
    """Raise NotRecordedError if a training starts anew though rounds are recorded, which it would supersede."""
    if run.n_rounds and not start:
        raise NotRecordedError(
            f"it has {run.n_rounds} rounds, and this training starts from none (to continue, give the booster to "
            "train: xgb_model= or init_model=)"
        )


def check_same_booster(run: RunData, port: BoosterPort, start: int) -> None:
    """Compare the last common iteration of a resumed run and the booster of `start` iterations to be continued.

    Raise NotRecordedError if they differ: appending would make a run of two unrelated models.
    """
    n_iterations = min(start, sum(len(batch.rounds) for batch in run.trees.batches()))
    if n_iterations <= 0 or run.header.booster in ("dart", "gblinear"):
        return
    recorded = _last_iteration(run, n_iterations)
    if recorded is None:
        return
    rounds = np.array([n_iterations - 1], dtype=np.int64)
    raw = port.fetch(n_iterations - 1, n_iterations)
    live = read_batch(TreeBatch(run.header.library, raw, rounds, 0))
    same = len(live.feature) == len(recorded.feature) and all(
        np.array_equal(getattr(live, name), getattr(recorded, name), equal_nan=True)
        for name in ("feature", "threshold", "leaf_value")
    )
    if not same:
        raise NotRecordedError(
            f"the booster to continue is not the one recorded here (their round {n_iterations - 1} differs)"
        )


def _last_iteration(run: RunData, n_iterations: int) -> TreeTable | None:
    seen = 0
    for batch in run.trees.batches():
        if seen + len(batch.rounds) >= n_iterations:
            table = run.trees.read(batch)
            wanted = batch.rounds[n_iterations - 1 - seen]
            start, stop = table.round_index.searchsorted([wanted, wanted + 1])
            return table.select(int(start), int(stop))
        seen += len(batch.rounds)
    return None

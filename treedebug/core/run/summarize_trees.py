"""Fold recorded trees into a TreeSummary, the same way while training and afterwards."""

from __future__ import annotations

import numpy as np

from treedebug.core.run.records import TreeSource
from treedebug.core.run.tree_summary import TreeSummary


def summarize(trees: TreeSource, *, n_features: int, n_rounds: int) -> TreeSummary:
    """Read the batches of the first `n_rounds` rounds once and fold them; rounds without trees at the end count too."""
    summary = TreeSummary(n_features)
    for batch in trees.batches():
        table = trees.read(batch)
        stop = int(batch.rounds[-1]) + 1 if len(batch.rounds) else summary.n_rounds
        if stop > n_rounds:  # a damaged record may hold trees of rounds that it lost
            table = table.select(0, int(np.searchsorted(table.round_index, n_rounds)))
        summary.extend(table, min(stop, n_rounds))
        if stop >= n_rounds:
            break
    summary.skip_to(n_rounds)
    return summary

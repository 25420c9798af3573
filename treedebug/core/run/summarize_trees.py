"""Fold recorded trees into a TreeSummary, the same way while training and afterwards."""

from __future__ import annotations

from treedebug.core.run.records import TreeSource
from treedebug.core.run.tree_summary import TreeSummary


def summarize(trees: TreeSource, *, n_features: int, n_rounds: int) -> TreeSummary:
    """Read all batches once and fold them; `n_rounds` also counts rounds without trees at the end."""
    summary = TreeSummary(n_features)
    for batch in trees.batches():
        table = trees.read(batch)
        summary.extend(table, int(batch.rounds[-1]) + 1 if len(batch.rounds) else summary.n_rounds)
    summary.skip_to(n_rounds)
    return summary

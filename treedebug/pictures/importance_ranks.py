"""Ranks of the features in several runs (a bump chart)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.tree_summary import TreeSummary
from treedebug.pictures.compared_runs import MOST_RUNS
from treedebug.pictures.picture import AnyRun, Floats, NoPicture, Picture, data_of

_MOST_FEATURES = 15
_FEWEST = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportanceRanks(Picture):
    """Ranks by total gain, 1 for the most; matrices (n_features, n_runs), NaN where a run does not use the feature."""

    name: ClassVar[str] = "importance_ranks"
    question: ClassVar[str] = "Do the runs lean on the same features?"

    runs: tuple[str, ...]
    features: tuple[str, ...]
    """Best mean rank first, at most fifteen."""
    ranks: Floats
    share: Floats
    """Of the run's total gain."""


def importance_ranks(runs: Sequence[AnyRun], labels: Sequence[str]) -> ImportanceRanks | NoPicture:
    """Return the ranks of the features that lead in any of the runs."""
    shares = [(label, s) for run, label in zip(runs, labels, strict=True) if (s := _shares(run))][:MOST_RUNS]
    if len(shares) < _FEWEST:
        return NoPicture("fewer than two of the runs have trees with splits")
    ranks = [{f: i + 1 for i, (f, _) in enumerate(sorted(s.items(), key=lambda e: -e[1]))} for _, s in shares]
    worst = 1 + max(len(r) for r in ranks)
    names = sorted({f for r in ranks for f in r}, key=lambda f: (sum(r.get(f, worst) for r in ranks), f))
    names = names[:_MOST_FEATURES]
    return ImportanceRanks(
        runs=tuple(label for label, _ in shares),
        features=tuple(names),
        ranks=np.array([[float(r.get(f, np.nan)) for r in ranks] for f in names]),
        share=np.array([[s.get(f, 0.0) for _, s in shares] for f in names]),
    )


def _shares(run: AnyRun) -> dict[str, float]:
    data = data_of(run)
    summary = data.stream(TreeSummary)
    if summary is None:
        return {}
    totals = summary.totals()
    gain = np.nan_to_num(np.maximum(totals.total_gain, 0.0), posinf=0.0)
    whole = float(gain.sum())
    named = data.header.feature_name
    return {named(int(totals.features[i])): float(gain[i] / whole) for i in np.flatnonzero(gain > 0)}

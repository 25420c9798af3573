"""Ranking: NDCG of the queries, by how many rows they have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.predicted import Predicted, needs, predicted

_N_BINS = 8
_MOST_GAIN = 31.0
"""Labels above it are gains by themselves: two to their power is no number."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingOf:
    """One dataset after one round. Columns by bin of query sizes; queries without two different labels left out."""

    dataset: str
    round_index: int
    role: str
    smallest: Ints
    """Rows of the smallest query of the bin."""
    largest: Ints
    n_queries: Ints
    ndcg: Floats
    """Mean over the queries of the bin."""
    error: Floats
    """Standard error of the mean; NaN for a single query."""
    n_left_out: int
    """Queries in which nothing can be ranked."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingByQuerySize(Picture):
    """NDCG by query size, validation and the last round first."""

    name: ClassVar[str] = "ranking_by_query_size"
    question: ClassVar[str] = "Are long queries ranked as well as short ones?"

    datasets: tuple[RankingOf, ...]


def ranking_by_query_size(run: AnyRun) -> RankingByQuerySize | NoPicture:
    """Return the NDCG by query size."""
    data = data_of(run)
    found = predicted(data)
    if found and all(p.rows.query_sizes is None for p in found):
        return NoPicture("the objective is not a ranking")
    ranked = tuple(_of(p) for p in found if p.rows.query_sizes is not None and len(p.label) == len(p.rows.labels))
    return RankingByQuerySize(datasets=ranked) if ranked else NoPicture(needs(data))


def _of(p: Predicted) -> RankingOf:
    sizes = p.rows.query_sizes
    assert sizes is not None  # noqa: S101 - asked for by the caller
    scores = query_ndcg(p.label, p.scores, sizes)
    known = np.isfinite(scores)
    ndcg, size = scores[known], sizes[known]
    edges = np.unique(np.quantile(size, np.linspace(0.0, 1.0, _N_BINS + 1)[1:-1])) if len(size) else np.zeros(0)
    place = np.searchsorted(edges, size, side="right")
    bins = [place == i for i in range(len(edges) + 1) if (place == i).any()]
    return RankingOf(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        smallest=np.array([size[b].min() for b in bins], dtype=np.int64),
        largest=np.array([size[b].max() for b in bins], dtype=np.int64),
        n_queries=np.array([b.sum() for b in bins], dtype=np.int64),
        ndcg=np.array([ndcg[b].mean() for b in bins]),
        error=np.array([ndcg[b].std(ddof=1) / math.sqrt(b.sum()) if b.sum() > 1 else math.nan for b in bins]),
        n_left_out=int((~known).sum()),
    )


def query_ndcg(label: Floats, score: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Return (n_queries,) NDCG over all rows of each query; NaN where all its labels are equal."""
    gain = np.where(label.max(initial=0.0) > _MOST_GAIN, label, np.exp2(np.minimum(label, _MOST_GAIN)) - 1.0)
    ends = np.cumsum(sizes)
    found = np.full(len(sizes), np.nan)
    for i, (end, n) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
        own = gain[end - n : end]
        if n and own.max() > own.min():
            discount = 1.0 / np.log2(np.arange(2, n + 2))
            ideal = float((np.sort(own)[::-1] * discount).sum())
            got = own[np.argsort(-score[end - n : end], kind="stable")]
            found[i] = float((got * discount).sum()) / ideal if ideal > 0 else np.nan
    return found

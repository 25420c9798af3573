"""A ranking by the size of its queries, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from treedebug.core.findings import Finding
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.ranking_by_query_size import RankingByQuerySize, RankingOf, ranking_by_query_size
from treedebug.plots.class_displays import of_dataset
from treedebug.plots.display import BLUE, Display, mark_whole, tidy, words


class RankingByQuerySizeDisplay(Display[RankingByQuerySize]):
    """Mean NDCG of the queries by how many rows they have; bars are 95 % intervals."""

    size = (6.0, 3.6)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of a ranking."""
        return cls._of(run, ranking_by_query_size, findings)

    def plot(self, *, dataset: str | None = None, role: str = "last", ax: Any = None, **kwargs: Any) -> Self:
        """Draw the last round, or `role="best"`; `kwargs` go to `ax.errorbar`."""
        shown: RankingOf = of_dataset(self.picture.datasets, dataset, role)
        ax = self._begin(ax)
        at = np.arange(len(shown.ndcg))
        style = {"fmt": "o", "color": BLUE, "capsize": 3, **kwargs}
        self.bars_ = ax.errorbar(at, shown.ndcg, yerr=1.96 * np.nan_to_num(shown.error), **style)
        columns = (shown.smallest, shown.largest, shown.n_queries)
        spans = zip(*(c.tolist() for c in columns), strict=True)
        ax.set_xticks(at, [f"{a if a == b else f'{a}-{b}'}\n({n:,})" for a, b, n in spans])
        ax.margins(x=0.1)
        mark_whole(ax, self.marks)
        rest = f"; {shown.n_left_out:,} queries have nothing to rank" if shown.n_left_out else ""
        title = f"{words(shown.dataset, 20)}, round {shown.round_index:,}{rest}"
        tidy(ax, title=title, x="rows of the query (number of queries)", y="NDCG")
        return self

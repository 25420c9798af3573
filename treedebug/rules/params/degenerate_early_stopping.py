"""HP513 degenerate-early-stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.params._short_patience import of_patience
from treedebug.rules.params._weak_deciders import is_fair_part, of_first, of_least, of_metric, of_set
from treedebug.signals.params.deciding_curves import DecidingCurves
from treedebug.signals.params.watched_sets import WatchedSets


@dataclass(frozen=True, kw_only=True)
class DegenerateEarlyStopping(Rule):
    """Early stopping is decided by a dataset or a metric that cannot decide.

    ## What it does
    Looks at what early stopping goes by. Fires if the dataset holds one class, or one label value; if it has fewer
    than `min_rows` rows (`min_fair` where it is `fair_share` of all rows or more, for a small table has no more), or
    its rarest class fewer than `min_rare` where the metric ranks; and, once early stopping has
    ended a training, if the metric that decided has never moved, or stalled in the first `early` share of the rounds
    while another one that was watched was still improving (LightGBM stops by whichever stalls first, XGBoost by the
    last of the last dataset; only info where a ranking stalled and a log loss went on). If LightGBM's
    `first_metric_only` takes the objective's own metric, which comes before the user's. If it ended a training that
    still improved, by less than `min_delta` at a time, where the rounds since had brought `min_creep` of all
    improvement. And if it ended a training that had hardly begun (learning rate times useful rounds under a half),
    after rounds that together are a quarter of a full step.
    ## Why is this bad
    The number of rounds is decided by chance, or by something nobody looks at: most often the model is cut off early.
    ## When to ignore it
    You know that this dataset and metric decide, and want them to.
    """

    code = "HP513"
    name = "degenerate-early-stopping"
    explains: ClassVar[tuple[str, ...]] = (
        "CL404",
        "CV101",
        "CV103",
        "CV105",
        "CV106",
        "CV107",
        "CV111",
        "CL405",
        "TR207",
    )

    min_rows: int = param(50, "rows of the dataset that decides", ge=1, le=1_000_000)
    min_fair: int = param(32, "the same where the dataset is a fair part of all rows", ge=1, le=1_000_000)
    fair_share: float = param(0.25, "share of all rows, of training and its own, that is a fair part", ge=0.0, le=1.0)
    min_rare: int = param(10, "rows of its rarest class where the metric ranks", ge=1, le=1_000_000)
    min_creep: float = param(0.1, "share of all improvement that min_delta cuts off", ge=0.0, le=1.0)
    early: float = param(0.7, "share of the rounds in which the one that decided had stalled", ge=0.0, le=1.0)

    def check(self, guard: WatchedSets, header: Header, curves: DecidingCurves | None) -> Iterator[Finding]:
        """The dataset, then the metric."""
        if guard.patience is None or not guard.decides or guard.decides in guard.training:
            return
        fair = is_fair_part(guard, header, self.fair_share)
        weak = of_set(guard, header, self.min_fair if fair else self.min_rows, self.min_rare)
        weak = weak or of_first(guard, header)
        if weak is None and curves is not None:
            weak = of_least(curves, header, self.min_creep)
            weak = weak or of_metric(curves, self.early, own_objective=header.objective == "custom")
            weak = weak or of_patience(curves, header)
        if weak is not None:
            yield self.finding(
                weak.message,
                subject=weak.subject,
                severity=weak.severity,
                explains=None
                if weak.kind in ("one class", "few rows")
                else tuple(c for c in self.explains if c not in ("CL404", "CV101")),
                rounds=weak.rounds,
                try_next=weak.changes,
                kind=weak.kind,
                dataset=guard.decides if weak.rounds is None else weak.dataset,
            )

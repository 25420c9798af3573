"""SY807 uneven-workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import DATA
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.signals.system.worker_rows import WorkerRows


@dataclass(frozen=True, kw_only=True)
class UnevenWorkers(Rule):
    """One of several workers has far more rows than the others.

    ## What it does
    Compares the training rows of the workers that train one booster together (Dask, Spark, Ray). Fires if the largest
    share is more than `max_ratio` times an even one.
    ## Why is this bad
    Every round waits for the worker with the most rows: the others stand idle meanwhile, and are paid for.
    ## When to ignore it
    The workers differ in speed, and the shares follow that.
    """

    code = "SY807"
    name = "uneven-workers"

    max_ratio: float = param(1.5, "times an even share of the rows", ge=1.0, le=1000.0)

    def check(self, workers: WorkerRows) -> Iterator[Finding]:
        """Compare the largest share with an even one."""
        rows, n = workers.rows, len(workers.rows)
        most, even = max(rows), sum(rows) / n
        if not even or most < self.max_ratio * even:
            return
        at = rows.index(most)
        host = f" on {workers.hosts[at]}" if workers.hosts[at] else ""
        yield self.finding(
            f"worker {workers.ranks[at]}{host} has {figure(100 * most / sum(rows))} % of the {sum(rows)} training "
            f"rows; an even share of {n} workers is {figure(100 / n)} %: each round waits for it",
            severity=Severity.WARNING,
            try_next=(Change("repartition", n, "as many equal parts as there are workers", kind=DATA),),
            is_root=True,
            largest_rows=most,
            even_rows=even,
            n_workers=n,
        )

"""HP513 degenerate-early-stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_facts import base_name, class_counts, is_coarse, perfect_value, rows_behind
from treedebug.signals.params.deciding_curves import DecidingCurves, best_round
from treedebug.signals.params.watched_sets import Guard

_ANY = "LightGBM stops by any metric that stalls"


@dataclass(frozen=True, kw_only=True)
class DegenerateEarlyStopping(Rule):
    """Early stopping is decided by a dataset or a metric that cannot decide.

    ## What it does
    Looks at what early stopping goes by. Fires if the dataset holds one class, or one label value; if it has fewer
    than `min_rows` rows, or its rarest class fewer than `min_rare` where the metric ranks; and, once early stopping has
    ended a training, if the metric that decided has never moved, or stalled in the first `early` share of the rounds
    while another one that was watched was still improving (LightGBM stops by whichever stalls first, XGBoost by the
    last of the last dataset).
    ## Why is this bad
    The number of rounds is decided by chance, or by something nobody looks at: most often the model is cut off early.
    ## When to ignore it
    You know that this dataset and metric decide, and want them to.
    """

    code = "HP513"
    name = "degenerate-early-stopping"
    explains: ClassVar[tuple[str, ...]] = ("CV103", "CV105", "CV106", "CV107", "CV111", "CL405", "TR207")

    min_rows: int = param(50, "rows of the dataset that decides", ge=1, le=1_000_000)
    min_rare: int = param(10, "rows of its rarest class where the metric ranks", ge=1, le=1_000_000)
    early: float = param(0.7, "share of the rounds in which the one that decided had stalled", ge=0.0, le=1.0)

    def check(self, guard: Guard, header: Header, curves: DecidingCurves | None) -> Iterator[Finding]:
        """The dataset, then the metric."""
        if guard.patience is None or not guard.decides or guard.decides in guard.training:
            return
        of_set = self._of_set(guard, header)
        if of_set is not None:
            kind, message, severity = of_set
            yield self.finding(
                message, subject=guard.decides, severity=severity, is_root=True, kind=kind, dataset=guard.decides
            )
        elif curves is not None:
            yield from self._of_metric(curves)

    def _of_set(self, guard: Guard, header: Header) -> tuple[str, str, Severity] | None:
        facts: dict[str, Any] = header.data.get(guard.decides, {})
        label, n_rows = facts.get("label") or {}, facts.get("n_rows") or 0
        counts = class_counts(label)
        where = f"early stopping goes by {guard.metric or 'the metric'} on {guard.decides!r}"
        if counts is not None and int((counts > 0).sum()) == 1 and n_rows > 1:
            return "one class", f"{where}, whose {n_rows} rows are all of class {int(counts.argmax())}", Severity.ERROR
        if counts is None and label.get("std") == 0 and n_rows > 1:
            return "one label", f"{where}, whose labels are all {figure(label['mean'])}", Severity.ERROR
        if 0 < n_rows < self.min_rows:
            message = f"{where}, which has {n_rows} rows: which round is best is decided by chance; use some hundred"
            return "few rows", message, Severity.WARNING
        rare = rows_behind(header, guard.decides, guard.metric)
        if 0 < rare < 2 * self.min_rare <= n_rows:
            message = f"{where}, whose rarest class has {int(rare / 2)} rows: which round is best is decided by chance"
            return "few rows", message, Severity.WARNING
        return None

    def _of_metric(self, curves: DecidingCurves) -> Iterator[Finding]:
        one = curves.decider
        first, last = int(one.rounds[0]), int(one.rounds[-1])
        name, better = f"{one.metric} on {one.dataset}", curves.improving()
        if len(one.values) > 1 and np.isfinite(one.values).all() and float(np.ptp(one.values)) == 0.0:
            message = f"early stopping went by {name}, which has not moved since the first round "
            message += f"({figure(float(one.values[0]))})" + _reason(one.metric, float(one.values[0]))
            message += f". {_ANY}: set first_metric_only=True" if curves.others and curves.any_of_them else ""
            yield self._told(message, "standing", curves, first, ())
            return
        if not better or curves.best_round - first > self.early * (last - first):
            return
        other = better[-1]
        tries: tuple[Change, ...] = ()
        told = f"{other.metric} on {other.dataset} was still improving (best in round {best_round(other)})"
        if curves.any_of_them:
            how = _ANY
            tries = (Change("first_metric_only", value=True, why=f"and {base_name(other.metric)} first in metric"),)
        else:
            how = "XGBoost goes by the last metric of the last dataset"
        message = f"training was stopped by {name}, best in round {curves.best_round}, while {told}: {how}"
        yield self._told(message, "another metric", curves, curves.best_round, tries)

    def _told(self, message: str, kind: str, curves: DecidingCurves, at: int, tries: tuple[Change, ...]) -> Finding:
        one = curves.decider
        return self.finding(
            message, subject=one.metric, rounds=(at, int(one.rounds[-1])), try_next=tries, is_root=True, kind=kind,
            dataset=one.dataset,
        )  # fmt: skip


def _reason(metric: str, value: float) -> str:
    """Why a metric stands still."""
    if value == perfect_value(metric):
        return ", at its bound"
    return ": all rows are called one class" if is_coarse(metric) else ""

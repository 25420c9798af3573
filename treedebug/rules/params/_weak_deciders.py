"""Datasets and metrics that cannot decide when to stop: the known cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from treedebug.core.findings import Change, Severity
from treedebug.core.params.metric_names import KNOWN_METRICS, metric_list
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.metric_facts import base_name, class_counts, is_coarse, perfect_value, rows_behind
from treedebug.signals.params.deciding_curves import DecidingCurves, best_round
from treedebug.signals.params.watched_sets import WatchedSets

_ANY = "LightGBM stops by any metric that stalls"
_RANKS = ("auc", "average_precision", "aucpr", "auc_mu")
_LOSSES = ("binary_logloss", "logloss", "cross_entropy", "multi_logloss", "mlogloss")


@dataclass(frozen=True, kw_only=True)
class Weak:
    """What HP513 says of a dataset or a metric."""

    kind: str
    subject: str
    message: str
    severity: Severity = Severity.WARNING
    dataset: str = ""
    rounds: tuple[int, int] | None = None
    changes: tuple[Change, ...] = ()


def is_fair_part(guard: WatchedSets, header: Header, fair_share: float) -> bool:
    """Return whether the dataset that decides holds this share of all rows, of training and of its own, or more."""
    n_rows = header.data.get(guard.decides, {}).get("n_rows") or 0
    n_train = max((d.get("n_rows") or 0 for d in header.data.values() if d.get("is_training")), default=0)
    return n_train > 0 and n_rows >= fair_share * (n_rows + n_train)


def of_set(guard: WatchedSets, header: Header, min_rows: int, min_rare: int) -> Weak | None:
    """The dataset that decides: one class, one label, or few rows."""
    facts: dict[str, Any] = header.data.get(guard.decides, {})
    label, n_rows = facts.get("label") or {}, facts.get("n_rows") or 0
    counts, rare = class_counts(label), rows_behind(header, guard.decides, guard.metric)
    where = f"early stopping goes by {guard.metric or 'the metric'} on {guard.decides!r}"
    kind, what, severity = "few rows", "", Severity.WARNING
    if counts is not None and int((counts > 0).sum()) == 1 and n_rows > 1:
        kind, what, severity = (
            "one class",
            f"which holds one class only: its {n_rows} rows are all of class {int(counts.argmax())}",
            Severity.ERROR,
        )
    elif counts is None and label.get("std") == 0 and n_rows > 1:
        kind, what, severity = "one label", f"whose labels are all {figure(label['mean'])}", Severity.ERROR
    elif 0 < n_rows < min_rows:
        what = f"which has {n_rows} rows: which round is best is decided by chance; use some hundred"
    elif 0 < rare < 2 * min_rare <= n_rows:
        what = f"whose rarest class has {int(rare / 2)} rows: which round is best is decided by chance"
    return Weak(kind=kind, subject=guard.decides, message=f"{where}, {what}", severity=severity) if what else None


def of_least(curves: DecidingCurves, header: Header, min_creep: float) -> Weak | None:
    """Return the least improvement that counts, where it ended a training that was still improving."""
    delta = (header.extra.get("stopping") or {}).get("min_delta") or 0.0
    values, rounds = curves.decider.values, curves.decider.rounds
    if not delta > 0 or not np.isfinite(values).all() or len(values) <= curves.patience:
        return None
    if int(rounds[-1]) - curves.best_round >= curves.patience:
        return None  # it would have stopped anyway
    sign = 1.0 if curves.decider.higher_is_better else -1.0
    best, before = float((sign * values).max()), float((sign * values[: -curves.patience]).max())
    whole = best - float(sign * values[0])
    if not whole > 0 or best - before < min_creep * whole:
        return None
    name = f"{curves.decider.metric} on {curves.decider.dataset}"
    message = (
        f"early stopping ended a training that still improved: the last {curves.patience} rounds brought "
        f"{figure(best - before)} of {name}, and min_delta={figure(delta)} counts no improvement below that"
    )
    change = Change("min_delta", 0, "the patience alone decides")
    return Weak(kind="min_delta", subject="min_delta", message=message, dataset=curves.decider.dataset,
                rounds=(int(rounds[0]), int(rounds[-1])), changes=(change,))  # fmt: skip


def of_first(guard: WatchedSets, header: Header) -> Weak | None:
    """Return the objective's own metric where LightGBM takes it for the first, and an own one was meant to decide."""
    only = (header.extra.get("stopping") or {}).get("first_metric_only")
    own = [m for m in guard.metrics if m not in KNOWN_METRICS and "@" not in m]
    named = [m for name, value in header.params_given.items() if name.startswith("metric") for m in metric_list(value)]
    if guard.library != "lightgbm" or not only or not own or guard.metrics[0] in (*own, *named):
        return None
    message = (
        f"first_metric_only takes {guard.metrics[0]}, the objective's own metric, which comes before {own[0]}: early "
        "stopping does not go by yours"
    )
    change = Change("metric", "None", "leaves your own metric alone")
    return Weak(kind="first metric", subject=guard.metrics[0], message=message, changes=(change,))


def of_metric(curves: DecidingCurves, early: float, *, own_objective: bool) -> Weak | None:
    """The metric that decided: it never moved, or stalled while another one still improved."""
    one, better = curves.decider, curves.improving()
    first, last, name = int(one.rounds[0]), int(one.rounds[-1]), f"{one.metric} on {one.dataset}"
    if len(one.values) > 1 and np.isfinite(one.values).all() and float(np.ptp(one.values)) == 0.0:
        value = float(one.values[0])
        message = f"early stopping went by {name}, which has not moved since the first round ({figure(value)})"
        message += _reason(one.metric, value, own_objective=own_objective)
        message += f". {_ANY}: set first_metric_only=True" if curves.others and curves.any_of_them else ""
        return Weak(kind="standing", subject=one.metric, message=message, dataset=one.dataset, rounds=(first, last))
    at = curves.best_round
    if not better or at - first > early * (last - first):
        return None
    other = better[-1]
    ranks = base_name(one.metric) in _RANKS and base_name(other.metric) in _LOSSES
    told = f"{other.metric} on {other.dataset} was still improving (best in round {best_round(other)})"
    how, changes = "XGBoost goes by the last metric of the last dataset", []
    if curves.any_of_them:
        how, why = _ANY, f"and {base_name(other.metric)} first in metric"
        changes.append(Change("first_metric_only", value=True, why=why))
    return Weak(
        kind="another metric",
        subject=one.metric,
        message=f"training was stopped by {name}, best in round {at}, while {told}: {how}",
        severity=Severity.INFO if ranks else Severity.WARNING,  # probabilities go on to sharpen where the order stands
        dataset=one.dataset,
        rounds=(at, last),
        changes=tuple(changes),
    )


def _reason(metric: str, value: float, *, own_objective: bool) -> str:
    """Why a metric stands still."""
    if value == perfect_value(metric):
        return ", at its bound"
    raw = ". An own objective leaves raw scores to the metric: cut them at 0, or take the sigmoid first"
    return f": all rows are called one class{raw if own_objective else ''}" if is_coarse(metric) else ""

"""The rows of a comparison: a name and a value of each run, by section."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from treedebug.api.boosted_run import Run
from treedebug.api.compare_schedules import schedule_rows
from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import TreedebugError
from treedebug.core.report import ComparedRow
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.fingerprints import data_hash
from treedebug.core.run.run_data import RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing
from treedebug.signals.runs.data_change import column_changes
from treedebug.signals.runs.run_pair import RunPair

_COMMIT = 7
"""Digits of a commit's hash that people read."""
_TOP_FEATURES = 5
_DIGITS = 6
"""Significant digits two parameters must share to count as equal: libraries hand float32 values back."""


def sections_of(runs: Sequence[Run]) -> dict[str, tuple[ComparedRow, ...]]:
    """Return the sections that have rows, in the order in which they are read."""
    datas = [run.data for run in runs]
    sections = {
        "parameters": _parameters([run.params for run in runs]),
        "training": _training(runs),
        "schedule": schedule_rows(datas),
        "metrics": _metrics(datas),
        "size": _size(datas),
        "importance": _importance(datas),
        "time": _time(datas),
        "classes": _classes(datas),
        "data": _data(datas),
        "findings": _findings(runs),
    }
    return {title: rows for title, rows in sections.items() if rows}


def _row(name: str, values: Iterable[Any], *, higher_is_better: bool | None = None, unit: str = "") -> ComparedRow:
    """Return a row; `best` is set if a direction is given, some run has a number, and not all are equally good."""
    row = tuple(_number(v) if isinstance(v, float | np.generic) else v for v in values)
    known = {i: v for i, v in enumerate(row) if isinstance(v, int | float) and not math.isnan(v)}
    best = None
    if higher_is_better is not None and len(set(known.values())) > 1:
        best = (max if higher_is_better else min)(known, key=lambda i: known[i])
    return ComparedRow(name=name, values=row, best=best, unit=unit)


def _number(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def _parameters(params: Sequence[Mapping[str, Any]]) -> tuple[ComparedRow, ...]:
    names = dict.fromkeys(name for p in params for name in p)
    return tuple(_row(name, [_rounded(p.get(name)) for p in params]) for name in names)


def _rounded(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else value


def _training(runs: Sequence[Run]) -> tuple[ComparedRow, ...]:
    headers = [run.data.header for run in runs]
    training: list[Mapping[str, Any]] = [
        next((d for d in h.data.values() if d.get("is_training")), {}) for h in headers
    ]
    rows = [
        _row("name", [h.name or None for h in headers]),
        _row("tags", [", ".join(h.tags) or None for h in headers]),
        _row("code", [_commit(h.git) for h in headers]),
        _row("data", [data_hash(h) or None for h in headers]),
        _row("library", [h.library or None for h in headers]),
        _row("booster", [h.booster or None for h in headers]),
        _row("objective", [h.objective or None for h in headers]),
        _row("training rows", [d.get("n_rows") for d in training]),
        _row("features", [h.n_features or None for h in headers]),
        _row("rounds", [run.data.n_rounds for run in runs]),
        _row("best round", [run.best_round for run in runs]),
        _row("ended", [run.state for run in runs]),
        _row("trees differ from round", [None, *(_first_difference(r.data, runs[0].data) for r in runs[1:])]),
    ]
    return _known(rows)


def _commit(git: Mapping[str, Any]) -> str | None:
    """Say "1a2b3c4" or "1a2b3c4, changed"."""
    commit = str(git.get("commit", ""))[:_COMMIT]
    return f"{commit}, changed" if commit and git.get("dirty") else commit or None


def _first_difference(now: RunData, then: RunData) -> int | str | None:
    """Return the first round whose trees differ; "none" if all rounds that both have are equal.

    None if they cannot be compared.
    """
    if now.header.library != then.header.library:
        return None
    try:
        at = RunPair(now, then).first_difference
    except (Missing, TreedebugError):
        return None
    return "none" if at is None else at


def _known(rows: Iterable[ComparedRow]) -> tuple[ComparedRow, ...]:
    return tuple(r for r in rows if any(v is not None for v in r.values))


def _metrics(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    rows: list[ComparedRow] = []
    for dataset, metric in dict.fromkeys(key for data in datas for key in data.evals.keys()):
        curves = [_curve(data, dataset, metric) for data in datas]
        direction = next((c.higher_is_better for c in curves if c is not None), None)
        # a better value on the training rows is no merit: it may be overfitting
        is_training = any(data.evals.is_training(dataset) for data in datas)
        marked = None if is_training else direction
        best = [None if c is None or direction is None else _best(c, higher=direction) for c in curves]
        name = f"{dataset} {metric}"
        rows += [
            _row(f"{name}, best", [b and b[0] for b in best], higher_is_better=marked),
            _row(f"{name}, best round", [b and b[1] for b in best]),
            _row(f"{name}, last", [c and _last(c) for c in curves], higher_is_better=marked),
        ]
    return _known(rows)


def _curve(data: RunData, dataset: str, metric: str) -> EvalSeries | None:
    return data.evals.series(dataset, metric) if (dataset, metric) in data.evals.keys() else None


def _last(curve: EvalSeries) -> float | None:
    return float(curve.values[-1]) if len(curve.values) else None


def _best(curve: EvalSeries, *, higher: bool) -> tuple[float, int] | None:
    """Return the best finite value and the first round that reached it."""
    values = np.where(np.isfinite(curve.values), curve.values, -np.inf if higher else np.inf)
    if not np.isfinite(values).any():
        return None
    at = int(values.argmax() if higher else values.argmin())
    return float(values[at]), int(curve.rounds[at])


def _size(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    summaries = [data.summary for data in datas]
    rows = [
        _row("trees", [_of(s, "n_leaves", len) for s in summaries]),
        _row("leaves", [_of(s, "n_leaves", _sum) for s in summaries], higher_is_better=False),
        _row("mean leaves a tree", [_of(s, "n_leaves", np.mean) for s in summaries]),
        _row("mean depth", [_of(s, "depth", np.mean) for s in summaries]),
        _row("largest depth", [_of(s, "depth", _max) for s in summaries]),
    ]
    return _known(rows)


def _sum(values: Any) -> int:
    return int(values.sum())


def _max(values: Any) -> int:
    return int(values.max())


def _of(summary: TreeSummary | None, column: str, measure: Callable[[Any], Any]) -> Any:
    values = None if summary is None else summary.column(column)
    return None if values is None or not len(values) else measure(values)


def _importance(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    ranks = [_ranks(data) for data in datas]
    top = dict.fromkeys(name for place in range(_TOP_FEATURES) for r in ranks for name in list(r)[place : place + 1])
    return tuple(_row(name, [r.get(name) for r in ranks], unit="rank by total gain") for name in top)


def _ranks(data: RunData) -> dict[str, int]:
    """Return the rank (1 is first) by total gain of each feature that was split on, in that order."""
    if data.summary is None:
        return {}
    totals = data.summary.totals()
    gain = totals.total_gain
    order = [totals.features[i] for i in np.argsort(-gain, kind="stable") if gain[i] > 0]
    return {data.header.feature_name(int(i)): place for place, i in enumerate(order, 1)}


def _time(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    seconds = [d.rounds.seconds for d in datas]
    known = [s[np.isfinite(s)] for s in seconds]
    rows = [
        _row("training", [k.sum() if len(k) else None for k in known], higher_is_better=False, unit="s"),
        _row("a round", [k.mean() * 1000 if len(k) else None for k in known], higher_is_better=False, unit="ms"),
    ]
    return _known(rows)


def _classes(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    names = dict.fromkeys(n for d in datas for n in d.classes.datasets() if not d.evals.is_training(n))
    rows: list[ComparedRow] = []
    for dataset in names:
        recalls = [d.classes.last(dataset).recall if dataset in d.classes.datasets() else None for d in datas]
        for c in range(max(len(r) for r in recalls if r is not None)):
            values = [None if r is None or c >= len(r) else r[c] for r in recalls]
            rows.append(_row(f"{dataset} recall of class {c}", values, higher_is_better=True))
    return _known(rows)


def _data(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    """Return rows, columns, and the columns that changed most against the first run's data, if measured."""
    profiles = [None if (sets := run.stream(DataSets)) is None else sets.train for run in datas]
    first = profiles[0]
    if first is None or all(p is None for p in profiles[1:]):
        return ()
    rows = [
        ComparedRow(name="rows", values=tuple(None if p is None else p.n_rows for p in profiles)),
        ComparedRow(name="columns", values=tuple(None if p is None else p.n_columns for p in profiles)),
    ]
    changes = [{} if p is None else {c.column: c for c in column_changes(first, p)} for p in profiles[1:]]
    names = list(dict.fromkeys(n for found in changes for n in list(found)[:_TOP_FEATURES]))
    for name in names:
        moved = tuple(found[name].distance if name in found else None for found in changes)
        missing = (first.column(name).missing_share, *(f[name].missing_now if name in f else None for f in changes))
        rows.append(ComparedRow(name=f"{name}, moved", values=(0.0, *moved)))
        rows.append(ComparedRow(name=f"{name}, missing", values=missing))
    return tuple(rows)


def _findings(runs: Sequence[Run]) -> tuple[ComparedRow, ...]:
    found = [{(f.code, f.name) for f in run.findings} for run in runs]
    return tuple(
        _row(f"{code} {name}", [(code, name) in f for f in found]) for code, name in sorted(set().union(*found))
    )

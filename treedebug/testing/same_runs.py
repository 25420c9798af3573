"""Runs whose arrays are read-only, and a text that tells two runs apart."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.margin_log import MarginLog
from treedebug.core.run.prediction_log import PredictionLog
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.core.run.run_data import ComparedRun, Pulse, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.testing.tree_builders import TableTrees


def frozen(run: RunData) -> RunData:
    """Return the run with every array a rule could reach made read-only."""
    held: list[NDArray[Any]] = []
    for record in run.classes:
        held += [record.confusion, record.label_weight, record.mean_probability]
    if run.has_stream(TreeSummary) and (summary := run.summary) is not None:
        held += [v for s in summary.snapshots() for v in vars(s).values() if isinstance(v, np.ndarray)]
    if isinstance(run.trees, TableTrees):
        held += [v for v in vars(run.trees.table).values() if isinstance(v, np.ndarray)]
    for margin in run.stream(MarginLog) or ():
        held += [v for v in (margin.margin, margin.lead, margin.loss) if v is not None]
    for p in run.stream(PredictionLog) or ():
        held.append(p.scores)
    for e in run.stream(LabelErrorLog) or ():
        held += [e.edges, e.n_rows, e.mean_error, e.mean_absolute_error]
    for values in held:
        values.setflags(write=False)
    return run


def fingerprint(run: RunData) -> str:
    """Return text that is equal for runs of equal content."""
    curves_in = [(c.dataset, c.metric, c.rounds.tolist(), c.values.tolist()) for c in run.evals]
    matrices = [(r.round_index, r.dataset, r.confusion.tolist(), r.mean_probability.tolist()) for r in run.classes]
    columns: Mapping[str, Any] = {}
    if isinstance(run.trees, TableTrees):
        columns = {k: v.tolist() for k, v in vars(run.trees.table).items() if isinstance(v, np.ndarray)}
    r, pulse, coverage = run.rounds, run.stream(Pulse), run.stream(RowCoverage)
    used = (r.cpu_seconds.tolist(), r.peak_memory.tolist(), r.evaluation_seconds.tolist())
    log = (r.rounds.tolist(), r.iterations.tolist(), r.seconds.tolist(), used, pulse)
    baseline = run.stream(ComparedRun)
    kept: list[tuple[Any, ...]] = [
        (m.round_index, m.dataset, m.n_rows, m.margin.tolist()) for m in run.stream(MarginLog) or ()
    ]
    kept += [(p.round_index, p.dataset, p.scale, p.scores.tolist()) for p in run.stream(PredictionLog) or ()]
    kept += [(e.round_index, e.dataset, e.mean_error.tolist()) for e in run.stream(LabelErrorLog) or ()]
    other = "" if baseline is None else fingerprint(baseline.run)
    other += "".join(fingerprint(r) for r in (() if baseline is None else baseline.search) if r is not run)
    data = run.stream(DataSets)
    sets = "" if data is None else data.to_json()
    foreign = [_content(s) for kind, s in run.streams().items() if not kind.__module__.startswith("treedebug.")]
    streams = (curves_in, log, matrices, columns, kept, sets, _content(coverage), foreign)
    return repr((run.header, run.evals.directions, streams, run.ending, other))


def _content(value: Any) -> Any:
    """Return a stream of another package as plain data, so that runs that differ only there can be told apart."""
    if isinstance(value, np.ndarray | array):
        return value.tolist()
    if isinstance(value, Mapping):
        return {repr(_content(k)): _content(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_content(v) for v in value]
    return _content(vars(value)) if hasattr(value, "__dict__") else value

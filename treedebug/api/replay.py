"""Replay: predictions, class balance and metrics at every round, on any data, from the recorded trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api.frames import classes_frame
from treedebug.api.scores import default_metrics, named_metric
from treedebug.core.classes import ClassLog
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.run import RunData
from treedebug.readers.batches import read_batch, read_facts
from treedebug.readers.facts import ModelFacts
from treedebug.readers.links import transform
from treedebug.readers.predict import margins_by_round
from treedebug.recorders.classmeter import ClassMeter
from treedebug.store.trees import RecordedTrees

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Replay:
    """The rounds of a run, seen on other data. `metrics` and `classes` are empty without labels."""

    metrics: pd.DataFrame
    """round_index, metric, value"""
    classes: pd.DataFrame
    """As `run.classes`, at every round."""
    log: ClassLog
    _margins: Callable[[], Iterator[tuple[int, Floats]]]
    _facts: ModelFacts

    def margins(self) -> Iterator[tuple[int, Floats]]:
        """(round_index, margin (n_rows, n_outputs)) round by round, computed as you go."""
        return self._margins()

    def margin(self, round_index: int) -> Floats:
        """(n_rows, n_outputs) after one round. Raises NotRecordedError for a round without record."""
        for at, margin in self._margins():
            if at == round_index:
                return margin
        raise NotRecordedError(f"round {round_index} has no recorded trees to replay")

    def prediction(self, round_index: int) -> Floats:
        """What `predict` of the booster after that round returns."""
        return transform(self.margin(round_index), self._facts)

    def confusion(self, round_index: int) -> NDArray[np.int64]:
        """(n_classes, n_classes) label down, prediction across. Raises NotRecordedError without labels or classes."""
        for record in self.log:
            if record.round_index == round_index:
                return record.confusion
        raise NotRecordedError(
            "no confusion matrix: it needs labels (run.replay(X, y)), a classification, and a recorded round"
        )


def replay_run(
    run: RunData,
    X: Any,
    y: Any,
    *,
    weight: Any = None,
    metrics: Sequence[str] | Mapping[str, Callable[..., float]] | None = None,
) -> Replay:
    """See `Run.replay`. `metrics` are names, or functions of (y, prediction); by default those of the objective."""
    facts, values = _facts(run), to_matrix(X, run)
    label = None if y is None else np.asarray(y, dtype=np.float64)
    if label is not None and len(label) != len(values):
        raise ConfigError(f"X has {len(values)} rows, but y has {len(label)}")

    def margins() -> Iterator[tuple[int, Floats]]:
        return _margins(run, values, facts)

    log, rows = ClassLog(), []
    if label is not None:
        scores = _scores(metrics, facts)
        meter = _meter(run, label, weight)
        for round_index, margin in margins():
            prediction = transform(margin, facts)
            rows += [(round_index, name, float(f(label, prediction))) for name, f in scores.items()]
            if meter is not None:
                one = margin[:, 0] if margin.shape[1] == 1 else margin
                log.append(meter.measure(round_index, one, scale="margin"))
    frame = pd.DataFrame(rows, columns=["round_index", "metric", "value"])
    return Replay(frame, classes_frame(log), log, margins, facts)


def _facts(run: RunData) -> ModelFacts:
    first = next(iter(run.trees.batches()), None)
    if first is None:
        reason = next((n.message for n in run.notes if n.topic == "trees"), "this run has no recorded trees")
        raise NotRecordedError(f"there is nothing to replay: {reason}")
    return read_facts(first.raw, run.header.library)


def _margins(run: RunData, X: Floats, facts: ModelFacts) -> Iterator[tuple[int, Floats]]:
    trees = run.trees
    if run.header.booster == "dart" and isinstance(trees, RecordedTrees):
        yield from _dart_margins(run, trees, X, facts)
        return
    yield from margins_by_round((trees.read(b) for b in trees.batches()), X, facts)


def _dart_margins(run: RunData, trees: RecordedTrees, X: Floats, facts: ModelFacts) -> Iterator[tuple[int, Floats]]:
    """DART: only rounds with recorded weights, each summed anew, for every tree may have changed since."""
    for round_index in trees.snapshot_rounds:
        revision, weights = trees.revision_at(round_index), trees.weights_at(round_index)
        if revision is not None:
            tables = [read_batch(revision)]
        else:
            tables = [trees.read(b) for b in trees.batches()]
            tables = [t.select(0, int(t.round_index.searchsorted(round_index + 1))) for t in tables]
            for table in tables:
                if weights is not None:
                    table.weight[:] = weights[table.tree_index]
        last = None
        for last in margins_by_round(tables, X, facts):  # noqa: B007 - only the last sum counts
            pass
        if last is not None:
            yield round_index, last[1]


def _meter(run: RunData, label: NDArray[np.float64], weight: Any) -> ClassMeter | None:
    if run.header.n_classes < 2:  # noqa: PLR2004 - not a classification
        return None
    try:
        return ClassMeter("replay", label, weight, run.header.n_classes)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _scores(
    metrics: Sequence[str] | Mapping[str, Callable[..., float]] | None, facts: ModelFacts
) -> dict[str, Callable[..., float]]:
    if isinstance(metrics, Mapping):
        return dict(metrics)
    names = default_metrics(facts) if metrics is None else metrics
    return {name: named_metric(name) for name in names}


def to_matrix(X: Any, run: RunData) -> Floats:
    """A table as float64 (n_rows, n_features) in the model's column order; categories become their codes."""
    header = run.header
    if isinstance(X, pd.DataFrame):
        names = header.feature_names
        if names and set(names) <= set(map(str, X.columns)):
            by_name = {str(c): c for c in X.columns}
            X = X[[by_name[n] for n in names]]
        columns = [_column(X.iloc[:, i]) for i in range(X.shape[1])]
        values = np.column_stack(columns) if columns else np.empty((len(X), 0))
    else:
        values = np.asarray(X.todense() if hasattr(X, "todense") else X, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != header.n_features:  # noqa: PLR2004 - a table
        raise ConfigError(
            f"expected a table of {header.n_features} columns, as the booster was trained on; got shape {values.shape}"
        )
    return values


def _column(column: pd.Series[Any]) -> NDArray[np.float64]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)

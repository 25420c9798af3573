"""Replay: predictions, class balance and metrics at every round, on any data, from the recorded trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api.replay_metrics import Score, default_metrics, named_metric
from treedebug.api.replay_samples import ReplaySamples
from treedebug.api.replay_tables import to_matrix
from treedebug.api.run_frames import classes_frame, scores_frame
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.records import tree_tables
from treedebug.core.run.run_data import RunData
from treedebug.readers.library_readers import read_batch, read_facts
from treedebug.readers.link_functions import transform
from treedebug.readers.model_facts import ModelFacts
from treedebug.readers.tree_predictions import margins_by_round
from treedebug.recorders.class_counter import ClassMeter
from treedebug.store.recorded_trees import RecordedTrees

Floats = NDArray[np.float64]


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
        """Yield (round_index, margin (n_rows, n_outputs)) round by round, computed as you go."""
        return self._margins()

    def margin(self, round_index: int) -> Floats:
        """Return (n_rows, n_outputs) after one round. Raise NotRecordedError for a round without record."""
        for at, margin in self._margins():
            if at == round_index:
                return margin
        raise NotRecordedError(f"round {round_index} has no recorded trees to replay")

    def prediction(self, round_index: int) -> Floats:
        """Return what `predict` of the booster after that round returns."""
        return transform(self.margin(round_index), self._facts)

    def confusion(self, round_index: int) -> NDArray[np.int64]:
        """Return (n_classes, n_classes) label down, prediction across.

        Raise NotRecordedError without labels or classes.
        """
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
    facts, values = facts_of(run), to_matrix(X, run)
    label = None if y is None else numbers_of(y, "y", len(values))
    weights = None if weight is None else numbers_of(weight, "weight", len(values))
    if label is None and metrics is not None:
        raise ConfigError("metrics need labels: run.replay(X, y, metrics=...)")

    def margins() -> Iterator[tuple[int, Floats]]:
        return _margins(run, values, facts)

    log, rows = ClassLog(), []
    if label is not None:
        scores = _scores(metrics, facts, weights)
        meter, samples, last = _meter(run, label, weights), ReplaySamples(run, label, weights, facts), run.n_rounds - 1
        for round_index, margin in margins():
            samples.take(round_index, margin, last=round_index == last)
            prediction = transform(margin, facts)
            rows += [(round_index, name, float(f(label, prediction))) for name, f in scores.items()]
            if meter is not None:
                one = margin[:, 0] if margin.shape[1] == 1 else margin
                log.append(meter.measure(round_index, one, scale="margin"))
    return Replay(scores_frame(rows), classes_frame(log), log, margins, facts)


def numbers_of(values: Any, name: str, n_rows: int) -> Floats:
    """Return one number a row; a column of them will do. Raise ConfigError."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} must be numbers, as in training (classes 0, 1, ...): {error}") from error
    if found.ndim > 1 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim == 0 or len(found) != n_rows:
        raise ConfigError(f"X has {n_rows} rows, but {name} has shape {found.shape}: give one entry a row")
    return found


def facts_of(run: RunData) -> ModelFacts:
    """Return what the recorded trees say of their model. Raise NotRecordedError without trees."""
    first = next(iter(run.trees.batches()), None)
    if first is None:
        reason = next((n.message for n in run.notes if n.topic == "trees"), "this run has no recorded trees")
        raise NotRecordedError(f"there is nothing to replay: {reason}")
    return read_facts(first.raw, run.header.library)


def _margins(run: RunData, X: Floats, facts: ModelFacts) -> Iterator[tuple[int, Floats]]:
    trees = run.trees
    if run.header.booster == "dart" and isinstance(trees, RecordedTrees):
        yield from _dart_margins(trees, X, facts)
        return
    yield from margins_by_round(tree_tables(trees), X, facts)


def _dart_margins(trees: RecordedTrees, X: Floats, facts: ModelFacts) -> Iterator[tuple[int, Floats]]:
    """Yield only rounds with recorded weights, each summed anew, for every tree may have changed since."""
    for round_index in trees.snapshot_rounds:
        revision, weights = trees.revision_at(round_index), trees.weights_at(round_index)
        if revision is not None:
            tables = [read_batch(revision)]
        else:
            tables = list(tree_tables(trees))
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
    if run.header.n_classes < 2:  # not a classification
        return None
    try:
        return ClassMeter("replay", label, weight, run.header.n_classes)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _scores(
    metrics: Sequence[str] | Mapping[str, Callable[..., float]] | None, facts: ModelFacts, weights: Floats | None
) -> Mapping[str, Callable[[Floats, Floats], float]]:
    """Return the functions of (label, prediction).

    The user's own ones are called as they are, ours with the weights.
    """
    if isinstance(metrics, Mapping):
        for name, function in metrics.items():
            if not callable(function):
                raise ConfigError(f"metrics[{name!r}] must be a function of (y, prediction); got {function!r}")
        return metrics
    names = default_metrics(facts) if metrics is None else [metrics] if isinstance(metrics, str) else metrics
    return {name: _weighted(named_metric(name), weights) for name in names}


def _weighted(score: Score, weights: Floats | None) -> Callable[[Floats, Floats], float]:
    return lambda y, p: score(y, p, np.ones(len(y)) if weights is None else weights)

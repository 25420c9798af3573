"""Whether the predicted probabilities are worth their face value: in the mean, and in how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.resolve import Missing
from treedebug.signals.classes.class_balance import Predictions
from treedebug.signals.curves.eval_curves import NEEDS_VALID
from treedebug.signals.curves.metric_facts import LOGLOSSES, base_name

_PROBABILITY_ROWS = 10_000
"""The recorder takes mean probabilities over about this many rows."""


@dataclass(frozen=True, eq=False)
class MeanProbability:
    """Mean predicted probability of each class beside its share of the labels. Arrays have shape (n_classes,)."""

    dataset: str
    round_index: int
    predicted: NDArray[np.float64]
    labelled: NDArray[np.float64]
    error: NDArray[np.float64]
    """Standard deviation of their difference by chance alone; larger for a class that is often mistaken."""
    rounds: NDArray[np.int64]
    """(n_records,) the round of each record so far."""
    every: NDArray[np.float64]
    """(n_records, n_classes) the mean probabilities of all of them."""

    @classmethod
    def measure(cls, seen: Predictions) -> Self:
        """Measure from the class records. Raise Missing where they hold no probabilities or no rows."""
        last, n = seen.last, seen.last.n_rows
        if not np.isfinite(last.mean_probability).all():
            raise Missing("the mean probabilities were not recorded (needs a class balance made by the recorder)")
        if not n:
            raise Missing(f"{seen.dataset} has no rows")
        share, hits = last.label_share, np.diag(last.confusion)
        mistaken = (last.confusion.sum(axis=0) + last.confusion.sum(axis=1) - 2 * hits) / n
        error = np.sqrt(np.maximum(share * (1.0 - share), mistaken) / min(n, _PROBABILITY_ROWS))
        rounds = np.array([r.round_index for r in seen.records])
        every = np.array([r.mean_probability for r in seen.records])
        return cls(seen.dataset, last.round_index, last.mean_probability, share, error, rounds, every)


@dataclass(frozen=True, eq=False)
class Confidence:
    """The log loss of a classifier beside the most that honest probabilities could cost at its rate of mistakes.

    If a share e of the rows is called wrongly and the probabilities are honest, the mean log loss is at most
    H(e) + e log(k - 1), with H the entropy of a coin (Jensen). A higher loss proves them dishonest.
    """

    dataset: str
    metric: str
    round_index: int
    n_rows: int
    mistakes: float
    """Share of the rows called wrongly."""
    loss: float
    train_loss: float
    """What the model thinks of itself: its log loss on the rows it learned."""
    honest: float
    """The most that honest probabilities could cost."""
    noise: float
    """Standard deviation of `loss - honest` by chance, roughly."""

    @classmethod
    def measure(cls, seen: Predictions, log: EvalLog) -> Self:
        """Raise Missing unless the log loss was watched on training and validation data."""
        last, n = seen.last, seen.last.n_rows
        if seen.is_training:
            raise Missing(NEEDS_VALID)
        metric = next((m for d, m in log.keys() if d == seen.dataset and base_name(m) in LOGLOSSES), None)
        train = next((d for d, m in log.keys() if m == metric and log.is_training(d)), None)
        if metric is None or train is None:
            raise Missing("needs the log loss on training and validation data: watch both with it")
        loss, learned = (_at(log, d, metric, last.round_index) for d in (seen.dataset, train))
        if not (n and math.isfinite(loss) and math.isfinite(learned)):
            raise Missing(f"{metric} has no finite value in round {last.round_index}")
        k = last.confusion.shape[0]
        wrong = 1.0 - float(np.trace(last.confusion)) / n
        e = min(max(wrong, 0.5 / n), (k - 1) / k if k > 1 else 0.5)
        honest = -e * math.log(e) - (1 - e) * math.log(1 - e) + e * math.log(max(k - 1, 1))
        slope = math.log((1 - e) / e) + math.log(max(k - 1, 1))
        noise = math.hypot(slope * math.sqrt(e * (1 - e) / n), 2.0 * loss / math.sqrt(n))
        return cls(seen.dataset, metric, last.round_index, n, wrong, loss, learned, honest, noise)


def _at(log: EvalLog, dataset: str, metric: str, round_index: int) -> float:
    series = log.series(dataset, metric)
    found = series.values[series.rounds == round_index]
    return float(found[0]) if len(found) else math.nan

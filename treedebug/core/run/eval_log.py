"""Metrics over the rounds, under whatever names the user's library gives them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# XGBoost's and LightGBM's built-in metrics where more is better; everything else built in is a loss.
_HIGHER = (
    "auc", "aucpr", "pre", "precision", "ndcg", "map", "mean_average_precision", "average_precision", "auc_mu",
    "accuracy", "acc", "f1", "recall", "r2", "cindex", "interval-regression-accuracy", "gini", "kappa", "mcc",
)  # fmt: skip
_LOWER = (
    "rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "poisson-nloglik",
    "gamma-nloglik", "cox-nloglik", "gamma-deviance", "tweedie-nloglik", "aft-nloglik", "quantile", "expectile", "l1",
    "l2", "huber", "fair", "poisson", "gamma", "gamma_deviance", "tweedie", "binary_logloss", "binary_error",
    "multi_logloss", "multi_error", "cross_entropy", "xentropy", "cross_entropy_lambda", "xentlambda",
    "kullback_leibler", "kldiv", "loss", "mse", "rmsse",
)  # fmt: skip
_TRAINING_NAMES = ("train", "training", "dtrain", "fit", "learn")


def metric_direction(metric: str) -> bool | None:
    """Return whether higher is better, by the metric's name (`ndcg@5`, `auc`, ...); None if unknown."""
    base = metric.lower().split("@")[0].split(":")[0].rstrip("-")
    if base in _HIGHER:
        return True
    if base in _LOWER or base.endswith(("loss", "error", "nloglik", "deviance")):
        return False
    return None


def looks_like_training(dataset: str) -> bool:
    """Return whether a dataset's name says it is the training data; used only where the library does not tell."""
    return dataset.lower().replace("-", "_").split("_")[0] in _TRAINING_NAMES


@dataclass(frozen=True)
class EvalSeries:
    """One metric on one dataset. `rounds` and `values` have shape (n,), rounds ascending; values may be NaN or inf."""

    dataset: str
    metric: str
    higher_is_better: bool | None
    rounds: NDArray[np.int64]
    values: NDArray[np.float64]


class EvalLog:
    """All metrics recorded so far, in the order they first appeared."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], tuple[array[int], array[float]]] = {}
        self.directions: dict[str, bool] = {}
        """Directions the library told us, by metric; they win over the name."""
        self.training: set[str] = set()
        """Datasets known to be the training data."""
        self._stop: int | None = None

    def append(self, round_index: int, dataset: str, metric: str, value: float) -> None:
        """Record one value."""
        column = self._columns.get((dataset, metric))
        if column is None:
            column = self._columns[dataset, metric] = (array("q"), array("d"))
        column[0].append(round_index)
        column[1].append(value)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds` (a continued training that starts over from there)."""
        for rounds, values in self._columns.values():
            keep = int(np.searchsorted(np.array(rounds), n_rounds))
            del rounds[keep:], values[keep:]

    def until(self, n_rounds: int) -> EvalLog:
        """Return the log as it was when `n_rounds` rounds were recorded; shares the numbers with this one."""
        view = EvalLog()
        view._columns, view.directions, view.training = (
            self._columns,
            self.directions,
            self.training,
        )
        view._stop = n_rounds
        return view

    def higher_is_better(self, metric: str) -> bool | None:
        """Return the direction of a metric: as the library told, else by its name, else None."""
        told = self.directions.get(metric)
        return metric_direction(metric) if told is None else told

    def is_training(self, dataset: str) -> bool:
        """Return whether the dataset is the training data: as the recorder saw, else by its name."""
        return dataset in self.training if self.training else looks_like_training(dataset)

    def series(self, dataset: str, metric: str) -> EvalSeries:
        """Return one curve. Raise KeyError for a dataset or metric that was not recorded."""
        rounds, values = self._columns[dataset, metric]
        r, v = np.array(rounds, dtype=np.int64), np.array(values, dtype=np.float64)
        n = min(len(r), len(v))  # a writer may stand between the two appends
        if self._stop is not None:
            n = min(n, int(np.searchsorted(r, self._stop)))
        return EvalSeries(dataset, metric, self.higher_is_better(metric), r[:n], v[:n])

    def keys(self) -> list[tuple[str, str]]:
        """Return (dataset, metric) pairs with at least one value, in order of appearance."""
        columns = list(self._columns.items())
        return [k for k, c in columns if c[0] and (self._stop is None or c[0][0] < self._stop)]

    def datasets(self) -> list[str]:
        """Return the datasets in order of appearance."""
        return list(dict.fromkeys(d for d, _ in self.keys()))

    def deciding(self) -> tuple[str, str] | None:
        """Return (dataset, metric) of the curve that decides; None where only the training data is watched.

        The last validation set and its last metric, as XGBoost's early stopping watches; a metric that is watched on
        the training data too goes before one that is not.
        """
        keys = self.keys()
        watched = [d for d, _ in keys if not self.is_training(d)]
        if not watched:
            return None
        of_dataset = [m for d, m in reversed(keys) if d == watched[-1]]
        trained = {m for d, m in keys if self.is_training(d)}
        return watched[-1], next((m for m in of_dataset if m in trained), of_dataset[0])

    def best_round(self) -> int | None:
        """Return the round in which the deciding curve was best; None where there is none, or its direction unknown."""
        key = self.deciding()
        series = None if key is None else self.series(*key)
        if series is None or series.higher_is_better is None:
            return None
        finite = np.isfinite(series.values)
        values = series.values[finite]
        if not len(values):
            return None
        return int(series.rounds[finite][values.argmax() if series.higher_is_better else values.argmin()])

    def metrics(self) -> list[str]:
        """Return metrics in order of appearance."""
        return list(dict.fromkeys(m for _, m in self.keys()))

    def __iter__(self) -> Iterator[EvalSeries]:
        """Yield all curves."""
        return (self.series(d, m) for d, m in self.keys())

    def __len__(self) -> int:
        """Return the number of curves."""
        return len(self.keys())


class Usage(NamedTuple):
    """What one round took besides wall time; NaN for what is not known."""

    cpu_seconds: float = float("nan")
    """CPU time of the whole process, all threads, since the round before."""
    peak_memory: float = float("nan")
    """Largest resident memory of the process so far, in bytes."""
    evaluation_seconds: float = float("nan")
    """Wall time from the end of the boosting step to the recorder: metrics, and callbacks before it."""


UNKNOWN_USAGE = Usage()


class RoundLog:
    """What a round itself was like: learning rate, wall time, usage, and the booster's iterations after it."""

    def __init__(self) -> None:
        self._rounds: array[int] = array("q")
        self._learning_rate: array[float] = array("d")
        self._seconds: array[float] = array("d")
        self._iterations: array[int] = array("q")
        self._cpu_seconds: array[float] = array("d")
        self._peak_memory: array[float] = array("d")
        self._evaluation_seconds: array[float] = array("d")
        self._stop: int | None = None

    def append(
        self,
        round_index: int,
        *,
        learning_rate: float,
        seconds: float,
        iterations: int,
        usage: Usage = UNKNOWN_USAGE,
    ) -> None:
        """Record one round; NaN for what is not known."""
        self._cpu_seconds.append(usage.cpu_seconds)
        self._peak_memory.append(usage.peak_memory)
        self._evaluation_seconds.append(usage.evaluation_seconds)
        self._learning_rate.append(learning_rate)
        self._seconds.append(seconds)
        self._iterations.append(iterations)
        self._rounds.append(round_index)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        keep = int(np.searchsorted(np.array(self._rounds), n_rounds))
        for column in (self._rounds, self._learning_rate, self._seconds, self._iterations, *self._usage()):
            del column[keep:]

    def _usage(self) -> tuple[array[float], array[float], array[float]]:
        return self._cpu_seconds, self._peak_memory, self._evaluation_seconds

    def set_usage(self, start: int, values: NDArray[np.float64]) -> None:
        """Fill in the usage of rounds recorded before, from round `start` on. `values` (n, 3) as `Usage` has them."""
        at = int(np.searchsorted(np.array(self._rounds), start))
        n = min(len(values), len(self._rounds) - at)
        for column, new in zip(self._usage(), values.T, strict=True):
            column[at : at + n] = array("d", new[:n].tolist())

    def until(self, n_rounds: int) -> RoundLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        view = RoundLog()
        view.__dict__.update(self.__dict__)
        view._stop = n_rounds
        return view

    @property
    def n_recorded(self) -> int:
        """Rounds recorded; fewer than `n_rounds` where some are missing, or were trained before the recording began."""
        return len(self._rounds)

    @property
    def n_rounds(self) -> int:
        """Last recorded round + 1; 0 if none."""
        last = self._rounds[-1] + 1 if self._rounds else 0
        return last if self._stop is None else min(last, self._stop)

    def _cut(self, column: NDArray[np.generic]) -> NDArray[np.generic]:
        rounds = np.array(self._rounds, dtype=np.int64)
        n = len(rounds) if self._stop is None else int(np.searchsorted(rounds, self._stop))
        return column[:n]

    @property
    def rounds(self) -> NDArray[np.int64]:
        """(n,) recorded rounds, ascending."""
        return np.asarray(self._cut(np.array(self._rounds, dtype=np.int64)), dtype=np.int64)

    @property
    def learning_rate(self) -> NDArray[np.float64]:
        """(n,) NaN where unknown."""
        return np.asarray(self._cut(np.array(self._learning_rate)), dtype=np.float64)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(n,) wall time of each round, the recorder's own included."""
        return np.asarray(self._cut(np.array(self._seconds)), dtype=np.float64)

    @property
    def iterations(self) -> NDArray[np.int64]:
        """(n,) boosting iterations in the booster after each round (LightGBM adds none in a round without a split)."""
        return np.asarray(self._cut(np.array(self._iterations, dtype=np.int64)), dtype=np.int64)

    @property
    def cpu_seconds(self) -> NDArray[np.float64]:
        """(n,) CPU time of the process in each round, all threads; NaN where unknown."""
        return np.asarray(self._cut(np.array(self._cpu_seconds)), dtype=np.float64)

    @property
    def peak_memory(self) -> NDArray[np.float64]:
        """(n,) largest resident memory of the process up to each round, in bytes; NaN where unknown."""
        return np.asarray(self._cut(np.array(self._peak_memory)), dtype=np.float64)

    @property
    def evaluation_seconds(self) -> NDArray[np.float64]:
        """(n,) wall time of each round's evaluation; NaN where unknown."""
        return np.asarray(self._cut(np.array(self._evaluation_seconds)), dtype=np.float64)

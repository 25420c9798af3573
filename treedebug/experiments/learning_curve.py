"""`treedebug.learning_curve`: do more rows help, and by how much would twice as many?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.phrases import figure, percent
from treedebug.experiments.candidate import predicted, trainer
from treedebug.experiments.power_law import Expected, PowerLaw, expect, fit
from treedebug.experiments.row_loss import Loss, as_labels, loss_of
from treedebug.pictures.loss_by_rows import LossByRows

Floats = NDArray[np.float64]
_FEWEST_SIZES, _FEWEST_SEEDS, _FEWEST_ROWS = 5, 2, 20


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """The losses on fixed validation rows of models trained on more and more rows."""

    frame: pd.DataFrame
    """A row a training: n_rows, seed, loss."""
    loss_name: str
    constant_loss: float
    """What the training labels' mean, or class shares, would lose."""
    law: PowerLaw
    next_doubling: Expected
    """The loss expected of twice the rows, with an interval of 90 %."""

    @property
    def means(self) -> pd.DataFrame:
        """A row a size: n_rows, loss, standard_error over the seeds."""
        grouped = self.frame.groupby("n_rows")["loss"]
        error: pd.Series = grouped.std(ddof=1) / np.sqrt(grouped.count())
        return pd.DataFrame({"loss": grouped.mean(), "standard_error": error}).reset_index()

    @property
    def last_doubling(self) -> tuple[float, float]:
        """How much the last doubling of the rows took off the loss, and the standard error of that."""
        last = self.means.iloc[-2:]
        steps = np.log2(last["n_rows"].iloc[1] / last["n_rows"].iloc[0])
        gain = float(last["loss"].iloc[0] - last["loss"].iloc[1]) / steps
        return gain, float(np.sqrt((last["standard_error"] ** 2).sum())) / steps

    @property
    def picture(self) -> LossByRows:
        """What `treedebug.plots.LossByRowsDisplay` draws."""
        means, new = self.means, self.next_doubling
        grid = np.geomspace(float(means["n_rows"].iloc[0]), float(new.n_rows), 60)
        return LossByRows(
            loss_name=self.loss_name, rows=means["n_rows"].to_numpy(), loss=means["loss"].to_numpy(),
            standard_error=means["standard_error"].to_numpy(), law_rows=grid,
            law_loss=np.array([self.law.at(n) for n in grid]), next_rows=new.n_rows, next_loss=new.loss, low=new.low,
            high=new.high, constant_loss=self.constant_loss,
        )  # fmt: skip

    def __str__(self) -> str:
        """Return the two sentences that a reader needs."""
        gain, error = self.last_doubling
        n, now = int(self.means["n_rows"].iloc[-1]), float(self.means["loss"].iloc[-1])
        new = self.next_doubling
        share = f" ({percent(gain / (now + gain))})" if gain > 0 and now + gain > 0 else ""
        return (
            f"the last doubling, to {n:,} rows, cut the {self.loss_name} by {figure(gain)} +- {figure(error)}{share}, "
            f"to {figure(now)}\n{new.n_rows:,} rows: {figure(new.loss)} expected, between {figure(new.low)} and "
            f"{figure(new.high)} in nine cases of ten"
        )


def learning_curve(  # noqa: PLR0913 - what is trained, the rows, and how thoroughly
    train: Any,
    X: Any,
    y: Any,
    *,
    valid: tuple[Any, Any],
    sizes: Sequence[int] | None = None,
    seeds: int = 3,
    loss: str | Loss | None = None,
) -> LearningCurve:
    """Train on 5 sizes of the data with 3 seeds each, and fit a power law that prices the next doubling of the rows.

        curve = treedebug.learning_curve(XGBClassifier(max_depth=4), X, y, valid=(X_valid, y_valid))
        print(curve)

    `train` is an XGBoost or LightGBM estimator (copied; each training is stopped early on the validation rows), or a
    function of (X, y, X_valid, y_valid, seed) that returns a fitted model or its predictions of X_valid. The rows of a
    size are drawn by the seed, those of smaller sizes inside those of larger ones. `sizes` are 5 or more numbers of
    rows; by default all rows, a half, a quarter, an eighth and a sixteenth. `loss` is "log loss", "squared error",
    "error rate" or a function of (y, prediction).

    The form of the law is floor + factor * n ** -exponent. It is not read further than one doubling ahead: curves from
    few sizes promise too little of more rows. Raise ConfigError for too few rows, sizes or seeds.
    """
    (labels, n_classes), (valid_labels, _) = as_labels(y), as_labels(_pair(valid)[1], "y of valid")
    chosen = _sizes(sizes, len(labels))
    if seeds < _FEWEST_SEEDS:
        raise ConfigError(f"seeds is {_FEWEST_SEEDS} or more, for a standard error; got {seeds}")
    name, measure = loss_of(loss, n_classes)
    once, rows = trainer(train), []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(labels))
        for n in chosen:
            picked = np.sort(order[:n])
            if n_classes and len(np.unique(labels[picked])) < n_classes:
                raise ConfigError(
                    f"{n} rows drawn hold not every class: give larger sizes, such as sizes=[{n * 2}, ...]"
                )
            model = once(_take(X, picked), labels[picked], valid[0], valid_labels, seed)
            rows.append((n, seed, measure(valid_labels, predicted(model, valid[0], len(valid_labels)))))
    frame = pd.DataFrame(rows, columns=["n_rows", "seed", "loss"])
    return _judged(frame, name, measure(valid_labels, _constant(labels, len(valid_labels), n_classes)))


def _judged(frame: pd.DataFrame, name: str, constant: float) -> LearningCurve:
    grouped = frame.groupby("n_rows")["loss"]
    n_rows, means = np.array(list(grouped.groups), dtype=np.float64), grouped.mean().to_numpy()
    counts = grouped.count().to_numpy()
    # The seeds of one size know its scatter badly, so sizes lend each other half of theirs.
    spread = grouped.var(ddof=1).to_numpy()
    errors = np.sqrt((0.5 * spread + 0.5 * spread.mean()) / counts)
    errors = np.maximum(errors, 1e-9 * max(abs(constant), 1e-9))
    law = fit(n_rows, means, errors, constant)
    return LearningCurve(frame, name, constant, law, expect(n_rows, means, errors, constant, int(2 * n_rows[-1])))


def _constant(labels: Floats, n_rows: int, n_classes: int) -> Floats:
    if n_classes > 2:
        return np.tile(np.bincount(labels.astype(np.int64), minlength=n_classes) / len(labels), (n_rows, 1))
    return np.full(n_rows, labels.mean())


def _sizes(sizes: Sequence[int] | None, n_rows: int) -> list[int]:
    chosen = sorted({int(n_rows) >> k for k in range(_FEWEST_SIZES)} if sizes is None else {int(n) for n in sizes})
    if len(chosen) < _FEWEST_SIZES:
        raise ConfigError(f"sizes are {_FEWEST_SIZES} or more different numbers of rows; got {chosen}")
    if chosen[0] < _FEWEST_ROWS or chosen[-1] > n_rows:
        raise ConfigError(
            f"sizes are between {_FEWEST_ROWS} rows and all {n_rows:,}; got {chosen[0]:,} to {chosen[-1]:,}"
            + ("" if sizes is not None else ": a learning curve needs at least 320 rows")
        )
    return chosen


def _pair(valid: Any) -> tuple[Any, Any]:
    if not (isinstance(valid, (tuple, list)) and len(valid) == 2):
        raise ConfigError(f"valid is a pair (X_valid, y_valid); got {type(valid).__name__}")
    return valid[0], valid[1]


def _take(X: Any, rows: NDArray[np.int64]) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]

"""`treedebug.capacity_curve`: test error over the size of the trees, then over how many models are averaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api.boosted_run import Run, load
from treedebug.api.replay_rounds import facts_of, numbers_of
from treedebug.api.replay_tables import to_matrix
from treedebug.core.errors import ConfigError
from treedebug.leaves.effective_parameters import SmootherData, new_row_weights
from treedebug.pictures.error_by_capacity import ErrorByCapacity

Floats = NDArray[np.float64]
_PROBES = 16


@dataclass(frozen=True, eq=False)
class CapacityCurve:
    """Test error against two measures of size: what was trained, and what the predictions make of it."""

    frame: pd.DataFrame
    """A row a point: size, n_models, n_leaves, test_error, effective_parameters (as the test rows see them)."""

    @property
    def picture(self) -> ErrorByCapacity:
        """What `treedebug.plots.CapacityDisplay` draws."""
        f = self.frame
        return ErrorByCapacity(
            size=tuple(map(str, f["size"])), n_models=f["n_models"].to_numpy(), n_leaves=f["n_leaves"].to_numpy(),
            test_error=f["test_error"].to_numpy(), effective_parameters=f["effective_parameters"].to_numpy(),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return the table as text."""
        return self.frame.to_string(index=False)


def capacity_curve(  # noqa: PLR0913 - what is trained, on what, and how far
    train: Callable[[Any, int], Any],
    sizes: Sequence[Any],
    *,
    X: Any,
    y: Any,
    test: tuple[Any, Any],
    members: Sequence[int] = (2, 5, 10, 20),
) -> CapacityCurve:
    """Train models of growing size, then average more and more of the largest, and measure both on test rows.

        curve = treedebug.capacity_curve(train, [2, 4, 8, 16, 32], X=X, y=y, test=(X_test, y_test))

    `train(size, seed)` trains on X and y with a treedebug callback and returns the run, or its path; `size` is one of
    `sizes` (leaves, depth, rounds: the user's choice). Against what was trained the error can rise and fall again, a
    second descent; against the effective parameters that test rows see, the averages fold back, and the curve is the
    usual U (Curth, Jeffares and van der Schaar, 2023). The error is the mean squared one; of two classes that of the
    probabilities (Brier). Raise ConfigError for a model whose predictions are no smooth function of its labels.
    """
    if not sizes:
        raise ConfigError("sizes is one or more sizes to train; got none")
    if any(m < 2 for m in members):
        raise ConfigError(f"members are numbers of models to average, 2 or more; got {list(members)}")
    one = _Point(X, y, test)
    rows = []
    for size in sizes:
        seen = one.measure(_run(train(size, 0)))
        rows.append((size, 1, seen.n_leaves, *one.judged([seen])))
    largest = [seen]
    for m in sorted(members):
        largest += [one.measure(_run(train(sizes[-1], seed))) for seed in range(len(largest), m)]
        rows.append((sizes[-1], m, sum(s.n_leaves for s in largest), *one.judged(largest)))
    names = ["size", "n_models", "n_leaves", "test_error", "effective_parameters"]
    return CapacityCurve(pd.DataFrame(rows, columns=names))


@dataclass(frozen=True, eq=False)
class _Seen:
    """One trained model at the test rows."""

    n_leaves: int
    prediction: Floats
    weights: Floats
    """(n_probes, n_test)"""


class _Point:
    """The rows that all models are trained on and judged by."""

    def __init__(self, X: Any, y: Any, test: tuple[Any, Any]) -> None:
        if not (isinstance(test, (tuple, list)) and len(test) == 2):
            raise ConfigError(f"test is a pair (X_test, y_test); got {type(test).__name__}")
        self._X, self._y, self._test = X, y, test

    def measure(self, run: Run) -> _Seen:
        """Return what one model makes of the test rows."""
        data = run.data
        facts, train, new = facts_of(data), to_matrix(self._X, data), to_matrix(self._test[0], data)
        label = numbers_of(self._y, "y", len(train))
        rows = SmootherData(train, label, np.ones(len(train)), new)
        probes = np.random.default_rng(0).choice([-1.0, 1.0], size=(_PROBES, len(train)))
        weights = new_row_weights(run.tables(), facts, data, rows, probes)
        return _Seen(int(run.trees["n_leaves"].sum()), run.replay(self._test[0]).prediction(run.n_rounds - 1), weights)

    def judged(self, models: Sequence[_Seen]) -> tuple[float, float]:
        """Return the test error and the effective parameters of the models' average."""
        label = numbers_of(self._test[1], "y of test", len(models[0].prediction))
        mean = np.mean([m.prediction for m in models], axis=0)
        weights = np.mean([m.weights for m in models], axis=0)
        return float(((mean - label) ** 2).mean()), float(len(np.asarray(self._y)) * (weights**2).mean())


def _run(trained: Any) -> Run:
    if isinstance(trained, Run):
        return trained
    if hasattr(trained, "run") and isinstance(trained.run, Run):  # a callback
        return trained.run
    try:
        return load(trained)
    except TypeError as error:
        raise ConfigError(
            f"train must return the recorded run, or its path; got {type(trained).__name__}: record it with a callback"
        ) from error

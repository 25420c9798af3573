"""How far the optimiser moves each weight matrix in a step, beside its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.network_facts import NetFacts, ParamFacts
from nn_bridge.record.tensor_streams import OPTIMIZER, UPDATE, WEIGHT, Floats, Integers, TensorLog
from treedebug.engine.resolve import Missing

NEEDS_STEPS = "needs a recorded step of the optimiser: train inside `with TorchRecorder(model, optimizer, ...)`"


@dataclass(frozen=True, eq=False)
class UpdateRatios:
    """mean(abs(update)) / mean(abs(weight)) of each weight matrix. `ratios` (n_steps, n_layers), at least one of each.

    NaN where a matrix was not sampled. One that starts at zero is taken to be as large as PyTorch draws it. A usual
    training has 1e-4 to 1e-2.
    """

    layers: tuple[str, ...]
    steps: Integers
    rounds: Integers
    ratios: Floats
    rates: Floats
    """(n_steps,) largest learning rate in the step; NaN where none was recorded."""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing without sampled updates."""
        known = set(log.layers(UPDATE))
        names = [p.name for p in facts.matrices() if p.name in known]
        update = log.table(UPDATE, "mean_abs", names)
        weight = log.table(WEIGHT, "mean_abs", names)
        steps, left, right = np.intersect1d(update.steps, weight.steps, return_indices=True)
        if not names or not len(steps):
            raise Missing(NEEDS_STEPS)
        size = np.maximum(weight.values[right], [_usual_size(facts.param(name)) for name in names])
        with np.errstate(all="ignore"):
            ratios = np.where(size > 0, update.values[left] / size, np.nan)
        return cls(tuple(names), steps, update.rounds[left], ratios, _rates(log, steps))

    @property
    def largest(self) -> Floats:
        """(n_steps,) ratio of the matrix that moves most; NaN where none is known."""
        return _reduced(self.ratios, np.fmax)

    @property
    def smallest(self) -> Floats:
        """(n_steps,) ratio of the matrix that moves least but moves; NaN where none does."""
        return _reduced(np.where(self.ratios > 0, self.ratios, np.nan), np.fmin)

    def typical(self, first: int, last: int) -> tuple[float, str]:
        """Return the median of the largest ratio between two steps, and the matrix that moved most in any."""
        part = self.ratios[first : last + 1]
        median = float(np.nanmedian(np.nan_to_num(self.largest[first : last + 1], nan=0.0)))
        return median, self.layers[int(np.where(np.isfinite(part), part, 0.0).max(axis=0).argmax())]


def _usual_size(param: ParamFacts | None) -> float:
    """Return mean(abs(weight)) as PyTorch draws it for a matrix that starts at zero; 0 for others."""
    return 0.5 / np.sqrt(param.fan_in) if param is not None and param.zero_share == 1.0 and param.fan_in else 0.0


_FEWEST, _SPAN = 3, 20


def longest_run(bad: NDArray[np.bool_], n_least: int, steps: Integers | None = None) -> tuple[int, int] | None:
    """Return first and last position of the longest run of true values in (n,) `bad`, if it has `n_least` of them.

    With the (n,) `steps` they were sampled at, three will do that are `20 * n_least` steps apart: a short training is
    seldom sampled after its beginning.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], bad.astype(np.int8), [0]))))
    if not len(edges):
        return None
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax())
    first, last = int(starts[longest]), int(ends[longest]) - 1
    n = last - first + 1
    is_long = steps is not None and n >= _FEWEST and steps[last] - steps[first] >= _SPAN * n_least
    return (first, last) if n >= n_least or is_long else None


def _rates(log: TensorLog, steps: Integers) -> Floats:
    table = log.table(OPTIMIZER, "learning_rate")
    rates = np.full(len(steps), np.nan)
    _, left, right = np.intersect1d(steps, table.steps, return_indices=True)
    if len(left):
        rates[left] = _reduced(table.values[right], np.fmax)
    return rates


def _reduced(values: Floats, how: np.ufunc) -> Floats:
    return np.asarray(how.reduce(values, axis=1, initial=np.nan), dtype=np.float64)

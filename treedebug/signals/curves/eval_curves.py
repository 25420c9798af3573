"""The metric curves: the one that decides, and all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import EvalLog, EvalSeries, RoundLog
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.metric_facts import constant_score, perfect_value, power, standard_name

Floats = NDArray[np.float64]
NEEDS_VALID = "needs a validation set: pass one in `evals=` (LightGBM: `valid_sets=`; networks: `log('valid', ...)`)"
NEEDS_TRAIN = (
    "needs the metric on the training data too: pass `(dtrain, 'train')` in `evals=` "
    "(LightGBM: add the training set to `valid_sets=`; networks: `log('train', ...)`)"
)
_TAIL = 5
_MATERIAL = 0.05


def noise_of(values: Floats) -> float:
    """Return the standard deviation of the round-to-round noise of a curve.

    From the second differences of its later half.

    A straight trend has no second differences; for independent noise they scatter sqrt(6) times as far as the noise.
    """
    tail = values[len(values) // 2 :] if len(values) >= 2 * _TAIL else values
    if len(tail) < 3:  # a second difference takes three values
        return 0.0
    step = np.diff(tail)
    bends = np.abs(step[1:] - step[:-1])
    limit = float(bends.sum()) / len(bends) * 5.0  # clips lone jumps, keeps the zeros of a coarse metric
    spread = float(np.minimum(bends, limit).sum()) / len(bends)
    return spread * math.sqrt(math.pi / 2.0) / math.sqrt(6.0)


@dataclass(frozen=True, eq=False)
class EvalLoss:
    """The deciding curve: last validation dataset, last metric, as XGBoost's early stopping watches.

    A metric that is watched on the training data too goes before one that is not.

    Arrays have shape (n,), n >= 1, finite rounds only, oriented so that lower is better.
    """

    dataset: str
    metric: str
    higher_is_better: bool
    rounds: NDArray[np.int64]
    valid: Floats
    train: Floats | None
    """The same metric on the training data; None if it was not watched."""
    seconds: Floats
    """(rounds recorded,) wall time of each round, NaN where unknown."""
    baseline: float | None
    """What the best constant prediction scores on the validation data, where its labels are known.

    Where only the training classes are, what it scores there, or the first value if that is worse.
    """
    perfect: float | None
    """The loss of a perfect model, oriented; None if the metric has no bound."""

    @classmethod
    def measure(cls, log: EvalLog, timing: RoundLog, known: Described) -> Self:
        """Pick the curve. Raise Missing without a validation set or when the metric's direction cannot be told."""
        deciding = log.deciding()
        if deciding is None:
            raise Missing(NEEDS_VALID)
        dataset, metric = deciding
        series = log.series(dataset, metric)
        twin = next((log.series(d, m) for d, m in log.keys() if m == metric and log.is_training(d)), None)
        higher = _direction(series, twin)
        sign = -1.0 if higher else 1.0
        rounds, valid, train = series.rounds, sign * series.values, None
        if twin is not None and np.isin(rounds, twin.rounds).all():  # a net's training loss is known in more rounds
            train = sign * twin.values[np.searchsorted(twin.rounds, rounds)]
        finite = np.isfinite(valid) if train is None else np.isfinite(valid) & np.isfinite(train)
        if not finite.all():
            rounds, valid, train = rounds[finite], valid[finite], None if train is None else train[finite]
        if not len(valid):
            raise Missing(f"{metric} on {dataset} has no finite value in any round (see CV105)")
        perfect = perfect_value(standard_name(known.header, metric))
        return cls(
            dataset, metric, higher, rounds, valid, train, timing.seconds,
            _baseline(known.header, dataset, metric, sign=sign, first=float(valid[0])),
            None if perfect is None else sign * perfect,
        )  # fmt: skip

    @cached_property
    def best(self) -> int:
        """Position of the best validation value (the first of equals)."""
        return int(self.valid.argmin())

    @cached_property
    def settled(self) -> int:
        """Position from which on validation did not get better beyond its noise; at or before `best`."""
        return int((self.valid <= self.valid[self.best] + 2.0 * self.drift(1)).argmax())

    @property
    def best_round(self) -> int:
        """Round index (0-based) of the best validation value."""
        return int(self.rounds[self.best])

    @property
    def last_round(self) -> int:
        """Round index of the last value."""
        return int(self.rounds[-1])

    @property
    def wait(self) -> int:
        """Rounds since the best one."""
        return self.last_round - self.best_round

    @cached_property
    def noise(self) -> float:
        """Round-to-round noise of the validation metric, from the curve itself."""
        return max(noise_of(self.valid), 1e-12 * abs(float(self.valid[-1])))

    def drift(self, n_rounds: int) -> float:
        """Return how far a curve without a trend would wander in `n_rounds` rounds (one standard deviation)."""
        return self.noise * math.sqrt(3.0 * max(n_rounds, 1))

    @property
    def start(self) -> float:
        """Validation loss before learning: the constant prediction where known and worse than the first round."""
        first = float(self.valid[0])
        return first if self.baseline is None else max(first, self.baseline)

    @property
    def gained(self) -> float:
        """Improvement of the validation metric from the start to the best round; >= 0."""
        return self.start - float(self.valid[self.best])

    @property
    def learned(self) -> float | None:
        """Share of a constant prediction's loss that the best round has removed (of roots: of its square)."""
        if self.baseline is None or self.perfect is None or self.baseline <= self.perfect:
            return None
        left = max(float(self.valid[self.best]) - self.perfect, 0.0) / (self.baseline - self.perfect)
        return float(1.0 - left ** power(self.metric))

    @cached_property
    def rise(self) -> float:
        """How much worse than the best round validation is at the end (median of the last rounds); >= 0."""
        last = self.valid[-min(_TAIL, len(self.valid) - self.best) :]
        return float(sorted(last.tolist())[len(last) // 2] - self.valid[self.best])

    @property
    def last_value(self) -> float:
        """The metric at the end (median of the last rounds), as the user knows it."""
        return self.shown(float(self.valid[self.best]) + self.rise)

    @property
    def regret(self) -> float:
        """Share of the improvement given back since the best round; inf if there was none to give."""
        if self.rise <= 0:
            return 0.0
        return self.rise / self.gained if self.gained > 0 else math.inf

    @property
    def worsened(self) -> bool:
        """Whether a twentieth or more of the improvement is lost again, beyond what the noise explains."""
        return self.regret >= _MATERIAL and self.rise > 2.0 * self.drift(self.wait)

    def shown(self, loss: float) -> float:
        """Return a value as the user knows the metric (the orientation undone)."""
        return -loss if self.higher_is_better else loss


@dataclass(frozen=True, eq=False)
class LossPair:
    """The deciding curve where the training data was watched with the same metric. `train` (n,), lower is better."""

    loss: EvalLoss
    train: Floats

    @classmethod
    def measure(cls, loss: EvalLoss) -> Self:
        """Raise Missing without a training curve."""
        if loss.train is None:
            raise Missing(NEEDS_TRAIN)
        return cls(loss, loss.train)

    def lead(self, position: int) -> float:
        """Return how much more training than validation has improved from the first round to a position."""
        here = self.loss.valid[position] - self.train[position]
        return float(here - (self.loss.valid[0] - self.train[0]))

    def gained_since(self, position: int) -> float:
        """Return the improvement of the training metric since a position of the curve."""
        return float(self.train[position] - self.train[-1])


@dataclass(frozen=True, eq=False)
class AllCurves:
    """Every (dataset, metric) curve with at least one value, NaN and inf included, as recorded."""

    training: tuple[EvalSeries, ...]
    validation: tuple[EvalSeries, ...]

    @classmethod
    def measure(cls, log: EvalLog) -> Self:
        """Raise Missing if no metric was recorded."""
        curves = [c for c in log if len(c.values)]
        if not curves:
            raise Missing("needs at least one metric: pass `evals=` (LightGBM: `valid_sets=`; networks: `log(...)`)")
        training = tuple(c for c in curves if log.is_training(c.dataset))
        return cls(training, tuple(c for c in curves if not log.is_training(c.dataset)))

    @property
    def curves(self) -> tuple[EvalSeries, ...]:
        """Training first."""
        return self.training + self.validation


def _baseline(header: Header, dataset: str, metric: str, *, sign: float, first: float) -> float | None:
    constant = constant_score(header, dataset, metric)
    if constant is not None or header.data.get(dataset, {}).get("label") or not header.n_classes:
        return None if constant is None else sign * constant
    trained = (constant_score(header, name, metric) for name, facts in header.data.items() if facts.get("is_training"))
    stand_in = next((value for value in trained if value is not None), None)
    return None if stand_in is None else max(sign * stand_in, first)


def _direction(series: EvalSeries, twin: EvalSeries | None) -> bool:
    """Return a metric of unknown direction improves the way training moved it."""
    if series.higher_is_better is not None:
        return series.higher_is_better
    known = twin.values[np.isfinite(twin.values)] if twin is not None else np.empty(0)
    if len(known) < 2 or known[0] == known[-1]:  # a trend takes two values
        raise Missing(
            f"it is not known whether a higher {series.metric} is better: say "
            f"higher_is_better={{{series.metric!r}: True}}, or watch the training data with it too"
        )
    return bool(known[-1] > known[0])

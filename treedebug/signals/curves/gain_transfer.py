"""How much of what training gains carries over to validation, measured against a constant prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from treedebug.signals.curves.described_header import Described
from treedebug.signals.curves.eval_curves import Floats, LossPair
from treedebug.signals.curves.metric_facts import constant_score
from treedebug.signals.curves.sampling_noise import sampling_noise

_ALIKE = 1.1
"""Validation loss over training loss at the end."""


@dataclass(frozen=True, eq=False)
class Transfer:
    """Both curves as shares of what a constant prediction leaves to be gained; arrays (n,), lower is better.

    A loss without a bound (Poisson's, for one) is counted in units of what training has gained in all.
    """

    train: Floats
    """Loss left on the training data: 1 for a constant prediction, 0 for a perfect model."""
    valid: Floats
    """The same on the validation data."""
    bounded: bool
    """Whether the metric has a perfect value, so that the shares mean the same in every run."""
    noise: float
    """Standard error of `valid` by which rows happen to be in validation, roughly."""

    @classmethod
    def measure(cls, pair: LossPair, known: Described) -> Self:
        """Measure from the deciding curves and the label summaries.

        The first round stands in for an unknown constant.
        """
        header, loss, sign = known.header, pair.loss, -1.0 if pair.loss.higher_is_better else 1.0
        names = [n for n, d in header.data.items() if d.get("is_training")]
        constants = [c for c in (constant_score(header, n, loss.metric) for n in names) if c is not None]
        train_base = sign * constants[0] if constants else float(pair.train[0])
        valid_base = float(loss.valid[0]) if loss.baseline is None else loss.baseline
        whole = [np.nan if loss.perfect is None else base - loss.perfect for base in (train_base, valid_base)]
        bounded = min(whole) > 0
        if not bounded:
            whole = [max(train_base - float(pair.train.min()), 1e-300)] * 2
        error = sampling_noise(loss.metric, abs(loss.shown(valid_base)), header.data.get(loss.dataset, {}))
        return cls(
            1.0 - (train_base - pair.train) / whole[0],
            1.0 - (valid_base - loss.valid) / whole[1],
            bounded,
            error / whole[1],
        )

    @property
    def train_gain(self) -> float:
        """Share of the constant prediction's loss that training has removed so far."""
        return 1.0 - float(self.train[-1])

    @property
    def valid_gain(self) -> float:
        """Share that the best validation round has removed; negative if it never beat the constant."""
        return 1.0 - float(self.valid.min())

    @property
    def gap(self) -> float:
        """The farthest that the two curves have been apart."""
        return float(np.abs(self.valid - self.train).max())

    def follows(self, since: int, within: float) -> bool:
        """Return whether validation stays `within` training, in every round, or but for chance and before `since`.

        Then it must end where training ends: what is easy for both leaves more on rows not seen.
        """
        apart = np.abs(self.valid - self.train)
        if float(apart.max()) <= within:
            return True
        ends_alike = float(self.valid[-1]) <= _ALIKE * float(self.train[-1])
        late, chance = float(apart[since:].max()), within + 4.0 * self.noise
        return ends_alike and float(apart.max()) <= chance and late <= max(within, self.noise / 2.0)

    def reached(self, left: float) -> int | None:
        """Return the position at which the training loss first is down to a share of a constant's.

        None if it never was.
        """
        done = np.flatnonzero(self.train <= left)
        return int(done[0]) if len(done) else None

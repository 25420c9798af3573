"""Whether one feature stands far above the others, and how much of what can be explained it explains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from treedebug.core.params.parameter_names import number
from treedebug.core.run.run_data import Header
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.features.importance_share import FeatureShares, SplitPoints

_COUNTED = ("poisson", "poisson-nloglik")


@dataclass(frozen=True, eq=False)
class Dominance:
    """The feature with the most gain, beside the second and beside the validation loss that is gone."""

    feature: str
    share: float
    """Of the total gain."""
    lead: float
    """Its gain over that of the second feature; inf if there is none."""
    gone: float | None
    """Share of the validation loss that training has taken away, 0..1; None where the metric has no perfect value."""
    n_features: int
    n_rounds: int
    travel: float
    """Rounds times learning rate: before it is 1, trees repeat the first splits."""

    @classmethod
    def measure(cls, shares: FeatureShares, loss: EvalLoss, header: Header) -> Self:
        """Measure from the totals over all rounds and the deciding curve."""
        first, second = float(shares.gain_share[shares.order[0]]), float(shares.gain_share[shares.order[1:2]].sum())
        lead = first / second if second > 0 else math.inf
        name = shares.name(int(shares.order[0]))
        return cls(name, first, lead, share_gone(loss, header), shares.n_features, shares.n_rounds, traveled(shares))

    @property
    def explained(self) -> float:
        """What the feature alone explains: its share of the gain times the share of the loss that is gone."""
        return self.share * (self.gone or 0.0)


def traveled(shares: FeatureShares) -> float:
    """Return rounds times learning rate; of the library's default where none is known."""
    rate = number(shares.header.params.get("learning_rate"))
    usual = 0.3 if shares.header.library == "xgboost" else 0.1
    return shares.n_rounds * (float(rate) if isinstance(rate, int | float) else usual)


def share_gone(loss: EvalLoss, header: Header) -> float | None:
    """Return the share of the validation loss that training has taken away, 0..1; None without a perfect value."""
    whole: float | None = None
    if loss.perfect is None and base_name(loss.metric) in _COUNTED:
        # The Poisson loss of rare counts: a constant costs m - m log m in the mean, and who knows each count m at most.
        mean = (header.data.get(loss.dataset, {}).get("label") or {}).get("mean")
        whole = -mean * math.log(mean) if isinstance(mean, int | float) and 0 < mean < 1 else None
    # From the constant prediction on where it is known: weights can make the first round far worse than that.
    start = loss.start if loss.baseline is None else loss.baseline
    if loss.perfect is not None:
        whole = start - loss.perfect
    gained = start - float(loss.valid[loss.best])
    return None if whole is None or whole <= 0 else min(max(gained / whole, 0.0), 1.0)


@dataclass(frozen=True, eq=False)
class SplitLead:
    """The feature that is split most, beside the next one, among the features of many values."""

    feature: int
    """Its place among the used ones; -1 if there are too few such features to compare."""
    lead: float
    """Its splits over those of the next feature of many values; 0 without one."""
    n_others: int
    """Other features of many values."""
    rest: float
    """Share of all gain that those others hold."""

    @classmethod
    def measure(cls, shares: FeatureShares, points: SplitPoints) -> Self:
        """Return whether a feature has many values: a third or more of its splits stand at places of their own."""
        many = np.flatnonzero(points.variety >= 1.0 / 3.0)
        splits = shares.n_splits[many]
        if not len(many):
            return cls(-1, 0.0, 0, 0.0)
        order = np.argsort(-splits, kind="stable")
        next_one = float(splits[order[1]]) if len(order) > 1 else 0.0
        lead = float(splits[order[0]]) / next_one if next_one else 0.0
        rest = float(shares.gain_share[many[order[1:]]].sum())
        return cls(int(many[order[0]]), lead, len(many) - 1, rest)

"""How many times a row of the positive class counts in training beside one of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.metric_facts import class_counts, class_weights
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, eq=False)
class ClassWeighting:
    """The weight of a positive row in training over that of a negative one, and what makes it so."""

    factor: float
    """1 without weights."""
    how: str
    """The parameter, or "the sample weights"; "" without."""
    of_rows: bool
    """Sample weights do it, which a validation set may share."""

    @classmethod
    def measure(cls, params: Params, header: Header) -> Self:
        """Raise Missing unless there are two classes."""
        if params.family != "binary":
            raise Missing("needs a classification of two classes")
        label = header.training_label()
        counts, weights = class_counts(label), class_weights(label)
        scale = params.numeric("scale_pos_weight") or 1.0
        if scale != 1.0:
            return cls(scale, f"scale_pos_weight={figure(scale)}", of_rows=False)
        drawn = _drawn(params)
        if drawn is not None:
            return cls(*drawn, of_rows=False)
        known = counts is not None and len(counts) == 2 and bool((counts > 0).all())
        if known and counts is not None and params.is_on("is_unbalance"):
            return cls(float(max(counts) / min(counts)), "is_unbalance", of_rows=False)
        if not known or counts is None or weights is None or len(weights) != 2 or not (weights > 0).all():
            return cls(1.0, "", of_rows=False)
        return cls(float(weights[1] / weights[0] * counts[0] / counts[1]), "the sample weights", of_rows=True)

    def shared_by(self, header: Header, dataset: str) -> bool:
        """Return whether a dataset is weighted too, so that it is judged as training was."""
        return self.of_rows and class_weights(header.data.get(dataset, {}).get("label")) is not None


def _drawn(params: Params) -> tuple[float, str] | None:
    """Return what LightGBM's bags make of the classes, where it draws more rows of the one than of the other."""
    if params.library != "lightgbm" or params.objective != "binary" or not (params.numeric("subsample_freq") or 0) > 0:
        return None
    names = ("pos_bagging_fraction", "neg_bagging_fraction")
    shares = [1.0 if (share := params.numeric(name)) is None else share for name in names]
    if shares[0] == shares[1] or not min(shares) > 0:
        return None
    least = int(shares[1] < shares[0])
    return shares[0] / shares[1], f"{names[least]}={figure(shares[least])}"

"""Monotone constraints: how often their features are split, and which way the data point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.features.dominance import share_gone
from treedebug.signals.features.importance_share import FeatureShares
from treedebug.signals.params.parameter_view import Params

_UNNAMED = re.compile(r"f[0-9]{1,9}")


@dataclass(frozen=True, eq=False)
class ConstraintUse:
    """Features with a monotone constraint. Arrays have shape (n_constrained,)."""

    features: NDArray[np.int64]
    """Their indices."""
    use: NDArray[np.float64]
    """Splits on each, as a multiple of what the average feature without a constraint has; empty if all have one."""
    free_splits: float
    """Splits on the average feature without a constraint; 0 if all have one."""
    gone: float | None
    """Share of the validation loss that is gone; None where that is not known."""
    travel: float
    """Learning rate times rounds so far."""

    @classmethod
    def measure(cls, params: Params, shares: FeatureShares, header: Header, loss: EvalLoss | None) -> Self:
        """Raise Missing where no feature has a constraint."""
        signs = _signs(params.effective.get("monotone_constraints"), header)
        held = np.array(sorted(i for i in signs if i < shares.n_features), dtype=np.int64)
        if not len(held):
            raise Missing("no feature has a monotone constraint")
        splits, n_free = shares.splits_of(held), shares.n_features - len(held)
        usual = float(shares.n_splits.sum() - splits.sum()) / n_free if n_free else 0.0
        use = splits / usual if usual > 0 else np.empty(0)
        gone = None if loss is None else share_gone(loss, header)
        return cls(held, use, usual, gone, (params.numeric("learning_rate") or 0.0) * shares.n_rounds)


@dataclass(frozen=True, eq=False)
class ConstraintDirections:
    """Features with a monotone constraint whose rank correlation with the label is known. Arrays (n_known,)."""

    names: tuple[str, ...]
    signs: NDArray[np.int64]
    """-1 or 1, as asked for."""
    correlations: NDArray[np.float64]
    """Spearman's, with the label of the training data."""
    n_rows: int
    """On which they were taken."""

    @classmethod
    def measure(cls, params: Params, header: Header, data: DataSets) -> Self:
        """Raise Missing where no feature has a constraint."""
        signs = _signs(params.effective.get("monotone_constraints"), header)
        held = {header.feature_name(i): signs[i] for i in sorted(signs)}
        if not held:
            raise Missing("no feature has a monotone constraint")
        ranked = {c.name: c for c in data.train.columns if np.isfinite(c.rank_correlation)}
        known = [ranked[name] for name in held if name in ranked]
        return cls(
            tuple(c.name for c in known),
            np.array([held[c.name] for c in known], dtype=np.int64),
            np.array([c.rank_correlation for c in known], dtype=np.float64),
            min((c.sample_rows for c in known), default=0),
        )


def _signs(value: Any, header: Header) -> dict[int, int]:
    """Return -1 or 1 by feature index, from a list, a text such as `(1,0,-1)`, or a mapping by feature name."""
    signs: dict[int, int] = {}
    if isinstance(value, Mapping):
        known = {name: i for i, name in enumerate(header.feature_names)}
        unnamed = {name: int(name[1:]) for name in map(str, value) if _UNNAMED.fullmatch(name)}
        given = {i: sign for name, sign in value.items() if (i := known.get(name, unnamed.get(name))) is not None}
    else:
        parts = value.strip("()[] ").split(",") if isinstance(value, str) else value
        given = dict(enumerate(parts)) if isinstance(parts, list | tuple) else {}
    for i, sign in given.items():
        if i < header.n_features and str(sign).strip() in ("1", "-1", "+1", "1.0", "-1.0"):
            signs[i] = 1 if float(sign) > 0 else -1
    return signs

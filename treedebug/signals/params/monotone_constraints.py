"""Monotone constraints: how often their features are split, and which way the data point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.data_sets import DataSets
from treedebug.core.params.constraint_signs import constraint_signs
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.features.dominance import share_gone
from treedebug.signals.features.importance_share import FeatureShares
from treedebug.signals.params.parameter_view import Params


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
        signs = _signs(params, header)
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
    def measure(cls, params: Params, header: Header, data: DataSets | None) -> Self:
        """From the table, else as recorded. Raise Missing where no feature has a constraint, or neither is known."""
        signs = _signs(params, header)
        held = {header.feature_name(i): signs[i] for i in sorted(signs)}
        if not held:
            raise Missing("no feature has a monotone constraint")
        if data is None:
            return cls._recorded(signs, header)
        ranked = {c.name: c for c in data.train.columns if np.isfinite(c.rank_correlation)}
        known = [ranked[name] for name in held if name in ranked]
        return cls(
            tuple(c.name for c in known),
            np.array([held[c.name] for c in known], dtype=np.int64),
            np.array([c.rank_correlation for c in known], dtype=np.float64),
            min((c.sample_rows for c in known), default=0),
        )

    @classmethod
    def _recorded(cls, signs: dict[int, int], header: Header) -> Self:
        facts = header.training_facts()
        told = {int(i): float(c) for i, c in (facts.get("rank_correlations") or {}).items()}
        beside = {int(i): float(c) for i, c in (facts.get("rank_effects") or {}).items()}
        # Where all others stay as they are, the label may go the other way than it goes on the whole.
        known = [i for i in sorted(signs) if i in told and beside.get(i, told[i]) * told[i] > 0]
        if not known:
            raise Missing("which way the label goes with the features was not recorded (the raw data was gone)")
        return cls(
            tuple(header.feature_name(i) for i in known),
            np.array([signs[i] for i in known], dtype=np.int64),
            np.array([told[i] for i in known], dtype=np.float64),
            int(facts.get("rank_rows") or 0),
        )


def _signs(params: Params, header: Header) -> dict[int, int]:
    return constraint_signs(params.effective.get("monotone_constraints"), header.feature_names, header.n_features)

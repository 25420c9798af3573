"""What an objective of the user's own returns in its first rounds: how large, how well placed, for the header."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ROUNDS = 5
"""Of a training, from the second on: the first is over before a callback is called."""


class GradientMeter:
    """Gradients and hessians of a few rounds, beside the labels; `facts` is what is known of them so far."""

    def __init__(self, label: ArrayLike | None, n_outputs: int) -> None:
        self._label = np.asarray([] if label is None else label, dtype=np.float64)
        self._n_outputs = max(n_outputs, 1)
        self._two_labels = bool(self._label.size) and set(np.unique(self._label).tolist()) == {0.0, 1.0}
        self.facts: dict[str, Any] = {}

    def hear(self, gradient: ArrayLike, hessian: ArrayLike) -> None:
        """Take a round's; those after the first few are not looked at."""
        if self.facts.get("n_rounds", 0) >= _ROUNDS:
            return
        values, curvature = (np.asarray(v, dtype=np.float64) for v in (gradient, hessian))
        finite = values[np.isfinite(values)]
        told = {
            "largest": float(np.abs(finite).max(initial=0.0)),
            "n_not_finite": float(values.size - finite.size),
            "n_negative": float((curvature < 0).sum()),
        }
        positive = curvature[curvature > 0]
        least = min(float(positive.min(initial=np.inf)), self.facts.get("least_hessian", np.inf))
        self.facts = {name: max(value, self.facts.get(name, 0.0)) for name, value in told.items()} | {
            "n_rounds": self.facts.get("n_rounds", 0) + 1,
            **({"least_hessian": least} if np.isfinite(least) else {}),
            "two_labels": float(self._two_labels),
            **self._places(values),
        }

    def _places(self, values: NDArray[np.float64]) -> dict[str, float]:
        """Return the share of rows whose gradient pulls at their own class, as it is read, and as if row by row."""
        n, k = self._label.size, self._n_outputs
        if k < 2 or not n or values.size != n * k or not np.isin(self._label, np.arange(k)).all():
            return {}
        own = (np.arange(n), self._label.astype(np.int64))
        read = values if values.ndim == 2 else values.reshape(k, n).T
        return {
            "well_placed": float((read[own] < 0).mean()),
            "well_placed_by_rows": float((values.reshape(n, k)[own] < 0).mean()),
        }

"""First and second derivatives of the losses whose leaves are Newton steps, by the margin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]

_SQUARED = {"reg:squarederror", "reg:linear", "regression", "regression_l2", "l2", "mse"}
_LOGISTIC = {"binary:logistic", "reg:logistic", "binary:logitraw", "binary"}


class LossSlopes:
    """The derivatives of squared error, or of log loss of two classes, at a margin."""

    def __init__(self, facts: ModelFacts) -> None:
        if facts.n_outputs != 1 or facts.objective not in _SQUARED | _LOGISTIC:
            raise ConfigError(
                "this is computed for squared error and for log loss of two classes; the run's objective is "
                f"{facts.objective or 'one of your own'}, with {facts.n_outputs} outputs a row"
            )
        self.is_logistic = facts.objective in _LOGISTIC
        self._scale = float(facts.objective_params.get("sigmoid", 1)) if facts.library == "lightgbm" else 1.0

    def prediction(self, margin: Floats) -> Floats:
        """Return what the loss compares with the label, (n_rows,)."""
        if not self.is_logistic:
            return margin
        with np.errstate(over="ignore"):
            result: Floats = 1.0 / (1.0 + np.exp(-self._scale * margin))
        return result

    def gradient(self, margin: Floats, label: Floats) -> Floats:
        """Return the slope of each row's loss, (n_rows,)."""
        return (self.prediction(margin) - label) * self._factor

    def label_slope(self) -> float:
        """Return how fast a row's gradient falls as its label rises."""
        return self._factor

    def hessian(self, margin: Floats) -> Floats:
        """Return the curvature of each row's loss, (n_rows,)."""
        if not self.is_logistic:
            return np.ones(len(margin))
        p = self.prediction(margin)
        return self._scale * self._scale * p * (1.0 - p)

    def hessian_slope(self, margin: Floats) -> Floats:
        """Return how fast each row's curvature changes with the margin, (n_rows,)."""
        if not self.is_logistic:
            return np.zeros(len(margin))
        p = self.prediction(margin)
        return self._scale**3 * p * (1.0 - p) * (1.0 - 2.0 * p)

    @property
    def _factor(self) -> float:
        return self._scale if self.is_logistic else 1.0

"""What a row loses under a margin, by objective, and the slopes that boosting follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]
_TINY = 1e-15
_SMALLEST_HESSIAN = 1e-16
_NEWTON_STEPS = 30


class Slopes(NamedTuple):
    """Gradient and hessian of each row and output, (n_rows, n_outputs)."""

    gradient: Floats
    hessian: Floats


@dataclass(frozen=True)
class RowLoss:
    """A loss by its name in plain words. Margins are (n_rows, n_outputs), labels (n_rows,)."""

    name: str
    of: Callable[[Floats, Floats], Floats]
    """Of (margin, label): (n_rows,)."""
    slopes: Callable[[Floats, Floats], Slopes] | None
    """None where leaves are no Newton steps."""
    is_classes: bool = False
    is_shared: bool = False
    """One constant added to all outputs changes nothing: the softmax."""

    def start(self, label: Floats, weight: Floats, n_outputs: int) -> Floats:
        """Return (n_outputs,) the constant margin of the least loss, to which boosting adds its trees."""
        if self.slopes is None:
            raise ConfigError(f"the {self.name} has no Newton steps")
        margin = np.zeros((1, n_outputs))
        for _ in range(_NEWTON_STEPS):
            g, h = self.slopes(np.repeat(margin, len(label), axis=0), label)
            total = np.maximum((weight[:, None] * h).sum(axis=0), _SMALLEST_HESSIAN)
            step = np.clip((weight[:, None] * g).sum(axis=0) / total, -5.0, 5.0)
            margin = margin - step
            if np.abs(step).max() < 1e-10:
                break
        shift = np.log(np.exp(margin[0]).sum()) if self.is_shared else 0.0
        found: Floats = margin[0] - shift
        return found


def compared(losses: Floats, reference: Floats, weight: Floats) -> tuple[float, float]:
    """Return the weighted mean difference of the losses of the same rows, and its standard error."""
    away, total = losses - reference, float(weight.sum())
    mean = float(weight @ away) / total
    return mean, float(np.sqrt((weight * weight) @ np.square(away - mean))) / total


_SQUARED = ("reg:squarederror", "reg:linear", "regression", "custom")
_LOGISTIC = ("binary:logistic", "binary:logitraw", "reg:logistic", "binary", "cross_entropy", "multiclassova")
_SOFTMAX = ("multi:softprob", "multi:softmax", "multiclass")
_POISSON = ("count:poisson", "poisson")
_GAMMA = ("reg:gamma", "gamma")
_TWEEDIE = ("reg:tweedie", "tweedie")
_ABSOLUTE = ("reg:absoluteerror", "regression_l1")
RENEWED = ("reg:absoluteerror", "reg:quantileerror", "regression_l1", "quantile", "mape")
"""Objectives whose leaves the library sets anew, by a quantile of the rows in them."""


def row_loss(facts: ModelFacts) -> RowLoss:  # noqa: PLR0911 - one for each kind
    """Return the loss of a model's objective. Raise ConfigError, with the reason, for one that is not known here."""
    name = facts.objective
    if "sqrt" in facts.objective_params:
        raise ConfigError("reg_sqrt fits the root of the label: its loss is not computed here")
    if name in _SQUARED and not (name == "custom" and facts.n_outputs > 1):
        return RowLoss("squared error", _squared, _squared_slopes)
    if name in _LOGISTIC:
        scale = float(facts.objective_params.get("sigmoid", 1)) if facts.library == "lightgbm" else 1.0
        return RowLoss("log loss", lambda m, y: _log_loss(scale * m, y),
                       lambda m, y: _logistic_slopes(m, y, scale), is_classes=True)  # fmt: skip
    if name in _SOFTMAX:
        k = max(facts.n_outputs, 2)
        factor = 2.0 if facts.library == "xgboost" else k / (k - 1.0)
        return RowLoss("log loss", _softmax_loss, lambda m, y: _softmax_slopes(m, y, factor),
                       is_classes=True, is_shared=True)  # fmt: skip
    if name in _POISSON:
        return RowLoss("Poisson loss", _poisson, _poisson_slopes)
    if name in _GAMMA:
        return RowLoss("gamma loss", _gamma, _gamma_slopes)
    if name in _TWEEDIE:
        power = float(facts.objective_params.get("tweedie_variance_power", 0) or facts.params.get(
            "tweedie_variance_power", 1.5))  # fmt: skip
        return RowLoss("Tweedie loss", lambda m, y: _tweedie(m, y, power), lambda m, y: _tweedie_slopes(m, y, power))
    if name in _ABSOLUTE:
        return RowLoss("absolute error", lambda m, y: np.abs(m[:, 0] - y), None)
    raise ConfigError(
        f"the loss of a row under objective {name!r} is not known here: known are squared and absolute error, log loss "
        "of two and of several classes, Poisson, gamma and Tweedie"
    )


def _squared(m: Floats, y: Floats) -> Floats:
    result: Floats = np.square(m[:, 0] - y)
    return result


def _squared_slopes(m: Floats, y: Floats) -> Slopes:
    return Slopes(m - y[:, None], np.ones_like(m))


def _targets(m: Floats, y: Floats) -> Floats:
    """Return (n_rows, n_outputs) the label of each output: 0 or 1 for each class where there are several."""
    if m.shape[1] == 1:
        return y[:, None]
    member: Floats = (y.astype(np.int64)[:, None] == np.arange(m.shape[1])).astype(np.float64)
    return member


def _sigmoid(m: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(m, -700, 700)))
    return result


def _log_loss(m: Floats, y: Floats) -> Floats:
    target = _targets(m, y)
    result: Floats = (np.logaddexp(0.0, m) - target * m).sum(axis=1)
    return result


def _logistic_slopes(m: Floats, y: Floats, scale: float) -> Slopes:
    p = _sigmoid(scale * m)
    return Slopes(scale * (p - _targets(m, y)), np.maximum(scale * scale * p * (1 - p), _SMALLEST_HESSIAN))


def _softmax(m: Floats) -> Floats:
    powers = np.exp(m - m.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _softmax_loss(m: Floats, y: Floats) -> Floats:
    p = _softmax(m)[np.arange(len(y)), y.astype(np.int64)]
    result: Floats = -np.log(np.maximum(p, _TINY))
    return result


def _softmax_slopes(m: Floats, y: Floats, factor: float) -> Slopes:
    p = _softmax(m)
    return Slopes(p - _targets(m, y), np.maximum(factor * p * (1 - p), _SMALLEST_HESSIAN))


def _exp(m: Floats) -> Floats:
    result: Floats = np.exp(np.clip(m, -50.0, 50.0))
    return result


def _poisson(m: Floats, y: Floats) -> Floats:
    mu = _exp(m[:, 0])
    result: Floats = mu - y * m[:, 0] + np.where(y > 0, y * np.log(np.maximum(y, _TINY)) - y, 0.0)
    return result


def _poisson_slopes(m: Floats, y: Floats) -> Slopes:
    mu = _exp(m)
    return Slopes(mu - y[:, None], mu * np.exp(0.7))  # both libraries: exp(max_delta_step), 0.7 by default


def _gamma(m: Floats, y: Floats) -> Floats:
    ratio = y * _exp(-m[:, 0])
    result: Floats = ratio - 1.0 - np.log(np.maximum(ratio, _TINY))
    return result


def _gamma_slopes(m: Floats, y: Floats) -> Slopes:
    ratio = y[:, None] * _exp(-m)
    return Slopes(1.0 - ratio, np.maximum(ratio, _SMALLEST_HESSIAN))


def _tweedie(m: Floats, y: Floats, power: float) -> Floats:
    result: Floats = -y * _exp((1 - power) * m[:, 0]) / (1 - power) + _exp((2 - power) * m[:, 0]) / (2 - power)
    return result


def _tweedie_slopes(m: Floats, y: Floats, power: float) -> Slopes:
    a, b = y[:, None] * _exp((1 - power) * m), _exp((2 - power) * m)
    return Slopes(b - a, np.maximum((2 - power) * b - (1 - power) * a, _SMALLEST_HESSIAN))

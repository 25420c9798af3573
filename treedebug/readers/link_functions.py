"""From margins to what `predict()` returns, by objective."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from treedebug.readers.model_facts import ModelFacts

Floats = NDArray[np.float64]
Link = Callable[[Floats], Floats]


def transform(margin: Floats, facts: ModelFacts) -> Floats:
    """Return the prediction for `margin` (n_rows, n_outputs): (n_rows, n_outputs), or (n_rows,) for one number a row.

    An objective that is unknown, or the user's own, changes nothing.
    """
    margin = np.asarray(margin, dtype=np.float64)
    with np.errstate(over="ignore"):
        prediction = _link(facts)(margin * _scale(facts))
    one_number = prediction.ndim > 1 and prediction.shape[1] == 1
    return prediction[:, 0] if one_number else prediction


def _link(facts: ModelFacts) -> Link:
    if facts.library == "xgboost":
        return _XGBOOST.get(facts.objective, _identity)
    # reg_sqrt: LightGBM fits the square root of the label, and writes the word "sqrt" after the objective.
    if "sqrt" in facts.objective_params:
        return _signed_square
    return _LIGHTGBM.get(facts.objective, _identity)


def _scale(facts: ModelFacts) -> float:
    """Return LightGBM's parameter `sigmoid`, which its binary objectives scale the margin by."""
    if facts.library == "lightgbm" and facts.objective in ("binary", "multiclassova"):
        return float(facts.objective_params.get("sigmoid", 1))
    return 1.0


def _identity(margin: Floats) -> Floats:
    return margin


def _sigmoid(margin: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-margin))
    return result


def _softmax(margin: Floats) -> Floats:
    powers = np.exp(margin - margin.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _argmax(margin: Floats) -> Floats:
    result: Floats = margin.argmax(axis=1).astype(np.float64)
    return result


def _exp(margin: Floats) -> Floats:
    result: Floats = np.exp(margin)
    return result


def _hinge(margin: Floats) -> Floats:
    result: Floats = (margin > 0).astype(np.float64)
    return result


def _softplus(margin: Floats) -> Floats:
    result: Floats = np.log1p(np.exp(margin))
    return result


def _signed_square(margin: Floats) -> Floats:
    result: Floats = np.sign(margin) * margin * margin
    return result


_XGBOOST: dict[str, Link] = {
    "binary:logistic": _sigmoid,
    "reg:logistic": _sigmoid,
    "binary:hinge": _hinge,
    "multi:softprob": _softmax,
    "multi:softmax": _argmax,
    "count:poisson": _exp,
    "reg:gamma": _exp,
    "reg:tweedie": _exp,
    "survival:cox": _exp,
    "survival:aft": _exp,
}

_LIGHTGBM: dict[str, Link] = {
    "binary": _sigmoid,
    "multiclass": _softmax,
    "multiclassova": _sigmoid,
    "cross_entropy": _sigmoid,
    "cross_entropy_lambda": _softplus,
    "poisson": _exp,
    "gamma": _exp,
    "tweedie": _exp,
}

"""What an experiment trains: a scikit-learn estimator of either library, or the user's own function."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError

Floats = NDArray[np.float64]
Train = Callable[[Any, Any, Any, Any, int], Any]
"""Of (X, y, X_valid, y_valid, seed): a model with `predict_proba` or `predict`, or predictions of X_valid."""
_PATIENCE, _ROUNDS = 50, 2000


def trainer(train: Any) -> Train:
    """Return a function that trains once. Raise ConfigError for what cannot be trained.

    An estimator is copied, given the seed, and stopped early on the validation rows.
    """
    if hasattr(train, "fit") and hasattr(train, "get_params"):
        return lambda X, y, Xv, yv, seed: _fit(train, X, y, Xv, yv, seed)
    if not callable(train):
        raise ConfigError(
            "train must be an XGBoost or LightGBM estimator, such as XGBClassifier(max_depth=4), or a function of "
            f"(X, y, X_valid, y_valid, seed) that returns a fitted model; got {type(train).__name__}"
        )
    n_needed = 5
    try:
        inspect.signature(train).bind(*range(n_needed))
    except TypeError as error:
        raise ConfigError(f"train is called as train(X, y, X_valid, y_valid, seed): {error}") from error
    own: Train = train
    return own


def _fit(  # noqa: PLR0913, PLR0917 - one training
    estimator: Any, X: Any, y: Any, Xv: Any, yv: Any, seed: int
) -> Any:
    model = copy.deepcopy(estimator)
    params = model.get_params()
    model.set_params(random_state=seed)
    if "callbacks" in params:  # a recorder belongs to one training
        model.set_params(callbacks=None)
    module = type(model).__module__
    if module.startswith("xgboost"):
        if not params.get("early_stopping_rounds"):
            model.set_params(early_stopping_rounds=_PATIENCE)
        if params.get("n_estimators") is None:
            model.set_params(n_estimators=_ROUNDS)
        return model.fit(X, y, eval_set=[(Xv, yv)], verbose=False)
    if module.startswith("lightgbm"):
        if not (params.get("early_stopping_rounds") or params.get("early_stopping_round")):
            model.set_params(early_stopping_rounds=_PATIENCE)
        model.set_params(verbosity=-1)
        return model.fit(X, y, eval_set=[(Xv, yv)])
    return model.fit(X, y)


def predicted(model: Any, X: Any, n_rows: int) -> Floats:
    """Return what a trained model says of rows: probabilities (n_rows, n_classes) or (n_rows,), or numbers (n_rows,).

    Raise ConfigError for what is neither a model nor predictions.
    """
    if hasattr(model, "predict_proba"):
        values = np.asarray(model.predict_proba(X), dtype=np.float64)
        return values[:, 1] if values.ndim > 1 and values.shape[1] == 2 else values
    if hasattr(model, "inplace_predict"):  # an xgboost.Booster, which keeps the rounds after its best
        best = getattr(model, "best_iteration", None)
        used = (0, 0 if best is None else best + 1)
        return np.asarray(model.inplace_predict(X, iteration_range=used), dtype=np.float64)
    if hasattr(model, "predict"):
        return np.asarray(model.predict(X), dtype=np.float64)
    values = np.asarray(model, dtype=np.float64) if not isinstance(model, (str, bytes, dict)) else np.empty(0)
    if len(np.atleast_1d(values)) != n_rows:
        raise ConfigError(
            "train must return a fitted model, or its predictions of the validation rows; got "
            f"{type(model).__name__} instead of {n_rows:,} numbers"
        )
    return values

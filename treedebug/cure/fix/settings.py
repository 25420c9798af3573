"""What the user trains with: the library, the parameters by canonical name, the rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.core.params.parameter_names import DEFAULTS, canonical_name
from treedebug.core.run.run_data import Header

_USUAL_ROUNDS = 100
_NOT_PARAMETERS = frozenset((
    "n_estimators", "num_boost_round", "num_iterations", "early_stopping_rounds", "early_stopping_round", "eval_metric",
    "metric", "callbacks", "importance_type", "enable_categorical", "feature_types", "missing", "verbose",
    "verbosity", "validate_parameters", "silent", "class_weight", "num_feature", "disable_default_eval_metric",
))  # fmt: skip
"""Arguments of the call, of the wrapper and of the watching, which the trials set themselves."""
_RECORDED = frozenset((
    "max_bin", "monotone_constraints", "interaction_constraints", "num_class", "tweedie_variance_power", "alpha",
    "max_cat_to_onehot", "max_cat_threshold", "path_smooth", "extra_trees", "sigmoid", "boost_from_average",
))  # fmt: skip
"""Effective parameters that are taken over, beside those whose defaults are known, where none were given."""


@dataclass(frozen=True)
class Training:
    """A training as the user does it."""

    library: str
    params: Mapping[str, Any]
    """By canonical name, without rounds, early stopping, metrics and threads."""
    rounds: int
    n_classes: int = 0

    def value(self, name: str) -> Any:
        """Return what a parameter is set to, the library's default included."""
        return self.params.get(name, DEFAULTS.get(self.library, {}).get(name))

    @property
    def objective(self) -> str:
        """The objective's name."""
        return str(self.value("objective"))


def of_run(header: Header) -> Training:
    """Return the training behind a record."""
    given = {canonical_name(k, header.library): v for k, v in header.params_given.items() if v is not None}
    if not given:
        usual = DEFAULTS.get(header.library, {})
        given = {k: v for k, v in header.params.items() if k in usual or (k in _RECORDED and v not in ("", "()"))}
    given.setdefault("objective", header.objective)
    if callable(given["objective"]) or header.objective == "custom":
        raise ConfigError("this run has an objective of your own: give fix a function that trains, train=...")
    if header.n_classes > 2:
        given.setdefault("num_class", header.n_classes)
    rounds = (header.planned_rounds or _USUAL_ROUNDS) - header.start_round
    return Training(header.library, _kept(given), max(rounds, 1), header.n_classes)


def of_estimator(estimator: Any, n_classes: int) -> Training:
    """Return the training behind an estimator of either library. Raise ConfigError for any other."""
    library = next((c.__module__.split(".")[0] for c in type(estimator).__mro__
                    if c.__module__.split(".")[0] in ("xgboost", "lightgbm")), "")  # fmt: skip
    if not library or not hasattr(estimator, "get_params"):
        raise ConfigError(
            "fix takes a recorded run or its path, or an estimator of XGBoost or LightGBM; got "
            f"{type(estimator).__name__}"
        )
    given = {canonical_name(k, library): v for k, v in estimator.get_params().items() if v is not None}
    name = type(estimator).__name__
    if "Ranker" in name or "RF" in name:
        raise ConfigError(f"{name} is not cured: fix knows classifiers and regressors")
    objective = given.get("objective")
    if objective is None or (n_classes > 2 and objective == "binary:logistic"):
        objective = _usual_objective(library, n_classes)
    if callable(objective):
        raise ConfigError("an objective of your own is not cured through an estimator: give a run and train=...")
    given["objective"] = objective
    if n_classes > 2:
        given["num_class"] = n_classes
    rounds = estimator.get_params().get("n_estimators") or _USUAL_ROUNDS
    return Training(library, _kept(given), int(rounds), n_classes)


def _usual_objective(library: str, n_classes: int) -> str:
    if library == "xgboost":
        return "reg:squarederror" if not n_classes else "binary:logistic" if n_classes == 2 else "multi:softprob"
    return "regression" if not n_classes else "binary" if n_classes == 2 else "multiclass"


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in given.items() if k not in _NOT_PARAMETERS and not k.endswith("kwargs")}

"""The parameters of a training, as given and as they hold, and what they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from treedebug.core.params.parameter_names import DEFAULTS, canonical_name, number, objective_name
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing

_FAMILIES = {
    "xgboost": {
        "binary:logistic": "binary", "binary:logitraw": "binary", "binary:hinge": "binary", "reg:logistic": "binary",
        "multi:softmax": "multi", "multi:softprob": "multi", "reg:squarederror": "squared", "count:poisson": "count",
        "reg:absoluteerror": "absolute", "reg:quantileerror": "absolute", "reg:gamma": "positive",
        "reg:tweedie": "tweedie", "reg:pseudohubererror": "pseudohuber", "reg:squaredlogerror": "log",
        "rank:ndcg": "rank", "rank:map": "rank", "rank:pairwise": "rank",
    },
    "lightgbm": {
        "binary": "binary", "cross_entropy": "binary", "cross_entropy_lambda": "binary", "multiclass": "multi",
        "multiclassova": "multi", "regression": "squared", "regression_l1": "absolute", "huber": "squared",
        "fair": "absolute", "quantile": "absolute", "mape": "absolute", "poisson": "count", "gamma": "positive",
        "tweedie": "tweedie", "lambdarank": "rank", "rank_xendcg": "rank",
    },
}  # fmt: skip
_LARGEST = 1e300
"""Of a number that anything can be computed with."""
_TREES = ("gbtree", "dart", "gbdt", "goss", "rf", "random_forest", "tree", "")


def objective_family(objective: str, library: str) -> str:
    """Return what an objective fits: binary, multi, squared, count, ...; "" if unknown.

    Without a library, as either says.
    """
    first = objective_name(objective, library).split(" ")[0]
    families = [_FAMILIES.get(library, {})] if library else list(_FAMILIES.values())
    return next((f[first] for f in families if first in f), "")


@dataclass(frozen=True, eq=False)
class Params:
    """What was set. Names are canonical; `given` holds the user's own spelling and leaves out what is None."""

    library: str
    booster: str
    objective: str
    """The library's own name; "custom" for the user's function."""
    given: dict[str, Any]
    effective: dict[str, Any]

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Measure from the header. Raise Missing where no parameter is known."""
        if not (header.params or header.params_given):
            raise Missing("no parameters are recorded (XGBoost saves none with a model: check the run or the booster)")
        library = header.library
        given = {name: value for name, value in header.params_given.items() if value is not None}
        spelled = {canonical_name(name, library): number(value) for name, value in given.items()}
        effective = {**DEFAULTS.get(library, {}), **spelled, **header.params}
        booster = str(header.booster or effective.get("booster") or effective.get("boosting_type") or "")
        objective = header.objective or str(effective.get("objective", ""))
        return cls(library, booster, objective_name(objective, library), given, effective)

    @property
    def family(self) -> str:
        """binary, multi, squared, absolute, count, positive, tweedie, rank, ...; "" if unknown."""
        return objective_family(self.objective, self.library)

    @property
    def grows_trees(self) -> bool:
        """False for gblinear."""
        return self.booster in _TREES

    @property
    def is_forest(self) -> bool:
        """A random forest: no boosting, so the learning rate does not matter."""
        many = self.numeric("num_parallel_tree") or 1
        return self.booster in ("rf", "random_forest") or many > 1

    def numeric(self, name: str) -> float | None:
        """Return a parameter's value as a number; None if it is not one, or not finite."""
        value = number(self.effective.get(name))
        return float(value) if isinstance(value, int | float) and abs(value) <= _LARGEST else None

    def is_on(self, name: str) -> bool:
        """Return whether a switch is set, however it is spelled."""
        return str(self.effective.get(name)).lower() in ("true", "1", "1.0", "+")

    def was_given(self, name: str) -> bool:
        """Return whether the user set it under any spelling."""
        return any(canonical_name(given, self.library) == name for given in self.given)

    @property
    def dropped(self) -> float:
        """Share of the trees that DART leaves out of a round, in the mean; 0 without it.

        LightGBM drops 50 trees at most unless told otherwise, and in every second round only.
        """
        if self.booster != "dart":
            return 0.0
        lightgbm = self.library == "lightgbm"
        rate, skip = (self.numeric(n) for n in ("drop_rate" if lightgbm else "rate_drop", "skip_drop"))
        rate, skip = (0.1 if lightgbm else 0.0) if rate is None else rate, (0.5 * lightgbm if skip is None else skip)
        most, rounds = self.numeric("max_drop"), self.numeric("n_estimators")
        most = 50.0 if most is None else most
        if lightgbm and most > 0 and rounds:
            rate = min(rate, most / rounds)
        return min(max(rate * (1.0 - skip), 0.0), 1.0)

    @property
    def damping(self) -> float:
        """What a Poisson objective makes of each step: its hessian is e**max_delta_step times the true one; else 1."""
        if self.family != "count":
            return 1.0
        name = "poisson_max_delta_step" if self.library == "lightgbm" else "max_delta_step"
        return math.exp(-(self.numeric(name) or 0.7))

    @property
    def sampled(self) -> float:
        """Share of the rows that each tree sees."""
        if self.library == "lightgbm" and "goss" in (self.booster, self.effective.get("data_sample_strategy")):
            top, other = self.numeric("top_rate"), self.numeric("other_rate")
            return min(max((0.2 if top is None else top) + (0.1 if other is None else other), 0.0), 1.0)
        share = self.numeric("subsample")
        off = self.library == "lightgbm" and not (self.numeric("subsample_freq") or 0) > 0
        return 1.0 if share is None or off or not 0 < share <= 1 else share


@dataclass(frozen=True, eq=False)
class GivenParams:
    """The parameters where the user's own spelling is known."""

    params: Params

    @classmethod
    def measure(cls, params: Params) -> Self:
        """Raise Missing where only effective values are known (a saved model)."""
        if not params.given:
            raise Missing("the parameters are not known as they were given (a saved model, or none were given)")
        return cls(params)

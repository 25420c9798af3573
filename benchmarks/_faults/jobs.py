"""A job: one training as a practitioner would set it up. Faults are changes to a job."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from _faults.tables import BINARY, COUNTS, MULTI, Floats, Table

MAX_TRAIN, MAX_VALID, MAX_TEST = 1000, 400, 800


class Unfit(Exception):  # noqa: N818 - not an error
    """This fault cannot be made on this table or with this library."""


@dataclass
class Part:
    X: Floats
    y: Floats

    def take(self, rows: Any) -> Part:
        return Part(self.X[rows], self.y[rows])


@dataclass
class Job:
    """What to train. `test` is what the model will meet in service: never seen, never faulty."""

    table: str
    task: str
    n_classes: int
    library: str
    seed: int
    train: Part
    valid: Part
    test: Part
    params: dict[str, Any] = field(default_factory=dict)
    """The library's own spelling."""
    rounds: int = 300
    patience: int | None = 25
    watched: tuple[str, ...] = ("train", "valid")
    """Evaluation sets in order; early stopping decides on the last."""
    maximize: bool | None = None
    """Direction that early stopping is told; None: the right one."""
    time: str | None = None
    """The column that holds the time of a row, where there is one; the check of the data is told."""
    own_objective: Callable[[Floats, Floats], tuple[Floats, Floats]] | None = None
    """Gradient and hessian of raw predictions and labels."""
    categorical: tuple[int, ...] = ()
    """Columns whose numbers are categories."""
    sparse: tuple[str, ...] = ()
    """Parts that are given as a sparse matrix, without their zeros."""
    weights: Floats | None = None
    """Of the training rows."""
    query_rows: int = 0
    """Of a ranking: queries in the training rows hold one row each, but for one row in so many, which are one query."""
    slow_metric: int = 0
    """Numbers that a metric of the user's own sorts in every round."""

    @property
    def is_xgboost(self) -> bool:
        return self.library == "xgboost"

    @property
    def is_classes(self) -> bool:
        return self.task in (BINARY, MULTI)

    @property
    def n(self) -> int:
        return len(self.train.y)

    def set(self, *, xgb: dict[str, Any] | None = None, lgb: dict[str, Any] | None = None) -> None:
        """Set parameters of the library at hand; none given for it means the fault does not exist there."""
        new = xgb if self.is_xgboost else lgb
        if new is None:
            raise Unfit(f"{self.library} has no such parameter")
        self.params |= new

    def drop(self, *names: str) -> None:
        for name in names:
            self.params.pop(name, None)

    def each(self, change: Callable[[Part], None], *parts: str) -> None:
        for name in parts or ("train", "valid", "test"):
            change(getattr(self, name))

    def copy(self) -> Job:
        return copy.deepcopy(self)


def split(table: Table, seed: int) -> tuple[Part, Part, Part]:
    """Train, validation and test rows, drawn anew for each seed; classes in equal shares."""
    n = len(table.y)
    n_test = min(MAX_TEST, n // 3)
    n_valid = min(MAX_VALID, (n - n_test) // 4)
    n_train = min(MAX_TRAIN, n - n_test - n_valid)
    parts = []
    rest = np.arange(n)
    for size in (n_test, n_valid, n_train):
        strata = table.y[rest] if table.n_classes else None
        if size < len(rest):
            taken, rest = train_test_split(rest, train_size=size, stratify=strata, random_state=seed)
        else:
            taken, rest = rest, rest[:0]
        parts.append(Part(table.X[taken], table.y[taken]))
    return parts[2], parts[1], parts[0]


OBJECTIVES = {
    BINARY: ("binary:logistic", "logloss", "binary", "binary_logloss"),
    MULTI: ("multi:softprob", "mlogloss", "multiclass", "multi_logloss"),
    COUNTS: ("count:poisson", "poisson-nloglik", "poisson", "poisson"),
}


def sound(table: Table, library: str, seed: int, recipe: str = "usual") -> Job:
    """A sound training. Recipes: usual; small steps with sampling; large steps on shallow trees; more regularized."""
    train, valid, test = split(table, seed)
    job = Job(table.name, table.task, table.n_classes, library, seed, train, valid, test)
    xgb_obj, xgb_metric, lgb_obj, lgb_metric = OBJECTIVES.get(
        table.task, ("reg:squarederror", "rmse", "regression", "rmse")
    )
    eta, depth, sampled, patience, rounds = {
        "usual": (0.1, 4, 0.9, 25, 300),
        "small-steps": (0.04, 4, 0.75, 40, 600),
        "large-steps": (0.3, 3, 1.0, 15, 120),
        "wary": (0.08, 3, 0.8, 30, 400),
    }[recipe]
    weight = 5 if recipe == "wary" else 1
    if job.is_xgboost:
        job.params = {
            "objective": xgb_obj, "eval_metric": xgb_metric, "eta": eta, "max_depth": depth, "subsample": sampled,
            "colsample_bytree": sampled, "min_child_weight": weight, "lambda": 1.0, "seed": seed, "nthread": 1,
        }  # fmt: skip
        if table.task == MULTI:
            job.params["num_class"] = table.n_classes
    else:
        job.params = {
            "objective": lgb_obj, "metric": lgb_metric, "learning_rate": eta, "num_leaves": 2**depth - 1,
            "bagging_fraction": sampled, "bagging_freq": 1, "feature_fraction": sampled,
            "min_data_in_leaf": int(min(20, max(5, job.n // 40))) * (2 if weight > 1 else 1), "lambda_l2": 1.0,
            "seed": seed, "num_threads": 1, "verbosity": -1,
        }  # fmt: skip
        if table.task == MULTI:
            job.params["num_class"] = table.n_classes
    job.rounds, job.patience = rounds, patience
    return job

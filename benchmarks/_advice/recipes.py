"""How a user trains: parameters, rounds, patience, what was done to the data; and the configurations that are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION

from _advice.splits import Split

XGBOOST, LIGHTGBM = "xgboost", "lightgbm"
LIBRARIES = (XGBOOST, LIGHTGBM)
PATIENCE = 50
OBJECTIVES = {
    XGBOOST: {
        BINARY: "binary:logistic", MULTI: "multi:softprob", REGRESSION: "reg:squarederror", COUNTS: "count:poisson",
    },
    LIGHTGBM: {BINARY: "binary", MULTI: "multiclass", REGRESSION: "regression", COUNTS: "poisson"},
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """One thing done to the data before training, in the words of the advice."""

    name: str
    value: Any
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """`rounds` are the most; with a `patience` the library stops by the validation data and keeps the best round."""

    library: str
    params: Mapping[str, Any]
    rounds: int
    patience: int | None = None
    edits: tuple[Edit, ...] = field(default=())

    @property
    def key(self) -> str:
        """Two recipes with one key train the same model."""
        return repr((self.library, sorted(self.params.items()), self.rounds, self.patience, self.edits))

    def stopped(self) -> Recipe:
        """The same training with plain early stopping: the honest rival of any advice."""
        return replace(self, patience=PATIENCE)


CONFIGS: dict[str, dict[str, tuple[dict[str, Any], int, int | None]]] = {
    "defaults": {XGBOOST: ({}, 500, None), LIGHTGBM: ({}, 500, None)},
    "deep": {
        XGBOOST: ({"eta": 0.1, "max_depth": 10}, 200, None),
        LIGHTGBM: ({"learning_rate": 0.1, "num_leaves": 127, "min_data_in_leaf": 5}, 200, None),
    },
    "hasty": {XGBOOST: ({"eta": 0.8}, 60, None), LIGHTGBM: ({"learning_rate": 0.6}, 60, None)},
    "slow": {XGBOOST: ({"eta": 0.01}, 100, None), LIGHTGBM: ({"learning_rate": 0.01}, 100, None)},
    "shallow": {
        XGBOOST: ({"eta": 0.05, "max_depth": 2}, 100, None),
        LIGHTGBM: ({"learning_rate": 0.05, "num_leaves": 4}, 100, None),
    },
    "stopped": {XGBOOST: ({}, 500, 20), LIGHTGBM: ({}, 500, 20)},
    "tuned": {
        XGBOOST: ({"eta": 0.05, "max_depth": 5, "subsample": 0.8, "colsample_bytree": 0.8}, 500, 50),
        LIGHTGBM: (
            {"learning_rate": 0.05, "num_leaves": 20, "bagging_fraction": 0.8, "bagging_freq": 1,
             "feature_fraction": 0.8}, 500, 50,
        ),
    },
    "weighted": {
        XGBOOST: ({"eta": 0.1, "scale_pos_weight": "balanced"}, 300, 50),
        LIGHTGBM: ({"learning_rate": 0.1, "is_unbalance": True}, 300, 50),
    },
}  # fmt: skip
"""Parameters, rounds and patience as users give them; weights against imbalance only where there is one."""
RARE = 0.35


def configurations(library: str, split: Split) -> Iterator[tuple[str, Recipe]]:
    """The configurations that fit a table, by name."""
    for name, by_library in CONFIGS.items():
        given, rounds, patience = by_library[library]
        params = {"objective": OBJECTIVES[library][split.task], **given}
        if name == "weighted":
            share = float(split.train.y.mean())
            if split.task != BINARY or not 0 < share < RARE:
                continue
            if "scale_pos_weight" in params:
                params["scale_pos_weight"] = round((1 - share) / share, 2)
        if split.task == MULTI:
            params["num_class"] = split.n_classes
        yield name, Recipe(library, params, rounds, patience)

"""SHAP contributions of the features to the predictions as of any round, by the library's own `pred_contribs`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.api.rebuild_booster import rebuild_booster
from treedebug.api.replay_tables import to_matrix
from treedebug.core.errors import ConfigError, missing_extra
from treedebug.core.run.run_data import RunData
from treedebug.pictures.contribution_swarm import (
    ContributionChange,
    ContributionSwarm,
    contribution_change,
    contribution_swarm,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contributions:
    """Contributions to the raw score after one round.

    `values` (n_rows, n_outputs, n_features + 1), the bias last: a row of an output sums up to its raw score.
    """

    values: Floats
    table: Floats
    """(n_rows, n_features) the features themselves, categories as codes."""
    names: tuple[str, ...]
    round_index: int

    def of_class(self, class_index: int) -> Floats:
        """Return (n_rows, n_features + 1) of one output. Raise ConfigError where there is none."""
        n = self.values.shape[1]
        if not 0 <= class_index < n:
            raise ConfigError(f"the booster has {n} output{'s' * (n > 1)}, counted from 0; got class {class_index}")
        return self.values[:, class_index]

    def frame(self) -> pd.DataFrame:
        """Return a row for each row of the table and feature (and class, of three or more)."""
        n_rows, n_outputs, n = self.values.shape
        own = self.values[:, :, :-1]
        columns: dict[str, Any] = {"row": np.repeat(np.arange(n_rows), n_outputs * (n - 1))}
        if n_outputs > 1:
            columns["class"] = np.tile(np.repeat(np.arange(n_outputs), n - 1), n_rows)
        columns["feature"] = np.tile(np.array(self.names, dtype=object), n_rows * n_outputs)
        columns["value"] = own.reshape(-1)
        columns["bias"] = np.repeat(self.values[:, :, -1].reshape(-1), n - 1)
        return pd.DataFrame(columns)


def contributions_of(run: RunData, X: Any, round_index: int | None) -> Contributions:
    """Return the contributions after a round, by default the last.

    Raise NotRecordedError for a round without record, ConfigError for a table or a booster that has none.
    """
    at = run.n_rounds - 1 if round_index is None else round_index
    booster, table = rebuild_booster(run, at), to_matrix(X, run)
    try:
        found = _of_xgboost(booster, table, run) if run.header.library == "xgboost" else _of_lightgbm(booster, table)
    except ImportError as error:
        raise missing_extra(run.header.library, run.header.library) from error
    except Exception as error:
        reason = str(error).partition("\nStack trace")[0]
        raise ConfigError(f"{run.header.library} gives no contributions of this booster: {reason:.300}") from error
    values = found.reshape(len(table), -1, table.shape[1] + 1)
    names = tuple(run.header.feature_name(i) for i in range(table.shape[1]))
    return Contributions(values, table, names, at)


def swarm_of(run: RunData, X: Any, round_index: int | None, class_index: int) -> ContributionSwarm:
    """Return the beeswarm of one output."""
    found = contributions_of(run, X, round_index)
    own = found.of_class(class_index)
    return contribution_swarm(own, found.table, found.names, round_index=found.round_index, class_index=class_index)


def change_of(run: RunData, X: Any, rounds: tuple[int, int], class_index: int) -> ContributionChange:
    """Return what changed between two rounds in one output."""
    earlier, later = (contributions_of(run, X, r) for r in rounds)
    return contribution_change(
        earlier.of_class(class_index), later.of_class(class_index), earlier.names,
        rounds=(earlier.round_index, later.round_index), class_index=class_index,
    )  # fmt: skip


def _of_xgboost(booster: Any, table: Floats, run: RunData) -> Floats:
    types = run.header.feature_types or None
    matrix = importlib.import_module("xgboost").DMatrix(table, feature_types=types, enable_categorical=True)
    return np.asarray(booster.predict(matrix, pred_contribs=True, validate_features=False), dtype=np.float64)


def _of_lightgbm(booster: Any, table: Floats) -> Floats:
    return np.asarray(booster.predict(table, pred_contrib=True), dtype=np.float64)

"""Three-way splits: a part to train on, one to watch, and one that no training and no advice has seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from _data.table import Table
from _faults.tables import COUNTS, MULTI, Floats

MOST_TRAIN, MOST_TRAIN_MULTI, MOST_TEST = 1500, 500, 3000


@dataclass(frozen=True)
class Part:
    """`X` (n, d) with NaN for missing and codes for texts, `y` (n,), `w` (n,) or None."""

    X: pd.DataFrame
    y: Floats
    w: Floats | None = None

    def rows(self, keep: np.ndarray) -> Part:
        return Part(self.X[keep], self.y[keep], None if self.w is None else self.w[keep])


@dataclass(frozen=True)
class Split:
    """`raw` holds what a user sees of train and valid before training: texts and gaps as they came."""

    task: str
    n_classes: int
    train: Part
    valid: Part
    test: Part
    raw: tuple[tuple[pd.DataFrame, pd.Series], tuple[pd.DataFrame, pd.Series]]

    def on(self, **parts: Part) -> Split:
        """The same with other parts. The test rows stay, so that losses can be paired."""
        return replace(self, **parts)


def split(table: Table, seed: int) -> Split:
    """Draw rows: at most `MOST_TRAIN` to train on, a third of that to watch, all others (`MOST_TEST`) to test."""
    frame, task = table.frame, table.task
    order = np.random.default_rng([seed, len(frame)]).permutation(len(frame))
    most = MOST_TRAIN_MULTI if task == MULTI else MOST_TRAIN
    n_train = min(len(frame) // 2, most)
    n_valid = min(len(frame) // 5, most // 3)
    cuts = (order[:n_train], order[n_train : n_train + n_valid], order[n_train + n_valid :][:MOST_TEST])
    X, y = frame[table.features], frame[table.target]
    codes = _numbers(X)
    values = pd.factorize(y, sort=True)[0].astype(float) if table.is_classes else y.to_numpy(dtype=float)
    if task != COUNTS and not table.is_classes:
        values = (values - values[cuts[0]].mean()) / values[cuts[0]].std()
    parts = [Part(codes.iloc[rows].reset_index(drop=True), values[rows]) for rows in cuts]
    raw = [(X.iloc[rows].reset_index(drop=True), y.iloc[rows].reset_index(drop=True)) for rows in cuts[:2]]
    return Split(task, int(values.max()) + 1 if table.is_classes else 0, *parts, raw=(raw[0], raw[1]))


def _numbers(X: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({str(c): _column(X[c]) for c in X.columns})


def _column(column: pd.Series) -> Floats:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("int64").to_numpy() / 8.64e13
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = pd.Categorical(column).codes.astype(np.float64)
    return np.where(codes < 0, np.nan, codes)

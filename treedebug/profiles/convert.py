"""Columns of pandas, Polars and PyArrow as `Cells`, through narwhals; of numpy arrays directly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.profile import BOOLEAN, DATE, NUMBER, OTHER, SEQUENCE, TEXT
from treedebug.profiles.cells import Batch, Cells

Missing = NDArray[np.bool_] | None
_CATEGORIES = (nw.Categorical, nw.Enum)
_LISTS = (nw.List, nw.Array)


def frame_batch(frame: nw.DataFrame[Any], names: Sequence[str], as_text: Collection[str] = ()) -> Batch:
    """The rows of an eager frame; the columns `as_text` as texts, whatever they hold."""
    columns = {name: series_cells(frame.get_column(name), as_text=name in as_text) for name in names}
    return Batch(len(frame), columns)


def series_cells(series: nw.Series[Any], *, as_text: bool = False) -> Cells:
    """One column."""
    dtype = series.dtype
    native = series.to_native()
    name = str(getattr(native, "dtype", getattr(native, "type", dtype)))
    if isinstance(native, pd.Series):
        if as_text or native.dtype == object:
            return object_cells(native.to_numpy(dtype=object), name, as_text=as_text)
        if isinstance(native.dtype, pd.CategoricalDtype):
            return _pandas_categories(native)
    if as_text:
        return object_cells(np.array(series.to_list(), dtype=object), name, as_text=True)
    if dtype.is_decimal():
        series, dtype = series.cast(nw.Float64()), nw.Float64()
    if dtype.is_numeric():
        return _numbers(NUMBER, name, series)
    if dtype == nw.Boolean:
        return _numbers(BOOLEAN, name, series)
    if dtype in (nw.Datetime, nw.Date):
        moments = series if dtype == nw.Datetime else series.cast(nw.Datetime("us"))
        return _numbers(DATE, name, moments.dt.timestamp("us"))
    if dtype == nw.Duration:
        return _scaled(_numbers(NUMBER, name, series.dt.total_microseconds()), 1e-6)
    if dtype in _CATEGORIES:
        declared = series.cat.get_categories().to_list()
        cells = _texts(series.cast(nw.String()), name)
        cells.declared = declared
        return cells
    if dtype == nw.String:
        return _texts(series, name)
    if dtype in _LISTS:
        return sequence_cells(series.to_list(), name)
    return object_cells(_objects(series.to_list()), name)


def _numbers(kind: str, dtype: str, series: nw.Series[Any]) -> Cells:
    missing: Missing = None
    if series.null_count():
        missing = series.is_null().to_numpy().astype(bool)
        series = series.fill_null(value=False if kind == BOOLEAN else 0)
    return number_cells(kind, dtype, np.asarray(series.to_numpy()), missing)


def number_cells(kind: str, dtype: str, values: NDArray[Any], missing: Missing = None) -> Cells:
    """Numbers; NaN counts as missing."""
    if values.dtype.kind == "f":
        nan = np.isnan(values)
        if nan.any():
            missing = nan if missing is None else missing | nan
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    elif values.dtype.kind == "O":  # whole numbers beyond 64 bits
        values = values.astype(np.float64)
    return Cells(kind, dtype, values, missing)


def _scaled(cells: Cells, factor: float) -> Cells:
    cells.values = cells.values * factor
    return cells


def _texts(series: nw.Series[Any], dtype: str) -> Cells:
    native = series.to_native()
    return _coded(TEXT, dtype, native if isinstance(native, pd.Series) else series.to_numpy())


def _coded(kind: str, dtype: str, values: Any) -> Cells:
    codes, levels = pd.factorize(values, use_na_sentinel=True)
    missing = codes < 0
    return Cells(kind, dtype, codes, missing if missing.any() else None, [str(level) for level in levels])


def _pandas_categories(native: pd.Series[Any]) -> Cells:
    """Codes as they are; categories of numbers are numbers."""
    categories, codes = native.cat.categories, native.cat.codes.to_numpy().astype(np.int64)
    missing = codes < 0
    base = series_cells(nw.from_native(pd.Series(categories), series_only=True))
    declared: list[Any] = list(categories)
    mask = missing if missing.any() else None
    if base.kind in (TEXT, OTHER):
        code_of = base.values.astype(np.int64) if len(base) else np.zeros(0, dtype=np.int64)
        values = np.append(code_of, -1)[codes]
        return Cells(TEXT, "category", values, mask, base.levels, [str(c) for c in declared])
    values = np.append(base.values, np.zeros(1, dtype=base.values.dtype))[codes]
    return Cells(base.kind, "category", values, mask, (), declared)


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    """A flat array of objects, lists and dicts among them."""
    array = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array


def object_cells(values: NDArray[Any], dtype: str, *, as_text: bool = False) -> Cells:
    """Python objects: numbers, texts, dates, lists, as what they are; a mixture of numbers and texts as texts."""
    missing = np.asarray(pd.isna(values), dtype=bool) if values.ndim == 1 else np.zeros(len(values), dtype=bool)
    present = values[~missing]
    inferred = TEXT if as_text else _kind_of(present)
    mask = missing if missing.any() else None
    if inferred in (NUMBER, BOOLEAN):
        filled = np.zeros(len(values), dtype=np.float64)
        filled[~missing] = present.astype(np.float64)
        return number_cells(inferred, dtype, filled, mask)
    if inferred == DATE:
        stamps = pd.to_datetime(pd.Series(list(values)), utc=True, errors="coerce")
        return series_cells(nw.from_native(stamps.dt.tz_localize(None), series_only=True))
    if inferred == SEQUENCE:
        return sequence_cells([None if gone else v for v, gone in zip(values, missing, strict=True)], dtype)
    texts = np.empty(len(values), dtype=object)
    texts[:] = None
    texts[~missing] = [_text_of(v) for v in present]
    return _coded(inferred, dtype, texts)


def _kind_of(present: NDArray[Any]) -> str:
    inferred = pd.api.types.infer_dtype(present, skipna=True)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal"):
        return NUMBER
    if inferred == "boolean":
        return BOOLEAN
    if inferred in ("datetime", "date", "datetime64"):
        return DATE
    if inferred in ("string", "mixed-integer", "categorical"):
        return TEXT
    kinds = {type(v) for v in present}
    if kinds and all(issubclass(k, list | tuple | np.ndarray) for k in kinds):
        return SEQUENCE
    simple = (str, int, float, bool, Decimal, np.generic, dt.date, dt.time)
    if kinds and all(issubclass(k, simple) for k in kinds):
        return TEXT if any(issubclass(k, str | dt.date | dt.time) for k in kinds) else NUMBER
    return OTHER if kinds else NUMBER


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def sequence_cells(values: Sequence[Any], dtype: str) -> Cells:
    """Lists of numbers or texts; nested ones as the texts of their elements."""
    missing = np.array([v is None for v in values], dtype=bool)
    lists = [[] if v is None else list(v) for v in values]
    flat = [e for one in lists for e in one]
    elements = np.array(flat) if all(isinstance(e, int | float | np.number) for e in flat) else np.zeros(0)
    if len(elements) != len(flat):
        elements = _objects([str(e) for e in flat])
    lengths = np.array([len(one) for one in lists], dtype=np.int64)
    return Cells(SEQUENCE, dtype, lengths, missing if missing.any() else None, elements=elements)


def array_cells(values: NDArray[Any]) -> Cells:
    """A one-dimensional numpy array."""
    dtype = str(values.dtype)
    if np.ma.isMaskedArray(values):
        return number_cells(NUMBER, dtype, np.ma.getdata(values), np.ma.getmaskarray(values))
    if values.dtype.kind in "fiu":
        return number_cells(NUMBER, dtype, values)
    if values.dtype.kind == "b":
        return number_cells(BOOLEAN, dtype, values)
    if values.dtype.kind in "mM":
        return series_cells(nw.from_native(pd.Series(values), series_only=True))
    return object_cells(values.astype(object), dtype)

"""Columns of pandas, Polars and PyArrow as `Cells`, through narwhals; of numpy arrays directly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.data.column_profile import BOOLEAN, DATE, NUMBER, OTHER, SEQUENCE, TEXT
from treedebug.core.errors import FormatError, TreedebugError
from treedebug.profiles.scan.cells import MICROSECONDS, Batch, Cells

Missing = NDArray[np.bool_] | None
_MICROSECONDS_A_DAY = 86_400_000_000
_LAST_DAY = 2**63 // _MICROSECONDS_A_DAY - 1
"""Days since 1970 that microseconds can count; what lies beyond ("infinity" in a data base) is moved there."""


def frame_batch(frame: nw.DataFrame[Any], names: Sequence[str], as_text: Collection[str] = ()) -> Batch:
    """The rows of an eager frame; the columns `as_text` as texts, whatever they hold."""
    plain = _plain_columns(frame.to_native(), [n for n in names if n not in as_text])
    return Batch(
        len(frame),
        {n: plain[n] if n in plain else _readable(frame.get_column(n), n, as_text=n in as_text) for n in names},
    )


def _plain_columns(native: Any, names: Sequence[str]) -> dict[str, Cells]:
    """Columns of pandas that are numpy arrays of numbers, many at a time."""
    if not isinstance(native, pd.DataFrame) or not names:
        return {}
    at = dict(zip(native.columns, enumerate(native.dtypes), strict=True))
    by_type: dict[np.dtype[Any], list[str]] = {}
    for name in names:
        dtype = at[name][1]
        if isinstance(dtype, np.dtype) and dtype.kind in "fiu":
            by_type.setdefault(dtype, []).append(name)
    found = {}
    whole = native.to_numpy() if sum(map(len, by_type.values())) == len(at) else None  # of one type, the widest
    for dtype, some in by_type.items():
        place = [at[n][0] for n in some]
        columns = whole[:, place] if whole is not None and whole.dtype == dtype else native.iloc[:, place].to_numpy()
        block = np.ascontiguousarray(columns.T)
        missing = np.isnan(block) if dtype.kind == "f" else np.zeros(block.shape, dtype=bool)
        for name, values, is_missing, any_missing in zip(
            some, block, missing, np.asarray(missing.any(axis=1)), strict=True
        ):
            found[name] = Cells(NUMBER, str(dtype), values, is_missing if any_missing else None)
    return found


def _readable(series: nw.Series[Any], name: str, *, as_text: bool) -> Cells:
    """The column; FormatError names it where its engine cannot hand it over."""
    try:
        return series_cells(series, as_text=as_text)
    except (MemoryError, TreedebugError):
        raise
    except Exception as error:  # every engine raises its own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise FormatError(
            f"column {name!r} ({series.dtype}) cannot be read: {reason}; leave it out, or convert it"
        ) from error


def series_cells(series: nw.Series[Any], *, as_text: bool = False) -> Cells:
    """One column."""
    native = series.to_native()
    name = str(getattr(native, "dtype", getattr(native, "type", series.dtype)))
    if isinstance(native, pd.Series):
        if as_text or pd.api.types.is_object_dtype(native.dtype):
            return object_cells(native.to_numpy(dtype=object), name, as_text=as_text)
        if isinstance(native.dtype, pd.CategoricalDtype):
            return _pandas_categories(native)
    elif as_text:
        return object_cells(np.array(series.to_list(), dtype=object), name, as_text=True)
    convert = next((convert for holds, convert in _BY_DTYPE if holds(series.dtype)), _others)
    return convert(series, name)


def _plain_numbers(series: nw.Series[Any], name: str) -> Cells:
    return _numbers(NUMBER, name, series)


def _wide_numbers(series: nw.Series[Any], name: str) -> Cells:
    return _numbers(NUMBER, name, series.cast(nw.Float64()))


def _booleans(series: nw.Series[Any], name: str) -> Cells:
    return _numbers(BOOLEAN, name, series)


def _dates(series: nw.Series[Any], name: str) -> Cells:
    if series.dtype == nw.Datetime:
        return _numbers(DATE, name, series.dt.timestamp("us"))
    days = _numbers(DATE, name, series.cast(nw.Int32()))
    days.values = np.clip(days.values.astype(np.int64), -_LAST_DAY, _LAST_DAY) * _MICROSECONDS_A_DAY
    return days


def _durations(series: nw.Series[Any], name: str) -> Cells:
    """As seconds."""
    cells = _numbers(NUMBER, name, series.dt.total_microseconds())
    cells.values = cells.values / MICROSECONDS
    return cells


def _lists(series: nw.Series[Any], name: str) -> Cells:
    return sequence_cells(series.to_list(), name)


def _others(series: nw.Series[Any], name: str) -> Cells:
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


def _categories(series: nw.Series[Any], name: str) -> Cells:
    """Categories of PyArrow may be numbers, those of Polars are texts."""
    native = series.to_native()
    if hasattr(native, "chunks"):
        declared = list(dict.fromkeys(v for chunk in native.chunks for v in chunk.dictionary.to_pylist()))
        cells = series_cells(nw.from_native(native.cast(native.type.value_type), series_only=True))
    else:
        declared = native.cat.get_categories().to_list()
        cells = _texts(series.cast(nw.String()), name)
    cells.dtype, cells.declared = name, declared
    return cells


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


_INFERRED = {
    **dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), NUMBER),
    "boolean": BOOLEAN,
    **dict.fromkeys(("datetime", "date", "datetime64"), DATE),
    **dict.fromkeys(("string", "mixed-integer", "categorical"), TEXT),
}
"""What pandas calls a column of objects."""
_SIMPLE = (str, int, float, bool, Decimal, np.generic, dt.date, dt.time)


def _kind_of(present: NDArray[Any]) -> str:
    known = _INFERRED.get(pd.api.types.infer_dtype(present, skipna=True))
    if known is not None:
        return known
    kinds = {type(v) for v in present}
    if not kinds:
        return NUMBER
    if all(issubclass(k, list | tuple | np.ndarray) for k in kinds):
        return SEQUENCE
    if all(issubclass(k, _SIMPLE) for k in kinds):
        return TEXT if any(issubclass(k, str | dt.date | dt.time) for k in kinds) else NUMBER
    return OTHER


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


_BY_DTYPE: tuple[tuple[Callable[[Any], bool], Callable[[nw.Series[Any], str], Cells]], ...] = (
    (lambda dtype: bool(dtype.is_decimal()) or dtype in (nw.Int128, nw.UInt128), _wide_numbers),
    (lambda dtype: bool(dtype.is_numeric()), _plain_numbers),
    (lambda dtype: dtype == nw.Boolean, _booleans),
    (lambda dtype: dtype in (nw.Datetime, nw.Date), _dates),
    (lambda dtype: dtype == nw.Duration, _durations),
    (lambda dtype: dtype in (nw.Categorical, nw.Enum), _categories),
    (lambda dtype: dtype == nw.String, _texts),
    (lambda dtype: dtype in (nw.List, nw.Array), _lists),
)


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

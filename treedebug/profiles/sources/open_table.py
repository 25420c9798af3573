"""Any table as a `TableSource`, recognised without importing its library."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from treedebug.core.errors import ConfigError
from treedebug.profiles.sources.distributed import DaskSource, SparkSource
from treedebug.profiles.sources.lazy_frames import DuckSource, PolarsLazySource
from treedebug.profiles.sources.local_frames import ArraySource, FrameSource, SparseSource, WithColumns
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.source import TableSource
from treedebug.profiles.sources.table_files import open_files

KNOWN = (
    "a frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or PySpark, a numpy array, a scipy sparse "
    "matrix, an xgboost.DMatrix, a lightgbm.Dataset, or the path of a file of rows (CSV, Parquet, JSON lines, "
    "Excel, ...) or a folder of them"
)


@dataclass(frozen=True)
class Opened:
    """A table, and the label and weights that came with it, as names of columns."""

    source: TableSource
    label: str = ""
    weight: str = ""
    label_index: str = ""
    """"another order" or "other rows" where the label's index is not the table's."""


def modules_of(value: Any) -> set[str]:
    """Top-level modules of a value's classes."""
    return {c.__module__.split(".")[0] for c in type(value).__mro__}


def is_table(value: Any) -> bool:
    """Whether this is a table (paths aside)."""
    modules = modules_of(value)
    if "numpy" in modules:
        return isinstance(value, np.ndarray)
    if modules & {"xgboost", "lightgbm"}:
        return hasattr(value, "get_label")
    if "pandas" in modules:
        return isinstance(value, pd.DataFrame)
    return bool(modules & {"polars", "pyarrow", "_duckdb", "duckdb", "dask", "pyspark", "scipy"}) or (
        "dask_expr" in modules
    )


def open_table(
    data: Any, *, label: Any = None, weight: Any = None, label_name: str = "label", options: ReadOptions = PLAIN
) -> Opened:
    """The table, with arrays of labels and weights (where given) as columns of it. Raises ConfigError."""
    if modules_of(data) & {"xgboost", "lightgbm"}:
        opened = _booster_data(data)
    else:
        source = open_source(data, options)
        opened = Opened(source, label=source.label)
    if label_name in opened.source.names:  # a label computed from a column keeps its name in pandas
        label_name = "label"
    given = {label_name: label, "weight": weight}
    added = {_free(n, opened.source.names): _vector(v, n) for n, v in given.items() if v is not None}
    if not added:
        if isinstance(opened.source, FrameSource):
            opened.source.leave_out_headers()
        return opened
    source = _with(opened.source, added)
    names = list(added)
    return Opened(
        source,
        label=names[0] if label is not None else opened.label,
        weight=names[-1] if weight is not None else opened.weight,
        label_index=_index_of(label, data),
    )


def _index_of(label: Any, data: Any) -> str:
    """Say how the index of a label of pandas differs from that of its table: "another order", "other rows" or ""."""
    if not (isinstance(label, pd.Series | pd.DataFrame) and isinstance(data, pd.DataFrame | pd.Series)):
        return ""
    mine, theirs = data.index, label.index
    if len(mine) != len(theirs) or mine.equals(theirs) or not (mine.is_unique and theirs.is_unique):
        return ""
    return "another order" if mine.isin(theirs).all() else "other rows"


def _with(source: TableSource, added: dict[str, Any]) -> TableSource:
    if source.n_rows is None:
        raise ConfigError(f"with a table of {source.engine} give the label as one of its columns, by name: target='y'")
    for name, values in added.items():
        if len(values) != source.n_rows:
            raise ConfigError(f"the table has {source.n_rows} rows, but {name} has {len(values)}")
    return WithColumns(source, added)


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name = f"{name} "
    return name


def _vector(values: Any, what: str) -> Any:
    """One column as a numpy array or a narwhals series. Raises ConfigError for anything of another shape."""
    if isinstance(values, pd.DataFrame) and values.shape[1] == 1:
        values = values.iloc[:, 0]
    try:
        series = nw.from_native(values, series_only=True, pass_through=True)
    except (TypeError, ValueError):
        series = values
    if isinstance(series, nw.Series):
        return series.alias(str(series.name) if series.name is not None and str(series.name) else what)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{what} must be one value a row; got {type(values).__name__}: {error}") from error
    if array.ndim == 2 and array.shape[1] == 1:  # a column
        array = array[:, 0]
    if array.ndim != 1:
        raise ConfigError(
            f"{what} must be one value a row, of shape (n_rows,); got {array.shape}. The table comes first"
        )
    return array


def open_source(data: Any, options: ReadOptions = PLAIN) -> TableSource:
    """The table as a source. Raises ConfigError for anything that is none."""
    if isinstance(data, TableSource):
        return data
    if isinstance(data, str | os.PathLike):
        return open_files(data if isinstance(data, str) else Path(data), options)
    if isinstance(data, nw.DataFrame | nw.LazyFrame):
        data = data.to_native()
    modules = modules_of(data)
    opener = next((o for name, o in _OPENERS.items() if name in modules), None)
    source = opener(data) if opener is not None else None
    if source is None:
        raise ConfigError(f"expected {KNOWN}; got {type(data).__module__}.{type(data).__qualname__}")
    return source


def _pandas(data: Any) -> TableSource | None:
    if isinstance(data, pd.Series):
        data = data.to_frame()
    return FrameSource(data, "pandas") if isinstance(data, pd.DataFrame) else None


def _polars(data: Any) -> TableSource | None:
    if hasattr(data, "collect_schema") and not hasattr(data, "height"):
        return PolarsLazySource(data)
    return FrameSource(data, "polars") if hasattr(data, "height") else None


def _pyarrow(data: Any) -> TableSource | None:
    if hasattr(data, "column_names") and hasattr(data, "num_rows"):
        return FrameSource(data, "pyarrow")
    if hasattr(data, "to_table"):  # a dataset
        return FrameSource(data.to_table(), "pyarrow")
    return None


def _numpy(data: Any) -> TableSource | None:
    if not isinstance(data, np.ndarray):
        return None
    if data.dtype.names is not None:
        return FrameSource(pd.DataFrame.from_records(data), "numpy")
    return FrameSource(pd.DataFrame(data).infer_objects(), "numpy") if data.dtype == object else ArraySource(data)


def _scipy(data: Any) -> TableSource | None:
    return SparseSource(data) if hasattr(data, "tocsr") else None


_OPENERS: dict[str, Callable[[Any], TableSource | None]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _pyarrow,
    "numpy": _numpy,
    "scipy": _scipy,
    "duckdb": DuckSource,
    "_duckdb": DuckSource,
    "dask": DaskSource,
    "dask_expr": DaskSource,
    "pyspark": SparkSource,
}


def _booster_data(data: Any) -> Opened:
    """A DMatrix or a Dataset, as far as it gives its data back."""
    if hasattr(data, "num_row") and hasattr(data, "get_data"):
        return _dmatrix(data)
    if hasattr(data, "reference") and hasattr(data, "get_label"):
        return _dataset(data)
    raise ConfigError(f"expected {KNOWN}; got {type(data).__module__}.{type(data).__qualname__}")


def _dmatrix(data: Any) -> Opened:
    if "Quantile" in type(data).__name__:
        raise ConfigError(
            f"a {type(data).__name__} holds bins and not the data: pass the table it was made of, with its label"
        )
    try:
        matrix = data.get_data()
    except Exception as error:
        raise ConfigError(f"this DMatrix does not give its data back: {str(error).splitlines()[0]}") from error
    names = list(data.feature_names) if data.feature_names else None
    source: TableSource = SparseSource(matrix, names, fill=float("nan"), engine="xgboost")
    label, weight = np.asarray(data.get_label()), np.asarray(data.get_weight())
    added = {n: v for n, v in (("label", label), ("weight", weight)) if v.size == matrix.shape[0]}
    if not added:
        return Opened(source)
    names_of = {n: _free(n, source.names) for n in added}
    return Opened(
        WithColumns(source, {names_of[n]: v for n, v in added.items()}),
        names_of.get("label", ""),
        names_of.get("weight", ""),
    )


def _dataset(data: Any) -> Opened:
    table = getattr(data, "data", None)
    if table is None or isinstance(table, str | Path):
        raise ConfigError(
            "this lightgbm.Dataset does not give its data back: make it with free_raw_data=False, or pass the table "
            "it was made of, with its label"
        )
    opened = open_table(table, label=data.label, weight=data.weight)
    opened.source.engine = "lightgbm"
    return opened

"""Tables in this process: frames of pandas, Polars and PyArrow, numpy arrays, sparse matrices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from treedebug.core.errors import ConfigError
from treedebug.profiles.scan.cells import Batch, Cells
from treedebug.profiles.sources.frame_cells import array_cells, frame_batch, object_cells
from treedebug.profiles.sources.repeated_headers import without_headers
from treedebug.profiles.sources.source import TableSource, batch_rows


class FrameSource(TableSource):
    """An eager frame, read through narwhals a slice at a time."""

    def __init__(self, frame: Any, engine: str) -> None:
        self.engine = engine
        names, self.doubled = unique_names([str(c) for c in _column_names(frame)])
        if isinstance(frame, pd.DataFrame):
            frame = frame.set_axis(names, axis=1)
        elif self.doubled:  # PyArrow alone allows it
            frame = frame.rename_columns(names)
        self._frame = nw.from_native(frame, eager_only=True)
        self.names = names
        self.n_rows = len(self._frame)
        self._as_text = _mixed_columns(frame)

    def leave_out_headers(self) -> None:
        """Leave out rows that repeat the header: of a frame of texts alone."""
        native = self._frame.to_native()
        if isinstance(native, pd.DataFrame):
            is_text = [pd.api.types.is_object_dtype(t) or pd.api.types.is_string_dtype(t) for t in native.dtypes]
        else:
            is_text = [t == nw.String for t in self._frame.schema.values()]
        if not all(is_text) or not len(native):
            return
        left, headers = without_headers(self._frame.to_pandas(), self.names)
        if len(headers):
            self.header_rows = headers.tolist()
            self._frame, self.n_rows = nw.from_native(left, eager_only=True), len(left)

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        texts = self._as_text | set(as_text)
        frame = self._frame.select(list(names))
        step = batch_rows(len(names))
        for start in range(0, len(frame), step):
            yield frame_batch(frame[start : start + step] if len(frame) > step else frame, names, texts)


def _column_names(frame: Any) -> Sequence[Any]:
    return frame.column_names if hasattr(frame, "column_names") else list(frame.columns)


def _mixed_columns(frame: Any) -> set[str]:
    """Columns of pandas objects in which some rows hold numbers and others texts."""
    if not isinstance(frame, pd.DataFrame):
        return set()
    objects = [name for name, dtype in frame.dtypes.items() if pd.api.types.is_object_dtype(dtype)]
    return {str(n) for n in objects if pd.api.types.infer_dtype(frame[n], skipna=True) == "mixed-integer"}


def unique_names(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return the names, repeated ones told apart ("x", "x (2)") and empty ones named, and those that were repeated."""
    seen: dict[str, int] = {}
    unique = []
    for at, given in enumerate(names):
        name = given if given.strip() else f"Unnamed: {at}"  # as pandas calls it: an index that was written along
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique, tuple(n for n, count in seen.items() if count > 1)


class ArraySource(TableSource):
    """A numpy array of two dimensions; columns are f0, f1, ..., or `names`."""

    engine = "numpy"

    def __init__(self, values: NDArray[Any], names: Sequence[str] | None = None) -> None:
        if values.ndim == 1:
            values = values.reshape(-1, 1)
        if values.ndim != 2:  # rows and columns
            raise ConfigError(
                f"expected a table, an array of two dimensions (n_rows, n_columns); got the shape {values.shape}"
            )
        self._values = values
        self.n_rows, self._n_rows = len(values), len(values)
        n_columns = values.shape[1]
        self.names = list(names) if names else [f"f{i}" for i in range(n_columns)]
        self.doubled = ()

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        at = {name: i for i, name in enumerate(self.names)}
        step = batch_rows(len(names))
        for start in range(0, self._n_rows, step):
            rows = self._values[start : start + step]
            yield Batch(len(rows), {n: _cells(rows[:, at[n]], as_text=n in as_text) for n in names})


def _cells(values: NDArray[Any], *, as_text: bool) -> Cells:
    if as_text:
        return object_cells(values.astype(object), str(values.dtype), as_text=True)
    return array_cells(np.ascontiguousarray(values) if not np.ma.isMaskedArray(values) else values)


class SparseSource(TableSource):
    """A scipy sparse matrix, made dense a few rows at a time; what it does not hold is `fill` (0, or NaN: missing)."""

    def __init__(
        self, matrix: Any, names: Sequence[str] | None = None, *, fill: float = 0.0, engine: str = "scipy"
    ) -> None:
        self.engine = engine
        self._matrix, self._fill = matrix.tocsr(), fill
        self._n_rows, n_columns = matrix.shape
        self.n_absent = self._n_rows * n_columns - self._matrix.nnz
        self.n_rows = self._n_rows
        self.names = list(names) if names else [f"f{i}" for i in range(n_columns)]
        self.doubled = ()

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        step = batch_rows(len(self.names))
        for start in range(0, self._n_rows, step):
            part = self._matrix[start : start + step]
            dense = np.full(part.shape, self._fill, order="F")
            dense[np.repeat(np.arange(part.shape[0]), np.diff(part.indptr)), part.indices] = part.data
            yield from ArraySource(dense, self.names).batches(names, as_text)


class WithColumns(TableSource):
    """A table with a label or weights that came apart from it, as arrays."""

    def __init__(self, base: TableSource, added: Mapping[str, Any]) -> None:
        self.engine, self.n_rows, self.doubled = base.engine, base.n_rows, base.doubled
        self.n_absent, self.reading, self.header_rows = base.n_absent, base.reading, base.header_rows
        self.names = [*base.names, *added]
        self._base, self._added = base, dict(added)

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        start = 0
        inner = [n for n in names if n not in self._added]
        for batch in self._base.batches(inner, as_text):
            stop = start + batch.n_rows
            more = {n: self._slice(n, start, stop, as_text) for n in names if n in self._added}
            yield Batch(batch.n_rows, {**batch.columns, **more})
            start = stop

    def _slice(self, name: str, start: int, stop: int, as_text: Collection[str]) -> Cells:
        part = self._added[name][start:stop]
        if isinstance(part, np.ndarray):
            return _cells(part, as_text=name in as_text)
        frame = part.to_frame()
        return frame_batch(frame, frame.columns, frame.columns if name in as_text else ()).columns[frame.columns[0]]

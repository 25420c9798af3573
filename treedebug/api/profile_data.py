"""`treedebug.profile`: measure tables before any training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError
from treedebug.profiles.profile_tables import Roles, profile_sets
from treedebug.profiles.sources.read_options import ReadOptions
from treedebug.reports.html.notebook import profile_table
from treedebug.reports.profile_text import sets_text
from treedebug.reports.table_progress import TableProgress


class TableSchema(DataSets):
    """What `treedebug.profile` returns: `DataSets` that print as a table, a line a column.

    `save` writes it as a file that later tables are checked against, `treedebug.check(table, reference=path)`; `load`
    reads that file.
    """

    def __str__(self) -> str:
        """Draw the columns of the training data, and a line for each other set."""
        return sets_text(self)

    def _repr_html_(self) -> str:
        """Return the columns as a notebook shows them."""
        return profile_table(self)

    def __eq__(self, other: object) -> bool:
        """Compare with any `DataSets`, so that a profile read back equals the one measured."""
        if not isinstance(other, DataSets):
            return NotImplemented
        return (self.train, self.others, self.between) == (other.train, other.others, other.between)

    __hash__ = None  # type: ignore[assignment]  # it holds dicts


def profile(  # noqa: PLR0913 - what a table may come with
    data: Any,
    y: Any = None,
    *,
    target: str | None = None,
    group: str | None = None,
    time: str | None = None,
    weight: Any = None,
    valid: Any = None,
    tokens: Mapping[str, Sequence[Any]] | Sequence[Any] | None = None,
    task: str | None = None,
    left_out: Sequence[str] = (),
    noise: bool = True,
    sep: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    query: str | None = None,
) -> TableSchema:
    """Measure a table, and others beside it: columns, label, weights, repeated rows, drift. Each is read once.

    `data` is a frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or PySpark, a numpy array, a scipy sparse
    matrix, an xgboost.DMatrix, a lightgbm.Dataset, or the path or URL of a file of rows (CSV, Parquet, JSON lines,
    Excel, ORC, Arrow, LIBSVM), a folder of them, a Delta or Iceberg table, or an SQL query. `sep`, `encoding`,
    `decimal` and `header` say how a file is written where that is not recognised; `query` goes with the URL of a data
    base. The label is the column `target`, or `y` (n_rows,). `valid` is a table like it (with or without labels),
    (X, y) or (X, y, weights), or a dict of several by name. `group`, `time` and `weight` name columns (`weight` may
    also be an array); `tokens` are those to count in sequences, `{column: [0, 1]}`, or `[0]` for the rows of an integer
    array. `task` is "classes" or "numbers" where the label does not tell. Columns `left_out` are not compared where
    copies of rows are looked for; `noise=False` does not look for wrong labels, which trains a small booster.

    What takes over 3 seconds says on standard error how far it is. Print the result for a line a column. Raise
    ConfigError, FormatError, RunNotFoundError or MissingExtraError if the data cannot be read, each saying what came
    and what to do.
    """
    if target is not None and not isinstance(target, str):
        raise ConfigError(
            f"target= names the label's column; got {target!r} (labels apart from the table: check(X, y))"
        )
    if target is not None and y is not None:
        raise ConfigError("give the label once: as y, or as the column target=")
    weights, name = (None, weight) if weight is None or isinstance(weight, str) else (weight, None)
    progress = TableProgress()
    roles = Roles(
        target=target,
        group=group,
        time=time,
        weight=name,
        tokens=tokens,
        task=task,
        left_out=tuple(left_out),
        noise=noise,
        options=ReadOptions(sep=sep, encoding=encoding, decimal=decimal, header=header, query=query),
        watch=progress,
    )
    try:
        sets = profile_sets(data, y, valid, roles=roles, weights=weights)
    finally:
        progress.close()
    return TableSchema(sets.train, sets.others, sets.between)


def as_sets(value: Any) -> DataSets:
    """Return the plain data of what `treedebug.profile` returns. Raise ConfigError for anything else."""
    if isinstance(value, DataProfile):
        return DataSets(value)
    if not isinstance(value, DataSets):
        raise ConfigError(
            "data= takes what treedebug.profile(X, y, valid=(X_valid, y_valid)) returns; "
            f"got {type(value).__qualname__}"
        )
    return DataSets(value.train, value.others, value.between)

"""Builders of tables as their profiles, for the tests of rules on data.

run = data_sets(table(number("age"), text("city"), label=classes_of({"no": 900, "yes": 100})))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from treedebug.core.data.column_profile import (
    BOOLEAN,
    CLASSES,
    DATE,
    NUMBER,
    NUMBERS,
    PROBABILITIES,
    TEXT,
    ColumnProfile,
    ValueCount,
)
from treedebug.core.data.data_sets import Between, DataSets
from treedebug.core.data.label_traces import LabelShape
from treedebug.core.data.table_profile import DataProfile, LabelProfile, WeightProfile
from treedebug.core.run.run_data import RunData
from treedebug.testing.builders import TRAIN, VALID, ending, header

N_ROWS = 1000


def number(name: str, *, n_rows: int = N_ROWS, **fields: Any) -> ColumnProfile:
    """Return a column of amounts between 0 and 1, with these fields of `ColumnProfile` changed."""
    usual: dict[str, Any] = {
        "n_distinct": n_rows * 9 // 10, "mean": 0.5, "std": 0.3, "minimum": 0.0, "maximum": 1.0,
        "quantiles": PROBABILITIES, "sample_rows": n_rows, "sample_distinct": n_rows * 9 // 10,
    }  # fmt: skip
    return ColumnProfile(**{"name": name, "kind": NUMBER, "dtype": "float64", "n_rows": n_rows, **usual, **fields})


def text(
    name: str, counts: Mapping[Any, int] | Sequence[int] = (600, 400), *, n_rows: int = 0, **fields: Any
) -> ColumnProfile:
    """Return a column of categories with these counts (the 20 most frequent are kept), and these fields changed."""
    named = dict(counts) if isinstance(counts, Mapping) else {f"{name}-{i}": c for i, c in enumerate(counts)}
    top = sorted(named.items(), key=lambda item: -item[1])
    length = max((len(str(v)) for v in named), default=0)
    n_rows = n_rows or sum(named.values())
    usual: dict[str, Any] = {
        "n_missing": n_rows - sum(named.values()), "n_distinct": len(named), "max_length": length,
        "mean_length": float(length), "top_values": tuple(ValueCount(v, c) for v, c in top[:20]), "sample_rows": n_rows,
        "sample_distinct": len(named),
    }  # fmt: skip
    return ColumnProfile(**{"name": name, "kind": TEXT, "dtype": "str", "n_rows": n_rows, **usual, **fields})


def date(name: str, *, n_rows: int = N_ROWS, **fields: Any) -> ColumnProfile:
    """Return a column of dates of the year 2024, all different, with these fields changed."""
    usual: dict[str, Any] = {"n_distinct": n_rows, "minimum": 1_704_067_200.0, "maximum": 1_735_603_200.0}
    return ColumnProfile(**{"name": name, "kind": DATE, "dtype": "datetime64", "n_rows": n_rows, **usual, **fields})


def flag(name: str, *, share: float = 0.3, n_rows: int = N_ROWS, **fields: Any) -> ColumnProfile:
    """Return a column of true and false."""
    ones = round(share * n_rows)
    top = (ValueCount(value=False, count=n_rows - ones), ValueCount(value=True, count=ones))
    usual: dict[str, Any] = {
        "n_distinct": sum(v.count > 0 for v in top), "mean": share, "minimum": 0.0, "maximum": 1.0,
        "top_values": tuple(v for v in top if v.count),
    }  # fmt: skip
    return ColumnProfile(**{"name": name, "kind": BOOLEAN, "dtype": "bool", "n_rows": n_rows, **usual, **fields})


def classes_of(
    counts: Mapping[Any, int], *, weights: Mapping[Any, float] | None = None, n_missing: int = 0, **fields: Any
) -> LabelProfile:
    """Return a label of classes: rows of each, their summed weights, rows without one.

    `fields` are those of its column.
    """
    named = {str(k): v for k, v in counts.items()}
    numbers = [float(v) for v in counts if not isinstance(v, str)]
    spread: dict[str, Any] = {"kind": NUMBER, "whole_numbers": all(v.is_integer() for v in numbers)} if numbers else {}
    if numbers:
        spread |= {"minimum": min(numbers), "maximum": max(numbers)}
    column = text("y", named, n_rows=sum(counts.values()) + n_missing, **{**spread, **fields})
    weight = dict(counts) if weights is None else dict(weights)
    found = tuple(ValueCount(v, c, float(weight[v])) for v, c in counts.items())
    return LabelProfile(kind=CLASSES, column=column, classes=found, n_classes=len(found))


def numbers_of(*, n_rows: int = N_ROWS, shape: LabelShape | None = None, **fields: Any) -> LabelProfile:
    """Return a label of numbers, with these fields of its column changed."""
    return LabelProfile(kind=NUMBERS, column=number("y", n_rows=n_rows, **fields), shape=shape)


def weights_of(*, n_rows: int = N_ROWS, **fields: Any) -> WeightProfile:
    """Return sample weights between 0.5 and 1.5, with these fields of `WeightProfile` changed."""
    usual: dict[str, Any] = {
        "name": "weight", "n_missing": 0, "n_infinite": 0, "n_negative": 0, "n_zero": 0, "n_distinct": 101,
        "minimum": 0.5, "maximum": 1.5, "mean": 1.0, "total": float(n_rows), "effective_rows": 0.92 * n_rows,
        "top_share": 0.015, "median": 1.0,
    }  # fmt: skip
    return WeightProfile(**{"n_rows": n_rows, **usual, **fields})


def table(*columns: ColumnProfile, n_rows: int = 0, **fields: Any) -> DataProfile:
    """Return a table of these columns (two, unless given), with these fields of `DataProfile` changed."""
    columns = columns or (number("a"), number("b"))
    n_rows = n_rows or columns[0].n_rows
    usual: dict[str, Any] = {"engine": "pandas", "sample_size": n_rows}
    return DataProfile(**{"n_rows": n_rows, "columns": columns, **usual, **fields})


def data_sets(
    train: DataProfile,
    *,
    valid: DataProfile | None = None,
    between: Between | None = None,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """Return a run that holds nothing but its data.

    `between` (empty by default) is what stands between train and valid.
    """
    run = ending(header(run=run if run is not None else RunData(), **fields))
    others = {} if valid is None else {VALID: replace(valid, name=VALID)}
    sets = DataSets(replace(train, name=TRAIN), others, {name: between or Between() for name in others})
    run.add_stream(DataSets, sets)
    return run


def hostile_tables() -> dict[str, RunData]:
    """Return data that are empty, broken or extreme."""
    nan, inf = float("nan"), float("inf")
    lost = ColumnProfile(name="lost", kind=NUMBER, n_rows=9, n_missing=9)
    odd = number("odd", mean=nan, std=nan, minimum=-inf, maximum=inf, quantiles=(nan,) * len(PROBABILITIES))
    huge = number("huge", mean=1e308, std=1e308, minimum=-1e308, maximum=1e308, whole_numbers=True, n_distinct=N_ROWS)
    one = table(number("a", n_rows=1, n_distinct=1, std=0.0), text("b", (1,)), label=classes_of({"x": 1}))
    return {
        "a table without rows": data_sets(DataProfile(), valid=DataProfile()),
        "a table without columns": data_sets(DataProfile(n_rows=9), valid=DataProfile(n_rows=9)),
        "a table of one row": data_sets(one, valid=one),
        "a column without values": data_sets(table(lost, label=numbers_of(n_rows=9, n_missing=9, mean=nan, std=nan))),
        "a column of nan": data_sets(table(odd, huge, label=numbers_of(minimum=-inf, maximum=inf, mean=nan, std=inf))),
        "labels without rows": data_sets(table(label=classes_of({}))),
        "weights of nan": data_sets(table(weight=weights_of(mean=nan, total=nan, effective_rows=nan, maximum=inf))),
        "nothing between the sets": data_sets(table(), valid=table(), between=Between()),
    }

"""Traces that handling a table leaves in its labels: order, values of one class, one label per id, made-up rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LabelOrder:
    """How the labels follow each other from row to row, on the sample."""

    n_rows: int
    n_changes: int
    """Rows whose label is not that of the row before; of numbers, rows on the other side of the median."""
    expected: float
    """The same if the rows are in no order."""


@dataclass(frozen=True, kw_only=True)
class PureValue:
    """A value (or a range "a to b") of a column whose rows all have one label, and what the other rows are like."""

    value: Any
    n_rows: int
    label: Any
    share_elsewhere: float
    """Of the other rows with that label."""
    log10_chance: float
    """Of so many rows of one label by chance."""
    rest_score: float
    """What the column tells of the label on the other rows: 0 nothing, 1 all."""


@dataclass(frozen=True, kw_only=True)
class OneLabel:
    """Values of a column of which each has one label, and neighbours that do not share it."""

    n_values: int
    """With two rows or more."""
    n_pure: int
    expected: float
    """Values of one label by chance."""
    n_rows: int
    neighbours: float
    """Share of the values whose label is that of the next larger value; 1 for a measurement, `by_chance` for an id."""
    by_chance: float


@dataclass(frozen=True, kw_only=True)
class OwnLabelTrace:
    """A column of a series that is made of earlier values and the label of the row itself."""

    column: str
    weight: float
    """What it gains as the row's own label gains 1."""
    width: int
    """Rows of a rolling mean or sum; 0 for one of all rows so far (a running total, a weighted mean)."""
    left: float
    """What the row's own label leaves of all that earlier values do not tell: 0 of a column made of them exactly."""


@dataclass(frozen=True, kw_only=True)
class MadeUpTrace:
    """Rows of one class that lie on the line between two others of it, as interpolation (SMOTE) makes them."""

    label: Any
    n_rows: int
    """Looked at."""
    n_between: int
    columns: tuple[str, ...] = ()
    """Columns of whole numbers in all rows but those of this class."""
    fraction_share: float = 0.0
    """Share of the rows of this class with a fraction in the first of `columns`."""


@dataclass(frozen=True, kw_only=True)
class LabelShape:
    """How a label of numbers is spread."""

    median: float
    low: float
    high: float
    """Quantiles 0.01 and 0.99."""
    zero_share: float
    top_share: float
    """Share of the rows that hold the largest value."""
    top: float = math.nan
    below_top: float = math.nan
    """The largest value, and the largest below it."""
    tail: float = math.nan
    """(0.999 quantile - median) / (0.75 quantile - median)."""
    n_outliers: int = 0
    """Rows further from the median than 20 spans between the quantiles 0.05 and 0.95, and 3 times as far as all others.
    """
    outlier: float = math.nan
    is_positive: bool = False
    """Whether the label is never negative."""


@dataclass(frozen=True, kw_only=True)
class TwinTrace:
    """Rows of another set beside the training rows nearest to them: 0 by chance, 1 where all have the row's label."""

    n_rows: int
    """Rows of the other set that were looked at, copies of training rows left out."""
    nearest: float
    """Agreement with the nearest training row."""
    further: float
    """Agreement with the 15th to the 25th nearest."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What one column tells of the label in both sets, learned on one half of the training rows.

    `train` and `other` are AUCs, on the other half of the training rows and on the other set; `z` is their difference
    in standard errors, after the training rows have been weighted as the other set is spread if that makes it smaller.
    """

    column: str
    train: float
    other: float
    z: float


@dataclass(frozen=True, kw_only=True)
class LookAlike:
    """A column of another set that is spread as a training column is: another one, or the same in another unit."""

    column: str
    """Of the training data."""
    other_column: str
    how: str
    """"swapped", "renamed" or "unit"."""
    unit: str = ""
    """What the other set's values are of those in the training data: "/ 2.54"."""
    distance: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SharedIdTrace:
    """A column named like an id of a person or thing, whose values stand in both sets."""

    column: str
    n_values: int
    """Of the other set."""
    n_shared: int
    share: float
    """Of the other set's rows."""
    rows_each: float
    """Training rows for each value."""

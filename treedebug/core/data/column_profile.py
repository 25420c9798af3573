"""One column of a table in numbers: counts, moments, quantiles, frequent values, and what it tells of the label.

Lists are capped and come with the number of all. Numbers that could not be measured are NaN.

Cell values (`Value`) are the same whatever the engine: bool, int (any whole number), float, text (cut after 200
characters), and dates as ISO text. A column of categories is a column of its values' kind, with `n_levels` declared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.data.label_traces import OneLabel, PureValue
from treedebug.core.data.text_reading import AMOUNT, TextReading

NUMBER, BOOLEAN, TEXT, DATE, SEQUENCE, OTHER = "number", "boolean", "text", "date", "sequence", "other"
"""Kinds of columns. Texts in mixed columns of numbers and texts: TEXT. Nested or binary data: OTHER."""
CLASSES, NUMBERS = "classes", "numbers"
"""Tasks, and kinds of labels."""
PROBABILITIES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Where `quantiles` are taken."""
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Where pairs of columns are counted by their correlation."""
Value = Any
NAN = math.nan


@dataclass(frozen=True)
class ValueCount:
    """A value and the rows (or, for a sequence, the elements) that hold it; `weight` is their summed weight."""

    value: Value
    count: int
    weight: float = NAN


@dataclass(frozen=True)
class Sentinel:
    """A number that may stand for "missing": a repeated extreme, or a well-known code such as -999.

    `gap` is its distance from the nearest other value, in widths of the other values (95 % minus 5 % quantile); NaN for
    a text such as "N/A". `side` is "low", "high", "inside" or "text".
    """

    value: Value
    count: int
    gap: float
    side: str


@dataclass(frozen=True)
class Variants:
    """Texts of one column that differ only by case, by white space or by dashes and underscores."""

    values: tuple[ValueCount, ...]


@dataclass(frozen=True)
class Dependence:
    """What the column alone tells of the label, on rows that were not used to learn it.

    `score` is 0 for nothing better than the constant guess and 1 for perfect: 2 * AUC - 1 with two classes (`metric`
    "auc"; macro average of one against the rest with more), the share of the variance explained ("r2") for numbers.
    `std_error` is that of the score, from its folds.
    """

    metric: str
    score: float
    std_error: float
    n_rows: int


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column. Moments and extremes are those of the finite values."""

    name: str
    kind: str
    dtype: str = ""
    """As its engine calls it."""
    n_rows: int = 0
    n_missing: int = 0
    """Null or NaN."""
    n_empty: int = 0
    """Texts of white space only; not counted as missing."""
    n_infinite: int = 0
    n_beyond_float32: int = 0
    """Finite numbers that overflow as float32."""
    n_distinct: int = 0
    """Not counting missing ones."""
    distinct_is_exact: bool = True
    """Else an estimate, within 1 %."""
    whole_numbers: bool = False
    """All finite values are whole (and there is one)."""
    mean: float = NAN
    std: float = NAN
    minimum: float = NAN
    """Dates: seconds since 1970."""
    maximum: float = NAN
    n_zero: int = 0
    n_negative: int = 0
    quantiles: tuple[float, ...] = ()
    """At PROBABILITIES, of the sample."""
    top_values: tuple[ValueCount, ...] = ()
    """Most frequent first, at most 20."""
    top_is_exact: bool = True
    """Else counted on the sample and scaled up."""
    order: str = ""
    """"increasing" or "decreasing" from row to row over the whole table (strictly: no value twice), else ""."""
    steps_by_one: bool = False
    """Whole numbers that grow by exactly 1 from row to row: a counter."""
    n_numeric_texts: int = 0
    """Texts that read as numbers; the rest (`n_rows - n_missing - n_empty - n_numeric_texts`) does not."""
    reads_as: TextReading | None = None
    """Of texts that are amounts, dates or codes of digits, and no words."""
    max_length: int = 0
    """Characters of the longest text, elements of the longest sequence."""
    mean_length: float = NAN
    variants: tuple[Variants, ...] = ()
    n_variants: int = 0
    sentinels: tuple[Sentinel, ...] = ()
    n_levels: int = 0
    """Declared levels of a categorical column; 0 for any other."""
    unused_levels: tuple[Value, ...] = ()
    n_unused_levels: int = 0
    sample_rows: int = 0
    """Rows of the sample in which the column is not missing, and how many distinct values they hold."""
    sample_distinct: int = 0
    dependence: Dependence | None = None
    average: LabelAverage | None = None
    """Of a column that may be the mean label of small groups of rows."""
    pure: PureValue | None = None
    """A value whose rows all have one label."""
    one_label: OneLabel | None = None
    """Of whole numbers that repeat: how many of their values have one label."""
    rank_correlation: float = NAN
    """Spearman's, with a label of numbers or of two classes."""
    role: str = ""
    """"group" or "time" for a column the caller named so, else ""."""

    @property
    def n_present(self) -> int:
        """Rows that are not missing."""
        return self.n_rows - self.n_missing

    @property
    def is_amount(self) -> bool:
        """Whether it holds numbers written as text."""
        return self.reads_as is not None and self.reads_as.kind == AMOUNT

    @property
    def missing_share(self) -> float:
        """In 0..1; 0 without rows."""
        return self.n_missing / self.n_rows if self.n_rows else 0.0

    def quantile(self, probability: float) -> float:
        """Return the quantile of a probability. Raise ValueError for one not in PROBABILITIES."""
        at = PROBABILITIES.index(probability)
        return self.quantiles[at] if self.quantiles else NAN

"""What a table looks like, in numbers: measured once, judged by the rules on data, kept in a run's record.

Nothing here is a judgement, and no threshold stands here. Lists are capped and come with the number of all. Row numbers
count from 0 in the order in which the table is read. Numbers that could not be measured are NaN; a part that could not
be is None or empty, and `unmeasured` says why.

Cell values (`Value`) are the same whatever the engine: bool, int (any whole number), float, text (cut after 200
characters), and dates as ISO text. A column of categories is a column of its values' kind, with `n_levels` declared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.data.label_traces import LabelOrder, LabelShape, MadeUpRows, OneLabel, PureValue
from treedebug.core.data.row_profiles import LabelNoise, Repeats
from treedebug.core.data.tables_text import profile_text
from treedebug.core.data.text_reading import AMOUNT, TextReading
from treedebug.core.plain_json import Plain

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
        """One of the quantiles, by its probability. Raises ValueError for one not in PROBABILITIES."""
        at = PROBABILITIES.index(probability)
        return self.quantiles[at] if self.quantiles else NAN


@dataclass(frozen=True, kw_only=True)
class LabelProfile:
    """The label. `column` holds its numbers; `classes` are empty for a label of numbers."""

    kind: str
    column: ColumnProfile
    classes: tuple[ValueCount, ...] = ()
    """In order of their values, at most 1000; `weight` without weights equals `count`."""
    n_classes: int = 0
    shape: LabelShape | None = None
    """Of a label of numbers."""

    @property
    def n_rows(self) -> int:
        """Rows, those without a label included."""
        return self.column.n_rows

    @property
    def n_labelled(self) -> int:
        """Rows with a label."""
        return self.column.n_present


@dataclass(frozen=True, kw_only=True)
class WeightProfile:
    """Sample weights."""

    name: str
    n_rows: int
    n_missing: int
    n_infinite: int
    n_negative: int
    n_zero: int
    n_distinct: int
    minimum: float
    maximum: float
    mean: float
    total: float
    effective_rows: float
    """Kish: (sum w)**2 / sum w**2, of the finite positive weights."""
    top_share: float
    """Share of the total on the heaviest hundredth of the rows (of the sample)."""
    median: float


@dataclass(frozen=True)
class Pair:
    """Two columns and Spearman's correlation of their present values on the sample."""

    first: str
    second: str
    correlation: float
    equal_share: float = NAN
    """Share of the sample's rows in which both hold the same value, or both are missing."""


@dataclass(frozen=True, kw_only=True)
class TokenProfile:
    """How much of the sequences of one column (or of the rows of an integer array: column "") is one token."""

    column: str
    token: Value
    n_sequences: int
    n_elements: int
    n_of_token: int
    mean_share: float
    """Mean over the sequences of the token's share of them."""
    n_over: tuple[int, ...]
    """Sequences in which its share is at least 0.1, 0.2, ... 1.0."""


@dataclass(frozen=True, kw_only=True)
class DataProfile(Plain):
    """One table."""

    name: str = ""
    """"train", "valid", or as the caller says."""
    engine: str = ""
    """"pandas", "polars", "csv", ..."""
    n_rows: int = 0
    is_partial: bool = False
    """Only some rows were looked at, and nobody knows how many there are (inputs of a network): `n_rows` counts those.
    """
    columns: tuple[ColumnProfile, ...] = ()
    """Features, in the table's order; label and weight stand apart."""
    label: LabelProfile | None = None
    weight: WeightProfile | None = None
    task: str = ""
    group: str = ""
    time: str = ""
    time_was_named: bool = False
    """Else `time` is the only column of dates, found."""
    sample_size: int = 0
    """Rows that quantiles, correlations, dependence and label noise come from; exact where it equals `n_rows`."""
    pairs: tuple[Pair, ...] = ()
    """Strongest correlations first, at most 1000."""
    pair_counts: tuple[int, ...] = ()
    """How many pairs correlate by at least LEVELS."""
    n_pairs: int = 0
    equal_columns: tuple[tuple[str, ...], ...] = ()
    """Groups of columns equal in every row, at most 100."""
    n_equal_columns: int = 0
    """Columns in such groups, beyond the first of each."""
    recoded_columns: tuple[tuple[str, ...], ...] = ()
    """Groups of columns that tell each other's values one to one on the sample, of 3 to 1000 values; at most 100."""
    repeats: Repeats | None = None
    alike: Repeats | None = None
    """The same of rows as a booster sees them: numbers in 32 bits, texts whatever their case, without the columns that
    only name the row and those that the user leaves out."""
    noise: LabelNoise | None = None
    tokens: tuple[TokenProfile, ...] = ()
    label_order: LabelOrder | None = None
    made_up: MadeUpRows | None = None
    label_index: str = ""
    """"another order" or "other rows" where the index of labels given apart is not that of the table."""
    n_absent: int = -1
    """Cells that a sparse matrix does not hold; -1 for any other table."""
    header_rows: tuple[int, ...] = ()
    """Rows that repeat the header, as row numbers; those of a file were left out."""
    reading: tuple[str, ...] = ()
    """How a file was read, where that was not plain: its encoding, its separator."""
    doubled_names: tuple[str, ...] = ()
    """Column names that stand in the table more than once."""
    unmeasured: dict[str, str] = field(default_factory=dict)
    """Topic ("noise", "dependence", ...) -> why it was not measured and what to do."""

    def column(self, name: str) -> ColumnProfile:
        """A column by name, the label included. Raises KeyError."""
        label: tuple[ColumnProfile, ...] = () if self.label is None else (self.label.column,)
        for column in (*self.columns, *label):
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def n_columns(self) -> int:
        """Features."""
        return len(self.columns)

    def __repr__(self) -> str:
        """In one line."""
        named = f", label {self.label.column.name}" if self.label is not None else ""
        size = f"{self.n_rows} rows, {self.n_columns} columns"
        return f"<DataProfile of {self.name or 'a table'} ({self.engine}): {size}{named}>"

    def __str__(self) -> str:
        """As a table of its columns."""
        return profile_text(self)

"""What a table looks like, in numbers: measured once, judged by the rules on data, kept in a run's record.

A profile judges nothing and holds no threshold. Lists are capped and come with the number of all. Row numbers count
from 0 in the order in which the table is read. Numbers that could not be measured are NaN; a part that could not be
measured is None or empty, and `unmeasured` says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from treedebug.core.data.column_profile import NAN, ColumnProfile, Value, ValueCount
from treedebug.core.data.label_traces import LabelOrder, LabelShape, MadeUpTrace, OwnLabelTrace
from treedebug.core.plain_json import Plain


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
class Repeats:
    """Rows whose features stand in the table more than once. Weights do not count as features."""

    n_duplicates: int
    """Rows beyond the first of each group of rows equal in features and label."""
    n_groups: int
    """Groups of equal rows of which `n_duplicates` are the surplus."""
    largest: int
    """Rows of the largest such group."""
    n_conflicting: int
    """Rows equal to another one in every feature, with another label."""
    n_conflict_groups: int
    n_minority: int = 0
    """Conflicting rows without the most frequent label of their group: whatever is right, so many are wrong."""
    duplicates: tuple[tuple[int, ...], ...] = ()
    """Some groups of equal rows, by row number."""
    conflicts: tuple[tuple[int, ...], ...] = ()
    """Some groups of rows that differ in the label only."""
    conflict_labels: tuple[tuple[Value, ...], ...] = ()
    """The labels of the rows in `conflicts`."""
    n_tied: int = 0
    """Of `n_duplicates`, those in groups of over 20 rows: a value that many rows share, and no copy of a row."""
    n_once: int = 0
    n_twice: int = 0
    n_thrice: int = 0
    """Rows that stand there once, and groups of two and of three equal rows, of the rows whose hashes were kept."""
    without: tuple[str, ...] = ()
    """Columns that were not compared."""
    is_exact: bool = True
    """Else an estimate, from the share of the rows whose hashes were kept."""


@dataclass(frozen=True)
class Suspect:
    """A row whose label out-of-fold predictions contradict; `confidence` is the probability they give `suggested`."""

    row: int
    given: Value
    suggested: Value
    confidence: float
    given_probability: float


@dataclass(frozen=True, kw_only=True)
class LabelNoise:
    """Rows whose given label is less likely than another one, which is as likely as it is on rows that carry it.

    That is confident learning (Northcutt, Jiang, Chuang, JAIR 2021): no threshold, but each class's own mean.
    """

    n_rows: int
    """Judged: those of the sample."""
    n_suspects: int
    suspects: tuple[Suspect, ...]
    """Most confident first, at most 100."""
    accuracy: float
    """Of the out-of-fold predictions."""
    base_accuracy: float
    """Of always guessing the most frequent class."""
    model: str
    confident: tuple[int, ...] = ()
    """Suspects whose `confidence` is at least 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99."""
    n_classes: int = 0
    sureness: tuple[tuple[float, int, int], ...] = ()
    """Of the rows in 20 parts, the surest first: mean log odds of the most likely class over the next one, rows, and
    rows with another label than the most likely one."""


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
    is_padding: bool = False
    """The net knows it as padding (`padding_idx` of its embedding)."""


@dataclass(frozen=True, kw_only=True)
class DataProfile(Plain):
    """One table."""

    name: str = ""
    """"train", "valid", or as the caller says."""
    engine: str = ""
    """"pandas", "polars", "csv", ..."""
    n_rows: int = 0
    is_partial: bool = False
    """Only `n_rows` rows were looked at, of an unknown number (inputs of a network)."""
    columns: tuple[ColumnProfile, ...] = ()
    """Features, in the table's order; label and weight stand apart."""
    label: LabelProfile | None = None
    weight: WeightProfile | None = None
    task: str = ""
    group: str = ""
    time: str = ""
    time_was_named: bool = False
    """Else `time` is the only column of dates, found."""
    time_memory: float = NAN
    """How far a label correlates with that of the next row in time, trends taken out."""
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
    own_labels: tuple[OwnLabelTrace, ...] = ()
    """Columns made of the label of their own row, where rows follow each other in time."""
    made_up: MadeUpTrace | None = None
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
        """Return a column by name, the label included. Raise KeyError."""
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
        """Return one line."""
        named = f", label {self.label.column.name}" if self.label is not None else ""
        size = f"{self.n_rows} rows, {self.n_columns} columns"
        return f"<DataProfile of {self.name or 'a table'} ({self.engine}): {size}{named}>"

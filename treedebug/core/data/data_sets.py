"""Tables side by side: the training data, the other sets, and what stands between them. A stream of a run."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from treedebug.core.data.column_profile import NAN, Value
from treedebug.core.data.label_traces import LookAlike, Relation, SharedIdTrace, TwinTrace
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import FormatError, RunNotFoundError, StoreError
from treedebug.core.plain_json import Plain


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Rows of the other set whose features stand in the training data."""

    n_rows: int
    n_same_label: int
    """Those of them whose label is the same, too."""
    examples: tuple[tuple[int, int], ...] = ()
    """(row in the training data, row in the other set), at most 20."""
    n_compared: int = 0
    """Rows of which the values themselves were compared, beside their hashes, and found equal."""
    is_exact: bool = True
    """Else an estimate, from the share of the rows whose hashes were kept."""
    n_tied: int = 0
    """Of `n_same_label`, those equal to over 20 training rows: a value that many rows share, and no copy of a row."""
    without: tuple[str, ...] = ()
    """Columns that were not compared."""


@dataclass(frozen=True, kw_only=True)
class GroupOverlap:
    """Groups (patients, customers) that stand in both sets."""

    column: str
    n_groups: int
    """Of the other set."""
    n_shared: int
    n_rows_shared: int
    """Rows of the other set in shared groups."""
    examples: tuple[Value, ...] = ()
    is_exact: bool = True


@dataclass(frozen=True, kw_only=True)
class TimeOrder:
    """How the sets lie in time; dates as seconds since 1970, or numbers as they are."""

    column: str
    train_start: float
    train_end: float
    other_start: float
    other_end: float
    n_not_after: int
    """Rows of the other set at or before the last training row (scaled up from the sample, if it is one)."""
    n_before: int
    """Rows of the other set before the first training row."""
    n_rows: int
    is_exact: bool = True


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How one column is spread in both sets, on present values, and what is missing."""

    column: str
    kind: str
    n_train: int
    n_other: int
    """Rows compared (those of the samples)."""
    distance: float
    """Largest distance of the distribution functions (Kolmogorov-Smirnov); of categories, the total variation."""
    psi: float
    """Population stability index, over the training data's tenths or over categories."""
    p_value: float
    """Kolmogorov-Smirnov (asymptotic) or chi-square."""
    shift: float = NAN
    """Difference of the means in standard deviations of the training data (numbers)."""
    missing_train: float = 0.0
    missing_other: float = 0.0
    missing_p_value: float = 1.0
    """Of a difference as large in the shares that are missing, by chance (all rows)."""
    value: Value = None
    """The category, or the tenth's "low to high", that changed its share most."""
    share_train: float = NAN
    share_other: float = NAN


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Values of a column of texts (or of the label) that the training data lacks."""

    column: str
    n_values: int
    n_rows: int
    values: tuple[Value, ...] = ()
    is_exact: bool = True


@dataclass(frozen=True, kw_only=True)
class Between:
    """What stands between the training data and another set."""

    overlap: Overlap | None = None
    alike: Overlap | None = None
    """The same of rows as a booster sees them (`DataProfile.alike`)."""
    groups: GroupOverlap | None = None
    time: TimeOrder | None = None
    drifts: tuple[Drift, ...] = ()
    """Of every column in both sets, in the order of the training data."""
    label_drift: Drift | None = None
    unseen: tuple[Unseen, ...] = ()
    unseen_labels: Unseen | None = None
    relations: tuple[Relation, ...] = ()
    """What each column tells of the label in both sets."""
    together: Relation | None = None
    """What all columns tell of the label together, without a name; None where that was not measured."""
    twins: TwinTrace | None = None
    """How alike the labels of rows are to those of the training rows nearest to them."""
    look_alikes: tuple[LookAlike, ...] = ()
    """Columns that were swapped, renamed or converted."""
    shared_ids: tuple[SharedIdTrace, ...] = ()
    """Columns named like ids of people or things that repeat, with values in both sets."""
    known_values: dict[str, float] = field(default_factory=dict)
    """Columns of numbers that repeat -> share of the other set's rows whose value the training data has."""
    missing_columns: tuple[str, ...] = ()
    """In the training data only."""
    extra_columns: tuple[str, ...] = ()
    """In the other set only."""
    changed_kinds: tuple[tuple[str, str, str], ...] = ()
    """(column, kind in the training data, kind in the other set)."""


@dataclass(frozen=True)
class DataSets(Plain):
    """The training data, the other sets by name, and what stands between. A stream of a run."""

    train: DataProfile
    others: dict[str, DataProfile] = field(default_factory=dict)
    between: dict[str, Between] = field(default_factory=dict)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the profile as JSON, to check later tables against it. Raise StoreError where it cannot be written."""
        try:
            Path(path).write_text(self.to_json(), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"the profile cannot be written to {path}: {error.strerror or error}") from error

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote. Raise RunNotFoundError or FormatError."""
        file = Path(path)
        try:
            return cls.from_dict(json.loads(file.read_bytes()))
        except FileNotFoundError as error:
            raise RunNotFoundError(f"there is no profile at {file}") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise FormatError(
                f"{file} holds no profile of a table: expected what treedebug.profile(...).save(path) writes"
            ) from error

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - data hold for every round
        """Return the sets themselves."""
        return self

    def __repr__(self) -> str:
        """Return one line."""
        names = ", ".join([self.train.name or "train", *self.others])
        return f"<DataSets {names}: {self.train.n_rows} rows, {self.train.n_columns} columns>"

"""What was measured of rows: those that stand in a table more than once, and those whose label looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = Any


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

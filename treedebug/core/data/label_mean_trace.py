"""What tells a column that is the mean label of small groups, each row's own label included."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LabelAverage:
    """Counts on the sampled rows with a label; a column that is no candidate has none of this.

    A candidate lies within the label's range, and the label grows by about 1 where it grows by 1. Two traces of an
    average are counted. Amounts: values that few rows share and whose labels, which differ, average exactly to it.
    Whole numbers: the column is a multiple of 1 / `size`, and no row has a label that is impossible in a group of so
    many with that mean (a mean of 0 allows no 1).
    """

    size: int
    """Rows of a group: those that most often average exactly, or what the column is a multiple of; 0 if unknown."""
    n_rows: int
    n_exact: int = 0
    """Values shared by two rows or more whose labels differ and average to the value."""
    n_chance: float = 0.0
    """How many they would be if the differences between label and column stood in other rows of these."""
    n_impossible: int = 0
    """Rows whose label cannot be in a group of `size` rows with such a mean."""
    n_expected: float = 0.0
    """Impossible rows if the label did not hang on the column; 0 if the column is no multiple of 1 / `size`."""
    slope: float = 1.0
    """Of the label over the column, by least squares."""
    slope_error: float = 0.0
    """Its standard error, whatever the spread of the labels."""

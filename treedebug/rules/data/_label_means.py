"""When a column is the mean label of small groups of rows, and how a rule says so."""

from __future__ import annotations

from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.phrases import figure

_SIGMAS = 5.0
"""Standard errors that the slope may lie off 1, and must lie above 0."""


def is_average(average: LabelAverage, min_exact: int, min_expected: float) -> bool:
    """By enough exact averages, or by steps that no row's label contradicts where `min_expected` would by chance."""
    if _is_exact(average, min_exact):
        return True
    fits = abs(average.slope - 1.0) <= _SIGMAS * average.slope_error < average.slope
    return fits and average.n_impossible == 0 and average.n_expected >= min_expected


def average_told(name: str, average: LabelAverage, min_exact: int) -> str:
    """Say what the column is, and the figures that show it."""
    by_value = f"exact average of {average.n_exact} groups' labels, {figure(average.n_chance)} by chance"
    by_step = f"multiple of 1/{average.size} that contradicts no row's label, {figure(average.n_expected)} by chance"
    return (
        f"column {name} is the mean label of groups of {average.size} rows, each row's own label included "
        f"({by_value if _is_exact(average, min_exact) else by_step}; {average.n_rows} rows)"
    )


def _is_exact(average: LabelAverage, min_exact: int) -> bool:
    return average.n_exact >= min_exact * (1.0 + average.n_chance)

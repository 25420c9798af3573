"""How a label of numbers is spread in each set, in the numbers that a person asks for first."""

from __future__ import annotations

from treedebug.core.data.column_profile import NUMBERS
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.report import LabelSpread, SpreadRow

_CAP = 0.01
"""Share of the rows on the largest value, of at least 10 rows, that is a cap."""
_LEAST = 10


def label_spread(sets: DataSets) -> LabelSpread | None:
    """Return mean, spread, range, zeros and cap of the label in each set; None for classes and without a label."""
    tables = {sets.train.name: sets.train, **sets.others}
    rows = tuple(row for name, profile in tables.items() if (row := _row(name, profile)) is not None)
    label = sets.train.label
    return LabelSpread(label=label.column.name, rows=rows) if rows and label is not None else None


def _row(name: str, profile: DataProfile) -> SpreadRow | None:
    label = profile.label
    if label is None or label.kind != NUMBERS or not label.n_labelled or not label.column.quantiles:
        return None
    column, shape = label.column, label.shape
    n = max(column.n_present, 1)
    has_cap = (
        shape is not None and shape.top_share >= _CAP and shape.top_share * n >= _LEAST and column.n_distinct > n / 50
    )
    return SpreadRow(
        dataset=name,
        n_rows=column.n_present,
        mean=column.mean,
        deviation=column.std,
        minimum=column.minimum,
        median=column.quantile(0.5),
        maximum=column.maximum,
        zero_share=column.n_zero / n,
        cap=shape.top if has_cap and shape is not None else None,
        cap_share=shape.top_share if has_cap and shape is not None else 0.0,
    )

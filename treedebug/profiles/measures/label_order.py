"""How labels follow each other from row to row: a table that is sorted by its label shows it here."""

from __future__ import annotations

import numpy as np

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.label_traces import LabelOrder
from treedebug.profiles.measures.table_sample import Table

_MIN_ROWS = 50


def label_order(table: Table, label: str, task: str) -> LabelOrder | None:
    """Return the changes of the label from row to row; None of fewer than 50 labelled rows or of one value."""
    codes, distinct = table.codes(label)
    known = codes >= 0
    if known.sum() < _MIN_ROWS or len(distinct) < 2:
        return None
    y = codes[known]
    if task != CLASSES:
        if table.is_coded(label):
            return None
        numbers = table.floats(label)[known]
        y = (numbers > np.median(numbers)).astype(np.int64)
    shares = np.bincount(y) / len(y)
    return LabelOrder(
        n_rows=len(y),
        n_changes=int(np.count_nonzero(y[1:] != y[:-1])),
        expected=float((len(y) - 1) * (1.0 - np.square(shares).sum())),
    )

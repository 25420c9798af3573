"""How a label of numbers is spread: its middle, zeros, caps, tails and outliers."""

from __future__ import annotations

import math

import numpy as np

from treedebug.core.data.label_traces import LabelShape
from treedebug.profiles.measures.table_sample import Table

_MIN_ROWS = 50
_FAR = 20.0
_APART = 3.0


def label_shape(table: Table, label: str) -> LabelShape | None:
    """Return the shape of the label's finite values on the sample; None of fewer than 50, or of texts."""
    if table.is_coded(label):
        return None
    y = table.ordered(label)
    if len(y) < _MIN_ROWS:
        return None
    column = table.scan.columns[label]
    low, early, middle, upper, late, high, last = np.quantile(y, (0.01, 0.05, 0.5, 0.75, 0.95, 0.99, 0.999)).tolist()
    below = y[y < y[-1]]
    span = late - early
    if np.array_equal(y, np.rint(y)):  # counts scatter by their root, however few values they take
        span = max(span, _APART * math.sqrt(max(abs(middle), 1.0)))
    away = np.abs(y - middle)
    far = away > _FAR * span if span > 0 else np.zeros(len(y), dtype=bool)
    if far.any() and away[far].min() < _APART * away[~far].max():  # a long tail, and nothing apart from it
        far[:] = False
    n = max(column.moments.n, 1)
    return LabelShape(
        median=middle,
        low=low,
        high=high,
        zero_share=column.moments.n_zero / n,
        top_share=column.moments.n_maximum / n,
        top=column.moments.maximum,
        below_top=float(below[-1]) if len(below) else float("nan"),
        tail=(last - middle) / (upper - middle) if upper > middle else float("nan"),
        n_outliers=round(int(far.sum()) * n / len(y)),
        outlier=float(y[far][np.abs(y[far] - middle).argmax()]) if far.any() else float("nan"),
        is_positive=column.moments.minimum >= 0,
    )

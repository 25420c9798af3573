"""Ids of people or things that stand in both sets: rows of one customer are no independent rows."""

from __future__ import annotations

import re

import numpy as np

from treedebug.core.data.column_names import is_named_id, snake_case
from treedebug.core.data.column_profile import NUMBER, TEXT
from treedebug.core.data.label_traces import SharedIdTrace
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan.cells import among

_MIN_VALUES = 20
_ROWS_EACH = 1.5
_MOST_EACH = 200.0
_WHO = re.compile(
    r"(^|_)(user|customer|client|patient|member|subject|person|account|device|session|household|driver|student|employee"
    r"|card|player|borrower|applicant)s?(_?(id|no|nr|key|number|num|uuid|code|name))?$"
)


def is_named_group(name: str) -> bool:
    """Return whether a column is named like the id of somebody: user, customer_id, PatientNo."""
    return bool(_WHO.search(snake_case(name))) or is_named_id(name)


def shared_ids(train: Table, other: Table, name: str) -> SharedIdTrace | None:
    """Return how many of the other set's ids the training data has; None for a column that is none."""
    column, theirs = train.scan.columns[name], other.scan.columns[name]
    if column.kind not in (NUMBER, TEXT) or theirs.kind != column.kind or not is_named_group(name):
        return None
    if column.kind == NUMBER and not column.moments.is_whole:
        return None
    n_values = column.distinct.estimate()
    rows_each = column.n_rows / max(n_values, 1)
    if n_values < _MIN_VALUES or not _ROWS_EACH <= rows_each <= _MOST_EACH:
        return None
    cells = other.cells(name)[other.present(name)]
    values = np.unique(cells)
    known = np.unique(train.cells(name)[train.present(name)])
    shared = among(values, known)
    if not shared.any():
        return None
    return SharedIdTrace(
        column=name,
        n_values=theirs.distinct.estimate(),
        n_shared=round(float(shared.mean()) * theirs.distinct.estimate()),
        share=float(among(cells, known).mean()),
        rows_each=rows_each,
    )

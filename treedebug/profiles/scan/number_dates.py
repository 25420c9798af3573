"""Times written as numbers: seconds or milliseconds since 1970, in a column that is named so."""

from __future__ import annotations

import re

import numpy as np

from treedebug.core.data.column_names import snake_case
from treedebug.core.data.column_profile import NUMBER
from treedebug.profiles.scan.cells import Cells

_NAMED = re.compile(r"(^|_)(time|timestamp|datetime|date|ts|unix|epoch|created|updated)(_|$)|_at$")
_EARLIEST, _LATEST = 3.0e8, 4.1e9
"""1979 and 2099, in seconds since 1970."""


def is_unix_time(name: str, cells: Cells) -> bool:
    """Return whether a column is named like a time and holds seconds, milliseconds or smaller parts since 1970."""
    if cells.kind != NUMBER or not _NAMED.search(snake_case(name)):
        return False
    values = np.asarray(cells.values[cells.present], dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) < 2 or values.min() == values.max():
        return False
    low, high = float(values.min()), float(values.max())
    return any(_EARLIEST * unit <= low and high <= _LATEST * unit for unit in (1.0, 1e3, 1e6, 1e9))

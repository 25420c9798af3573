"""What LightGBM makes of cells that it does not keep: odd categories, and zeros that become gaps."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.margin_log import kept_rows
from treedebug.recorders.raw_cells import raw_cells

_MOST_ROWS = 5000
_LEAST = 20
"""Rows of either kind, before their mean labels can be compared."""
_CERTAIN = 5.0
"""Standard errors between the two."""
Floats = NDArray[np.float64]


def raw_facts(data: Any, params: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return `odd_categories` and `zeros_and_gaps` of a Dataset whose raw data is at hand, by feature; else nothing."""
    with contextlib.suppress(Exception):  # a table of another kind, a file, columns of texts
        table = getattr(data, "data", None)
        if table is None or isinstance(table, str):
            return {}
        found: dict[str, Any] = {"odd_categories": _odd_categories(data, table, names)}
        if str(params.get("zero_as_missing")).lower() in ("true", "1"):
            found["zeros_and_gaps"] = _zeros_and_gaps(table, np.asarray(data.label, dtype=np.float64), names)
        return {name: value for name, value in found.items() if value}
    return {}


def _odd_categories(data: Any, table: Any, names: Sequence[str]) -> dict[str, dict[str, int]]:
    told, odd = getattr(data, "categorical_feature", None), {}
    for one in told if isinstance(told, list) else []:
        at = one if isinstance(one, int) else list(names).index(one)
        values = _column(table, at)
        known = values[np.isfinite(values)]
        counts = {"negative": int((known < 0).sum()), "fractions": int((known != np.floor(known)).sum())}
        odd[names[at] if at < len(names) else f"Column_{at}"] = {**counts, "n_rows": len(values)}
    return odd


def _zeros_and_gaps(table: Any, label: Floats, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Columns with both, whose rows of the one kind have other labels than those of the other."""
    found, some = {}, label[kept_rows(len(label), min(len(label), _MOST_ROWS))]
    for at in range(int(table.shape[1])):
        values = _column(table, at)
        zeros, gaps = some[values == 0], some[np.isnan(values)]
        if min(len(zeros), len(gaps)) < _LEAST:
            continue
        error = math.sqrt(zeros.var() / len(zeros) + gaps.var() / len(gaps))
        if abs(zeros.mean() - gaps.mean()) > _CERTAIN * error:
            found[names[at] if at < len(names) else f"Column_{at}"] = {
                "zeros": float(len(zeros) / len(values)), "gaps": float(len(gaps) / len(values)),
                "label_of_zeros": float(zeros.mean()), "label_of_gaps": float(gaps.mean()),
            }  # fmt: skip
    return found


def _column(table: Any, at: int) -> Floats:
    n = int(table.shape[0])
    return raw_cells(table, kept_rows(n, min(n, _MOST_ROWS)), [at]).ravel()

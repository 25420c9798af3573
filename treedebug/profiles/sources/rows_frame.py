"""A file of rows as a pandas frame, for what needs the rows themselves and not their profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from treedebug.core.data.column_profile import BOOLEAN, DATE, NUMBER, TEXT
from treedebug.core.errors import ConfigError
from treedebug.profiles.scan.cells import Cells
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.table_files import open_files


def rows_frame(place: str | Path, options: ReadOptions = PLAIN) -> pd.DataFrame:
    """Return all rows of a file or a folder of files: numbers as float64, texts as categories.

    Raise RunNotFoundError, FormatError or ConfigError, as the check of a table does.
    """
    source = open_files(place, options)
    batches = list(source.batches(source.names, ()))
    if not batches:
        raise ConfigError(f"{place} holds no rows")
    return pd.DataFrame({name: _column([b.columns[name] for b in batches], name, str(place)) for name in source.names})


def _column(parts: list[Cells], name: str, place: str) -> Any:
    kinds = {p.kind for p in parts}
    if kinds <= {NUMBER, BOOLEAN}:
        return np.concatenate([_numbers(p) for p in parts])
    if kinds == {DATE}:
        return pd.to_datetime(np.concatenate([_numbers(p) for p in parts]), unit="us")
    if kinds == {TEXT}:
        texts = [np.array([*p.levels, None], dtype=object)[np.where(p.present, p.values, -1)] for p in parts]
        declared = next((list(p.declared) for p in parts if p.declared is not None), None)
        return pd.Categorical(np.concatenate(texts), categories=declared)
    raise ConfigError(f"column {name!r} of {place} holds {' and '.join(sorted(kinds))}: expected numbers or texts")


def _numbers(cells: Cells) -> Any:
    return np.where(cells.present, cells.values.astype(np.float64), np.nan)

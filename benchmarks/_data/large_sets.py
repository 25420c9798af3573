"""A training and a validation table with planted faults, as folders of Parquet files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from _data.speed import rows

NUMBERS = 16
"""Columns of `rows`; the city, an id, a date and a constant beside them are 20, and the label."""


def write(folder: Path, n: int, file_rows: int) -> float:
    """Write both tables, if they are not there; return the gigabytes of the training table in memory."""
    size = 0
    for name, n_rows, seed in (("train", n, 1), ("valid", n // 10, 2)):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for i in range(-(-n_rows // file_rows)):
            frame = part(min(file_rows, n_rows - i * file_rows), first=i * file_rows, seed=(seed, i))
            if name == "valid":
                copies = part(min(file_rows, n), first=0, seed=(1, 0)).iloc[: len(frame) // 50]
                frame = pd.concat([spoilt(frame), copies])
            else:
                size += frame.memory_usage(deep=False).sum()
            file = place / f"part-{i:03d}.parquet"
            if not file.exists():
                frame.to_parquet(file, index=False)
    return float(size) / 1e9


def part(n: int, *, first: int, seed: tuple[int, int]) -> pd.DataFrame:
    """Rows with codes that stand for missing, a constant, spellings, copies of rows, a leak."""
    numbers, city, label = rows(n, NUMBERS, np.random.default_rng(seed))
    frame = pd.DataFrame(numbers, columns=[f"n{j:02d}" for j in range(NUMBERS)])
    frame["city"] = pd.Series(np.array([f"city {j:02d}" for j in range(40)])[city], dtype="str")
    frame.loc[::97, "city"] = "City 07"
    frame["id"] = np.arange(first, first + n) + (0 if seed[0] == 1 else 10**9)
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(first, first + n) // 50, unit="s")
    frame["constant"] = 7
    frame["label"] = label
    frame.loc[::50, "n03"] = -999.0
    frame["n12"] = frame["label"] * 5.0 + np.round(frame["n12"] / 20)
    twice = np.arange(0, n - 1, 100)
    for name in frame.columns.drop("id"):  # each hundredth row again, right behind itself
        frame.loc[twice + 1, name] = frame.loc[twice, name].to_numpy()
    return frame


def spoilt(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows as another source might hand them over: one column drifts, one has a new value, gaps elsewhere."""
    frame["n01"] += 0.5
    frame.loc[frame.index % 40 == 3, "city"] = "elsewhere"
    frame.loc[frame.index % 4 == 1, "n02"] = np.nan
    return frame

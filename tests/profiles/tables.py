"""A table with something of everything, and the same table for every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

N_TRAIN, N_VALID = 1500, 700


def split(seed=3):
    """Two pandas tables with known faults: copies, sentinels, spellings, new categories, rows and times in both."""
    rng = np.random.default_rng(seed)
    n = N_TRAIN + N_VALID
    # Numbers that float32 holds exactly, so that a DMatrix gives the same back.
    table = pd.DataFrame(rng.normal(size=(n, 4)).astype(np.float32).astype(np.float64), columns=list("abcd"))
    table["copy"] = table["a"]
    table["level"] = rng.integers(0, 4, n)
    table.loc[::9, "b"] = np.nan
    table.loc[::50, "c"] = -999.0
    table["constant"] = 7
    table["city"] = rng.choice(["Rome", "rome", "Oslo", None], n)
    table["row"] = np.arange(n)
    table["flag"] = rng.random(n) > 0.5
    table["when"] = pd.date_range("2020-01-01", periods=n, freq="h")
    table["y"] = (table["a"] + rng.normal(size=n) * 0.3 > 1).astype(int)
    table["leak"] = table["y"] * 2.0 + rng.integers(0, 3, n) / 8.0
    train = pd.concat([table.iloc[:N_TRAIN], table.iloc[:20]], ignore_index=True)
    valid = pd.concat([table.iloc[N_TRAIN:], table.iloc[100:140]], ignore_index=True)
    valid.loc[:30, "city"] = "Bern"
    return train, valid


def numbers(table):
    """The columns that a matrix can hold, and the label."""
    return table[["a", "b", "c", "d", "copy", "level", "constant", "row", "leak"]].astype(np.float32), table["y"]


def as_files(kind, tables, folder):
    """Each table as a file, or as a folder of several; gives their paths."""
    paths = []
    for i, table in enumerate(tables):
        path = folder / f"table-{i}"
        if kind == "csv":
            path = path.with_suffix(".csv")
            table.to_csv(path, index=False)
        elif kind == "parquet":
            path = path.with_suffix(".parquet")
            table.to_parquet(path, index=False)
        else:
            path.mkdir()
            for k, start in enumerate(range(0, len(table), 400)):
                part = table.iloc[start : start + 400]
                if kind == "csv folder":
                    part.to_csv(path / f"part-{k}.csv", index=False)
                else:
                    part.to_parquet(path / f"part-{k}.parquet", index=False)
        paths.append(path)
    return paths


def spark_session():
    """A local session; skips where PySpark or Java is missing."""
    import os
    import shutil
    import sys

    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'treedebug[pyspark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("PySpark needs Java")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()

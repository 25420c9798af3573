"""The same data give the same findings, whatever engine holds them."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.profiles.tables import as_files, numbers, spark_session, split
from treedebug.engine.config import Config
from treedebug.profiles.sources import source

CONFIG = Config(preview=True)
FAULTS = {"DA604", "DA605", "DA606", "DA607", "DA614", "DA615", "DA619", "DA621", "DA623"}


def findings(train, valid, **options):
    """Everything the findings say, numbers included, and what was skipped."""
    report = treedebug.check(train, valid=valid, config=CONFIG, **options)
    assert not report.verdict.crashed
    return [f.to_dict() for f in report.findings], [s.code for s in report.verdict.skipped]


def pandas_tables(tables, _):
    return tables


def polars_tables(tables, _):
    polars = pytest.importorskip("polars")
    return [polars.from_pandas(t) for t in tables]


def lazy_tables(tables, folder):
    return [t.lazy() for t in polars_tables(tables, folder)]


def arrow_tables(tables, _):
    pyarrow = pytest.importorskip("pyarrow")
    return [pyarrow.Table.from_pandas(t) for t in tables]


def duckdb_tables(tables, _):
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    return [duckdb.connect().from_df(t) for t in tables]


def dask_tables(tables, _):
    dask = pytest.importorskip("dask.dataframe")
    return [dask.from_pandas(t, npartitions=n) for t, n in zip(tables, (5, 3), strict=True)]


def one_dask_partition(tables, _):
    dask = pytest.importorskip("dask.dataframe")
    return [dask.from_pandas(t, npartitions=1) for t in tables]


def csv_files(tables, folder):
    return as_files("csv", tables, folder)


def csv_folders(tables, folder):
    return as_files("csv folder", tables, folder)


def parquet_files(tables, folder):
    pytest.importorskip("pyarrow")
    return as_files("parquet", tables, folder)


def parquet_folders(tables, folder):
    pytest.importorskip("pyarrow")
    return as_files("parquet folder", tables, folder)


def pyspark_tables(tables, _):
    session = spark_session()
    return [session.createDataFrame(t).coalesce(2) for t in tables]


def pyspark_unions(tables, _):
    """Of many partitions, whose scans are merged where they lie."""
    session = spark_session()
    parts = [[session.createDataFrame(t.iloc[i : i + 250]) for i in range(0, len(t), 250)] for t in tables]
    return [functools.reduce(lambda one, two: one.union(two), some) for some in parts]


FRAMES = [
    polars_tables,
    lazy_tables,
    arrow_tables,
    duckdb_tables,
    dask_tables,
    one_dask_partition,
    csv_files,
    csv_folders,
    parquet_files,
    parquet_folders,
    pytest.param(pyspark_tables, marks=pytest.mark.slow),
    pytest.param(pyspark_unions, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def expected():
    return findings(*split(), target="y")


def test_pandas_finds_what_is_wrong(expected):
    assert {f["code"] for f in expected[0]} >= FAULTS


@pytest.mark.parametrize("make", FRAMES)
def test_the_same_findings_whatever_the_engine(make, expected, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the engines
        tables = make(split(), tmp_path)
        found = findings(*tables, target="y")
    assert found == expected


def matrices(kind):  # noqa: PLR0911 - one for each kind
    """The numbers of both tables as one kind of matrix, with their labels."""
    pairs = [numbers(t) for t in split()]
    if kind == "pandas":
        return [(x.set_axis([f"f{i}" for i in range(x.shape[1])], axis=1), y) for x, y in pairs]
    if kind == "numpy":
        return [(x.to_numpy(), y.to_numpy()) for x, y in pairs]
    if kind == "fortran order":
        return [(np.asfortranarray(x.to_numpy()), y.tolist()) for x, y in pairs]
    if kind == "sparse":
        sparse = pytest.importorskip("scipy.sparse")
        return [(sparse.csr_matrix(x.to_numpy()), y) for x, y in pairs]
    if kind == "sparse columns":
        sparse = pytest.importorskip("scipy.sparse")
        return [(sparse.csc_array(x.to_numpy()), y) for x, y in pairs]
    if kind == "polars":
        polars = pytest.importorskip("polars")
        return [
            (polars.from_numpy(x.to_numpy(), [f"f{i}" for i in range(x.shape[1])]), polars.Series("y", y))
            for x, y in pairs
        ]
    if kind == "DMatrix":
        xgboost = pytest.importorskip("xgboost")
        return [
            (xgboost.DMatrix(x.to_numpy(), y, feature_names=[f"f{i}" for i in range(x.shape[1])]), None)
            for x, y in pairs
        ]
    lightgbm = pytest.importorskip("lightgbm")
    return [(lightgbm.Dataset(x.to_numpy(), y, free_raw_data=False), None) for x, y in pairs]


@pytest.fixture(scope="module")
def expected_of_numbers():
    (x, y), valid = matrices("pandas")
    return findings_of_matrix(x, y, valid)


def findings_of_matrix(x, y, valid):
    report = treedebug.check(x, y, valid=valid if y is not None else valid[0], config=CONFIG)
    assert not report.verdict.crashed
    return [(f.code, f.subject, f.message.replace("column y", "column label")) for f in report.findings]


@pytest.mark.parametrize("kind", ["numpy", "fortran order", "sparse", "sparse columns", "polars", "DMatrix", "Dataset"])
def test_the_same_findings_whatever_the_matrix(kind, expected_of_numbers):
    (x, y), valid = matrices(kind)
    assert {code for code, _, _ in expected_of_numbers} >= {"DA604", "DA606", "DA607", "DA619", "DA623"}
    assert findings_of_matrix(x, y, valid) == expected_of_numbers


def test_a_quantile_matrix_says_what_to_pass():
    xgboost = pytest.importorskip("xgboost")
    x, y = numbers(split()[0])
    with pytest.raises(treedebug.ConfigError, match="pass the table it was made of"):
        treedebug.check(xgboost.QuantileDMatrix(x, y))


def test_a_dataset_whose_data_are_gone_says_what_to_do():
    lightgbm = pytest.importorskip("lightgbm")
    x, y = numbers(split()[0])
    dataset = lightgbm.Dataset(x, y, params={"verbosity": -1}).construct()
    with pytest.raises(treedebug.ConfigError, match="free_raw_data=False"):
        treedebug.check(dataset)


def test_a_query_that_fails_is_one_error():
    polars = pytest.importorskip("polars")
    broken = (
        polars.from_pandas(pd.DataFrame({"a": ["1", "x"], "y": [0, 1]}))
        .lazy()
        .with_columns(polars.col("a").cast(polars.Int64))
    )
    with pytest.raises(treedebug.ConfigError, match="the Polars query cannot be computed"):
        treedebug.check(broken, target="y")


def mixed():
    """Numbers first and texts later on, so that the kind of the column is not known from the beginning."""
    column = np.empty(900, dtype=object)
    column[:] = [i % 7 for i in range(600)] + ["?"] * 300
    return pd.DataFrame({"odd": column, "x": np.arange(900.0) % 11, "y": np.arange(900) % 2})


@pytest.mark.parametrize("make", [pandas_tables, dask_tables, one_dask_partition, csv_files, csv_folders])
def test_a_column_of_numbers_and_later_texts(make, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "_BATCH_ROWS", 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = make([mixed(), mixed()], tmp_path)[0]
        column = treedebug.profile(table, target="y").train.column("odd")
    assert (column.kind, column.n_distinct, column.n_numeric_texts) == ("text", 8, 600)
    assert column.top_values[0].count == 300

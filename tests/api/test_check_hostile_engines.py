"""Types that one engine alone has: findings or one clear error, whatever the column holds."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pytest

import treedebug
from treedebug.core.errors import TreedebugError
from treedebug.engine.config import Config

pl = pytest.importorskip("polars", reason="needs Polars: pip install 'treedebug[polars]'")
pa = pytest.importorskip("pyarrow", reason="needs PyArrow: pip install 'treedebug[parquet]'")

ALL = Config(preview=True)
N = 60
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=N), np.arange(N) % 2


def turns(*values):
    return [values[i % len(values)] for i in range(N)]


POLARS = {
    "struct": lambda: pl.Series(turns({"a": 1, "b": "x"}, None)),
    "list": lambda: pl.Series(turns([1, 2], [], None)),
    "list of lists": lambda: pl.Series(turns([[1], [2, 3]], [[]])),
    "list of structs": lambda: pl.Series(turns([{"k": 1}], [])),
    "array": lambda: pl.Series(turns([1.0, 2.0]), dtype=pl.Array(pl.Float64, 2)),
    "objects": lambda: pl.Series(turns(object(), uuid.UUID(int=1)), dtype=pl.Object),
    "null": lambda: pl.Series([None] * N, dtype=pl.Null),
    "time": lambda: pl.Series(turns(dt.time(1, 2), None)),
    "duration": lambda: pl.Series(turns(dt.timedelta(hours=1), None)),
    "date": lambda: pl.Series(turns(dt.date(1, 1, 1), dt.date(9999, 12, 31))),
    "datetime in a zone": lambda: pl.Series(turns(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))).dt.convert_time_zone(
        "Asia/Tokyo"
    ),
    "decimal": lambda: pl.Series(turns(Decimal("1.10"), None), dtype=pl.Decimal(38, 2)),
    "128 bits": lambda: pl.Series(turns(2**100, -(2**90), None), dtype=pl.Int128),
    "unsigned": lambda: pl.Series(turns(2**64 - 1, 0), dtype=pl.UInt64),
    "binary": lambda: pl.Series(turns(b"\xff\x00", b"")),
    "categorical": lambda: pl.Series(turns("a", None, "b"), dtype=pl.Categorical),
    "enum": lambda: pl.Series(turns("a", "b"), dtype=pl.Enum(["a", "b", "unused"])),
    "booleans": lambda: pl.Series(turns(True, None, False)),
    "empty texts": lambda: pl.Series(turns("", " ", None)),
    "not a number": lambda: pl.Series(turns(float("nan"), None, float("inf"))),
}
ARROW = {
    "struct": lambda: pa.array(turns({"a": 1}, None)),
    "map": lambda: pa.array(turns([("k", 1)], []), pa.map_(pa.string(), pa.int64())),
    "large list": lambda: pa.array(turns([1], None), pa.large_list(pa.int64())),
    "fixed list": lambda: pa.array(turns([1, 2]), pa.list_(pa.int64(), 2)),
    "union": lambda: pa.UnionArray.from_sparse(
        pa.array(turns(0, 1), pa.int8()), [pa.array(turns(1, 2)), pa.array(turns("a", "b"))]
    ),
    "null": lambda: pa.nulls(N),
    "dictionary": lambda: pa.array(turns("a", None, "b")).dictionary_encode(),
    "dictionary of numbers": lambda: pa.array(turns(3, 1)).dictionary_encode(),
    "run ends": lambda: pa.RunEndEncodedArray.from_arrays([N // 2, N], ["a", "b"]),
    "string view": lambda: pa.array(turns("a", "b"), pa.string_view()),
    "large string": lambda: pa.array(turns("a", None), pa.large_string()),
    "fixed binary": lambda: pa.array(turns(b"ab", b"cd"), pa.binary(2)),
    "half float": lambda: pa.array(np.arange(N, dtype=np.float16)),
    "decimal 256": lambda: pa.array(turns(Decimal("1" * 50), None), pa.decimal256(60, 2)),
    "timestamps out of range": lambda: pa.array(turns(-(2**62), 2**62), pa.timestamp("s")),
    "nanoseconds": lambda: pa.array(turns(1, None), pa.timestamp("ns", "UTC")),
    "time": lambda: pa.array(turns(1, 2), pa.time64("ns")),
    "duration": lambda: pa.array(turns(1, None), pa.duration("ms")),
    "months": lambda: pa.array(turns((1, 2, 3), None), pa.month_day_nano_interval()),
    "chunks": lambda: pa.chunked_array([pa.array(range(N // 2)), pa.array(range(N - N // 2))]),
}
DUCK = {
    "huge": "(2::HUGEINT ** 100)::HUGEINT",
    "uuid": "uuid()",
    "interval": "INTERVAL 3 DAY",
    "struct": "{'a': i, 'b': 'x'}",
    "map": "MAP {'k': i}",
    "list": "[i, i + 1]",
    "nested": "[[i], [i, 2]]",
    "blob": "'\\xAA'::BLOB",
    "bits": "'0101'::BIT",
    "time": "TIME '01:02:03'",
    "time in a zone": "TIMETZ '01:02:03+05'",
    "infinite date": "'infinity'::DATE",
    "infinite timestamp": "'-infinity'::TIMESTAMP",
    "decimal": "(i / 7)::DECIMAL(38, 10)",
    "enum": "(CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END)::ENUM ('a', 'b', 'c')",
    "null": "NULL",
    "not a number": "'nan'::DOUBLE",
    "json": "'{\"a\": 1}'::JSON",
    "union": "union_value(num := i)",
}


def sound(table, **options):
    try:
        report = treedebug.check(table, target="y", config=ALL, **options)
    except TreedebugError as error:
        return len(str(error)) > 20 and "\n" not in str(error)
    return not report.verdict.crashed and report.facts["n_rows"] == N and bool(str(report))


@pytest.mark.parametrize("name", POLARS)
@pytest.mark.parametrize("lazy", [False, True])
def test_polars(name, lazy):
    frame = pl.DataFrame({"x": X, "y": Y}).with_columns(POLARS[name]().alias("odd"))
    assert sound(frame.lazy() if lazy else frame, valid=frame)


@pytest.mark.parametrize("name", ARROW)
def test_pyarrow(name):
    table = pa.table({"x": X, "odd": ARROW[name](), "y": Y})
    assert sound(table, valid=table)


@pytest.mark.parametrize("name", DUCK)
def test_duckdb(name):
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB: pip install 'treedebug[duckdb]'")
    query = f"SELECT i::DOUBLE AS x, {DUCK[name]} AS odd, i % 2 AS y FROM range({N}) t(i)"  # noqa: S608 - constants
    assert sound(duckdb.sql(query))


@pytest.mark.parametrize("name", ["struct", "list", "decimal", "time", "duration", "binary", "categorical", "null"])
def test_parquet_of_odd_types(name, tmp_path):
    path = tmp_path / "odd.parquet"
    pl.DataFrame({"x": X, "y": Y}).with_columns(POLARS[name]().alias("odd")).write_parquet(path)
    assert sound(path)


def test_parquet_files_whose_types_differ(tmp_path):
    pl.DataFrame({"x": X, "odd": turns(1, 2), "y": Y}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": X, "odd": turns("p", "q"), "y": Y}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(TreedebugError, match="odd"):
        treedebug.check(tmp_path, target="y", config=ALL)


def test_parquet_files_with_whole_and_broken_numbers(tmp_path):
    for name, numbers in (("a", range(N)), ("b", np.arange(N) / 2)):
        pl.DataFrame({"x": X, "odd": list(numbers), "y": Y}).write_parquet(tmp_path / f"{name}.parquet")
    profile = treedebug.profile(tmp_path, target="y").train.column("odd")
    assert (profile.n_rows, profile.maximum, profile.whole_numbers) == (2 * N, N - 1, False)


def test_a_parquet_file_without_a_column_of_the_others(tmp_path):
    pl.DataFrame({"x": X, "y": Y}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"y": Y}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(TreedebugError, match=r"b\.parquet has other columns than a\.parquet: x"):
        treedebug.check(tmp_path, target="y", config=ALL)


def test_an_arrow_table_with_a_name_twice():
    table = pa.table([X, X, Y], names=["x", "x", "y"])
    report = treedebug.check(table, target="y", config=ALL)
    assert "'x'" in " ".join(report.notes)

"""Tables nobody should have, and everybody has: a finding or one clear error each, never a traceback."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.cli import main
from treedebug.core.errors import TreedebugError
from treedebug.engine.config import Config

ALL = Config(preview=True)
N = 60


def base(n=N, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    label = (x + rng.normal(size=n) > 0).astype(int)
    return pd.DataFrame({"a": x, "b": rng.integers(0, 9, n), "c": rng.choice(["u", "v", "w"], n), "y": label})


def with_column(values, n=N, name="odd"):
    return base(n).assign(**{name: values})


def objects(*values, n=N):
    column = np.empty(n, dtype=object)
    column[:] = [values[i % len(values)] for i in range(n)]
    return column


JUDGED = {
    "one row": lambda: base(1),
    "two rows": lambda: base(2),
    "three rows": lambda: base(3),
    "the target alone": lambda: base()[["y"]],
    "all-null column": lambda: with_column(np.nan),
    "all-null column of objects": lambda: with_column(objects(None)),
    "all-null column of texts": lambda: base().assign(odd=pd.array([None] * N, dtype="str")),
    "every feature null": lambda: base().assign(a=np.nan, b=np.nan, c=None),
    "lists": lambda: with_column(objects([1, 2], [3], [])),
    "lists of texts": lambda: with_column(objects(["a"], ["b", "c"])),
    "lists of lists": lambda: with_column(objects([[1], [2, 3]], [[4]])),
    "lists of different kinds": lambda: with_column(objects([1, "a", None], 3, "x")),
    "dicts": lambda: with_column(objects({"k": 1}, {"k": 2, "m": 3})),
    "tuples and sets": lambda: with_column(objects((1, 2), {3, 4}, frozenset({5}))),
    "arrays": lambda: with_column(objects(np.arange(3), np.zeros(2))),
    "bytes": lambda: with_column(objects(b"\x00\xff", b"abc")),
    "own objects": lambda: with_column(objects(object(), ValueError("x"))),
    "numbers and texts": lambda: with_column(objects(1, "two", 3.5, None, True)),
    "numbers as texts": lambda: with_column(objects("1", "2.5", "3e4", "-7", "nan", "inf", "")),
    "dates": lambda: with_column(pd.date_range("2020-01-01", periods=N)),
    "dates with a zone": lambda: with_column(pd.date_range("2020-01-01", periods=N, tz="Europe/Berlin")),
    "dates out of range": lambda: with_column(
        objects(dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, tzinfo=dt.UTC))
    ),
    "python dates": lambda: with_column(objects(dt.date(2020, 1, 1), dt.date(2021, 5, 6), None)),
    "times of day": lambda: with_column(objects(dt.time(1, 2), dt.time(23, 59))),
    "durations": lambda: with_column(pd.to_timedelta(np.arange(N), unit="h")),
    "periods": lambda: with_column(pd.period_range("2020-01", periods=N, freq="M")),
    "intervals": lambda: with_column(pd.cut(np.arange(N), 4)),
    "decimals": lambda: with_column(objects(Decimal("1.10"), Decimal("NaN"), Decimal("1e400"), None)),
    "booleans": lambda: with_column(np.arange(N) % 2 == 0),
    "booleans with gaps": lambda: base().assign(odd=pd.array(objects(True, False, None), dtype="boolean")),
    "complex numbers": lambda: with_column(np.arange(N) * 1j),
    "whole numbers over 2**63": lambda: with_column(np.full(N, 2**64 - 1, dtype=np.uint64)),
    "python whole numbers over 2**64": lambda: with_column(objects(10**30, -(10**25), 3)),
    "float16": lambda: with_column(np.arange(N, dtype=np.float16)),
    "nullable numbers": lambda: base().assign(odd=pd.array(objects(1, None, 3), dtype="Int64")),
    "sparse column": lambda: base().assign(odd=pd.arrays.SparseArray(np.eye(1, N).ravel())),
    "infinities alone": lambda: with_column(np.where(np.arange(N) % 2, np.inf, -np.inf)),
    "1e308": lambda: with_column(np.where(np.arange(N) % 2, 1e308, -1e308)),
    "denormals": lambda: with_column(np.arange(N) * 5e-324),
    "unused levels": lambda: with_column(pd.Categorical(objects("a", "b"), categories=list("abcdefgh"))),
    "categories of numbers": lambda: with_column(pd.Categorical(objects(3, 1), categories=[1, 2, 3], ordered=True)),
    "categories of dates": lambda: with_column(pd.Categorical(pd.date_range("2020", periods=N))),
    "strings of a megabyte": lambda: with_column(objects("x" * 1_000_000, "y" * 1_000_000, "z")),
    "lone surrogates": lambda: with_column(pd.Series(objects("\ud800", "ok", "\x00"), dtype=object)),
    "names that are numbers": lambda: base().rename(columns={"a": 0, "b": 1.5, "c": None}),
    "names that are tuples": lambda: base().rename(columns={"a": ("p", "q")}),
    "names with markup and breaks": lambda: base().rename(
        columns={"a": "[bold]x[/]", "b": "line\nbreak", "c": "%s {0}"}
    ),
    "a name of 10,000 letters": lambda: base().rename(columns={"a": "n" * 10_000}),
    "a column called weight": lambda: base().rename(columns={"a": "weight", "b": "label", "c": "train"}),
    "an empty name": lambda: base().rename(columns={"a": "", "b": " "}),
    "duplicate column names": lambda: base()[["a", "b", "a", "c", "b", "y"]],
    "index by name": lambda: base().set_index("a"),
    "repeated index": lambda: base().set_index(np.zeros(N, dtype=int)),
    "a view": lambda: base(2 * N).iloc[::2],
    "one class": lambda: base().assign(y=1),
    "a class of one row": lambda: base().assign(y=[1] + [0] * (N - 1)),
    "every label another": lambda: base().assign(y=[f"l{i}" for i in range(N)]),
    "labels of numbers and texts": lambda: base().assign(y=objects(0, "1", 2.0)),
    "labels missing": lambda: base().assign(y=np.nan),
    "labels of lists": lambda: base().assign(y=objects([1], [2])),
    "labels of dates": lambda: base().assign(y=pd.date_range("2020", periods=N)),
    "labels of booleans": lambda: base().assign(y=np.arange(N) % 2 == 0),
    "labels of infinities": lambda: base().assign(y=np.inf),
    "labels of categories": lambda: base().assign(y=pd.Categorical(objects("p", "q"), categories=["p", "q", "r"])),
    "labels of 1e300": lambda: base().assign(y=np.random.default_rng(1).normal(size=N) * 1e300),
    "rows all the same": lambda: pd.concat([base(1)] * N, ignore_index=True),
}


def outcome(table, **options):
    """The report, or the message of the one error that may stand in its place."""
    try:
        return treedebug.check(table, **({"target": "y", "config": ALL} | options)), ""
    except TreedebugError as error:
        return None, str(error)


def is_sound(report, message):
    """Findings without a crashed rule, or one line that says what came and what to do."""
    if report is None:
        return len(message) > 20 and "\n" not in message
    return not report.verdict.crashed and all(f.message for f in report.findings) and bool(str(report))


@pytest.mark.parametrize("name", JUDGED)
def test_a_hostile_table_gets_findings_or_one_clear_error(name):
    for valid in (None, base(30, seed=1)):
        report, message = outcome(JUDGED[name](), valid=valid)
        assert is_sound(report, message), report.verdict.crashed if report else message


@pytest.mark.parametrize("name", JUDGED)
def test_a_hostile_validation_table_too(name):
    report, message = outcome(base(), valid=JUDGED[name]())
    assert is_sound(report, message), report.verdict.crashed if report else message


def test_the_table_is_left_as_it_was():
    for name in ("numbers and texts", "booleans with gaps", "names that are numbers", "repeated index"):
        table, same = JUDGED[name](), JUDGED[name]()
        outcome(table, valid=table)
        pd.testing.assert_frame_equal(table, same)


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        (base(0), {}, "row"),
        (pd.DataFrame(), {"target": None}, "row"),
        (pd.DataFrame(index=range(5)), {}, "column"),
        (base(), {"target": "Y"}, "Did you mean 'y'"),
        (base(), {"target": "price"}, "price"),
        (base(), {"target": 3}, "target"),
        (base(), {"time": "when"}, "when"),
        (base(), {"group": "who"}, "who"),
        (base(), {"weight": "w"}, "w"),
        (base(), {"weight": "c"}, "number"),
        (base(), {"valid": base().rename(columns={"y": "Y"})}, "Did you mean 'Y'"),
        (base(), {"valid": "no such file.csv"}, "no such file"),
        (base(), {"valid": 3}, "valid"),
        ([1, 2, 3], {}, "list"),
        ({"a": [1, 2]}, {}, "dict"),
        (base()["a"], {}, "Series"),
        (np.zeros((2, 2, 2)), {"target": None}, "dimension"),
        (np.array(5.0), {"target": None}, "dimension"),
    ],
)
def test_what_cannot_be_checked_is_one_error_that_names_it(table, options, words):
    report, message = outcome(table, **options)
    assert report is None
    assert words in message


def test_without_a_target_the_rules_on_labels_say_what_they_need():
    report, _ = outcome(base(), target=None)
    skipped = {s.code: s.reason for s in report.verdict.skipped}
    assert {"DA601", "DA607", "DA617"} <= set(skipped)
    assert all("target" in skipped[code] for code in ("DA601", "DA607", "DA617"))


@pytest.mark.parametrize("n_columns", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_a_table_of_many_columns(n_columns):
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(200, n_columns)), columns=[f"c{i}" for i in range(n_columns)])
    report, message = outcome(wide.assign(y=np.arange(200) % 2))
    assert is_sound(report, message)
    assert "DA624" in {f.code for f in report.findings}


def test_duplicate_column_names_are_told():
    report, message = outcome(base()[["a", "b", "a", "c", "y"]])
    told = message + " ".join([*(f.message for f in report.findings), *report.notes] if report else [])
    assert "a" in told
    assert "twice" in told or "more than once" in told or "repeated" in told


def test_two_columns_called_like_the_target_are_an_error():
    report, message = outcome(base()[["a", "y", "y"]])
    assert report is None
    assert "'y'" in message


FILES = {
    "empty.csv": b"",
    "header.csv": b"a,b,y\n",
    "blank lines.csv": b"\n\n\n",
    "nul bytes.csv": b"a,y\n\x00\x00,1\n2,0\n",
    "latin-1.csv": "größe,y\nüber,1\nunter,0\n".encode("latin-1"),
    "utf-16.csv": "a,y\n1,0\n2,1\n".encode("utf-16"),
    "mark.csv": "\ufeffy,a\n1,2\n0,3\n".encode(),
    "semicolons.csv": b"a;b;y\n1,5;2;0\n2,5;3;1\n",
    "tabs.csv": b"a\tb\ty\n1\t2\t0\n",
    "ragged.csv": b"a,b,y\n1,2,0\n1,2,3,4,5\n1\n",
    "open quote.csv": b'a,b,y\n1,"2,0\n3,4,1\n',
    "noise.csv": bytes(range(256)) * 20,
    "noise.parquet": bytes(range(256)) * 20,
    "empty.parquet": b"",
    "magic alone.parquet": b"PAR1PAR1",
    "text.parquet": b"a,y\n1,0\n",
    "noise.feather": bytes(range(256)),
    "table.xlsx": b"PK\x03\x04 not really",
}


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_gets_findings_or_one_clear_error(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    report, message = outcome(str(path))
    assert is_sound(report, message), report.verdict.crashed if report else message
    if report is None:
        assert name in message or "y" in message


@pytest.mark.parametrize("name", FILES)
def test_from_the_shell_it_is_exit_code_2_and_no_traceback(name, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    status = main(["check", str(path), "--target", "y", "--preview"])
    said = capsys.readouterr()
    assert "TRACEBACK" not in (said.out + said.err).upper()
    assert status in (0, 1, 2)
    assert (status == 2) == bool(said.err.strip())


def test_a_truncated_parquet_file_is_named(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet files need pyarrow")
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "cut.parquet"
    parquet.write_table(pyarrow.Table.from_pandas(base(500)), path)
    whole = path.read_bytes()
    for n in (10, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:n])
        report, message = outcome(path)
        assert report is None
        assert "cut.parquet" in message


def test_a_folder_with_other_files(tmp_path):
    base(40).to_csv(tmp_path / "part-0.csv", index=False)
    base(40, seed=2).to_csv(tmp_path / "part-1.csv", index=False)
    (tmp_path / "README.md").write_text("not a table")
    (tmp_path / "_SUCCESS").write_bytes(b"")
    (tmp_path / ".part-0.csv.crc").write_bytes(b"\x00")
    report, message = outcome(tmp_path)
    assert report is not None, message
    assert report.facts["n_rows"] == 80


def test_a_folder_whose_files_have_different_columns(tmp_path):
    base(40).to_csv(tmp_path / "part-0.csv", index=False)
    base(40).rename(columns={"a": "z"}).to_csv(tmp_path / "part-1.csv", index=False)
    report, message = outcome(tmp_path)
    assert report is None
    assert "part-1.csv" in message


def test_a_folder_without_a_table(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    report, message = outcome(tmp_path)
    assert report is None
    assert str(tmp_path) in message


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_short_file_of_very_many_columns_is_measured_in_part_and_says_so(suffix, tmp_path):
    n = 6000
    row = dict.fromkeys([f"c{i}" for i in range(n)], 1) | {"y": 0}
    file = tmp_path / f"wide.{suffix}"
    if suffix == "csv":
        file.write_text("\n".join([",".join(row), ",".join(map(str, row.values()))]))
    else:
        file.write_text(json.dumps(row))
    report = treedebug.check(file, target="y", config=ALL)
    assert report.facts["label"] == "y"
    assert any("6,001 columns" in note and "the first 5,000 are measured" in note for note in report.notes), (
        report.notes
    )
    profiled = treedebug.profile(file, target="y").train
    assert [c.name for c in profiled.columns if c.name != "y"] == [f"c{i}" for i in range(5000)]
    whole = treedebug.profile(pd.DataFrame([row]), target="y").train
    assert {c.name for c in whole.columns} >= {"c0", "c5999"}

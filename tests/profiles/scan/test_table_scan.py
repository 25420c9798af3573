"""One scan: the same however the table is cut, and equal to what pandas computes the slow way."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.profiles.tables import N_TRAIN, split
from treedebug.core.data.column_profile import PROBABILITIES
from treedebug.core.errors import FormatError
from treedebug.profiles.measures.finish_profile import finish
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan import table_scan
from treedebug.profiles.scan.distinct_values import Distinct
from treedebug.profiles.scan.moments import Moments, Order
from treedebug.profiles.scan.row_hashes import priorities
from treedebug.profiles.scan.scan_bytes import from_bytes, to_bytes
from treedebug.profiles.scan.table_scan import TableLayout, TableScan
from treedebug.profiles.sources import source
from treedebug.profiles.sources.local_frames import FrameSource

LAYOUT = TableLayout(features=tuple(c for c in split()[0].columns if c != "y"), label="y", naming=("row",))


def scan_of(table, rows_at_once=10_000, layout=LAYOUT):
    scan = TableScan(layout)
    for start in range(0, len(table), rows_at_once):
        part = table.iloc[start : start + rows_at_once]
        scan.merge(FrameSource(part, "pandas").scan_once(layout, ()))
    return scan


def profile_of(scan):
    return finish(Table(scan), name="train", engine="pandas", task="classes").to_dict()


def rounded(value):
    """The profile with floats to nine digits: sums in another order differ in the last."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("rows_at_once", [37, 400, 1519])
def test_the_same_profile_however_the_table_is_cut(rows_at_once):
    train, _ = split()
    assert rounded(profile_of(scan_of(train, rows_at_once))) == rounded(profile_of(scan_of(train)))


def test_the_same_sample_however_a_large_table_is_cut(monkeypatch):
    monkeypatch.setattr(TableLayout, "sample_rows", property(lambda _: 200))
    train = split()[0].iloc[:N_TRAIN]  # without the copies, of which others may be taken
    whole, cut = Table(scan_of(train)), Table(scan_of(train.iloc[::-1], 97))
    assert whole.n == cut.n == 200
    np.testing.assert_array_equal(np.sort(whole.beside("hash")), np.sort(cut.beside("hash")))
    np.testing.assert_array_equal(whole.rows, np.sort(len(train) - 1 - cut.rows))


def test_batches_of_one_source_are_one_scan(monkeypatch):
    train, _ = split()
    whole = FrameSource(train, "pandas").scan(LAYOUT)
    monkeypatch.setattr(source, "_BATCH_ROWS", 100)
    assert rounded(profile_of(FrameSource(train, "pandas").scan(LAYOUT))) == rounded(profile_of(whole))


def test_a_scan_travels_as_bytes():
    train, _ = split()
    scan = scan_of(train)
    expected = json.dumps(profile_of(scan))
    assert json.dumps(profile_of(from_bytes(to_bytes(scan)))) == expected


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100, np.zeros(3).tobytes()])
def test_bytes_that_are_no_scan(data):
    with pytest.raises(FormatError, match="bytes of a scan"):
        from_bytes(data)


@pytest.mark.parametrize("name", ["a", "b", "c", "level", "city", "flag", "when", "constant"])
def test_a_column_as_pandas_sees_it(name):
    train, _ = split()
    column = next(
        c for c in finish(Table(scan_of(train, 300)), name="", engine="", task="classes").columns if c.name == name
    )
    values = train[name]
    assert (column.n_rows, column.n_missing) == (len(values), int(values.isna().sum()))
    assert column.n_distinct == values.nunique()
    if name in ("level", "city", "flag"):
        assert {v.value: v.count for v in column.top_values} == values.value_counts().to_dict()
    if name in ("a", "b", "c", "level", "constant"):
        assert column.mean == pytest.approx(values.mean())
        assert column.std == pytest.approx(values.std(ddof=0), abs=1e-12)
        assert (column.minimum, column.maximum) == (values.min(), values.max())
        np.testing.assert_allclose(column.quantiles, values.quantile(PROBABILITIES))
    if name == "when":
        assert column.minimum == values.min().timestamp()


def test_distinct_values_are_exact_and_then_estimated():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 50_000, dtype=np.uint64)
    few, many = Distinct(60_000), Distinct(20_000)
    for start in range(0, 50_000, 7000):
        few.update(hashes[start : start + 9000])
        many.update(hashes[start : start + 9000])
    assert few.is_exact
    assert few.estimate() == len(np.unique(hashes))
    assert not many.is_exact
    assert many.estimate() == pytest.approx(50_000, rel=0.03)


def test_moments_of_huge_numbers_stay_finite_where_they_can():
    moments = Moments()
    moments.update(np.array([1e300, -1e300, 1e300, -1e300]))
    assert moments.mean == pytest.approx(0.0, abs=1e285)
    assert (moments.n_maximum, moments.n_minimum) == (2, 2)
    assert moments.n_beyond_float32 == 4


@pytest.mark.parametrize(
    ("values", "name", "by_one"),
    [
        ([1, 2, 3, 4], "increasing", True),
        ([1, 2, 4, 5], "increasing", False),
        ([9, 4, 3], "decreasing", False),
        ([1, 2, 2], "", False),
        ([1, 3, 2], "", False),
        ([5], "", False),
    ],
)
def test_order_over_any_cut(values, name, by_one):
    for cut in range(len(values) + 1):
        first, second = Order(), Order()
        first.update(np.array(values[:cut], dtype=float))
        second.update(np.array(values[cut:], dtype=float))
        first.merge(second)
        assert first.name(len(values)) == name
        assert (bool(name) and first.by_one) == by_one


def test_copies_of_a_row_get_priorities_of_their_own():
    keys = priorities(np.array([5, 7, 5, 5, 9], dtype=np.uint64))
    assert len(set(keys.tolist())) == 5
    assert keys[0] == priorities(np.array([5], dtype=np.uint64))[0]


def test_a_table_of_copies_is_sampled_fairly(monkeypatch):
    monkeypatch.setattr(TableLayout, "sample_rows", property(lambda _: 500))
    table = pd.DataFrame({"x": np.repeat([0.0, 1.0, 2.0], [4000, 3000, 3000]), "y": 0})
    scan = scan_of(table.sample(frac=1, random_state=0), 1000, TableLayout(features=("x",), label="y"))
    values, counts = np.unique(Table(scan).floats("x"), return_counts=True)
    assert values.tolist() == [0, 1, 2]
    assert counts / counts.sum() == pytest.approx([0.4, 0.3, 0.3], abs=0.1)


def thinned(tables, layout):
    """One scan of parts that were scanned apart and thinned, as Dask and Spark do it."""
    scans = [FrameSource(t, "pandas").scan_once(layout, ()) for t in tables]
    for scan in scans:
        scan.thin(len(scans))
    for scan in scans[1:]:
        scans[0].merge(scan)
    return scans[0]


@pytest.fixture
def few_are_kept(monkeypatch):
    monkeypatch.setattr(TableLayout, "sample_rows", property(lambda _: 100))
    monkeypatch.setattr(TableLayout, "n_distinct", property(lambda _: 200))
    monkeypatch.setattr(table_scan, "KEPT_ROWS", 300)


def test_parts_that_are_thinned_hold_the_same(few_are_kept):
    train = split()[0].iloc[:N_TRAIN]
    parts = [train.iloc[i : i + 150] for i in range(0, N_TRAIN, 150)]
    scan = thinned(parts, LAYOUT)
    assert scan.is_complete
    assert rounded(profile_of(scan)) == rounded(profile_of(scan_of(train, 150)))
    one = FrameSource(parts[0], "pandas").scan_once(LAYOUT, ())
    size = len(to_bytes(one))
    one.thin(10)
    assert len(to_bytes(one)) < 0.8 * size


def test_parts_of_unlike_sizes_are_not_complete(few_are_kept):
    train = split()[0].iloc[:N_TRAIN]
    assert not thinned(
        [train.iloc[:1400], *(train.iloc[i : i + 10] for i in range(1400, N_TRAIN, 10))], LAYOUT
    ).is_complete


def test_parts_that_differ_in_what_names_a_row_say_so():
    table = pd.DataFrame({"a": np.arange(200) % 100, "x": np.arange(200) * 0.37, "y": 0})
    table.loc[100:, "a"] = 5
    layout = TableLayout(features=("a", "x"), label="y")
    first, second = (
        FrameSource(table.iloc[at], "pandas").scan_once(layout, ()) for at in (slice(100), slice(100, 200))
    )
    first.merge(second)
    assert first.parts_differ
    assert first.naming == ("a",)

"""From what a scan gathered of one column to its profile."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np

from treedebug.core.data.column_profile import (
    DATE,
    NAN,
    NUMBER,
    TEXT,
    ColumnProfile,
    Dependence,
    Sentinel,
    Value,
    ValueCount,
    Variants,
)
from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.data.label_traces import OneLabel, PureValue
from treedebug.core.data.text_reading import DATE_TEXT, TextReading
from treedebug.profiles.measures.table_sample import Floats, Table
from treedebug.profiles.measures.text_readings import STAND_INS, text_reading
from treedebug.profiles.scan.cells import CODED, NUMERIC, iso_date, plain_number
from treedebug.profiles.scan.column_scan import ColumnScan
from treedebug.profiles.scan.distinct_values import Tally, counted
from treedebug.profiles.scan.text_dates import date_seconds

N_TOP = 20
MAX_SHOWN = 20
_CODES = tuple(s * v for v in (1, 9, 99, 999, 9999, 99999, 999999, 88, 888, 8888, 77, 777, 7777) for s in (1, -1))
_SPIKE = 10.0
"""Times as many rows as any other value has."""
_BLANKS = re.compile(r"[\s_\-]+")


def column_profile(  # noqa: PLR0913 - what is measured against the label
    table: Table,
    name: str,
    *,
    dependence: Dependence | None = None,
    average: LabelAverage | None = None,
    pure: PureValue | None = None,
    one_label: OneLabel | None = None,
    rank_correlation: float = NAN,
    role: str = "",
) -> ColumnProfile:
    """The profile of a feature or of the label."""
    column = table.scan.columns[name]
    m, is_numeric = column.moments, column.kind in NUMERIC
    top, top_is_exact = top_values(table, name, N_TOP)
    n_present = column.n_rows - column.n_missing
    declared = _unused(column)
    variants, reading = _variants(column, table, name), text_reading(table, name)
    return ColumnProfile(
        name=name,
        kind=column.kind,
        dtype=column.dtype,
        n_rows=column.n_rows,
        n_missing=column.n_missing,
        n_empty=column.n_empty,
        n_infinite=column.n_infinite,
        n_beyond_float32=m.n_beyond_float32,
        n_distinct=min(column.distinct.estimate(), n_present),
        distinct_is_exact=column.distinct.is_exact,
        whole_numbers=is_numeric and m.n > 0 and m.is_whole,
        mean=m.mean if m.n else NAN,
        std=m.std,
        minimum=m.minimum if m.n else NAN,
        maximum=m.maximum if m.n else NAN,
        n_zero=m.n_zero,
        n_negative=m.n_negative,
        quantiles=table.quantiles(name) if is_numeric else (),
        top_values=top,
        top_is_exact=top_is_exact,
        order=column.order.name(column.n_rows) if is_numeric else "",
        steps_by_one=is_numeric and bool(column.order.name(column.n_rows)) and column.order.by_one,
        n_numeric_texts=column.n_numeric_texts,
        reads_as=reading,
        max_length=column.max_length,
        mean_length=column.length_total / n_present if n_present and not is_numeric else NAN,
        variants=variants[:MAX_SHOWN],
        n_variants=len(variants),
        sentinels=tuple(_sentinels(column, table, name, reading)),
        n_levels=len(column.declared),
        unused_levels=tuple(declared[:MAX_SHOWN]),
        n_unused_levels=len(declared),
        sample_rows=int(table.present(name).sum()),
        sample_distinct=table.n_distinct(name),
        dependence=dependence,
        average=average,
        pure=pure,
        one_label=one_label,
        rank_correlation=rank_correlation,
        role=role,
    )


def top_values(table: Table, name: str, most: int | None = None) -> tuple[tuple[ValueCount, ...], bool]:
    """Values and their rows, most frequent first, and whether these are counted and not scaled up from the sample."""
    column = table.scan.columns[name]
    if column.tally.is_exact:
        return tuple(ValueCount(v, int(n)) for v, n in _ranked(column.tally, most)), True
    if column.kind in NUMERIC and not column.n_infinite:
        values, counts = counted(table.ordered(name), is_sorted=True)
    else:
        values, counts = np.unique(table.cells(name)[table.present(name)], return_counts=True)
    best = np.argsort(-counts, kind="stable")[:N_TOP]
    scale = (column.n_rows - column.n_missing) / max(int(counts.sum()), 1)
    return tuple(
        ValueCount(table.value(name, values[i]), max(1, round(int(counts[i]) * scale))) for i in best.tolist()
    ), table.is_whole


def _ranked(tally: Tally, most: int | None) -> list[tuple[Value, float]]:
    """The values and their rows, most frequent first, then in their own order; `most` of them."""
    if tally.texts:
        return sorted((tally.counts or {}).items(), key=lambda item: (-item[1], _sort_key(item[0])))[:most]
    if tally.values is None:
        return []
    best = np.argsort(-tally.rows, kind="stable")[:most]  # the values are in order
    pairs = zip(tally.values[best].tolist(), tally.rows[best].tolist(), strict=True)
    return [(plain_number(value, tally.kind), rows) for value, rows in pairs]


def _sort_key(value: Value) -> tuple[bool, Any]:
    return (isinstance(value, str), str(value) if isinstance(value, str) else float(value))


def _unused(column: ColumnScan) -> list[Value]:
    """Declared levels that no row has; nothing where the values themselves are not all known."""
    if not column.declared or column.tally.counts is None:
        return []
    plain = (
        [str(v) for v in column.declared]
        if column.kind in CODED
        else [plain_number(float(v), column.kind) for v in column.declared if isinstance(v, int | float)]
    )
    return [v for v in plain if v not in column.tally.counts]


def _texts(column: ColumnScan, table: Table, name: str) -> dict[str, float]:
    """Texts and how often they stand there, all of them or those of the sample (counted within it)."""
    if column.tally.counts is not None:
        return column.tally.counts
    cells = table.cells(name)[table.present(name)]
    values, counts = np.unique(cells, return_counts=True)
    return {table.value(name, v): float(n) for v, n in zip(values, counts.tolist(), strict=True)}


def _variants(column: ColumnScan, table: Table, name: str) -> tuple[Variants, ...]:
    if column.kind != TEXT:
        return ()
    alike: dict[str, list[ValueCount]] = defaultdict(list)
    for text, count in _texts(column, table, name).items():
        alike[_BLANKS.sub("", text.casefold())].append(ValueCount(text, int(count)))
    groups = [sorted(g, key=lambda v: (-v.count, v.value)) for key, g in alike.items() if len(g) > 1 and key]
    groups.sort(key=lambda g: (-sum(v.count for v in g), g[0].value))
    return tuple(Variants(tuple(g[:MAX_SHOWN])) for g in groups)


def _among_dates(column: ColumnScan, table: Table, name: str, reading: TextReading | None) -> list[Sentinel]:
    """Repeated extremes of dates that are written as text."""
    if reading is None or reading.kind != DATE_TEXT:
        return []
    counts = _texts(column, table, name)
    seconds = date_seconds(list(counts), reading.how)
    known = np.isfinite(seconds)
    values, at = np.unique(seconds[known], return_inverse=True)
    rows = np.bincount(at, np.array(list(counts.values()))[known])
    scale = 1.0 if column.tally.is_exact else (column.n_rows - column.n_missing) / max(float(rows.sum()), 1.0)
    return [Sentinel(iso_date(value), n, gap, side) for value, n, gap, side in _odd_ones(values, rows, scale)]


def _sentinels(column: ColumnScan, table: Table, name: str, reading: TextReading | None) -> list[Sentinel]:
    if column.kind == TEXT and column.tally.counts is not None:
        known = [(t, n) for t, n in column.tally.counts.items() if t.strip().casefold() in STAND_INS]
        words = [Sentinel(t, int(n), NAN, "text") for t, n in sorted(known, key=lambda f: -f[1])]
        return [*words, *_among_dates(column, table, name, reading)]
    if column.kind == TEXT:
        return _among_dates(column, table, name, reading)
    if column.kind not in (NUMBER, DATE) or not len(ordered := table.ordered(name)):
        return []
    if column.tally.values is None or column.kind != NUMBER:
        values, counts = counted(ordered, is_sorted=True)
        scale = column.moments.n / len(ordered)
    else:
        finite = np.isfinite(column.tally.values)
        values, counts, scale = column.tally.values[finite], column.tally.rows[finite], 1.0
    m = column.moments
    exact = {m.minimum: m.n_minimum, m.maximum: m.n_maximum}
    return [
        Sentinel(plain_number(value, column.kind), exact.get(value, count), gap, side)
        for value, count, gap, side in _odd_ones(values, counts, scale)
    ]


def _odd_ones(values: Floats, counts: Any, scale: float) -> list[tuple[float, int, float, str]]:
    """Repeated extremes and well-known codes, each with its rows, its distance from all the others, and its side."""
    repeated = counts > 1
    if not repeated.any():
        return []
    ends = np.zeros(len(values), dtype=bool)
    ends[[0, -1]] = True
    candidate = repeated & (ends | np.isin(values, _CODES))
    bulk = values[~candidate]
    if not len(bulk) or not candidate.any():
        return []
    spread = np.repeat(bulk, np.minimum(counts[~candidate], 1000).astype(np.int64))
    width = float(np.quantile(spread, 0.95) - np.quantile(spread, 0.05)) or float(bulk[-1] - bulk[0]) or 1.0
    found, most = [], float(counts[~candidate].max())
    for value, count in zip(values[candidate].tolist(), counts[candidate].tolist(), strict=True):
        side = "low" if value < bulk[0] else "high" if value > bulk[-1] else "inside"
        nearest = float(np.abs(bulk - value).min())
        if side == "low" and count > _SPIKE * most:  # a few rows between do not make it one of the others
            nearest = max(nearest, float(np.quantile(spread, 0.01)) - value)
        gap = nearest / width
        found.append((value, max(1, round(count * scale)), gap, side))
    return sorted(found, key=lambda s: (-s[2], -s[1]))[:MAX_SHOWN]

"""One pass over a table, batch by batch: the same result however the table is cut, and mergeable.

Every engine hands its rows over as `Batch`es, in order, and everything that the profile tells is gathered here: memory
depends on the number of columns, not of rows.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import DATE, TEXT
from treedebug.profiles.scan.alike_rows import may_name_rows
from treedebug.profiles.scan.cells import (
    CODED,
    NUMERIC,
    Batch,
    Cells,
    Hashes,
    as_floats,
    cell_hashes,
    level_hashes,
    mix,
    text_hashes,
)
from treedebug.profiles.scan.column_scan import ColumnScan
from treedebug.profiles.scan.number_blocks import alike_columns, column_sums, number_facts, row_sums
from treedebug.profiles.scan.number_dates import is_unix_time
from treedebug.profiles.scan.row_hashes import Arrays, Lowest, Sample
from treedebug.profiles.scan.text_dates import date_format, date_seconds
from treedebug.profiles.scan.token_shares import TokenScan
from treedebug.profiles.scan.weight_scan import WeightScan, label_weights

SAMPLE_ROWS = 20_000
KEPT_ROWS = 1_000_000
"""Rows whose hashes are kept, to find repeated ones."""
_SAMPLE_CELLS = 8_000_000
_DISTINCT_CELLS = 8_000_000


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """Which column is what. `features` are in the table's order; rows equal in all of them are equal."""

    features: tuple[str, ...]
    label: str = ""
    weight: str = ""
    group: str = ""
    time: str = ""
    time_format: str = ""
    """Of its texts, as the training data has them; "": find it."""
    tokens: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    """(column, tokens to watch); column "" stands for the rows of a whole table of integers."""
    naming: tuple[str, ...] | None = None
    """Features that may only name the row, hashed apart; None: find them in the first rows."""
    left_out: tuple[str, ...] = ()
    """Features left out there because the user says so."""

    @property
    def sample_rows(self) -> int:
        """Rows of the sample: fewer for a very wide table."""
        return max(1000, min(SAMPLE_ROWS, _SAMPLE_CELLS // max(len(self.features), 1)))

    @property
    def n_distinct(self) -> int:
        """Distinct values that are counted exactly, a column."""
        return max(512, min(2**17, _DISTINCT_CELLS // max(len(self.features), 1)))

    @functools.cached_property
    def salts(self) -> dict[str, np.uint64]:
        """An odd number of each feature's name: what tells a value in one column from the same value in another."""
        return dict(zip(self.features, text_hashes(self.features) | np.uint64(1), strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.features, *(n for n in (self.label, self.weight) if n))


class TableScan:
    """What is known of the rows seen so far."""

    def __init__(self, layout: TableLayout) -> None:
        self.layout = layout
        self.n_rows = 0
        self.time = ""
        """The column that tells the time, named or found."""
        self.time_format = "mixed"
        """That of its texts, if it holds texts."""
        self.columns: dict[str, ColumnScan] = {}
        """Features and label."""
        self.weight = WeightScan()
        self.label_weights: dict[Any, float] = {}
        """Summed weight per label, as long as its values are tallied."""
        self.tokens = [TokenScan(column, tokens) for column, tokens in layout.tokens]
        self.sample = Sample(layout.sample_rows)
        self.kept = Lowest(KEPT_ROWS, key="hash")
        self.candidates = self.naming = layout.naming
        """Features that may only name the row, by its first rows; and those of them that still may."""
        self.parts_differ = False
        """Whether parts of the table found other such features: alike rows are not compared then."""
        self.alike = Lowest(KEPT_ROWS)
        """The same of rows that are alike (see alike_rows)."""

    def update(self, batch: Batch) -> None:
        """Take in the next rows. Raises KindChangedError for columns of numbers here and texts there."""
        names = [n for n in (*self.layout.features, self.layout.label) if n]
        columns = {n: batch.columns[n] for n in names}
        levels = {n: level_hashes(cells) for n, cells in columns.items() if cells.kind in CODED}
        hashes, facts = number_facts(columns, batch.n_rows)
        hashes = {n: hashes[n] if n in hashes else cell_hashes(columns[n], levels.get(n)) for n in names}
        for name, cells in columns.items():
            self._column(name, cells).update(cells, hashes[name], levels.get(name), facts.get(name))
        row_hash = self._row_hashes(batch.n_rows, hashes)
        rows = self._rows(batch, hashes, row_hash)
        at = self.kept.wanted(row_hash)
        self.kept.add({n: v[at] for n, v in rows.items() if n != "weight"})
        self._alike(batch, hashes, rows)
        self.sample.update(Batch(batch.n_rows, columns), hashes, levels, rows)
        for scan in self.tokens:
            scan.update(batch, self.layout.features)
        self.n_rows += batch.n_rows

    def _row_hashes(self, n_rows: int, hashes: Mapping[str, Hashes]) -> Hashes:
        """(n_rows,) of all features; and what these add to the columns' content."""
        features = {name: hashes[name] for name in self.layout.features}
        row_hash = mix(row_sums(features, self.layout.salts, n_rows))
        for name, content in column_sums(features, row_hash | np.uint64(1)).items():
            self.columns[name].content = (self.columns[name].content + content) % 2**64
        return row_hash

    def _alike(self, batch: Batch, hashes: Mapping[str, Hashes], rows: Arrays) -> None:
        """Keep the hashes of the rows as a booster sees them, those of the columns that may name the row apart."""
        if self.naming is None:
            self.candidates = self.naming = may_name_rows(batch, self.layout.features, hashes)
        apart: Arrays = {n: rows[n] for n in ("row", "label") if n in rows}
        compared = {n: batch.columns[n] for n in self.layout.features if n not in self.layout.left_out}
        alike = alike_columns(compared, hashes, batch.n_rows)
        for name in self.naming:
            if name in alike:
                apart[f"={name}"] = alike.pop(name) * self.layout.salts[name]
        total = row_sums(alike, self.layout.salts, batch.n_rows)
        key = mix(total)
        at = self.alike.wanted(key)
        self.alike.add({"key": key[at], "total": total[at], **{n: values[at] for n, values in apart.items()}})

    def _column(self, name: str, cells: Cells) -> ColumnScan:
        if name not in self.columns:
            self.columns[name] = ColumnScan(name, cells.kind, cells.dtype, n_distinct=self.layout.n_distinct)
            if self.n_rows:  # a column that came late
                self.columns[name].n_rows = self.columns[name].n_missing = self.n_rows
        return self.columns[name]

    def _rows(self, batch: Batch, hashes: Mapping[str, Hashes], row_hash: Hashes) -> Arrays:
        """Per row: its hash and number, and what stands beside the features."""
        rows: Arrays = {"hash": row_hash, "row": np.arange(self.n_rows, self.n_rows + batch.n_rows)}
        layout = self.layout
        if layout.label:
            rows["label"] = hashes[layout.label]
        if layout.group:
            rows["group"] = hashes[layout.group]
        rows["time"] = _moments(batch.columns.get(self._time_column(batch)), batch.n_rows, self.time_format)
        if layout.weight:
            weights = self.weight.update(batch.columns[layout.weight])
            rows["weight"] = weights
            if layout.label:
                self._weigh(batch.columns[layout.label], weights)
        return rows

    def _time_column(self, batch: Batch) -> str:
        """The one named so, or else the only column of dates, or of times as numbers, if there is but one."""
        if not self.time and not self.n_rows:
            dates = [n for n in self.layout.features if batch.columns[n].kind == DATE]
            texts = {} if dates else {n: f for n in self.layout.features if (f := _text_format(batch.columns[n]))}
            found = [*dates, *texts] or [n for n in self.layout.features if is_unix_time(n, batch.columns[n])]
            self.time = self.layout.time or (found[0] if len(found) == 1 else "")
            self.time_format = self.layout.time_format or texts.get(self.time, "mixed")
        return self.time

    def _weigh(self, label: Cells, weights: NDArray[np.float64]) -> None:
        """Sum the weights per label, as long as these are tallied."""
        if not self.columns[self.layout.label].tally.is_exact:
            self.label_weights = {}
            return
        for value, weight in label_weights(label, weights).items():
            self.label_weights[value] = self.label_weights.get(value, 0.0) + weight

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing that one scan of all rows would have kept."""
        rows = (self.sample.lowest, self.kept, self.alike)
        return all(r.is_complete for r in rows) and all(c.distinct.is_complete for c in self.columns.values())

    def thin(self, n_parts: int) -> None:
        """Leave out what one of `n_parts` parts of a table hardly adds to the whole, so that it travels fast."""
        for column in self.columns.values():
            column.thin(n_parts)
        self._name_no_rows([n for n in self.naming or () if self.columns[n].repeats])
        self.sample.thin(n_parts)
        self.kept.thin(n_parts)
        self.alike.thin(n_parts)

    def _name_no_rows(self, names: Collection[str]) -> None:
        """Compare alike rows by these features, too: they name no row."""
        for part in self.alike.parts:
            for name in names:
                if f"={name}" in part:
                    part["total"] = part["total"].astype(np.uint64) + part.pop(f"={name}").astype(np.uint64)
        self.naming = None if self.naming is None else tuple(n for n in self.naming if n not in names)

    def merge(self, other: TableScan) -> None:
        """Take in the scan of the rows that follow these."""
        for name, column in other.columns.items():
            if name in self.columns:
                self.columns[name].merge(column)
            else:
                self.columns[name] = column
        if not self.time:
            self.time, self.time_format = other.time, other.time_format
        self.weight.merge(other.weight)
        for value, weight in other.label_weights.items():
            self.label_weights[value] = self.label_weights.get(value, 0.0) + weight
        for mine, theirs in zip(self.tokens, other.tokens, strict=True):
            mine.merge(theirs)
        self.sample.merge(other.sample, self.n_rows)
        self.kept.merge(other.kept, self.n_rows)
        if not self.n_rows:
            self.candidates, self.naming = other.candidates, other.naming
        self.parts_differ = self.parts_differ or other.parts_differ or self.candidates != other.candidates
        if not self.parts_differ:
            left = set(self.naming or ()) ^ set(other.naming or ())
            self._name_no_rows(left)
            other._name_no_rows(left)
            self.alike.merge(other.alike, self.n_rows)
        self.n_rows += other.n_rows


def _text_format(cells: Cells) -> str:
    return date_format(cells.levels) if cells.kind == TEXT else ""


def _moments(cells: Cells | None, n_rows: int, form: str) -> NDArray[np.float64]:
    """(n_rows,) numbers, or dates as seconds since 1970, texts that are dates included; NaN where there are none."""
    if cells is not None and cells.kind in NUMERIC:
        return as_floats(cells)
    moments = np.full(n_rows, np.nan)
    if cells is not None and cells.kind in CODED and len(cells.levels):
        moments = np.append(date_seconds(cells.levels, form), np.nan)[cells.values]
    return moments

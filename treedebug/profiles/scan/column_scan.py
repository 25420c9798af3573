"""What a scan gathers of one column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import BOOLEAN, NUMBER, SEQUENCE, TEXT, Value
from treedebug.core.errors import FormatError
from treedebug.profiles.scan.cells import (
    CODED,
    NUMERIC,
    Cells,
    Hashes,
    as_floats,
    mix,
    plain_text,
    unique,
)
from treedebug.profiles.scan.distinct_values import MAX_TALLY, Distinct, Tally, counted
from treedebug.profiles.scan.moments import Moments, Order
from treedebug.profiles.scan.number_blocks import NumberFacts
from treedebug.profiles.scan.row_hashes import room

_SNIFF = 8 * MAX_TALLY
_LONGEST_NUMBER = 40
_MAX_UNUSED = 1000
_HARDLY_TWICE = 0.9
"""Values a row from which other parts of the table hold other values, mostly."""


class KindChangedError(FormatError):
    """A column's kind differs between batches; `columns` must be read as texts."""

    def __init__(self, columns: list[str]) -> None:
        super().__init__(f"columns hold numbers in some rows and texts in others: {', '.join(columns)}")
        self.columns = columns

    def __reduce__(self) -> tuple[type, tuple[list[str]]]:
        """Rebuilt from its columns in another process."""
        return (KindChangedError, (self.columns,))


class ColumnScan:
    """Counts, moments, distinct values and order of one column; merges with that of the rows after it."""

    def __init__(self, name: str, kind: str, dtype: str, *, n_distinct: int) -> None:
        self.name, self.kind, self.dtype = name, kind, dtype
        self.n_rows = self.n_missing = self.n_empty = self.n_infinite = self.n_numeric_texts = 0
        self.max_length = self.length_total = 0
        self.moments = Moments()
        self.order = Order()
        self.distinct = Distinct(n_distinct)
        self.tally = Tally(kind)
        self.content = 0
        """Sum over the rows of the cell's hash times the row's: equal for columns equal in every row."""
        self.declared: list[Value] = []

    def update(self, cells: Cells, hashes: Hashes, levels: Hashes | None, facts: NumberFacts | None = None) -> None:
        """The next rows: their cells, the hashes of these and of their levels, what is known of their numbers."""
        if cells.kind != self.kind:
            self._change_kind(cells)
        self.n_rows += len(cells)
        self.n_missing += 0 if cells.missing is None else int(cells.missing.sum())
        self._declare(cells)
        if self.kind in NUMERIC:
            if facts is not None:
                self._known_numbers(facts)
            else:
                self._numbers(cells, hashes)
        elif self.kind in CODED and levels is not None:
            self._texts(cells, levels)
        elif self.kind == SEQUENCE:
            self._sequences(cells, hashes)

    def _change_kind(self, cells: Cells) -> None:
        """Without a value so far, or without one here, the kind is that of the other batch."""
        if not cells.present.any():
            cells.kind, cells.levels = self.kind, ()
            cells.values = np.full(len(cells), -1 if self.kind in CODED else 0, dtype=np.int64)
        elif self.n_missing == self.n_rows:
            self.kind, self.dtype = cells.kind, cells.dtype
            self.order = Order(grows=not self.n_rows, falls=not self.n_rows)
        elif {cells.kind, self.kind} == {NUMBER, BOOLEAN}:
            cells.kind = self.kind = NUMBER
        else:
            raise KindChangedError([self.name])
        self.tally.kind = self.kind

    def _declare(self, cells: Cells) -> None:
        if cells.declared is not None:
            self.declared = list(dict.fromkeys([*self.declared, *cells.declared]))

    def _numbers(self, cells: Cells, hashes: Hashes) -> None:
        x = as_floats(cells)
        if cells.missing is not None:
            x, hashes = x[~cells.missing], hashes[~cells.missing]
        if cells.values.dtype.kind == "f":
            finite = np.isfinite(x)
            n_infinite = len(x) - int(finite.sum())
            if n_infinite:
                self.n_infinite += n_infinite
                self._count(x, hashes)
                x = x[finite]
            else:
                self._count(x, hashes)
        else:
            n_infinite = 0
            self._count(x, hashes)
        self.moments.update(x)
        if len(x) < len(cells):
            self.order.grows = self.order.falls = False
        self.order.update(x)

    def _known_numbers(self, facts: NumberFacts) -> None:
        self.moments.merge(facts.moments)
        self.order.merge(facts.order)
        self.distinct.update(facts.hashes, are_distinct=True)
        if facts.values is None:
            self.tally.give_up()
        else:
            self.tally.update_numbers(facts.values, facts.rows)

    def _count(self, x: NDArray[np.float64], hashes: Hashes) -> None:
        """Distinct values, and the rows of each."""
        self.distinct.update(hashes)
        if self.tally.is_exact and len(unique(x[:_SNIFF])) > MAX_TALLY:
            self.tally.give_up()
        if self.tally.is_exact:
            self.tally.update_numbers(*counted(x))

    def _texts(self, cells: Cells, levels: Hashes) -> None:
        used, counts = _used(cells)
        self.distinct.update(levels[used])
        texts = [cells.levels[i] for i in used.tolist()]
        lengths = np.array([len(t) for t in texts], dtype=np.int64)
        if self.tally.is_exact:
            self.tally.update([_kept(t, h) for t, h in zip(texts, levels[used].tolist(), strict=True)], counts)
        if texts:
            self.max_length = max(self.max_length, int(lengths.max()))
            self.length_total += int(lengths @ counts)
        self.n_empty += int(counts[[not t or t.isspace() for t in texts]].sum())
        if self.kind == TEXT:
            self.n_numeric_texts += int(counts[[reads_as_number(t) for t in texts]].sum())

    def _sequences(self, cells: Cells, hashes: Hashes) -> None:
        present = cells.present
        self.distinct.update(hashes[present])
        lengths = cells.values[present].astype(np.int64)
        self.tally.give_up()
        if len(lengths):
            self.max_length = max(self.max_length, int(lengths.max()))
            self.length_total += int(lengths.sum())

    @property
    def repeats(self) -> bool:
        """Whether values repeat so often that they cannot name the rows."""
        return self.distinct.is_exact and len(self.distinct.hashes) < _HARDLY_TWICE * (self.n_rows - self.n_missing)

    def thin(self, n_parts: int) -> None:
        """Of one of `n_parts` parts of a table: leave out most values of a column that hardly repeats one."""
        if len(self.distinct.hashes) > _HARDLY_TWICE * (self.n_rows - self.n_missing):
            self.distinct.thin(room(self.distinct.size, n_parts))

    def merge(self, other: ColumnScan) -> None:
        """Take in the rows that follow these."""
        if other.kind != self.kind:
            if other.n_missing < other.n_rows and self.n_missing < self.n_rows:
                if {other.kind, self.kind} != {NUMBER, BOOLEAN}:
                    raise KindChangedError([self.name])
                self.kind = NUMBER
            elif other.n_missing < other.n_rows:
                self.kind, self.dtype = other.kind, other.dtype
        for name in ("n_rows", "n_missing", "n_empty", "n_infinite", "n_numeric_texts", "length_total"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.max_length = max(self.max_length, other.max_length)
        self.content = (self.content + other.content) % 2**64
        self.moments.merge(other.moments)
        self.order.merge(other.order)
        self.distinct.merge(other.distinct)
        self.tally.merge(other.tally)
        self.tally.kind = self.kind
        self.declared = list(dict.fromkeys([*self.declared, *other.declared]))


def _used(cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Levels that stand in these rows, and the rows of each."""
    codes = cells.values if cells.missing is None else cells.values[~cells.missing]
    counts = np.bincount(codes, minlength=len(cells.levels))
    used = np.flatnonzero(counts)
    return used, counts[used]


def _kept(text: str, text_hash: int) -> str:
    """The text, or its beginning with what tells it from others that begin alike."""
    cut = plain_text(text)
    return text if cut == text else f"{cut}#{int(mix(np.array([text_hash], dtype=np.uint64))[0]) & 0xFFFF:04x}"


def reads_as_number(text: str) -> bool:
    """Whether a text is a number, as a reader of CSV files takes it."""
    bare = text.strip()
    if not bare or len(bare) > _LONGEST_NUMBER or not (bare[0].isdigit() or bare[0] in "+-."):
        return False
    try:
        float(bare)
    except ValueError:
        return False
    return "_" not in bare

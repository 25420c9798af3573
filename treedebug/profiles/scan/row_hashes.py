"""Whole rows: the hashes that find repeated ones, and the sample that is the same however the table is cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.profiles.scan.cells import CODED, MISSING, Batch, Hashes, as_floats, mix, plain_text, unique

ALL = np.uint64(2**64 - 1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
Arrays = dict[str, NDArray[np.generic]]
_ROOM = 3
"""A part of a table keeps so many times its share of what is kept of the whole."""


def room(size: int, n_parts: int) -> int:
    """Return how many one of `n_parts` parts keeps, where `size` are kept of the whole."""
    return min(size, -(-_ROOM * size // n_parts))


class Lowest:
    """Rows as columns of numbers, of which those with the lowest `key` column are kept: `size` of them, and ties."""

    def __init__(self, size: int, *, key: str = "key") -> None:
        self.size = size
        self.key = key
        self.limit = ALL
        """Rows above it are left out."""
        self.parts: list[Arrays] = []
        self.held = 0

    def wanted(self, key: Hashes) -> NDArray[np.int64] | slice:
        """Positions of the rows that may stay."""
        limit = self.limit
        if len(key) > self.size:
            limit = min(limit, np.partition(key, self.size - 1)[self.size - 1])
        return slice(None) if limit == ALL else np.flatnonzero(key <= limit)

    def add(self, rows: Arrays) -> None:
        """Add rows."""
        if len(rows[self.key]):
            self.parts.append(rows)
            self.held += len(rows[self.key])
        if self.held > 2 * self.size:
            self._trim(self.size)

    @property
    def is_complete(self) -> bool:
        """Whether all of the lowest are there, and not only those that thinned parts have left."""
        return self.limit == ALL or self.held >= self.size

    def thin(self, n_parts: int) -> None:
        """Leave out what one of `n_parts` parts of a table hardly adds to the lowest of the whole."""
        most = room(self.size, n_parts)
        if self.held > most:
            self._trim(most)

    def _trim(self, size: int) -> None:
        rows = _joined(self.parts)
        if len(rows[self.key]) > size:
            self.limit = np.partition(rows[self.key], size - 1)[size - 1]
            keep = rows[self.key] <= self.limit
            rows = {name: values[keep] for name, values in rows.items()}
        self.parts, self.held = [rows], len(rows[self.key])

    def merge(self, other: Lowest, first_row: int) -> None:
        """Take in the rows of a table that follows this one, whose rows count from `first_row` on."""
        self.limit = min(self.limit, other.limit)
        parts, self.parts, self.held = [*self.parts, *other.parts], [], 0
        shifts = [0] * (len(parts) - len(other.parts)) + [first_row] * len(other.parts)
        for part, shift in zip(parts, shifts, strict=True):
            keep = part[self.key] <= self.limit
            kept = {name: values[keep] for name, values in part.items()}
            self.add(kept | {"row": kept["row"] + shift})

    def rows(self) -> Arrays:
        """What is kept, in order of the rows; empty without any."""
        if self.held > self.size:
            self._trim(self.size)
        if not self.parts:
            return {}
        rows = _joined(self.parts)
        by_row = np.argsort(rows["row"], kind="stable")
        return {name: values[by_row] for name, values in rows.items()}


def _joined(parts: Sequence[Arrays]) -> Arrays:
    return {name: _together([p[name] for p in parts]) for name in parts[0]}


def _together(parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    """One array; a column without a value in its first rows may have been taken for numbers before its texts came."""
    kinds = {p.dtype.kind for p in parts}
    if kinds == {"f", "u"}:
        parts = [np.full(len(p), MISSING) if p.dtype.kind == "f" else p for p in parts]
    return np.concatenate(parts)


def priorities(hashes: Hashes) -> Hashes:
    """(n,) what decides who is sampled: of a row's content, and for a repeated row of how often it has come before.

    So the same rows are sampled whatever the engine, the order and the batches, but for copies of one row.
    """
    keys = mix(hashes ^ _GOLDEN)
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return keys
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    copy = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    again = np.zeros(len(order), dtype=np.uint64)
    again[order] = copy.astype(np.uint64)
    return np.where(again > 0, mix(keys + again * _GOLDEN), keys)


class Sample:
    """Some rows of the table, chosen by their content: numbers as floats, everything else as hashes of the cells."""

    def __init__(self, size: int) -> None:
        self.lowest = Lowest(size)
        self.texts: dict[str, dict[int, str]] = {}
        """The texts behind the hashes, by column."""

    def update(self, batch: Batch, hashes: Mapping[str, Hashes], levels: Mapping[str, Hashes], rows: Arrays) -> None:
        """The next rows; `rows` holds their hash and number."""
        key = priorities(rows["hash"].astype(np.uint64, copy=False))
        at = self.lowest.wanted(key)
        kept: Arrays = {name: values[at] for name, values in rows.items()} | {"key": key[at]}
        for name, cells in batch.columns.items():
            if cells.kind in CODED:
                kept[f"={name}"] = hashes[name][at]
                self._remember(name, cells.levels, levels[name], cells.values[at])
            else:
                kept[f"={name}"] = as_floats(cells)[at]
        self.lowest.add(kept)

    def _remember(self, name: str, levels: Sequence[str], hashes: Hashes, codes: NDArray[Any]) -> None:
        known = self.texts.setdefault(name, {})
        for code in unique(codes[codes >= 0]).tolist():
            known.setdefault(int(hashes[code]), plain_text(levels[code]))

    def merge(self, other: Sample, first_row: int) -> None:
        """Take in the sample of a table that follows this one."""
        self.lowest.merge(other.lowest, first_row)
        for name, texts in other.texts.items():
            self.texts.setdefault(name, {}).update(texts)

    def thin(self, n_parts: int) -> None:
        """Leave out what one of `n_parts` parts of a table hardly adds to the sample of the whole, and its texts."""
        self.lowest.thin(n_parts)
        for name, texts in self.texts.items():
            parts = [p[f"={name}"] for p in self.lowest.parts if p[f"={name}"].dtype.kind == "u"]
            held = unique(np.concatenate(parts)).tolist() if parts else []
            self.texts[name] = {h: texts[h] for h in held if h in texts}

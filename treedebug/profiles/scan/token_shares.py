"""How much of each sequence is one of the tokens to watch (padding, unknown words)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import SEQUENCE
from treedebug.core.data.table_profile import TokenProfile
from treedebug.profiles.scan.cells import NUMERIC, Batch, as_floats

_SHARES = np.arange(1, 11) / 10


class TokenScan:
    """Counts of some tokens in the sequences of one column, or in the rows of a table of numbers (column "")."""

    def __init__(self, column: str, tokens: tuple[Any, ...]) -> None:
        self.column, self.tokens = column, tokens
        self.n_sequences = self.n_elements = 0
        self.found = np.zeros(len(tokens), dtype=np.int64)
        self.shares = np.zeros(len(tokens))
        self.over = np.zeros((len(tokens), len(_SHARES)), dtype=np.int64)

    def update(self, batch: Batch, features: Sequence[str]) -> None:
        """The next rows."""
        elements, lengths = _by_column(batch, self.column) if self.column else _by_row(batch, features)
        lengths = lengths.astype(np.int64)
        self.n_sequences += len(lengths)
        self.n_elements += len(elements)
        sequence = np.repeat(np.arange(len(lengths)), lengths)
        filled = lengths > 0
        for i, token in enumerate(self.tokens):
            hit = np.asarray(elements == token)
            per_row = np.bincount(sequence[hit] if hit.shape else sequence[:0], minlength=len(lengths))[filled]
            share = per_row / lengths[filled]
            self.found[i] += int(per_row.sum())
            self.shares[i] += float(share.sum())
            self.over[i] += (share[:, None] >= _SHARES - 1e-12).sum(axis=0)

    def merge(self, other: TokenScan) -> None:
        """Take in the rows that follow these."""
        self.n_sequences += other.n_sequences
        self.n_elements += other.n_elements
        self.found = self.found + other.found
        self.shares = self.shares + other.shares
        self.over = self.over + other.over

    def profiles(self) -> list[TokenProfile]:
        """One for each token."""
        return [
            TokenProfile(
                column=self.column,
                token=token,
                n_sequences=self.n_sequences,
                n_elements=self.n_elements,
                n_of_token=int(self.found[i]),
                mean_share=float(self.shares[i] / self.n_sequences) if self.n_sequences else 0.0,
                n_over=tuple(self.over[i].tolist()),
            )
            for i, token in enumerate(self.tokens)
        ]


def _by_column(batch: Batch, column: str) -> tuple[NDArray[Any], NDArray[Any]]:
    cells = batch.columns[column]
    if cells.kind != SEQUENCE or cells.elements is None:
        return np.zeros(0), np.zeros(0)
    return cells.elements, np.where(cells.present, cells.values, 0)


def _by_row(batch: Batch, features: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    numbers = [as_floats(batch.columns[n]) for n in features if batch.columns[n].kind in NUMERIC]
    matrix = np.stack(numbers, axis=1) if numbers else np.zeros((batch.n_rows, 0))
    return matrix.ravel(), np.full(batch.n_rows, matrix.shape[1])

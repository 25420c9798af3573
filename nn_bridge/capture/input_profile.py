"""What the net is fed, as a profile of data: the rules on tables then judge a network's inputs as they judge a table.

Looked at in sampled steps only, and only until enough is known. Moments merge as in Chan, Golub, LeVeque (1983).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nn_bridge.model.modules import first_tensor
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.tensor_streams import Floats
from nn_bridge.statistics.step_numbers import DeviceNumbers
from treedebug.core.data.column_profile import NAN, NUMBER, SEQUENCE, ColumnProfile
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile, TokenProfile

ENOUGH = 256
"""Rows before the profile is recorded: means are then within 0.2 standard deviations (three standard errors)."""
MAX_COLUMNS = 1000
MAX_ENTRIES = 2**16
"""Entries measured in a step: of a larger batch, evenly spaced rows."""
_SHARES = np.arange(1, 11) / 10
_IMAGE, _TABLE = 4, 2
_FEW = 2


class InputColumns:
    """Moments of each feature over the rows so far; arrays (n_columns,)."""

    def __init__(self, n_columns: int) -> None:
        self.n_rows = 0
        self.n, self.n_missing, self.n_infinite, self.n_zero, self.n_negative = np.zeros((5, n_columns), dtype=np.int64)
        self.mean, self.squares = np.zeros((2, n_columns))
        self.low, self.high = np.full(n_columns, np.inf), np.full(n_columns, -np.inf)
        self.is_flag = np.ones(n_columns, dtype=np.bool_)
        """Whether no more than two values were seen."""
        self.is_whole = np.ones(n_columns, dtype=np.bool_)

    def update(self, rows: Floats) -> None:
        """Take in rows (n, n_columns)."""
        with np.errstate(all="ignore"):
            self._update(rows)

    def _update(self, rows: Floats) -> None:
        finite = np.isfinite(rows)
        n = finite.sum(axis=0)
        filled = np.where(finite, rows, 0.0)
        mean = filled.sum(axis=0) / np.maximum(n, 1)
        squares = (np.where(finite, rows - mean, 0.0) ** 2).sum(axis=0)
        step, total = mean - self.mean, np.maximum(self.n + n, 1)
        self.squares += squares + step**2 * self.n * n / total
        self.mean += step * n / total
        low = np.minimum(self.low, np.where(finite, rows, np.inf).min(axis=0))
        high = np.maximum(self.high, np.where(finite, rows, -np.inf).max(axis=0))
        self.is_flag &= ((rows == low) | (rows == high) | ~finite).all(axis=0) & self._keeps(low, high)
        self.low, self.high = low, high
        self.is_whole &= (filled == np.floor(filled)).all(axis=0)
        missing = np.isnan(rows)
        self.n_rows += len(rows)
        self.n += n
        self.n_missing += missing.sum(axis=0)
        self.n_infinite += (~finite & ~missing).sum(axis=0)
        self.n_zero += (finite & (rows == 0)).sum(axis=0)
        self.n_negative += (finite & (rows < 0)).sum(axis=0)

    def _keeps(self, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """Return whether the two extremes so far are among the new ones."""
        known = ((self.low == low) | (self.low == high)) & ((self.high == high) | (self.high == low))
        return np.asarray((self.n == 0) | known)

    def profiles(self, names: Sequence[str]) -> tuple[ColumnProfile, ...]:
        """Return one for each column. Distinct values are counted up to three."""
        std = np.sqrt(self.squares / np.maximum(self.n, 1))
        seen = np.where(self.n == 0, 0, np.where(self.low == self.high, 1, np.where(self.is_flag, _FEW, _FEW + 1)))
        return tuple(
            ColumnProfile(
                name=name, kind=NUMBER, n_rows=self.n_rows, n_missing=int(self.n_missing[i]),
                n_infinite=int(self.n_infinite[i]), n_distinct=int(seen[i]), distinct_is_exact=bool(seen[i] <= _FEW),
                whole_numbers=bool(self.is_whole[i] and self.n[i]), n_zero=int(self.n_zero[i]),
                n_negative=int(self.n_negative[i]),
                mean=float(self.mean[i]) if self.n[i] else NAN, std=float(std[i]) if self.n[i] else NAN,
                minimum=float(self.low[i]) if self.n[i] else NAN, maximum=float(self.high[i]) if self.n[i] else NAN,
            )
            for i, name in enumerate(names)
        )  # fmt: skip


class TokenShares:
    """How much of each sequence is one of the tokens to watch; arrays (n_tokens,)."""

    def __init__(self, tokens: Sequence[int], padding: Collection[int] = ()) -> None:
        self.tokens = tuple(tokens)
        self.padding = frozenset(padding)
        self.n_rows = self.n_elements = self.longest = 0
        self.n_found = np.zeros(len(self.tokens), dtype=np.int64)
        self.shares = np.zeros(len(self.tokens))
        self.n_over = np.zeros((len(self.tokens), len(_SHARES)), dtype=np.int64)

    def update(self, rows: Floats) -> None:
        """Take in sequences (n, length)."""
        n, length = rows.shape
        self.n_rows += n
        self.n_elements += n * length
        self.longest = max(self.longest, length)
        for i, token in enumerate(self.tokens):
            found = (rows == token).sum(axis=1)
            share = found / length
            self.n_found[i] += int(found.sum())
            self.shares[i] += float(share.sum())
            self.n_over[i] += (share[:, None] >= _SHARES - 1e-12).sum(axis=0)

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of the sequences."""
        mean = self.n_elements / max(self.n_rows, 1)
        return ColumnProfile(
            name=name, kind=SEQUENCE, n_rows=self.n_rows, n_distinct=_FEW + 1, distinct_is_exact=False,
            max_length=self.longest, mean_length=mean,
        )  # fmt: skip

    def profiles(self, name: str) -> tuple[TokenProfile, ...]:
        """Return one for each token."""
        return tuple(
            TokenProfile(
                column=name, token=token, n_sequences=self.n_rows, n_elements=self.n_elements,
                n_of_token=int(self.n_found[i]), mean_share=float(self.shares[i] / max(self.n_rows, 1)),
                n_over=tuple(self.n_over[i].tolist()),
                is_padding=token in self.padding,
            )
            for i, token in enumerate(self.tokens)
        )  # fmt: skip


class InputProfile:
    """The inputs of one training. `tokens` are looked for in whole numbers of a net that embeds them."""

    def __init__(self, model: nn.Module, tokens: Sequence[int] | None = None) -> None:
        embeddings = [m for m in model.modules() if isinstance(m, nn.Embedding | nn.EmbeddingBag)]
        padding = {m.padding_idx for m in embeddings if m.padding_idx is not None}
        self._padding = padding
        self._tokens = tuple(tokens) if tokens is not None else tuple(sorted(padding)) or (0,)
        self._embeds = bool(embeddings) or tokens is not None
        self._seen: InputColumns | TokenShares | None = None
        self._prefix, self._width = "", 0
        self._n_recorded = 0
        self._place: int | None = None

    def add_batch(self, device_numbers: DeviceNumbers, given: Any) -> None:
        """Add some rows of a batch to the numbers of a step."""
        value = first_tensor(given, whole=True)
        rows = None if value is None else self._thinned(value)
        self._place = None if rows is None else device_numbers.add(rows)

    def update(self, numbers: Sequence[Any]) -> None:
        """Take in what `add_batch` has put there."""
        place, self._place = self._place, None
        if place is not None and self._seen is not None:
            self._seen.update(np.asarray(numbers[place], dtype=np.float64))

    def record(self, journal: Journal) -> None:
        """Record the profile, once enough was seen, and again when there are twice as many rows."""
        seen = self._seen
        if seen is not None and seen.n_rows >= max(ENOUGH, _FEW * self._n_recorded):
            self._n_recorded = seen.n_rows
            journal.data(DataSets(self._profile(seen)))

    def amounts(self, given: Any) -> torch.Tensor | None:
        """Return the input without what an embedding looks up: a table's columns of whole numbers."""
        tensor = first_tensor(given)
        if tensor is not None and not tensor.dim():  # a number beside the input, such as a count
            return None
        if tensor is None or not self._embeds or not tensor.numel() or tensor.dim() != _TABLE:
            return tensor
        is_amount = (tensor != tensor.floor()).any(dim=0)
        return tensor[:, is_amount] if bool(is_amount.any()) else None

    @property
    def needs_more(self) -> bool:
        """Whether too little was seen so far."""
        return self._seen is None or self._seen.n_rows < ENOUGH

    @torch.no_grad()
    def _thinned(self, value: torch.Tensor) -> torch.Tensor | None:
        """Return a copy of some rows of a batch, (n, n_columns) or (n, length)."""
        if value.dim() < _TABLE or not value.numel() or value.is_complex() or value.layout != torch.strided:
            return None
        is_tokens = self._embeds and not value.is_floating_point() and value.dtype != torch.bool
        is_image = value.dim() >= _IMAGE and not is_tokens
        rows = (value.detach().movedim(1, -1) if is_image else value.detach()).flatten(0, -2)
        if self._seen is None:
            self._seen = (
                TokenShares(self._tokens, self._padding) if is_tokens else InputColumns(min(rows.shape[1], MAX_COLUMNS))
            )
            self._prefix, self._width = "channel" if is_image else "input", int(rows.shape[1])
        if isinstance(self._seen, TokenShares) != is_tokens or (not is_tokens and rows.shape[1] != self._width):
            return None
        rows = rows[:: max(-(-rows.numel() // MAX_ENTRIES), 1)]
        return (rows if is_tokens else rows[:, :MAX_COLUMNS]).clone()

    def _profile(self, seen: InputColumns | TokenShares) -> DataProfile:
        common: dict[str, Any] = {"name": "train", "engine": "torch", "n_rows": seen.n_rows, "sample_size": seen.n_rows}
        if isinstance(seen, TokenShares):
            columns, tokens = (seen.column(self._prefix),), seen.profiles(self._prefix)
            return DataProfile(**common, is_partial=True, columns=columns, tokens=tokens)
        names = [f"{self._prefix} {i}" for i in range(len(seen.n))]
        profiles = seen.profiles(names)
        if self._embeds:
            profiles = tuple(c for c in profiles if not c.whole_numbers)  # looked up, not multiplied
        left = self._width - len(names)
        unmeasured = {"columns": f"{left} columns after the first {MAX_COLUMNS} are not measured"} if left else {}
        return DataProfile(**common, is_partial=True, columns=profiles, unmeasured=unmeasured)

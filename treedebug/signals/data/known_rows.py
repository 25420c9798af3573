"""Rows of another set that stand in the training data, and how many would by an honest split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.data_sets import Overlap
from treedebug.signals.data.binomial_tail import binomial_tail
from treedebug.signals.data.checked_tables import RepeatedRows, Split


@dataclass(frozen=True)
class KnownRows:
    """Rows equal in features and label, but for those whose values over 20 training rows share."""

    overlap: Overlap
    is_alike: bool
    """Compared as a booster sees them, and not cell by cell."""
    n: int
    share: float
    """Of the other set's rows."""
    twins: float
    """Share of the training rows with a twin in their own table."""
    by_chance: float
    """Share of the rows that repeat because there are few combinations of values."""
    chance: float
    """Probability of as many by a random split of the pairs there are."""


def known_rows(split: Split, repeated: RepeatedRows | None) -> Iterator[KnownRows]:
    """Yield what was found of rows as they are, then of rows as a booster sees them."""
    alike = repeated.alike if repeated is not None else None
    for overlap, own in ((split.between.overlap, repeated), (split.between.alike, alike)):
        if overlap is not None:
            yield _known(split, overlap, own, is_alike=overlap is not split.between.overlap)


def _known(split: Split, overlap: Overlap, own: RepeatedRows | None, *, is_alike: bool) -> KnownRows:
    n, n_same = split.other.n_rows, max(overlap.n_same_label - overlap.n_tied, 0)
    pairs = own.n_copies if own is not None else 0
    across = 2.0 * n / (2.0 * n + split.train.n_rows)  # of equal pairs with a row in training, by a random split
    return KnownRows(
        overlap=overlap,
        is_alike=is_alike,
        n=n_same,
        share=n_same / n,
        twins=own.twin_share if own is not None else 0.0,
        by_chance=own.expected if own is not None else 0.0,
        chance=binomial_tail(n_same, n_same + pairs, across),
    )

"""DA634 sparse-and-dense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule
from treedebug.signals.data.checked_tables import Splits


@dataclass(frozen=True, kw_only=True)
class SparseAndDense(Rule):
    """One set is a sparse matrix with absent entries, the other a dense one with zeros.

    ## What it does
    Fires when one of two sets is a scipy sparse matrix that does not hold all its cells, and the other is a dense array
    or a table with zeros.
    ## Why is this bad
    To XGBoost an absent entry of a sparse matrix is missing, and a zero of a dense one is the number 0: the same row
    goes another way in each tree.
    ## When to ignore it
    The booster is LightGBM, to which both are 0 (unless `zero_as_missing`).
    """

    code = "DA634"
    name = "sparse-and-dense"
    explains = ("DA610", "CV101", "CV102")

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the formats."""
        for split in splits:
            absent = {n: p.n_absent for n, p in (("training", split.train), (split.name, split.other))}
            sparse = [n for n, count in absent.items() if count > 0]
            dense = [n for n, count in absent.items() if count < 0]
            profile = split.train if "training" in dense else split.other
            if len(sparse) != 1 or len(dense) != 1 or not any(c.n_zero for c in profile.columns):
                continue
            of = split.other if "training" in dense else split.train
            share = percent(absent[sparse[0]] / max(of.n_rows * of.n_columns, 1))
            yield self.finding(
                f"{sparse[0]} is a sparse matrix ({share} of its entries absent), {dense[0]} is dense with zeros: "
                "XGBoost takes an absent entry for missing and a zero for 0",
                subject=split.name,
                try_next=(Change("format", "the same for both", "both sparse, or both dense"),),
            )

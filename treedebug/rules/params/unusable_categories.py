"""HP519 unusable-categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.odd_categories import OddCategories

_KINDS = {
    "negative": (
        "are negative, and LightGBM takes all of them for one missing value",
        "Number the categories from 0.",
    ),
    "fractions": (
        "have a fraction, which LightGBM cuts off: 3.2 and 3.9 are one category",
        "Is it a category at all? An index in categorical_feature counts from 0.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class UnusableCategories(Rule):
    """A categorical feature holds numbers that LightGBM does not take for categories.

    ## What it does
    Looks at the categorical features of a LightGBM Dataset that still has its raw data (before training, or with
    `free_raw_data=False`). Fires where `max_odd` or more of the values are negative, or have a fraction.
    ## Why is this bad
    LightGBM takes every negative code for a missing value, so that all of them are one, and cuts fractions off: 3.2 and
    3.9 are one category. Most often the codes were centred, or the index in `categorical_feature` is that of another
    column: it counts from 0.
    ## When to ignore it
    The negative code stands for a missing value, as -1 does in pandas' `.cat.codes`, and is its only negative one.
    """

    code = "HP519"
    name = "unusable-categories"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101",
        "CV102",
        "CV103",
        "CV106",
        "FT301",
        "FT302",
        "FT304",
        "HP516",
        "TR206",
    )

    max_odd: float = param(0.1, "share of the values that are negative or have a fraction", ge=0.0, le=1.0)

    def check(self, categories: OddCategories) -> Iterator[Finding]:
        """Look at the counts, feature by feature."""
        for name, odd in categories.counts.items():
            n = max(odd["n_rows"], 1)
            for kind, (what, ask) in _KINDS.items():
                if odd[kind] < self.max_odd * n:
                    continue
                yield self.finding(
                    f"{percent(odd[kind] / n)} of the values of the categorical feature {name} {what}",
                    subject=name,
                    try_next=(question(ask),),
                    kind=kind,
                    share=odd[kind] / n,
                    columns=[name],
                )

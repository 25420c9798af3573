"""HP523 unsplittable-columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, listed
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, kw_only=True)
class UnsplittableColumns(Rule):
    """LightGBM drops columns before training, for their rarer values have fewer rows than a leaf must hold.

    ## What it does
    Counts the features that LightGBM has put away before the first round: those with a single value, and those that no
    split could cut into two sides of `min_data_in_leaf` rows. Fires if they are `min_columns` or more, and `min_share`
    of all features, while `min_data_in_leaf` was set to `min_rows` or more.
    ## Why is this bad
    Flags of rare things (a rare disease, a rare word) are lost without a word, however much they tell.
    ## When to ignore it
    These columns hold a single value, and nothing is lost with them.
    """

    code = "HP523"
    name = "unsplittable-columns"
    explains: ClassVar[tuple[str, ...]] = ("CV103", "CV106", "FT301", "FT304", "TR202", "CV104")

    min_rows: float = param(50.0, "rows that a leaf was asked to hold", ge=1.0, le=1e9)
    min_columns: int = param(3, "columns that were dropped", ge=1, le=1_000_000)
    min_share: float = param(0.1, "share of the features that were dropped", ge=0.0, le=1.0)

    def check(self, params: Params, header: Header) -> Iterator[Finding]:
        """Count the dropped columns."""
        least = params.numeric("min_child_samples")
        if params.library != "lightgbm" or least is None or least < self.min_rows:
            return
        dropped = [header.feature_name(i) for i, kind in enumerate(header.feature_types) if kind == "none"]
        if len(dropped) < self.min_columns or len(dropped) < self.min_share * max(header.n_features, 1):
            return
        better = change(header, "min_child_samples", 20, "LightGBM's default")
        yield self.finding(
            f"LightGBM dropped {len(dropped)} of {header.n_features} features before training ({listed(dropped, 5)}): "
            f"{better.parameter}={figure(least)}, and their rarer values have fewer rows than that, or they hold a "
            "single value",
            subject=better.parameter,
            try_next=(better,),
            columns=dropped[:100],
            n_dropped=len(dropped),
        )

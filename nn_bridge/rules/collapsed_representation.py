"""NN935 collapsed-representation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import LEARNING, layer_name
from nn_bridge.signals.row_spread import RowSpread, RowSpreads
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class CollapsedRepresentation(Rule):
    """A layer gives every row the same output: codes, embeddings or latents have collapsed.

    ## What it does
    Once a round measures how far the outputs of each weighted layer vary from row to row. Fires when the last two
    measurements are under `max_left` of the first one, or when the rows' directions vary by no more than that. Names
    the first such layer.
    ## Why is this bad
    What follows cannot tell rows apart. A decoder ignores its latents (posterior collapse), an embedding that is only
    pulled together has found the trivial answer.
    ## When to ignore it
    The layer is meant to be switched off by a penalty.
    """

    code = "NN935"
    name = "collapsed-representation"
    explains: ClassVar[tuple[str, ...]] = LEARNING

    max_left: float = param(0.06, "spread over rows, over that at the start", ge=0.0, le=1.0)

    def check(self, spreads: RowSpreads) -> Iterator[Finding]:
        """Name the first layer that has collapsed."""
        found = [one for one in spreads.found if self._has_collapsed(one)]
        if not found:
            return
        first = found[0]
        yield self.finding(
            f"the outputs of {layer_name(first.layer)} vary from row to row by {short(first.last)}, down from "
            f"{short(first.first)} at the start ({len(found)} of {len(spreads.found)} layers): they have collapsed, "
            "and all rows look the same from there on",
            rounds=(first.first_round, first.last_round),
            try_next=(
                Change("KL weight", "smaller, or warmed up", "of a VAE; sum both terms over the same rows and entries"),
                Change("loss", "one that keeps other rows apart", "negatives, a stopped gradient, a variance term"),
            ),
            layer=first.layer,
            first_spread=first.first,
            last_spread=first.last,
        )

    def _has_collapsed(self, one: RowSpread) -> bool:
        has_fallen = one.last < self.max_left * one.first
        return has_fallen or (one.last_share < self.max_left * one.first_share and one.last_share < self.max_left)

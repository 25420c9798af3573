"""FT304 unused-features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import listed, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.features._flag_columns import other_levels
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.features.dominance import traveled
from treedebug.signals.features.importance_share import FeatureShares, SplitPoints


@dataclass(frozen=True, kw_only=True)
class UnusedFeatures(Rule):
    """Features are never split on.

    ## What it does
    Judges a finished training of `min_rounds` rounds or more. Lists the features that no tree has split on, if they are
    `min_share` of all or more, and if there were several times as many splits as features to give each a chance: info.
    A warning, also while it trains, where it is `max_dead` features or fewer, and every other one has been split on
    `min_gap` times or more: that is no weak feature, but one without two values to tell apart. Not so a level of a
    one-hot encoding (`kind_5` beside `kind_0`), which the others tell already, nor on less than `min_rows` rows.
    ## Why is this bad
    They cost memory and time and do nothing: constant columns, copies of others, or columns that lost their meaning on
    the way here (all missing, or too large for float32).
    ## When to ignore it
    A wide, sparse table, where most columns matter to a few rows only.
    """

    code = "FT304"
    name = "unused-features"
    severity: ClassVar[Severity] = Severity.INFO

    min_share: float = param(0.3, "share of the features that is never used", ge=0.0, le=1.0)
    min_rounds: int = param(50, "rounds before a feature counts as unused", ge=1, le=100_000)
    min_gap: int = param(8, "splits on every other feature, where an unused one cannot be chance", ge=1, le=1_000_000)
    max_dead: int = param(5, "unused features; more of them are the way of the table", ge=1, le=1_000_000)
    gap_rounds: int = param(20, "rounds before that is judged", ge=1, le=100_000)
    min_rows: int = param(200, "training rows under which chance picks the features", ge=1, le=1_000_000)
    min_splits: float = param(5.0, "splits per feature, for each to have had its chance", ge=0.0, le=1e6)

    def check(self, shares: FeatureShares, ending: Ending, points: SplitPoints) -> Iterator[Finding]:
        """List the features without a split."""
        n_unused, used = shares.n_features - shares.n_used, shares.n_splits
        if not n_unused:
            return
        dead = int(used.min()) >= self.min_gap and n_unused <= self.max_dead and len(used) > 1
        dead = dead and shares.n_rounds >= self.gap_rounds and traveled(shares) >= 3.0
        dead = dead and _n_rows(shares.header, self.min_rows) >= self.min_rows
        dead = dead and not other_levels(shares.unused(n_unused), shares, points)
        enough = shares.n_rounds >= self.min_rounds and used.sum() >= self.min_splits * shares.n_features
        if not (dead or (ending.final and enough and n_unused >= self.min_share * shares.n_features)):
            return
        unused = shares.unused(100)
        names = listed(unused) if n_unused <= len(unused) else f"{', '.join(unused[:5])} and {n_unused - 5} more"
        why = f"; all others are split on {used.min()} times or more: constant, all missing, too large, or a copy?"
        yield self.finding(
            f"{n_unused} of {shares.n_features} features ({percent(n_unused / shares.n_features)}) are never split on: "
            f"{names}{why if dead else ''}",
            severity=Severity.WARNING if dead else Severity.INFO,
            try_next=(question(f"Is {listed(unused, 3)} filled as it should be?"),) if dead else (),
            n_unused=n_unused,
            n_features=shares.n_features,
            features=unused,
            least_splits=int(used.min()),
        )


def _n_rows(header: Header, unknown: int) -> int:
    """Rows of the training data; `unknown` where they are not recorded."""
    return int(header.training_facts().get("n_rows") or unknown)

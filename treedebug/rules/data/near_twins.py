"""DA638 near-twins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import experiment
from treedebug.core.findings import SUSPICION, Finding
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.signals.data.checked_tables import Splits


@dataclass(frozen=True, kw_only=True)
class NearTwins(Rule):
    """Rows of another set have a twin in the training data: nearly the same row, with the same label.

    ## What it does
    Looks for the training rows nearest to rows of the other set, by where all their numbers lie in the training data,
    copies left out. Agreement is 0 where labels agree as often as by chance, and 1 where all do. Fires if it is
    `min_nearest` or more with the nearest training row, and at most `max_further` of that with those some twenty places
    further away.
    ## Why is this bad
    A label that follows from the columns is shared by all rows around. One that only the nearest row shares follows
    from what both rows are of: the same day of a series, the same person. The rows were split at random, and the score
    is that of looking up a twin.
    ## When to ignore it
    The label changes over very short distances of the columns, and rows do not belong together.
    """

    code = "DA638"
    name = "near-twins"
    basis = SUSPICION
    explains = ("CV109", "FT303", "DA622")

    min_nearest: float = param(0.35, "agreement with the nearest training row, beyond chance", ge=0.0, le=1.0)
    max_further: float = param(0.35, "agreement further away, as a share of that", ge=0.0, le=1.0)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the nearest training row with those further away."""
        if all(s.between.twins is None for s in splits):
            raise Missing("needs labels in both sets, two columns of numbers, 400 training rows and 100 others")
        for split in splits:
            twins = split.between.twins
            if twins is None or twins.nearest < self.min_nearest:
                continue
            if twins.further > self.max_further * twins.nearest:
                continue
            yield self.finding(
                f"rows of {split.name} have near copies in the training data: the label of the nearest training row is "
                f"theirs {percent(twins.nearest)} of the way from chance to always, that of rows a little further away "
                f"{percent(max(twins.further, 0.0))}: neighbours of one series, or rows of one person, were split at "
                "random",
                subject=split.name,
                try_next=(experiment("split by time, or by whom the rows are of", "so that no row has a twin there"),),
                nearest=twins.nearest,
                further=twins.further,
                n_rows=twins.n_rows,
            )

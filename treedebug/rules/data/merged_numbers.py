"""DA636 merged-numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.data.column_profile import NUMBER, ColumnProfile
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import concerned, told
from treedebug.signals.data.checked_tables import Tables


@dataclass(frozen=True, kw_only=True)
class MergedNumbers(Rule):
    """Different numbers of a feature become one number as float32.

    ## What it does
    Counts the numbers that float32 has between the least and the greatest value of a feature, at the spacing it has
    there. Fires where the column has more different values than that, by `min_lost` of them or more.
    ## Why is this bad
    XGBoost keeps features as float32, and so do networks: 24 bits, some seven digits. Times in milliseconds since 1970
    are rounded to two minutes, and long numbers to the nearest even one. LightGBM keeps all digits.
    ## When to ignore it
    You train with LightGBM alone, or the lost digits mean nothing.
    """

    code = "DA636"
    name = "merged-numbers"

    min_lost: float = param(0.1, "share of the different values that become another one", ge=0.0, le=1.0)

    def check(self, tables: Tables) -> Iterator[Finding]:
        """Compare the spacing of float32 with the values there are."""
        for name, profile in tables.by_name.items():
            left = {c.name: (float32_room(c), c) for c in profile.columns if c.kind == NUMBER}
            lost = {n: (k, c) for n, (k, c) in left.items() if 0 < k < (1.0 - self.min_lost) * c.n_distinct}
            if not lost:
                continue
            each = [f"{n} ({c.n_distinct} different values become {k} at most)" for n, (k, c) in lost.items()]
            low = next(iter(lost.values()))[1].minimum
            yield self.finding(
                f"float32, in which XGBoost keeps features, has too few digits for {told(each)} of {name}",
                subject=name,
                try_next=(Change("subtract", figure(low), "the least value first, and cast to float32 afterwards"),),
                **concerned(list(lost)),
            )


def float32_room(column: ColumnProfile) -> int:
    """Return how many numbers float32 has over the range of a column; 0 where it is not known."""
    low, high = column.minimum, column.maximum
    largest = max(abs(low), abs(high))
    if not np.isfinite(largest) or not 0.0 < largest < np.finfo(np.float32).max or low <= 0.0 <= high:
        return 0
    spacing = float(np.spacing(np.float32(min(abs(low), abs(high)))))
    return int((high - low) / spacing) + 1

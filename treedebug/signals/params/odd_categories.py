"""Values of categorical features that LightGBM does not take for categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class OddCategories:
    """By feature, of the training data: `negative`, `fractions`, and `n_rows` that were looked at."""

    counts: dict[str, dict[str, int]]

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Raise Missing without categorical features, or where no raw data was at hand."""
        facts = header.training_facts()
        found = facts.get("odd_categories")
        if not found:
            raise Missing(
                "no categories were seen as they were given (LightGBM frees the raw data unless told otherwise)"
            )
        return cls({str(name): {str(k): int(v) for k, v in odd.items()} for name, odd in found.items()})

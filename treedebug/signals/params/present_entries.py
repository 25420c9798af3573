"""How much of two matrices is there: a zero that a sparse matrix leaves out is missing to XGBoost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing


@dataclass(frozen=True, eq=False)
class PresentEntries:
    """Share of the entries that are not missing, of the training data and of the last validation set."""

    dataset: str
    trained: float
    validated: float

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Raise Missing where it was not recorded (LightGBM takes an absent entry for a 0)."""
        train = header.training_facts().get("present")
        valid = [(n, d["present"]) for n, d in header.data.items() if not d.get("is_training") and "present" in d]
        if train is None or not valid:
            raise Missing("the share of missing entries was not recorded of both datasets (XGBoost's DMatrix tells it)")
        return cls(valid[-1][0], float(train), float(valid[-1][1]))

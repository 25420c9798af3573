"""How many validation labels lie outside the range of the training labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.params.label_scale import label_values


@dataclass(frozen=True, eq=False)
class LabelRange:
    """The range of the training labels beside the labels of the last validation set."""

    dataset: str
    low: float
    high: float
    """Least and largest training label."""
    std: float
    """Of the training labels."""
    above: float
    below: float
    """Shares of the validation labels over the largest and under the least training label."""
    farthest: float
    """The validation label that lies farthest outside; `high` if none does."""
    n_rows: int
    """Of the validation set."""

    @classmethod
    def measure(cls, header: Header) -> Self:
        """Raise Missing unless the labels of both are recorded as numbers."""
        label = header.training_label() or {}
        valid = [(n, d) for n, d in header.data.items() if not d.get("is_training") and d.get("label")]
        if "minimum" not in label or not valid or "minimum" not in valid[-1][1]["label"]:
            raise Missing("the labels of training and validation data were not both recorded as numbers")
        name, facts = valid[-1]
        low, high, values = float(label["minimum"]), float(label["maximum"]), label_values(facts["label"])
        top, bottom = float(facts["label"]["maximum"]), float(facts["label"]["minimum"])
        farthest = top if top - high >= low - bottom else bottom
        return cls(
            name, low, high, float(label.get("std") or 0.0), float((values > high).mean()),
            float((values < low).mean()), farthest if top > high or bottom < low else high,
            int(facts.get("n_rows") or 0),
        )  # fmt: skip

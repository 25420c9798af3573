"""What the user's own objective returned in the first rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, eq=False)
class OwnGradient:
    """Gradients of the first rounds that were listened to."""

    largest: float
    """The largest absolute one that is finite."""
    least_hessian: float
    """The smallest positive one."""
    n_not_finite: int
    two_labels: bool
    """The labels are 0 and 1, and no row has a weight."""
    well_placed: float | None
    """Share of the rows whose gradient pulls at their own class, as the library reads it; None without classes."""
    well_placed_by_rows: float | None
    """The same if the gradients were laid out row by row."""

    @classmethod
    def measure(cls, header: Header, ending: Ending | None) -> Self:
        """Raise Missing unless gradients were heard, which the header tells once the training is over."""
        told = header.extra.get("gradient")
        if not told:
            yet = " yet" if ending is not None and not ending.final else ""
            raise Missing(
                f"no gradients of an own objective were recorded{yet} (of LightGBM's, from the second round on)"
            )
        train = header.training_facts()
        plain = train.get("mean_weight") is None
        return cls(
            float(told.get("largest") or 0.0),
            float(told.get("least_hessian") or 0.0),
            int(told.get("n_not_finite") or 0),
            bool(told.get("two_labels")) and plain,
            told.get("well_placed"),
            told.get("well_placed_by_rows"),
        )

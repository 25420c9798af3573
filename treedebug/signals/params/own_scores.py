"""The raw scores that an objective of the user's own has given validation rows, beside their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header, RunView
from treedebug.engine.resolve import Missing
from treedebug.signals.params.label_scale import base_score
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, eq=False)
class OwnScores:
    """Of some rows of the last validation set, after the last round."""

    dataset: str
    start: float
    """What every row scored before the first round."""
    scores: NDArray[np.float64]
    labels: NDArray[np.float64]

    @classmethod
    def measure(cls, view: RunView, header: Header, params: Params) -> Self:
        """Raise Missing for an objective of the library's, before the end, and where nothing was recorded."""
        if params.objective != "custom" and header.objective != "custom":
            raise Missing("the objective is the library's own")
        predicted: dict[str, Any] = header.extra.get("predicted") or {}
        told = [(name, seen) for name, seen in predicted.items() if seen.get("sample") and seen.get("labels")]
        if not view.final or not told:
            raise Missing("the validation predictions are recorded at the end of the training")
        name, seen = told[-1]
        start = (base_score(params) or 0.0) if params.library == "xgboost" else 0.0
        return cls(name, start, np.asarray(seen["sample"], float), np.asarray(seen["labels"], float))

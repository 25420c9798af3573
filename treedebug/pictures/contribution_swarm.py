"""SHAP contributions: how each feature moves the predictions, and what changed between two rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.pictures.picture import Floats, Ints, Picture
from treedebug.pictures.thinning import evenly

_MOST_FEATURES = 20
_MOST_ROWS = 300


@dataclass(frozen=True, kw_only=True, eq=False)
class ContributionSwarm(Picture):
    """Contributions of the strongest features on a sample of the rows; matrices (n_features, n_rows)."""

    name: ClassVar[str] = "contribution_swarm"
    question: ClassVar[str] = "Which features move the predictions, and in which direction?"

    round_index: int
    class_index: int
    """0 unless there are three or more classes."""
    features: tuple[str, ...]
    """Largest mean absolute contribution over all rows first, at most twenty."""
    contribution: Floats
    level: Floats
    """The feature's own value as a rank among the rows, 0..1; NaN where it is missing or no number."""
    mean_absolute: Floats
    """(n_features,) over all rows."""
    rest: float
    """Mean absolute contribution of all other features together."""
    bias: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ContributionChange(Picture):
    """Mean absolute contributions of the features after two rounds; columns (n_features,)."""

    name: ClassVar[str] = "contribution_change"
    question: ClassVar[str] = "What did the rounds in between change?"

    earlier_round: int
    later_round: int
    class_index: int
    features: tuple[str, ...]
    """Largest change first, at most twenty."""
    earlier: Floats
    later: Floats


def contribution_swarm(
    contributions: Floats, values: Floats, names: tuple[str, ...], *, round_index: int, class_index: int = 0
) -> ContributionSwarm:
    """Return the picture of contributions (n_rows, n_features + 1), the bias last, of rows `values`."""
    own, size = contributions[:, :-1], np.abs(contributions[:, :-1]).mean(axis=0)
    top = _top(size)
    at = evenly(len(own), _MOST_ROWS)
    others = np.delete(size, top)
    return ContributionSwarm(
        round_index=round_index,
        class_index=class_index,
        features=tuple(names[int(i)] for i in top),
        contribution=own[at][:, top].T,
        level=np.array([_ranks(values[at, i]) for i in top]),
        mean_absolute=size[top],
        rest=float(others.sum()),
        bias=float(contributions[:, -1].mean()) if len(contributions) else float("nan"),
    )


def contribution_change(
    earlier: Floats, later: Floats, names: tuple[str, ...], *, rounds: tuple[int, int], class_index: int = 0
) -> ContributionChange:
    """Return the picture of contributions (n_rows, n_features + 1) after two rounds, on the same rows."""
    before, after = (np.abs(c[:, :-1]).mean(axis=0) for c in (earlier, later))
    top = _top(np.abs(after - before))
    return ContributionChange(
        earlier_round=rounds[0],
        later_round=rounds[1],
        class_index=class_index,
        features=tuple(names[int(i)] for i in top),
        earlier=before[top],
        later=after[top],
    )


def _top(size: Floats) -> Ints:
    order = np.argsort(-size, kind="stable")[:_MOST_FEATURES]
    return order[size[order] > 0]


def _ranks(values: Floats) -> NDArray[np.float64]:
    known = np.isfinite(values)
    found = np.full(len(values), np.nan)
    distinct, place = np.unique(values[known], return_inverse=True)
    found[known] = place / max(len(distinct) - 1, 1) if len(distinct) > 1 else 0.5
    return found

"""How much there is to split: rows, hessian mass, gradient and gain of a first tree, from the label summary alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.metric_facts import class_counts, class_weights
from treedebug.signals.params.label_scale import base_score, label_values
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, eq=False)
class TrainingScale:
    """Upper estimates for one tree of the first round, over the rows that it sees."""

    n_rows: int
    """All training rows."""
    drawn: float
    """Rows that one tree sees."""
    mass: float | None
    """Hessian mass of the root; None where the objective's scale is not known."""
    max_gain: float | None
    """What a tree that fits every row would gain in all."""
    max_gradient: float | None
    """Largest sum of gradients that one side of a split can have."""
    mean_weight: float
    """Mean weight of a row, by sample weights."""
    is_measured: bool
    """`mass` was read off the recorded trees, the largest root's; else it is estimated."""
    has_split: bool
    """A recorded tree has a split."""
    class_mass: NDArray[np.float64] | None = None
    """(n_classes,) the hessian mass of each class's trees at its own share of the rows; None but for many classes."""

    @classmethod
    def measure(cls, header: Header, params: Params, trees: TreeSummary | None) -> Self:
        """Raise Missing if the number of training rows is not known."""
        facts = header.training_facts()
        n = facts.get("n_rows")
        if not n:
            raise Missing("the number of training rows was not recorded (a saved model and a network have none)")
        label = facts.get("label") or {}
        drawn = params.sampled * n
        hessian, gain, gradient = _per_row(params, label)
        weigh = _mean_weight(params, label, float(facts.get("mean_weight") or 1.0))
        roots = np.empty(0) if trees is None else trees.column("root_hessian")
        roots = roots[np.isfinite(roots)]
        mass = None if hessian is None else hessian * weigh * drawn
        return cls(
            int(n),
            drawn,
            float(roots.max()) if len(roots) else mass,
            None if gain is None else gain * weigh * drawn,
            None if gradient is None else gradient * weigh * drawn,
            float(facts.get("mean_weight") or 1.0),
            bool(len(roots)),
            trees is not None and bool((trees.column("depth") > 0).any()),
            _class_mass(params, label, drawn),
        )


def _per_row(  # noqa: PLR0911 - an objective each
    params: Params, label: dict[str, Any]
) -> tuple[float | None, float | None, float | None]:
    """Return the hessian, gain and gradient of an average row."""
    family = params.family
    if family == "binary":
        p = _positive_share(label)
        return (0.25, 1.0, 0.25) if p is None else (p * (1 - p), 1.0, p * (1 - p))
    if family == "multi":
        k = max(int(params.numeric("num_class") or 0), 2)
        factor = 2.0 if params.library == "xgboost" else k / (k - 1)
        return factor * (k - 1) / k**2, 1.0, (k - 1) / k**2
    std, mean = label.get("std"), label.get("mean")
    if family == "squared":
        return 1.0, None if std is None else std**2, None if std is None else 0.5 * std
    if family in ("absolute", "positive"):
        c = params.numeric("fair_c") or 1.0
        values = np.abs(label_values(label) - (mean or 0.0))
        return float(np.mean((c / (values + c)) ** 2)) if params.objective == "fair" else 1.0, None, None
    if family == "count" and mean is not None and mean > 0:
        return mean * math.exp(0.7), None, None
    if family == "pseudohuber" and std is not None:
        slope = params.numeric("huber_slope") or 1.0
        away = (label_values(label) - _huber_start(params, label, slope)) / slope
        return float(np.mean((1.0 + away**2) ** -1.5)), None, slope * 0.5
    return None, None, None


def _class_mass(params: Params, label: dict[str, Any], drawn: float) -> NDArray[np.float64] | None:
    """Return what the trees of each class have to split, once it is predicted its share of the rows."""
    counts, weights = class_counts(label), class_weights(label)
    if params.family != "multi" or counts is None or not counts.sum() > 0:
        return None
    held = counts if weights is None or len(weights) != len(counts) else weights
    shares, k = counts / counts.sum(), len(counts)
    factor = 2.0 if params.library == "xgboost" else k / max(k - 1, 1)
    return np.asarray(factor * held / counts.sum() * (1.0 - shares) * drawn, dtype=np.float64)


def _huber_start(params: Params, label: dict[str, Any], slope: float) -> float:
    """Return the base score of reg:pseudohubererror: as given, else one Newton step from 0, as XGBoost estimates it."""
    told = base_score(params)
    if told is not None:
        return told
    values = label_values(label)
    bend = np.sqrt(1.0 + (values / slope) ** 2)
    return float(np.sum(values / bend) / max(float(np.sum(bend**-3.0)), 1e-300))


def _positive_share(label: dict[str, Any]) -> float | None:
    counts = class_counts(label)
    if counts is not None and len(counts) == 2 and counts.sum() > 0:
        share = float(counts[1] / counts.sum())
    else:
        share = float(label.get("mean", 0.5))
    return share if 0.0 < share < 1.0 else None


def _mean_weight(params: Params, label: dict[str, Any], mean_weight: float) -> float:
    """Return the mean weight of a row: sample weights, and the extra weight of positives."""
    counts, weights = class_counts(label), class_weights(label)
    if counts is None or not counts.sum() > 0:
        return mean_weight
    held = counts if weights is None or len(weights) != len(counts) else weights
    scale = params.numeric("scale_pos_weight") or 1.0
    if len(counts) == 2 and params.family == "binary":
        return float((held[0] + max(scale, 0.0) * held[1]) / counts.sum())
    return float(held.sum() / counts.sum())

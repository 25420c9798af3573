"""ModelFacts: what a model file says of itself, besides its trees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_FEATURES = 1 << 22
"""Arrays over the features are as long as their number, which a file gives in a few digits."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """Read from a model file or a slice of one, without the library that wrote it."""

    library: str
    """"xgboost" or "lightgbm"."""
    version: str
    booster: str
    """gbtree, dart, gblinear; LightGBM: gbdt, dart, rf, goss."""
    objective: str
    """As the library writes it, e.g. "binary:logistic" or "binary"."""
    n_rounds: int
    n_trees: int
    trees_per_round: int
    n_features: int
    n_classes: int
    """2 for binary classification, k for multiclass, 0 otherwise."""
    n_outputs: int
    """Margins a row: classes of a multiclass objective, targets of a multi-output one, else 1."""
    feature_names: list[str]
    feature_types: list[str]
    base_margin: NDArray[np.float64]
    """(n_outputs,) added to the summed leaf values (XGBoost's base_score through the link; zeros in LightGBM)."""
    average_output: bool = False
    """Leaf values are averaged over the rounds (LightGBM rf), not summed."""
    params: dict[str, Any] = field(default_factory=dict)
    """Parameters named in the file, as the library spells them (LightGBM's `parameters:` section); empty in XGBoost."""
    attributes: dict[str, str] = field(default_factory=dict)
    """XGBoost's attributes, e.g. best_iteration."""
    objective_params: dict[str, str] = field(default_factory=dict)
    """What the transform of margins needs: sigmoid (LightGBM), num_class, ..."""

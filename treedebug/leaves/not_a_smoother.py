"""Why the leaves of a run are no plain Newton steps, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_table import TreeTable

_OFF = (None, 0, 0.0, "", False, "none", "null")
_CHANGES_LEAVES = {
    "reg_alpha": "an L1 penalty shrinks leaves to zero",
    "max_delta_step": "leaves are clipped",
    "monotone_constraints": "monotone constraints clip leaves",
    "path_smooth": "leaves are drawn towards their parents",
    "linear_tree": "leaves are linear functions",
    "reg_sqrt": "the label's root is fitted",
    "is_unbalance": "rows are weighted by class",
}


def why_not_a_smoother(header: Header) -> str | None:
    """Return why predictions are no weighted means of labels at fixed splits; None where they are, as far as seen."""
    if header.booster in ("dart", "rf", "gblinear", "goss"):
        return f"booster {header.booster!r} rescales, averages or samples its trees by rules of its own"
    if header.start_round:
        return f"the training continued a booster of {header.start_round} rounds, whose start is not recorded"
    for name, reason in _CHANGES_LEAVES.items():
        value = header.params.get(name)
        if value not in _OFF and _is_on(value):
            return f"{name}={value}: {reason}"
    if header.params.get("scale_pos_weight") not in (*_OFF, 1, 1.0):
        return f"scale_pos_weight={header.params['scale_pos_weight']}: rows are weighted by class"
    if header.params.get("data_sample_strategy") == "goss":
        return "data_sample_strategy='goss': rows are sampled by their gradients"
    return None


def why_not_these_trees(table: TreeTable) -> str | None:
    """Return why the trees themselves are not the plain kind; None where they are."""
    if table.linear:
        return "leaves are linear functions"
    if table.leaf_vectors is not None:
        return "leaves are vectors"
    if table.library == "lightgbm" and table.categories:
        return "LightGBM's categorical splits have a penalty of their own (cat_l2)"
    if bool((table.weight != 1.0).any()):
        return "trees are weighted"
    return None


def _is_on(value: Any) -> bool:
    """Return whether constraints constrain anything; of other values, that they are given."""
    if isinstance(value, str):
        return any(part.strip(" ()[]") not in ("", "0") for part in value.split(","))
    return bool(np.any(np.asarray(list(value.values()) if isinstance(value, dict) else value)))

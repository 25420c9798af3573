"""What forbids splits."""

from __future__ import annotations

import numpy as np

from treedebug.core.findings import Change
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change, setting, training_rows
from treedebug.signals.trees.tree_shape import TreeShape


def blocker(header: Header, shape: TreeShape) -> tuple[str, tuple[Change, ...]]:
    """The parameter that most likely forbids the splits, and what to set instead."""
    known = shape.root_hessian[np.isfinite(shape.root_hessian)]
    mass = float(known[-1]) if len(known) else None
    weight, rows = setting(header, "min_child_weight"), setting(header, "min_child_samples")
    n_rows = training_rows(header)
    if weight is not None and mass is not None and weight * 2 > mass:
        better = change(header, "min_child_weight", 1 if header.library == "xgboost" else 0.001, "allow splits again")
        return f"{better.parameter}={figure(weight)} wants more than the root's hessian, {figure(mass)}", (better,)
    if rows is not None and n_rows is not None and rows * 2 > n_rows:
        better = change(header, "min_child_samples", 20, "allow splits again")
        return f"{better.parameter}={figure(rows)} wants more than half of the {n_rows} rows in each leaf", (better,)
    for name in ("gamma", "min_split_gain"):
        least = setting(header, name)
        if least:
            better = change(header, name, 0, "allow splits with less gain")
            return f"no split gains {better.parameter}={figure(least)}", (better,)
    likely = {"min_child_weight": weight, "min_child_samples": rows, "reg_alpha": setting(header, "reg_alpha")}
    usual = {"min_child_weight": 1.0, "min_child_samples": 20.0, "reg_alpha": 0.0}
    for name, value in likely.items():
        if value is not None and value > usual[name]:
            better = change(header, name, int(usual[name]), "the library's default allows more splits")
            return f"most likely {better.parameter}={figure(value)} forbids them", (better,)
    return "no split had any gain left (or the features are constant)", ()

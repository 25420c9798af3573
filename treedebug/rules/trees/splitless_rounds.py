"""TR203 splitless-rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.changes import LOWER, SAME, Effect
from treedebug.core.findings import FACT, Change, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, setting, training_rows
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.trees.tree_shape import TreeShape

_SMALLER = Effect(SAME, LOWER, LOWER)


@dataclass(frozen=True, kw_only=True)
class SplitlessRounds(Rule):
    """Rounds add no split: root-only trees, or no tree at all.

    ## What it does
    Fires when `min_share` of the rounds, and at least `min_rounds`, split nothing, or when none of a finished
    model does. XGBoost adds a root-only tree in
    such a round, LightGBM none. Names the parameter that most likely forbids the splits. If the predictions have
    become certain (hessian mass under `certain` of what it was), nothing is wrong but the number of rounds: info.
    ## Why is this bad
    Such rounds cost time and change nothing, and a model that cannot split cannot learn.
    ## When to ignore it
    The score is as good as it can get, and a few rounds too many cost you nothing.
    """

    code = "TR203"
    name = "splitless-rounds"
    basis = FACT
    explains: ClassVar[tuple[str, ...]] = (
        "CV103", "CV104", "CV106", "CV107", "HP513", "CL403", "CL405", "DA622", "FT301", "FT302", "FT304",
        "TR202", "TR204",
    )  # fmt: skip

    min_share: float = param(0.05, "share of the rounds without a split", ge=0.0, le=1.0)
    min_rounds: int = param(5, "rounds without a split", ge=1, le=1_000_000)
    certain: float = param(0.2, "hessian mass of the last root as a share of the largest", ge=0.0, le=1.0)

    def check(self, shape: TreeShape, header: Header, ending: Ending) -> Iterator[Finding]:
        """Count the rounds without a split and look for what forbids them."""
        count, total = shape.n_splitless, len(shape.splitless)
        constant = ending.final and count == total  # a finished model of no split at all, however few its rounds
        if (count < self.min_rounds and not constant) or shape.share_splitless < self.min_share:
            return
        first = int(shape.rounds[int(shape.splitless.argmax())])
        certain = shape.hessian_left <= self.certain
        why, changes = ("the predictions are already certain", ()) if certain else _blocker(header, shape)
        split = np.flatnonzero(~shape.splitless)
        if certain and len(split):
            last = int(shape.rounds[split[-1]]) + 1
            changes = (change(header, "n_estimators", last, "no tree splits later", effect=_SMALLER),)
        told = f"{count} of {total} rounds ({percent(count / total)}) split nothing, the first in round {first}: {why}"
        if certain and count == int(shape.rounds[-1]) - first + 1:
            told = f"from round {first} on no tree splits: the training rows are fitted perfectly"
        yield self.finding(
            told,
            severity=Severity.INFO if certain else Severity.WARNING,
            rounds=(first, int(shape.rounds[-1])),
            try_next=changes,
            n_splitless=count,
            share=count / total,
            first_round=first,
            hessian_left=shape.hessian_left,
        )


def _blocker(header: Header, shape: TreeShape) -> tuple[str, tuple[Change, ...]]:
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

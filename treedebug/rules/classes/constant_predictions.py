"""CL405 constant-predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.findings import FACT, Change, Finding, Severity
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, setting
from treedebug.signals.classes.class_balance import Predictions
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.trees.tree_shape import TreeShape

_USUAL = {"min_child_weight": 1, "min_child_samples": 20, "gamma": 0, "min_split_gain": 0, "reg_alpha": 0}


@dataclass(frozen=True, kw_only=True)
class ConstantPredictions(Rule):
    """Every row gets the same prediction.

    ## What it does
    Fires when, in the last `looks` class records, all rows are called one class although the labels have two or
    more, and something proves that their scores are equal too: no tree has a split, or the AUC is exactly 0.5, or
    the mean probability has not moved by `max_move` in all these records.
    ## Why is this bad
    The model has learned nothing but the class shares: a constant would do.
    ## When to ignore it
    Never: at most, you meant to test the pipeline with a model that cannot learn.
    """

    code = "CL405"
    name = "constant-predictions"
    basis = FACT
    severity = Severity.ERROR

    looks: int = param(5, "class records in a row that show it", ge=2, le=1000)
    max_move: float = param(1e-7, "movement of the mean probability over these records", ge=0.0, le=1.0)

    def check(self, seen: Predictions, log: EvalLog, header: Header, shape: TreeShape | None) -> Iterator[Finding]:
        """Look for one predicted class, then for the proof."""
        recent = seen.recent(self.looks)
        called = [np.flatnonzero(r.confusion.sum(axis=0)) for r in recent]
        has_two = int((recent[-1].confusion.sum(axis=1) > 0).sum()) >= 2
        if len(recent) < self.looks or not has_two or any(len(c) != 1 for c in called):
            return
        proof = self._proof(seen, log, shape)
        if not proof:
            return
        only, last = int(called[-1][0]), seen.last
        yield self.finding(
            f"all {last.n_rows} rows of {seen.dataset} get the same prediction, class {only}, {proof}",
            rounds=(recent[0].round_index, last.round_index),
            subject=seen.dataset,
            try_next=_unblock(header),
            predicted_class=only,
            proof=proof,
        )

    def _proof(self, seen: Predictions, log: EvalLog, shape: TreeShape | None) -> str:
        if shape is not None and shape.share_splitless == 1.0:
            return "since no tree has a split"
        for name in (m for d, m in log.keys() if d == seen.dataset and base_name(m) == "auc"):
            values = log.series(seen.dataset, name).values
            if len(values) and (values[-self.looks :] == 0.5).all():  # exactly that of a constant
                return "with an AUC of exactly 0.5"
        means = np.array([r.mean_probability for r in seen.recent(self.looks)])
        if np.isfinite(means).all() and float(np.ptp(means, axis=0).max()) <= self.max_move:
            return "and the mean probability has not moved"
        return ""


def _unblock(header: Header) -> tuple[Change, ...]:
    """Back to the library's default for whatever may forbid splits."""
    found = ((name, setting(header, name), usual) for name, usual in _USUAL.items())
    high = [(name, usual) for name, value, usual in found if value is not None and value > usual]
    return tuple(change(header, name, usual, "the library's default allows more splits") for name, usual in high)

"""TR203 splitless-rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.changes import LOWER, SAME, Effect
from treedebug.core.findings import FACT, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.rules.trees._split_blockers import blocker
from treedebug.signals.curves.eval_curves import EvalLoss
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
    become certain (hessian mass under `certain` of what it was), or the training loss is nearly gone (`fitted` of
    where it began), nothing is wrong but the number of rounds: info.
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

    fitted: float = param(0.02, "training loss left, as a share of the first, at which all is learned", ge=0.0, le=1.0)

    def check(self, shape: TreeShape, header: Header, ending: Ending, loss: EvalLoss | None) -> Iterator[Finding]:
        """Count the rounds without a split and look for what forbids them."""
        count, total = shape.n_splitless, len(shape.splitless)
        constant = ending.final and count == total  # a finished model of no split at all, however few its rounds
        if (count < self.min_rounds and not constant) or shape.share_splitless < self.min_share:
            return
        first = int(shape.rounds[int(shape.splitless.argmax())])
        certain = shape.hessian_left <= self.certain or self._is_fitted(loss)
        why, changes = ("the predictions are already certain", ()) if certain else blocker(header, shape)
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

    def _is_fitted(self, loss: EvalLoss | None) -> bool:
        """Return whether hardly anything of a bounded training loss is left."""
        if loss is None or loss.train is None or loss.perfect is None:
            return False
        return float(loss.train[-1]) - loss.perfect <= self.fitted * (loss.start - loss.perfect)

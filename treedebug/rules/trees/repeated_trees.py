"""TR207 repeated-trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, faster
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.trees.leaf_updates import TreeRepeats


@dataclass(frozen=True, kw_only=True)
class RepeatedTrees(Rule):
    """Tree after tree is the same.

    ## What it does
    Compares each tree with the one before it of the same class: same splits at the same thresholds, and leaf values
    equal to a thousandth. Fires when `min_share` of the trees repeat the one before. Where no more than `max_left` of
    the validation loss is left there is nothing more to learn, and it is only worth knowing (info).
    ## Why is this bad
    Boosting should learn from what the trees so far got wrong. The same tree again means that the gradients have not
    changed: a custom objective that ignores the predictions, steps too small to matter, or parallel trees of a forest
    that see the same rows and features.
    ## When to ignore it
    The objective has constant gradients by design, such as a ranking or absolute error far from its goal.
    """

    code = "TR207"
    name = "repeated-trees"
    explains: ClassVar[tuple[str, ...]] = ("CV103", "CV104", "CV106")

    min_share: float = param(0.5, "share of the trees that repeat the one before", ge=0.0, le=1.0)
    max_left: float = param(0.05, "validation loss left when there is nothing more to learn", ge=0.0, le=1.0)

    def check(self, repeats: TreeRepeats, header: Header, loss: EvalLoss | None) -> Iterator[Finding]:
        """Count the trees that repeat the one before."""
        share = float(repeats.again.mean())
        if share < self.min_share:
            return
        first = int(repeats.rounds[int(repeats.again.argmax())])
        parallel = bool(repeats.same_round[repeats.again].all())
        yield self.finding(
            f"{percent(share)} of the trees repeat the one before them"
            + (" in the same round: they see the same rows and features" if parallel else f", since round {first}"),
            severity=Severity.INFO if self._done(loss) else Severity.WARNING,
            rounds=(first, int(repeats.rounds[-1])),
            try_next=_different(header, int(repeats.rounds[-1]) + 1, parallel=parallel),
            share=share,
            n_repeated=int(repeats.again.sum()),
            n_trees=len(repeats.again),
            parallel=parallel,
        )

    def _done(self, loss: EvalLoss | None) -> bool:
        """Whether there is nothing more to learn."""
        if loss is None or loss.perfect is None or loss.start <= loss.perfect:
            return False
        return bool(loss.valid[-1] - loss.perfect <= self.max_left * (loss.start - loss.perfect))


def _different(header: Header, n_rounds: int, *, parallel: bool) -> tuple[Change, ...]:
    if parallel:
        return (
            change(header, "subsample", 0.8, "each tree sees other rows"),
            change(header, "colsample_bynode" if header.library == "xgboost" else "feature_fraction_bynode", 0.8),
        )
    return faster(header, n_rounds)

"""CV112 worse-than-constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import reweighted
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.trees.first_trees import FirstTrees

_LOSSES = ("logloss", "binary_logloss", "mlogloss", "multi_logloss", "rmse", "l2", "mse")


@dataclass(frozen=True, kw_only=True)
class WorseThanConstant(Rule):
    """Validation never gains by what the trees learn.

    ## What it does
    Fires where validation was best within the first `max_best` rounds, `patience` or more rounds ago, has not beaten a
    constant prediction by more than `max_gain` of its loss, and is now worse than the constant by `min_rise` of it,
    beyond its own noise. Where the metric is watched on the training data too, CV101 says the same and knows more. And
    where the first tree found so much more than chance that it must help on other rows of the same kind, by
    `min_certainty` standard errors, and validation was best `min_wait` rounds ago with `max_kept` of that or less.
    ## Why is this bad
    What the trees learn is wrong on these rows, as if labels and rows did not belong together, the columns were in
    another order, or the rows came from another source.
    ## When to ignore it
    The features hold nothing about the label, and you know it.
    """

    code = "CV112"
    name = "worse-than-constant"
    explains: ClassVar[tuple[str, ...]] = ("CL402", "CL406", "CV102", "CV111", "FT303", "FT305", "TR206")

    max_best: int = param(3, "first rounds in which validation was best", ge=1, le=100_000)
    patience: int = param(20, "rounds since the best validation round", ge=1, le=100_000)
    max_gain: float = param(0.03, "validation loss removed at best, as a share of a constant's", ge=0.0, le=1.0)
    min_rise: float = param(0.05, "how much worse than a constant, as a share of its loss", ge=0.0, le=1e6)

    min_certainty: float = param(4.0, "standard errors that the first tree's step is worth", ge=0.0, le=1e6)
    min_wait: int = param(5, "rounds since the best, where the first tree promised more", ge=1, le=1000)
    max_kept: float = param(0.2, "share of that promise that validation has kept", ge=0.0, le=1.0)

    def check(self, loss: EvalLoss, header: Header, first: FirstTrees | None) -> Iterator[Finding]:
        """Compare the end of the curve with a constant prediction, and its beginning with the first tree."""
        broken = self._broken(loss, header, first)
        if broken is not None:
            yield broken
            return
        constant, perfect = loss.baseline, loss.perfect
        if loss.train is not None or constant is None or perfect is None or reweighted(header):
            return
        last, gain = float(loss.valid[loss.best]) + loss.rise, loss.learned or 0.0
        if loss.best >= self.max_best or loss.wait < self.patience or gain > self.max_gain:
            return
        if last - constant < self.min_rise * (constant - perfect) or loss.rise <= 2.0 * loss.drift(loss.wait):
            return
        yield self.finding(
            f"{loss.metric} on {loss.dataset} was best in round {loss.best_round} and is {figure(loss.last_value)} at "
            f"the end, worse than a constant prediction's {figure(loss.shown(constant))}: what the trees learn does "
            "not hold on these rows",
            rounds=(loss.best_round, loss.last_round),
            try_next=(_ask(loss.dataset),),
            best_round=loss.best_round, wait=loss.wait, best_value=loss.shown(float(loss.valid[loss.best])),
            last_value=loss.last_value, constant=loss.shown(constant), noise=loss.noise,
        )  # fmt: skip

    def _broken(self, loss: EvalLoss, header: Header, first: FirstTrees | None) -> Finding | None:
        """Return a finding where validation does not keep what the first tree promises."""
        n_valid = int(header.data.get(loss.dataset, {}).get("n_rows") or 0)
        if first is None or base_name(loss.metric) not in _LOSSES or loss.learned is None or not n_valid:
            return None
        promised = first.by(len(loss.valid))
        if promised <= 0 or first.certainty(n_valid) < self.min_certainty:
            return None
        if loss.best >= self.max_best or loss.wait < self.min_wait or loss.learned > self.max_kept * promised:
            return None
        return self.finding(
            f"what the first tree finds should take {percent(promised)} off the loss of a constant prediction in "
            f"{len(loss.valid)} rounds, and {loss.metric} on {loss.dataset} has gained "
            f"{percent(loss.learned) if loss.learned > 0 else 'nothing'}: what the trees learn does not hold on these "
            "rows, as if their labels were those of other rows",
            subject=loss.dataset,
            rounds=(loss.best_round, loss.last_round),
            explains=(*self.explains, "CV101", "CV103", "CV104", "CV106", "CV107"),
            try_next=(_ask(loss.dataset),),
            best_round=loss.best_round, promised=promised, learned=loss.learned, certainty=first.certainty(n_valid),
        )  # fmt: skip


def _ask(dataset: str) -> Change:
    return question(f"Do rows, labels and columns of {dataset} belong together, as those of the training data do?")

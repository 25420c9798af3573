"""CV108 validating-on-training-data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import figure, listed, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import setting
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.gain_transfer import Transfer
from treedebug.signals.curves.identical_curves import CurvePairs, Twin
from treedebug.signals.trees.tree_shape import TreeShape

_SPLIT = (question("Which rows, with no copy in the training data, can be kept to validate on?"),)


@dataclass(frozen=True, kw_only=True)
class ValidatingOnTrainingData(Rule):
    """Validation gives the training curve.

    ## What it does
    Compares every two datasets. Fires when all metrics they share agree in every round to `tolerance` of their
    values, over `min_rounds` rounds or more, and at least one of them took `min_values` different values. An error if
    one of the two is the training data; info for two validation sets. A warning where validation is not the same but
    never strays `max_gap` of a constant prediction's loss from training (more by chance, if both end alike), although
    the trees have `min_leaves` leaves for each training row and the loss fell to `max_left` so slowly (`min_steps`)
    that rows must have been learned by heart: then most validation rows stand in the training data. A smaller overlap
    looks like an easy task; compare the rows themselves to find it.
    ## Why is this bad
    The score is the training score: it says nothing about new data, overfitting cannot be seen, and early stopping
    never stops.
    ## When to ignore it
    You watch the same rows twice on purpose.
    """

    code = "CV108"
    name = "validating-on-training-data"
    basis = SUSPICION
    severity: ClassVar[Severity] = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = ("CV106", "CV109")

    tolerance: float = param(1e-6, "difference allowed, as a share of the value", ge=0.0, le=0.1)
    min_rounds: int = param(10, "rounds in which the curves agree", ge=2, le=100_000)
    min_values: int = param(5, "different values in a curve, for its agreement to mean anything", ge=2, le=100_000)
    max_gap: float = param(0.01, "farthest that both curves are apart, as a share of a constant's loss", ge=0.0, le=1.0)
    min_leaves: float = param(1.0, "leaves so far for each training row", ge=0.0, le=1e6)
    max_left: float = param(0.3, "training loss that is left, as a share of a constant's", ge=0.0, le=1.0)
    min_steps: float = param(1.5, "rounds times learning rate to get there; a leak takes 1", ge=0.0, le=1000.0)

    def check(
        self, twins: CurvePairs, loss: EvalLoss | None, transfer: Transfer | None, shape: TreeShape | None,
        header: Header,
    ) -> Iterator[Finding]:  # fmt: skip
        """Compare the curves of every two datasets; then how closely validation follows training."""
        same = [t for t in twins.pairs if t.difference <= self.tolerance and len(t.curve.rounds) >= self.min_rounds]
        same = [t for t in same if t.n_values >= self.min_values]
        yield from map(self._twins, same)
        if header.booster == "dart":  # its dropped trees hold both curves up alike
            return
        if same or loss is None or transfer is None or shape is None:
            return
        n_rows = next((d.get("n_rows") or 0 for d in header.data.values() if d.get("is_training")), 0)
        at, rate = transfer.reached(self.max_left), setting(header, "learning_rate") or 0.0
        leaves = float(shape.n_leaves.sum()) / max(n_rows, 1) if n_rows else 0.0
        if at is None or not transfer.follows(at, self.max_gap):
            return
        if not transfer.bounded or rate * (at + 1) < self.min_steps or leaves < self.min_leaves:
            return
        yield self._follows(loss, transfer, leaves)

    def _twins(self, twin: Twin) -> Finding:
        one, other = twin.datasets
        return self.finding(
            f"{one} and {other} give the same {listed(list(twin.metrics))} in all {len(twin.curve.rounds)} rounds "
            f"({figure(float(twin.curve.values[-1]))} in the last): they hold the same rows",
            subject=f"{one} = {other}",
            severity=self.severity if twin.holds_training else Severity.INFO,
            rounds=(int(twin.curve.rounds[0]), int(twin.curve.rounds[-1])),
            try_next=_SPLIT, datasets=[one, other], metrics=list(twin.metrics), n_rounds=len(twin.curve.rounds),
        )  # fmt: skip

    def _follows(self, loss: EvalLoss, transfer: Transfer, leaves: float) -> Finding:
        return self.finding(
            f"{loss.metric} on {loss.dataset} stays within {percent(transfer.gap)} of the training loss in all "
            f"{len(loss.rounds)} rounds, though {figure(leaves)} leaves for each training row can learn it by heart: "
            f"most rows of {loss.dataset} stand in the training data",
            subject=loss.dataset,
            severity=Severity.WARNING,
            rounds=(int(loss.rounds[0]), loss.last_round),
            try_next=_SPLIT, gap=transfer.gap, left=float(transfer.train[-1]), leaves_per_row=leaves,
        )  # fmt: skip

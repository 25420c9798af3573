"""Which candidate is taken: the smallest that validation finds no worse than the model cut at its best round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from treedebug.cure.row_losses import RowLoss
from treedebug.cure.slim.candidates import Floats, Judge, SlimCandidate, boosted, cuts, margins_of
from treedebug.cure.slim.reboost import Boosting, Rows
from treedebug.cure.slim.structure import Structure

LUCK = 0.25
"""Standard errors by which a candidate must be ahead, for the best of many on one validation set was lucky, too.

Chosen on the design half of benchmarks/cure.py: 0 left one run in twenty worse beyond two standard errors."""
KEPT_GAIN = 1 / 3
"""Share of the best candidate's gain that a smaller one must keep: the smallest is chosen of what is ahead, not of what
is just not behind.

Where 11 % of XGBoost's models of the design half were worse by over a standard error without it, 7 % were with a half.
A half left them larger than was promised on the report half: a third is of that second look."""
PENALTIES = (1.0, 5.0)
"""L2 penalties tried beside the model's own."""


@dataclass(frozen=True)
class Choice:
    """What was looked at, and what was taken."""

    full: SlimCandidate
    """The model as it is."""
    stopped: SlimCandidate
    """The model cut at its best round on the validation rows: as early stopping would have left it."""
    chosen: SlimCandidate
    judge: Judge
    n_candidates: int

    @property
    def method(self) -> str:
        """What was done, in words."""
        b = self.chosen.boosting
        if b is None:
            return f"cut after round {self.chosen.n_rounds - 1}"
        dropped = f", splits that gain less than {b.least_gain:.3g} dropped" if b.least_gain else ""
        return f"leaves boosted anew over {self.chosen.n_rounds} rounds with an L2 penalty of {b.penalty:g}{dropped}"


def choose(  # noqa: PLR0913 - the model, the rows, and how much worse it may be
    structure: Structure,
    boosting: Boosting,
    loss: RowLoss,
    *,
    rows: Rows | None,
    valid: Rows,
    tolerance: float,
    penalties: Sequence[float] = PENALTIES,
    reference: Floats | None = None,
    luck: float = LUCK,
    kept_gain: float = KEPT_GAIN,
) -> Choice:
    """Look at all candidates; `rows` teach (None: nothing is boosted anew), `valid` rows judge.

    `tolerance` is in standard errors of the paired difference from the model cut at its best round, or from the
    `reference` losses (n_valid,) of another model. Who tolerates nothing wants `kept_gain` of the best one's gain, too.
    """
    judge = _judge(structure, boosting, loss, valid, reference)
    trimmed = cuts(structure, judge, boosting_start(boosting, structure), averaged=boosting.averaged)
    stopped = min(trimmed, key=lambda c: c.loss)
    found = list(trimmed)
    if rows is not None:
        tried = sorted({boosting.penalty, *penalties})
        found += boosted(structure, judge, rows, boosting, tried)
    limit = tolerance - luck
    fit = [c for c in found if c.n_leaves < stopped.n_leaves and c.is_no_worse(limit)]
    if tolerance <= 0:
        least = kept_gain * min((c.difference for c in fit), default=0.0)
        fit = [c for c in fit if c.difference <= least]
    chosen = min(fit, key=lambda c: (c.n_leaves, c.difference), default=stopped)
    return Choice(trimmed[-1], stopped, chosen, judge, len(found))


def boosting_start(boosting: Boosting, structure: Structure) -> Floats:
    """Return the margin that the model's own trees are added to: LightGBM's hold the start themselves."""
    return np.zeros_like(boosting.start) if structure.table.library == "lightgbm" else boosting.start


def _judge(structure: Structure, boosting: Boosting, loss: RowLoss, valid: Rows, reference: Floats | None) -> Judge:
    if reference is None:
        margins = margins_of(structure, boosting_start(boosting, structure), averaged=boosting.averaged)
        losses = (loss.of(margin, valid.label) for margin in margins)
        reference = min(losses, key=lambda rows: float(valid.weight @ rows))
    return Judge(loss, valid.label, valid.weight, reference)

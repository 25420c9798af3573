"""HP532 unfamiliar-training-rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import training_rows
from treedebug.signals.curves.eval_curves import NEEDS_TRAIN, EvalLoss

_ASKED = "Can one training be made of all rows, old and new? The earlier trees are never fitted again."


@dataclass(frozen=True, kw_only=True)
class UnfamiliarTrainingRows(Rule):
    """Training was continued on rows that the given model has not seen.

    ## What it does
    Looks at a training that goes on from a given model (`xgb_model`, `init_model`) and watches its training data. A
    model has fitted the rows it was trained on: its loss there is lower than on validation rows. Fires if the training
    loss began no lower than the validation loss (but for `max_sigmas` of chance), if it then fell by `min_fall` of
    itself or more, and validation followed by `max_followed` of that at most, over `min_rounds` rounds.
    ## Why is this bad
    No tree of the given model is changed. New ones are added that correct it on the new rows alone, and where these
    are few they learn them by heart: the model forgets, and grows with every part.
    ## When to ignore it
    The new rows are what you predict from now on, and the validation rows are old ones.
    """

    code = "HP532"
    name = "unfamiliar-training-rows"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV104", "CV111", "CV112", "FT303", "FT306", "HP515", "TR201", "TR203", "TR204",
        "TR206", "TR207",
    )  # fmt: skip

    max_sigmas: float = param(1.5, "chance that the training loss may lie below the validation loss", ge=0.0, le=100.0)
    min_fall: float = param(0.2, "share of the training loss that goes", ge=0.0, le=1.0)
    max_followed: float = param(0.1, "of that fall, what validation has fallen", ge=0.0, le=1.0)
    min_rounds: int = param(5, "new rounds there must be", ge=2, le=100_000)

    def check(self, loss: EvalLoss, header: Header) -> Iterator[Finding]:
        """Compare where both curves begin, and where they go."""
        if not header.start_round or "rewritten_rounds" in header.extra:
            raise Missing("the training does not continue an earlier one")
        if loss.train is None or loss.perfect is None:
            raise Missing(NEEDS_TRAIN)
        if len(loss.train) < self.min_rounds:
            return
        began = float(loss.train[0] + max(loss.train[0] - loss.train[1], 0.0)) - loss.perfect
        valid, fell = float(loss.valid[0]) - loss.perfect, float(loss.train[0] - loss.train[-1])
        followed = float(loss.valid[0] - loss.valid[loss.best])
        chance = self.max_sigmas / math.sqrt(2.0 * (training_rows(header) or 50))
        if not valid > 0 or began < (1.0 - chance) * valid or fell < self.min_fall * began:
            return
        if followed > self.max_followed * fell:
            return
        rows, compared = training_rows(header), "far worse" if began > 2.0 * valid else "no better"
        of_rows = "the training rows" if rows is None else f"the {rows} training rows"
        yield self.finding(
            f"training continues {header.start_round} rounds of a given model, and their {loss.metric} on {of_rows} "
            f"began at {figure(loss.shown(float(loss.train[0])))}, {compared} than on {loss.dataset} "
            f"({figure(loss.shown(float(loss.valid[0])))}): these rows are new to the model. The new trees fit them "
            f"alone ({figure(loss.shown(float(loss.train[-1])))}), and {loss.dataset} has gained nothing",
            subject="xgb_model" if header.library == "xgboost" else "init_model",
            rounds=(int(loss.rounds[0]), loss.last_round),
            try_next=(question(_ASKED),),
            start_round=header.start_round,
            train_began=float(loss.train[0]),
            valid_began=float(loss.valid[0]),
        )

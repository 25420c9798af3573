"""HP507 unbalanced-learning-rate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, faster, longer, slower
from treedebug.rules.params._slow_forests import slow_forest
from treedebug.signals.params.parameter_view import Params

_TOO_LOW = (
    "CV103", "CV104", "CV106", "CV107", "CL402", "CL403", "CL404", "CL405", "FT302", "FT303", "FT306", "TR203", "TR204",
    "TR207", "TR210", "DA622",
)  # fmt: skip
_TOO_HIGH = (
    "CV101", "CV102", "CV105", "CV107", "CV110", "CV111", "CL402", "CL403", "CL404", "CL405", "CL406", "FT302", "FT303",
    "FT305", "TR201", "TR203", "TR204", "TR205", "TR206", "TR207", "TR208", "TR210", "DA622",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnbalancedLearningRate(Rule):
    """The learning rate and the number of rounds do not fit each other.

    ## What it does
    A round takes away at most the share `learning_rate` of the error that is left: after n of them, e**(-rate n) is
    left however good the trees are. Fires if rate times rounds is under `min_travel`, or if the rate is `max_rate` or
    more over `min_rounds` rounds or more; and if DART leaves `max_dropped` of the trees out of a round, in the mean:
    what earlier trees learned is then learned again and again. The steps of a Poisson objective count by
    e**-`max_delta_step` (0.7), by which both libraries damp them. gblinear and LightGBM's forests are left alone;
    XGBoost's `num_parallel_tree` too, unless the learning rate shrinks a forest of few rounds.
    ## Why is this bad
    Too low, and training ends far from what it could reach; too high, and a few trees decide everything.
    ## When to ignore it
    You want a rough model, or a schedule changes the rate.
    """

    code = "HP507"
    name = "unbalanced-learning-rate"
    basis = SUSPICION
    explains: ClassVar[tuple[str, ...]] = tuple(sorted({*_TOO_LOW, *_TOO_HIGH}))

    min_travel: float = param(1.5, "learning rate times rounds that training needs at least", ge=0.0, le=1000.0)
    max_rate: float = param(0.7, "learning rate that is too high for boosting", ge=0.0, le=100.0)
    min_rounds: int = param(20, "rounds from which on a high rate matters", ge=1, le=1_000_000)
    max_dropped: float = param(0.4, "share of the trees that DART leaves out of a round", ge=0.0, le=1.0)

    def check(self, params: Params, header: Header) -> Iterator[Finding]:
        """Multiply the two."""
        rate, rounds = params.numeric("learning_rate"), header.planned_rounds
        if dropping := params.dropped >= self.max_dropped:
            yield self._dropping(params, header)
        if not dropping and (rate is None or rounds is None):
            raise Missing("the learning rate or the planned number of rounds is not known")
        if rate is None or rounds is None or not params.grows_trees or not rate > 0 or rounds < 1:
            return
        if params.is_forest:
            yield from (self.finding(m, try_next=c, explains=_TOO_LOW, kind="forest", learning_rate=rate)
                        for m, c in slow_forest(params, header, rate, rounds, self.min_travel))  # fmt: skip
        if params.is_forest or params.given.get("process_type") == "update":  # rewrites trees, and adds none
            return
        travel = rate * rounds * params.damping
        if travel < self.min_travel and rate < 1.0:  # a rate of 1 leaves nothing of what its tree finds
            yield self._too_low(header, rate, rounds, params.damping)
        elif rate >= self.max_rate and rounds >= self.min_rounds:
            yield self.finding(
                f"a learning rate of {figure(rate)} over {rounds} rounds: such steps overfit in the first trees",
                severity=Severity.ERROR if rate >= 2.0 else Severity.WARNING,  # diverges from there
                try_next=slower(header, 0.1),
                explains=_TOO_HIGH, kind="too high", learning_rate=rate, n_rounds=rounds, travel=travel,
            )  # fmt: skip

    def _too_low(self, header: Header, rate: float, rounds: int, damping: float) -> Finding:
        travel = rate * rounds * damping
        why = "however good the trees are" if damping == 1.0 else "since max_delta_step damps each step of the log link"
        return self.finding(
            f"{rounds} {'round' if rounds == 1 else 'rounds'} at a learning rate of {figure(rate)} leave "
            f"{percent(math.exp(-travel))} of the error standing, {why}",
            try_next=(*faster(header, rounds), *longer(header, header.start_round + math.ceil(5.0 / rate))),
            explains=_TOO_LOW, kind="too low", learning_rate=rate, n_rounds=rounds, travel=travel,
        )  # fmt: skip

    def _dropping(self, params: Params, header: Header) -> Finding:
        name = "drop_rate" if params.library == "lightgbm" else "rate_drop"
        return self.finding(
            f"DART drops {percent(params.dropped)} of the trees in an average round: the next tree learns again what "
            "they knew, and little adds up",
            subject=name,
            try_next=(change(header, name, 0.1, "drops a tree in ten"),),
            kind="dropping",
            dropped=params.dropped,
        )

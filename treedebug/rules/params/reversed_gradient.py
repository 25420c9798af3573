"""HP509 reversed-gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.params.own_objective import OwnObjective


@dataclass(frozen=True, kw_only=True)
class ReversedGradient(Rule):
    """An objective of one's own drives the loss up: its gradient has the wrong sign.

    ## What it does
    Looks, where the objective is a function of the user's own, at the metric on the training data (else on the
    validation data). Fires if it has worsened in `min_share` of the rounds that moved it, `min_rounds` or more, and was
    never better than in the first one; or if it is an AUC of `max_auc` or less. Boosting steps against the gradient, so
    a loss that rises from the first round on is stepped along it: the gradient has to be prediction minus label, not
    label minus prediction.
    ## Why is this bad
    Every round makes the model worse, and more rounds or a lower rate cannot help.
    ## When to ignore it
    The metric is not what your objective is about, and it may well worsen while the objective improves.
    """

    code = "HP509"
    name = "reversed-gradient"
    severity = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV103", "CV104", "CV105", "CV107", "CV109", "CV111", "CL403", "CL404", "CL405", "CL406",
        "CL407", "HP506", "HP510", "TR203", "TR204", "TR205", "TR206",
    )  # fmt: skip

    min_rounds: int = param(5, "rounds that must worsen", ge=2, le=1000)
    max_auc: float = param(0.4, "AUC below which the rows are ranked the wrong way round", ge=0.0, le=0.5)
    min_share: float = param(0.9, "share of the rounds that worsen", ge=0.0, le=1.0)

    def check(self, own: OwnObjective, header: Header) -> Iterator[Finding]:
        """Look whether the loss rises from the first round on."""
        if base_name(own.metric) == "auc" and len(own.loss) >= self.min_rounds and -own.loss[-1] <= self.max_auc:
            yield self._finding(
                f"{own.metric} on {own.dataset} is {figure(-float(own.loss[-1]))}: your own objective ranks the rows "
                "the wrong way round",
                own,
                header,
                n_worse=0,
            )
            return
        step = np.diff(own.loss)
        moved, worse = int((step != 0).sum()), int((step > 0).sum())
        if worse < self.min_rounds or worse < self.min_share * moved or own.loss.argmin() != 0:
            return
        first, last = abs(float(own.loss[0])), abs(float(own.loss[-1]))
        yield self._finding(
            f"{own.metric} on {own.dataset} worsened from the first round on ({figure(first)} to {figure(last)}) under "
            "your own objective",
            own,
            header,
            n_worse=worse,
        )

    def _finding(self, message: str, own: OwnObjective, header: Header, *, n_worse: int) -> Finding:
        several = header.trees_per_round > 1  # of classes, say
        order = " or stands in another order than the predictions (a row of classes for each row)" if several else ""
        return self.finding(
            f"{message}: its gradient most likely has the wrong sign{order}; return the derivative of the loss by the "
            "prediction (for a squared error: prediction - label)",
            rounds=(int(own.rounds[0]), int(own.rounds[-1])),
            subject="gradient",
            first=float(own.loss[0]),
            last=float(own.loss[-1]),
            n_worse=n_worse,
        )

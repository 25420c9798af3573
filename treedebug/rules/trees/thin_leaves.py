"""TR206 thin-leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import Change
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import calmer, guard, harm, loosened, thicker
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.trees.leaf_sizes import LeafSupport


@dataclass(frozen=True, kw_only=True)
class ThinLeaves(Rule):
    """Much of what the trees gain rests on leaves with next to no data behind them.

    ## What it does
    Weighs each leaf by what it does to the loss (hessian mass times squared value). Fires when leaves whose hessian
    mass is worth about `rows` average rows or fewer carry `max_share` of that, each stretch of rounds counting alike:
    info. Where validation has worsened, `harm_share` is enough, and it is a warning.
    ## Why is this bad
    A value estimated from one to four rows is mostly their noise: the model learns them by heart.
    ## When to ignore it
    The labels have no noise, and single rows are worth remembering.
    """

    code = "TR206"
    name = "thin-leaves"
    explains: ClassVar[tuple[str, ...]] = ("CV101", "CV102", "CV107", "CL406", "FT303", "FT305")

    max_share: float = param(0.4, "share of the leaves' effect that rests on thin leaves", ge=0.0, le=1.0)
    harm_share: float = param(0.1, "the same where validation has worsened", ge=0.0, le=1.0)
    rows: float = param(5.0, "average rows that a leaf's hessian is worth", ge=1.0, le=1e6)
    min_rounds: int = param(20, "rounds before the leaves are judged", ge=1, le=100_000)

    def check(self, support: LeafSupport, header: Header, loss: EvalLoss | None, ending: Ending) -> Iterator[Finding]:
        """Add up what rests on thin leaves."""
        share, severity = support.below(self.rows), harm(loss, ending)
        least = self.harm_share if severity is Severity.WARNING else self.max_share
        if support.n_rounds - header.start_round < self.min_rounds or share < least:
            return
        loose = loosened(header)  # then the missing bound on the leaves is what makes the trees so deep
        yield self.finding(
            f"{percent(share)} of what the leaves add to the predictions comes from leaves that hold about "
            f"{self.rows:g} of the {support.n_rows} rows or fewer (by hessian): so few rows teach noise",
            severity=severity,
            try_next=_thicker(header, loss, severity),
            explains=(*self.explains, "TR201", "TR208") if loose else self.explains,
            thin_share=share,
            n_rows=support.n_rows,
        )


def _thicker(header: Header, loss: EvalLoss | None, severity: Severity) -> tuple[Change, ...]:
    """Where validation suffers, what helps most against it, and thicker leaves instead; else these alone."""
    calm = calmer(header, loss) if severity is Severity.WARNING else ()
    stop = guard(header, loss, group="thicker") if header.early_stopping_rounds is None else ()
    return (*calm, *thicker(header, group="thicker"), *stop)

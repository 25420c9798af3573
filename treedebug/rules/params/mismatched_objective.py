"""HP505 mismatched-objective."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.params._objective_mismatches import Limits, of_labels, of_metric
from treedebug.rules.params._objective_outputs import of_inputs, of_outputs
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.watched_sets import WatchedSets


@dataclass(frozen=True, kw_only=True)
class MismatchedObjective(Rule):
    """The objective does not fit the labels, or the metric does not fit the objective.

    ## What it does
    Compares the objective with the summary of the training labels: squared error on labels that are 0 and 1, or on a
    few whole numbers from 0 (`max_classes`; only info where they have a tail as counts do, `min_tail`); a
    classification whose labels hold one class only, or but for fewer than `min_rows` rows, or lack a class that
    validation has or `num_class` promises, or have less than `starved` of it; more than `max_classes` classes of under
    `few_per_class` rows whose neighbours have alike many (`min_likeness`), as an amount has; labels that are missing,
    or 0 in a part of the rows while all others lie `min_tail` deviations and more above it, or outside what the
    objective takes; a variance power of Tweedie's that is not between 1 and 2; labels so far from zero that float32
    keeps less than `min_digits` digits of their differences; grades of a ranking so high that a gain of 2^grade drowns
    all others; a median or quantile that half of all labels are equal to (unless `max_learned` of the validation loss
    is gone); flags of 0 and 1 where survival:cox takes times, survival:aft without bounds; grades below 0 or with a
    fraction. And the metric with the objective: a log loss or an error rate on a regression, raw scores of
    binary:logitraw or classes of binary:hinge in place of probabilities.
    ## Why is this bad
    The training runs without a word, and optimizes something else than what is wanted.
    ## When to ignore it
    You fit probabilities by squared error on purpose, or the few whole numbers are amounts.
    """

    code = "HP505"
    name = "mismatched-objective"
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV105", "CL407", "HP513", "CL402", "CL403", "CL404", "CL405", "CL406", "CV103",
        "CV104", "CV107", "CV109",
        "TR203", "TR204", "FT301", "FT304", "DA622",
    )  # fmt: skip

    max_classes: int = param(20, "distinct whole labels that look like classes", ge=2, le=1000)
    min_rows: int = param(10, "rows outside the largest class, or of a class in validation", ge=1, le=1_000_000)
    starved: float = param(0.1, "share of a class in training, over its share in validation", ge=0.0, le=1.0)
    min_tail: float = param(3.0, "standard deviations from the mean to the largest count", ge=0.0, le=1e6)
    min_digits: float = param(2.0, "decimal digits of the labels' spread that float32 must keep", ge=0.0, le=7.0)

    few_per_class: float = param(
        30.0, "rows of the middle class where many classes look like an amount", ge=0.0, le=1e9
    )
    min_likeness: float = param(0.6, "correlation of the rows of neighbouring classes", ge=-1.0, le=1.0)

    max_learned: float = param(
        0.1, "validation loss removed, from which on many equal labels do no harm", ge=0.0, le=1.0
    )

    def check(self, params: Params, header: Header, guard: WatchedSets, loss: EvalLoss | None) -> Iterator[Finding]:
        """Compare objective, labels and metric."""
        limits = Limits(
            max_classes=self.max_classes,
            min_tail=self.min_tail,
            min_digits=self.min_digits,
            min_rows=self.min_rows,
            starved=self.starved,
            few_per_class=self.few_per_class,
            min_likeness=self.min_likeness,
        )
        misfits = [*of_labels(params, header, limits), *of_inputs(params, header), *of_outputs(params, guard)]
        misfits += of_metric(params, guard)
        learns = loss is not None and (loss.learned or 0.0) > self.max_learned
        for kind, message, severity, objective in misfits:
            if kind == "atom" and learns:
                continue
            empty = kind in ("one class", "constant label")  # then there is no hessian to speak of either
            yield self.finding(
                message,
                subject=kind,
                severity=severity,
                explains=(*self.explains, "HP506") if empty else self.explains,
                try_next=(Change("objective", objective, "fits these labels"),) if objective else (),
                kind=kind,
                objective=params.objective,
            )

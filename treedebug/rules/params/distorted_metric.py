"""HP508 distorted-metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.curves.metric_facts import base_name
from treedebug.signals.params.class_weighting import ClassWeighting
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.watched_sets import WatchedSets

_PROBABILITY = ("logloss", "binary_logloss", "mlogloss", "multi_logloss", "cross_entropy", "rmse", "l2", "mae", "l1")


_ASKED = (
    "Do you need a ranking or probabilities? For a ranking watch {name}={by_rank!r}, which does not mind the weights; "
    "for probabilities choose a threshold on the validation rows instead of weights."
)


@dataclass(frozen=True, kw_only=True)
class DistortedMetric(Rule):
    """Weights pull the predictions one way, and the metric judges them by another.

    ## What it does
    Fires if the positive class is weighed up (or down) by `min_factor` or more, with `scale_pos_weight`,
    `is_unbalance` or sample weights that the validation data does not share, while the metric that decides judges
    probabilities against the plain label shares (log loss, rmse). A warning if early stopping goes by it, else info.
    And if the training rows start from a `base_margin` or `init_score`, and those of a validation set do not.
    ## Why is this bad
    The model is asked to overstate the rare class and marked down for doing so: the metric worsens from the first
    rounds on, and early stopping cuts a model that had hardly begun.
    ## When to ignore it
    You choose the round by another metric, and only look at this one.
    """

    code = "HP508"
    name = "distorted-metric"
    explains: ClassVar[tuple[str, ...]] = (
        "CL403", "CL404", "CL405", "CL406", "CV101", "CV102", "CV103", "CV105", "CV107", "CV111", "FT303", "FT306",
        "TR203", "DA622",
    )  # fmt: skip

    min_factor: float = param(2.0, "factor between the weights of the two classes", ge=1.0, le=1e9)

    def check(
        self, params: Params, guard: WatchedSets, header: Header, weighting: ClassWeighting | None
    ) -> Iterator[Finding]:
        """Compare the weights in training with the metric that decides, and the starts of the rows."""
        yield from self._starts(params, header, guard)
        if weighting is None or base_name(guard.metric) not in _PROBABILITY or not guard.validation:
            return
        factor, how = weighting.factor, weighting.how
        if weighting.shared_by(header, guard.decides) or not factor > 0:
            return
        if factor < self.min_factor and factor > 1.0 / self.min_factor:
            return
        by_rank = "average_precision" if params.library == "lightgbm" else "aucpr"
        name = "metric" if params.library == "lightgbm" else "eval_metric"
        stops = " and early stopping goes by it" if guard.patience else ""
        yield self.finding(
            f"{how} weigh{'' if weighting.of_rows else 's'} the positive class {figure(factor)} times, but "
            f"{guard.metric} on {guard.validation[-1]} does not: it punishes the probabilities that training aims at"
            f"{stops}",
            severity=Severity.WARNING if guard.patience else Severity.INFO,
            subject=guard.metric,
            try_next=(question(_ASKED.format(name=name, by_rank=by_rank)),),
            factor=factor,
            metric=guard.metric,
        )

    def _starts(self, params: Params, header: Header, guard: WatchedSets) -> Iterator[Finding]:
        started = any(facts.get("starts_given") for facts in header.data.values() if facts.get("is_training"))
        plain = [name for name in guard.validation if not header.data[name].get("starts_given")]
        if started and plain:
            what = "init_score" if params.library == "lightgbm" else "base_margin"
            yield self.finding(
                f"the training rows start from their {what}, and those of {plain[0]} have none: its metric judges "
                f"another model than the one that is trained",
                subject=f"{what} of {plain[0]}",
                try_next=(question(f"Give {plain[0]} its own {what}, as the training data has."),),
                dataset=plain[0],
            )

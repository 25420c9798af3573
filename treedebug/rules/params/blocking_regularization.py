"""HP506 blocking-regularization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.params._split_limits import (
    Limit,
    of_columns,
    of_constraints,
    of_directions,
    of_interactions,
    of_limits,
    of_sampling,
)
from treedebug.signals.features.dominance import Dominance
from treedebug.signals.params.monotone_constraints import ConstraintDirections, ConstraintUse
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.split_scale import TrainingScale


@dataclass(frozen=True, kw_only=True)
class BlockingRegularization(Rule):
    """A regularization parameter forbids nearly every split at this data size.

    ## What it does
    Works out how much a tree has to split: its hessian mass, that of the largest recorded root, or before there is one
    from the labels and the objective at the base score the library starts from (at most 0.25 a row for a binary
    objective); its rows, the largest gain and gradient. "No split is possible" is withdrawn once a tree splits. Fires
    where `min_child_weight` asks for `max_leaf_share` of the mass in every leaf, or `min_data_in_leaf` for
    `max_row_share` of the rows, or for over two fifths of the mass of a rare class, where `gamma` or
    `min_gain_to_split` asks for `max_gain_share` of all the gain there is, `reg_alpha` for `max_gradient_share` of the
    gradient, where `reg_lambda` is `max_lambda` times the mass, and where a tree is drawn fewer than `min_drawn` rows,
    or, where that is half or less of them, fewer than `min_left` columns. And where a monotone constraint points
    against the data (known with `data=`), where a feature under one is split less than `min_use` of the average free
    feature, or all are under one and less than `min_gone` of the validation loss is gone, or that little under
    interaction constraints. An error where no split is possible.
    ## Why is this bad
    The trees stay stumps or roots, and more rounds do not help.
    ## When to ignore it
    You want stumps, or the limits are what the task asks for.
    """

    code = "HP506"
    name = "blocking-regularization"
    explains: ClassVar[tuple[str, ...]] = (
        "TR202", "TR203", "TR204", "CV102", "CV103", "CV104", "CV106", "CV107", "HP513", "CL403", "CL404", "CL405",
        "FT301", "FT302", "FT303", "FT304", "FT306", "CV101", "DA622",
    )  # fmt: skip

    max_leaf_share: float = param(0.15, "share of the hessian that a leaf must hold", ge=0.0, le=1.0)
    max_row_share: float = param(0.25, "share of the rows that a leaf must hold", ge=0.0, le=1.0)
    max_gain_share: float = param(0.1, "share of the largest possible gain that a split must bring", ge=0.0, le=1.0)
    max_gradient_share: float = param(0.5, "share of the largest gradient that is taken away", ge=0.0, le=1.0)
    max_lambda: float = param(1.0, "reg_lambda over the hessian of all rows", ge=0.0, le=1e6)
    min_drawn: int = param(50, "rows that a tree must be drawn", ge=0, le=1_000_000)
    min_left: int = param(3, "columns that a tree must be left", ge=1, le=1_000_000)

    min_use: float = param(0.25, "splits on a constrained feature, as a multiple of a free one's", ge=0.0, le=1.0)
    min_gone: float = param(0.05, "share of the validation loss that is gone under constraints", ge=0.0, le=1.0)

    min_against: float = param(0.1, "rank correlation with the label against a constraint", ge=0.0, le=1.0)
    min_errors: float = param(4.0, "standard errors that it must be off zero", ge=0.0, le=100.0)

    def check(  # noqa: PLR0913, PLR0917 - what the trees show of constraints, and what the data do
        self, scale: TrainingScale, params: Params, header: Header, monotone: ConstraintUse | None,
        directions: ConstraintDirections | None, top: Dominance | None,
    ) -> Iterator[Finding]:  # fmt: skip
        """Compare each limit with what there is."""
        if not params.grows_trees:
            return
        blockers = [*of_limits(self._limits(scale, params), scale, params, header)]
        blockers += of_sampling(scale, params, header, self.min_drawn)
        blockers += [*of_columns(params, header, self.min_left), *of_interactions(params, top, self.min_gone)]
        if monotone is not None:
            blockers += of_constraints(monotone, header, self.min_use, self.min_gone)
        if directions is not None:
            blockers += of_directions(directions, self.min_against, self.min_errors)
        for b in blockers:
            yield self.finding(b.message, subject=b.subject, severity=b.severity, try_next=b.changes, **b.evidence)

    def _limits(self, scale: TrainingScale, params: Params) -> Iterator[Limit]:
        def limit(name: str, usual: float, whole: float | None, what: str, bound: float) -> Limit:
            return Limit(name=name, usual=usual, whole=whole or 0.0, what=what, bound=bound)

        hessian, lightgbm = "the hessian of all rows", params.library == "lightgbm"
        gain = "min_split_gain" if lightgbm else "gamma"
        yield limit("min_child_weight", 1e-3 if lightgbm else 1.0, scale.mass, hessian, self.max_leaf_share)
        if lightgbm:
            yield limit("min_child_samples", 20.0, scale.drawn, "the rows of a tree", self.max_row_share)
        yield limit(gain, 0.0, scale.max_gain, "the largest gain possible", self.max_gain_share)
        yield limit("reg_alpha", 0.0, scale.max_gradient, "the largest gradient possible", self.max_gradient_share)
        yield limit("reg_lambda", 1.0, scale.mass, hessian, self.max_lambda)

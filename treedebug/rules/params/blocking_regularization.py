"""HP506 blocking-regularization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding, Severity
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, figure, percent, round_to
from treedebug.signals.params import Params
from treedebug.signals.scale import TrainingScale


@dataclass(frozen=True, kw_only=True)
class BlockingRegularization(Rule):
    """A regularization parameter forbids nearly every split at this data size.

    ## What it does
    Works out, from the number of training rows, the labels and the objective, how much a first tree has to split: its
    hessian mass (at most 0.25 a row for a binary objective), its rows, the largest gain and gradient. Fires where
    `min_child_weight` or `min_data_in_leaf` asks for `max_leaf_share` of it in every leaf, where `gamma` or
    `min_gain_to_split` asks for `max_gain_share` of all the gain there is, `reg_alpha` for `max_gradient_share` of
    the gradient, where `reg_lambda` is `max_lambda` times the mass, and where a tree is drawn fewer than `min_drawn`
    rows. An error where no split at all is possible.
    ## Why is this bad
    The trees stay stumps or roots, and more rounds do not help.
    ## When to ignore it
    You want stumps, and say so with a parameter that others will not read twice.
    """

    code = "HP506"
    name = "blocking-regularization"
    preview = True
    explains: ClassVar[tuple[str, ...]] = (
        "TR202", "TR203", "TR204", "CV103", "CV104", "CV106", "CL403", "CL405", "FT304",
    )  # fmt: skip

    max_leaf_share: float = param(0.15, "share of the rows or of the hessian that a leaf must hold", ge=0.0, le=1.0)
    max_gain_share: float = param(0.1, "share of the largest possible gain that a split must bring", ge=0.0, le=1.0)
    max_gradient_share: float = param(0.5, "share of the largest gradient that is taken away", ge=0.0, le=1.0)
    max_lambda: float = param(1.0, "reg_lambda over the hessian of all rows", ge=0.0, le=1e6)
    min_drawn: int = param(50, "rows that a tree must be drawn", ge=0, le=1_000_000)

    def check(self, scale: TrainingScale, params: Params, header: Header) -> Iterator[Finding]:
        """Compare each limit with what there is."""
        if not params.grows_trees:
            return
        for name, limit, whole, what, bound in self._limits(scale, params):
            value = params.numeric(name)
            if value is None or not whole > 0 or value <= 0 or value < bound * whole:
                continue
            is_leaf = name.startswith("min_child")
            never = value > (0.5 if is_leaf else 1.0) * whole and name != "reg_lambda"
            better = change(header, name, _mild(name, limit, whole), "leaves room for splits")
            yield self.finding(
                f"{better.parameter}={figure(value)} is {percent(value / whole)} of {what}, {figure(whole)}: "
                + ("no split is possible" if never else "hardly a split is possible"),
                severity=Severity.ERROR if never else Severity.WARNING,
                subject=name,
                try_next=(better,),
                value=value,
                available=whole,
                share=value / whole,
            )
        if params.sampled < 1.0 and scale.drawn < self.min_drawn:
            share = change(header, "subsample", min(1.0, round_to(self.min_drawn * 4 / scale.n_rows)), "more rows")
            yield self.finding(
                f"{share.parameter}={figure(params.sampled)} draws {scale.drawn:.0f} of {scale.n_rows} rows for a tree",
                subject="subsample",
                try_next=(share,),
                value=params.sampled,
                available=scale.drawn,
            )

    def _limits(self, scale: TrainingScale, params: Params) -> Iterator[tuple[str, float, float, str, float]]:
        usual = 1.0 if params.library == "xgboost" else 1e-3
        gain = "gamma" if params.library == "xgboost" else "min_split_gain"
        mass = scale.mass or 0.0
        yield "min_child_weight", usual, mass, "the hessian of all rows", self.max_leaf_share
        if params.library == "lightgbm":
            yield "min_child_samples", 20.0, scale.drawn, "the rows of a tree", self.max_leaf_share
        yield gain, 0.0, scale.max_gain or 0.0, "the largest gain possible", self.max_gain_share
        yield "reg_alpha", 0.0, scale.max_gradient or 0.0, "the largest gradient possible", self.max_gradient_share
        yield "reg_lambda", 1.0, mass, "the hessian of all rows", self.max_lambda


def _mild(name: str, usual: float, whole: float) -> float | int:
    """The library's default, or a fiftieth of what there is if that is less."""
    small = min(usual, whole / 50.0)
    return max(1, int(small)) if name == "min_child_samples" else round_to(small)

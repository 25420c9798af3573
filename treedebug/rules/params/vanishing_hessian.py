"""HP512 vanishing-hessian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.params.own_objective import OwnObjective
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, kw_only=True)
class VanishingHessian(Rule):
    """An objective of one's own returns a hessian that is next to nothing beside the penalties.

    ## What it does
    Reads the hessian off the recorded roots, where the objective is a function of the user's own, and divides it by the
    rows. Fires if that is `max_hessian` or less a row. `min_child_weight` and `reg_lambda` are counted in hessian: 1 of
    each is meant for rows that bring about 1. An error if it is 0. Also fires where no root tells its hessian, for none
    of the first rounds, `min_splitless` or more, has a split (LightGBM).
    ## Why is this bad
    The penalties outweigh the data: splits are refused, and every leaf is shrunk towards 0. Gradient and hessian that
    are divided by the number of rows, or a hessian of 0 for an absolute error, are the usual causes.
    ## When to ignore it
    You set `min_child_weight` and `reg_lambda` to the same scale.
    """

    code = "HP512"
    name = "vanishing-hessian"
    explains: ClassVar[tuple[str, ...]] = (
        "CL407", "CV103", "CV104", "CV105", "CV106", "CV107", "FT301", "FT304", "HP506", "HP507", "TR202",
        "TR203", "TR204",
        "TR205", "TR207", "TR210", "HP513",
    )  # fmt: skip

    min_splitless: int = param(3, "rounds without any split, where no root tells its hessian", ge=1, le=1_000_000)
    max_hessian: float = param(0.01, "hessian of a row in the mean", ge=0.0, le=1e6)

    def check(self, own: OwnObjective, params: Params, header: Header) -> Iterator[Finding]:
        """Compare the hessian of a row with 1."""
        if own.splitless >= self.min_splitless:
            yield self.finding(
                f"none of the first {own.splitless} rounds splits under your own objective: the hessian it returns is "
                "most likely next to nothing (far from the labels, or of an absolute error); return 1 for a row there",
                subject="hessian",
                n_rounds=own.splitless,
            )
            return
        if own.hessian is None or own.hessian > self.max_hessian:
            return
        penalty = params.numeric("reg_lambda") or 0.0
        weight = params.numeric("min_child_weight") or 0.0
        if own.hessian > 0 and penalty <= own.hessian and weight <= own.hessian:
            return
        held = f"the hessian of your own objective is {figure(own.hessian)} a row"
        why = "and no leaf has a value" if own.hessian == 0 else "small beside min_child_weight and reg_lambda"
        tries = tuple(
            change(header, name, 0, "counted in hessian") for name in ("min_child_weight", "reg_lambda") if own.hessian
        )
        yield self.finding(
            f"{held}, {why}; do not divide gradient and hessian by the number of rows, and return 1 for a row "
            "where the "
            "second derivative is 0 (absolute error)",
            severity=Severity.ERROR if own.hessian == 0 else Severity.WARNING,
            subject="hessian",
            try_next=tries,
            hessian=own.hessian,
        )

"""HP530 uneven-outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.label_scale import IDENTITY
from treedebug.signals.params.parameter_view import Params


@dataclass(frozen=True, kw_only=True)
class UnevenOutputs(Rule):
    """Trees that serve several outputs at once serve the one with the largest numbers.

    ## What it does
    Looks at XGBoost's `multi_strategy=multi_output_tree`, where each tree has a leaf value for every output and its
    splits are chosen by the sum of all their gains. Fires if the standard deviation of one output's training labels is
    `max_ratio` times that of another or more, under an objective on the scale of the labels.
    ## Why is this bad
    The gain of a squared error grows with the square of the scale: the splits are those of the largest output, and the
    small ones get leaves that were made for another. The metric over all outputs hides it.
    ## When to ignore it
    Only the outputs of the largest scale matter to you.
    """

    code = "HP530"
    name = "uneven-outputs"
    explains: ClassVar[tuple[str, ...]] = ("CV103", "CV104", "CV106", "FT301", "FT302", "FT304", "FT306")

    max_ratio: float = param(5.0, "standard deviation of an output over that of another", ge=1.0, le=1e12)

    def check(self, params: Params, header: Header) -> Iterator[Finding]:
        """Compare the spreads of the outputs."""
        label: dict[str, Any] = header.training_label() or {}
        spreads = [float(s) for s in label.get("spreads") or () if s > 0]
        if len(spreads) < 2:
            raise Missing("there are not two outputs whose labels differ")
        shared = str(params.effective.get("multi_strategy")) == "multi_output_tree"
        if not shared or params.family not in IDENTITY or max(spreads) < self.max_ratio * min(spreads):
            return
        yield self.finding(
            f"multi_strategy=multi_output_tree grows one tree for {len(spreads)} outputs, whose labels have standard "
            f"deviations from {figure(min(spreads))} to {figure(max(spreads))}: the splits serve the output of the "
            "largest scale",
            subject="outputs",
            try_next=(
                question("Can each output be divided by its standard deviation, and its predictions multiplied by it?"),
                Change("multi_strategy", "one_output_per_tree", "or trees for each output alone"),
            ),
            smallest=min(spreads),
            largest=max(spreads),
        )

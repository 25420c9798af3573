"""HP518 unusable-weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.changes import question
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.odd_weights import OddWeights
from treedebug.signals.params.parameter_view import Params

_BROKEN = {"missing": "not a number", "negative": "negative"}


@dataclass(frozen=True, kw_only=True)
class UnusableWeights(Rule):
    """Sample weights are negative or no numbers, or most of them are 0.

    ## What it does
    Counts the sample weights of every recorded dataset: an error if one is negative or not a number, a warning if
    `max_zero` or more of the training rows have a weight of 0, or if all training rows, `min_rows` or more, tell no
    more than `min_effective` rows of equal weight would, and `min_share` of them. Fewer zeros are worth knowing with
    LightGBM, which makes 0 of a weight that is no number.
    ## Why is this bad
    A negative weight makes a negative hessian: leaves explode, and the loss has no minimum. A weight that is no number
    spoils every sum it is in, and LightGBM goes on without a word. Rows of weight 0 teach nothing, and still take up
    bins and count as rows of a leaf: the others are seen less sharply than if those rows were left out.
    ## When to ignore it
    The rows of weight 0 are spread like the others, and you keep them for convenience.
    """

    code = "HP518"
    name = "unusable-weights"
    explains: ClassVar[tuple[str, ...]] = (
        "CL404", "CV101", "CV102", "CV103", "CV105", "CV107", "CV112", "HP506", "TR203", "TR204", "TR205", "TR206",
        "TR207",
    )  # fmt: skip

    min_effective: float = param(50.0, "rows of equal weight that tell as much", ge=0.0, le=1e9)
    min_share: float = param(0.05, "the same as a share of the rows", ge=0.0, le=1.0)
    min_rows: int = param(200, "rows with weights", ge=1, le=1_000_000_000)
    max_zero: float = param(0.5, "share of the training rows that weigh nothing", ge=0.0, le=1.0)

    def check(self, weights: OddWeights, params: Params) -> Iterator[Finding]:
        """Go through the recorded counts, set by set."""
        yield from self._few(weights)
        for name, odd in weights.counts.items():
            n, evidence = weights.n_rows[name], dict[str, Any](odd)
            broken = [f"{odd[kind]} {word}" for kind, word in _BROKEN.items() if odd.get(kind)]
            zero = odd.get("zero", 0)
            if broken:
                yield self.finding(
                    f"sample weights of {name} that no booster can use: {' and '.join(broken)}, of {n} rows",
                    severity=Severity.ERROR, subject=name,
                    try_next=(question("Leave these rows out, or give them a weight of 0 or more."),),
                    **evidence,
                )  # fmt: skip
            elif name in weights.training and 0 < zero < self.max_zero * n and params.library == "lightgbm":
                yield self.finding(
                    f"{zero} of {n} rows of {name} have a sample weight of 0. LightGBM makes 0 of a weight that is no "
                    "number, without a word: were some of them nan?",
                    severity=Severity.INFO,
                    subject=name,
                    **evidence,
                )
            elif name in weights.training and zero >= self.max_zero * n:
                yield self.finding(
                    f"{zero} of {n} rows of {name} ({percent(zero / n)}) have a sample weight of 0: they teach "
                    "nothing, and take up bins and places in leaves that the others need",
                    subject=name,
                    try_next=(question("Leave the rows of weight 0 out of the training data."),),
                    **evidence,
                )

    def _few(self, weights: OddWeights) -> Iterator[Finding]:
        """Say where a few rows of large weight are all that counts."""
        for name, effective in weights.effective.items():
            n = weights.n_rows[name]
            if (
                name not in weights.training
                or n < self.min_rows
                or weights.counts.get(name, {}).keys() & _BROKEN.keys()
            ):
                continue
            if effective < self.min_effective and effective < self.min_share * n:
                yield self.finding(
                    f"the sample weights of {name} hang on a few rows: all {n} tell no more than {figure(effective)} "
                    "rows of equal weight would",
                    subject=f"{name}, the largest",
                    try_next=(question("Cut the largest weights, for instance at ten times their median."),),
                    explains=(*self.explains, "CV106", "TR210", "FT303"),
                    effective_rows=effective,
                )

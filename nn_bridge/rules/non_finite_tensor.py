"""NN911 non-finite-tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import GRADIENT, INPUT, LOSS
from nn_bridge.rules._advice import OUTCOMES, layer_name, rate_change
from nn_bridge.signals.first_non_finite import NonFinite, NonFiniteTensors
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class NonFiniteTensor(Rule):
    """NaN or infinity in a tensor of the net.

    ## What it does
    Fires (error) as soon as an input, weight, activation, loss, gradient or update holds a value that is NaN or
    infinite; names the first one, in the order in which a step computes them, and the step. Gradients that AMP's
    GradScaler found and skipped do not reach the optimiser and do not count.
    ## Why is this bad
    It spreads: after one such step every weight is NaN, and the training is lost.
    ## When to ignore it
    Never.
    """

    code = "NN911"
    name = "non-finite-tensor"
    severity: ClassVar[Severity] = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = ("NN902", "NN905", "NN906", "NN907", "NN910", "NN912", *OUTCOMES)

    n_least: int = param(1, "tensors that must be broken", ge=1, le=1_000_000)

    def check(self, breaks: NonFiniteTensors, facts: NetFacts) -> Iterator[Finding]:
        """Name the first of them."""
        if len(breaks.found) < self.n_least:
            return
        first = breaks.found[0]
        what = f"the {first.kind}" + (f" of {layer_name(first.layer)}" if first.layer else "")
        how = "is NaN or infinite" if first.kind == LOSS else f"holds NaN or infinity ({percent(first.share)} of it)"
        yield self.finding(
            f"{what} {how} from step {first.step} on, the first of {len(breaks.found)} such tensors",
            rounds=(first.round_index, breaks.last_round),
            try_next=_cure(first, facts),
            kind=first.kind,
            layer=first.layer,
            first_step=first.step,
            share=first.share,
            n_tensors=len(breaks.found),
        )


def _cure(first: NonFinite, facts: NetFacts) -> tuple[Change, ...]:
    if first.kind == INPUT:
        return (Change("data", "without NaN", "fill or drop the rows with missing values"),)
    half = next((p.dtype for p in facts.params if p.dtype == "float16"), "")
    if half and any("Adam" in o.type for o in facts.optimizers):
        why = "1e-8 is 0 in float16; or keep weights in float32 and use autocast with GradScaler"
        return (Change("eps", 1e-4, why),)
    if half:
        return (Change("dtype", "float32 weights", "and autocast with GradScaler: float16 ends at 65,504"),)
    clip = Change("clip_grad_norm_", 1.0, "before the step")
    if first.kind == GRADIENT and facts.amp == "float16":
        return (Change("GradScaler", "unscale_ before the step", "half precision overflows at 65,504"), clip)
    if first.kind == GRADIENT and first.step == 0:  # no rate has acted yet
        return (Change("loss", "without a large factor", "a loss scale is to be taken out of the gradients again"),)
    return (*rate_change(facts, 0.1, "smaller steps"), clip)

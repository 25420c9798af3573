"""NN907 unchanged-tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.rules._unmoved_causes import FOREVER, WORDS, cause_of
from nn_bridge.signals.unmoved_parameters import UnmovedParameter, UnmovedParameters
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class UnchangedTensor(Rule):
    """Weights do not change, step after step.

    ## What it does
    Fires for weight matrices that were not moved at all in the last `steps` sampled steps, and says why: the
    optimiser does not hold them, they are frozen, or no gradient reaches them. Layers frozen with
    `requires_grad=False` are a warning if their weights look as PyTorch draws them (never trained), else info.
    Before the first step (`nn_bridge.check`) it names those that nothing will ever move.
    ## Why is this bad
    That part of the net stays as it was made: random features, if nobody trained it before.
    ## When to ignore it
    The layers are frozen on purpose, after a training of their own.
    """

    code = "NN907"
    name = "unchanged-tensor"
    explains: ClassVar[tuple[str, ...]] = ("NN905", "NN912", *OUTCOMES)

    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, still: UnmovedParameters) -> Iterator[Finding]:
        """Sort the unmoved matrices by cause."""
        by_cause: dict[str, list[UnmovedParameter]] = {}
        for one in still.found:
            cause = cause_of(one)
            if one.n_steps >= self.steps if still.was_stepped else cause in FOREVER:
                by_cause.setdefault(cause, []).append(one)
        for cause, found in by_cause.items():
            first, (why, change) = found[0], WORDS[cause]
            yield self.finding(
                f"{listed([s.param.name for s in found], 3)} {_since(first, still)} ({len(found)} of "
                f"{still.n_matrices} matrices): {why}",
                rounds=(0 if not first.ever_moved else still.last_round, still.last_round),
                subject=cause,
                severity=Severity.INFO if cause == "frozen" and not any(s.looks_untrained for s in found) else None,
                try_next=(change,),
                explains=OUTCOMES if cause == "no step" else None,
                is_root=cause in FOREVER,
                cause=cause, layer=first.param.name, first_step=first.since_step, n_layers=len(found),
                ever_moved=first.ever_moved,
            )  # fmt: skip


def _since(first: UnmovedParameter, still: UnmovedParameters) -> str:
    if not still.was_stepped:
        return "will not change"
    return f"did not change in the last {first.n_steps} sampled steps, since step {first.since_step}"

"""NN914 misfit-loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import CLASSES, CODES, ONE_HOT, UNKNOWN
from nn_bridge.rules._advice import OUTCOMES, SATURATED
from nn_bridge.signals.initialization import FirstLoss
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_OF_CLASSES = (CLASSES, ONE_HOT, CODES)
_Verdict = tuple[str, str, Change]  # cause, message, and what to try


@dataclass(frozen=True, kw_only=True)
class MisfitLoss(Rule):
    """What the loss is given is not what it is made for.

    ## What it does
    Judges the first step of a classification. Fires when a loss that takes logits gets something else (softmax,
    sigmoid, ReLU or tanh, or rows that sum to 1 within `max_deviation`); when it is one for amounts although labels are
    classes; when it is negative, or a sum; and when a mean begins over `max_ratio` times a guess, ln(classes).
    ## Why is this bad
    Softmax twice flattens the gradient, squared errors of classes nearly stop it, a sum multiplies the learning rate.
    ## When to ignore it
    The loss is what you mean (a sum with a learning rate to match, a Brier score).
    """

    code = "NN914"
    name = "misfit-loss"
    explains: ClassVar[tuple[str, ...]] = (
        "NN902", "NN903", "NN904", "NN905", "NN906", "NN907", "NN910", "NN911", "NN912", *OUTCOMES,
    )  # fmt: skip

    max_deviation: float = param(1e-3, "mean distance of the row sums from 1", ge=0.0, le=1.0)
    max_ratio: float = param(3.0, "first loss over ln(classes)", ge=1.0, le=1e9)

    def check(self, first: FirstLoss) -> Iterator[Finding]:
        """Report the surest cause only."""
        if verdict := self._sign(first) or self._input(first) or self._kind(first) or self._value(first):
            cause, message, change = verdict
            yield self.finding(
                message, rounds=(0, 0), try_next=(change,), is_root=cause != "value", cause=cause,
                explains=(*self.explains, *SATURATED.get(cause, ())),
                first_loss=first.value, expected=first.expected, ratio=first.ratio, function=first.loss.function,
            )  # fmt: skip

    def _input(self, first: FirstLoss) -> _Verdict | None:
        loss = first.loss
        if "softmax" in loss.applied and loss.n_outputs == 1:
            change = Change("activation", "none", "of one output, with BCEWithLogitsLoss")
            return "softmax", "softmax over a single output is 1 for every row", change
        wrong = first.squashed_by or ("softmax" if first.sums_to_one(self.max_deviation) else "")
        if not first.takes_logits or wrong in ("", "log_softmax"):
            return None
        twice = " (which has a softmax of its own)" if loss.function == "cross_entropy" else ""
        message = f"{loss.function}{twice} is given the output of {wrong}, not logits"
        return wrong, message, Change("loss", loss.function, f"of the last layer's output, without {wrong}")

    def _kind(self, first: FirstLoss) -> _Verdict | None:
        loss, n = first.loss, first.loss.n_rows
        is_known = loss.targets in _OF_CLASSES or (loss.targets == UNKNOWN and "softmax" in loss.applied)
        if first.is_for_amounts and is_known:
            message = f"the labels are {first.classes}, but the loss is one for amounts ({loss.function})"
            return "amounts", message, Change("loss", "cross_entropy", "of the logits")
        message = f"the loss is the sum over the {n} rows of a batch ({short(first.value)}), not their mean"
        is_sum = loss.reduction == "sum" and n > 1 and not loss.is_plain
        return ("sum", message, Change("reduction", "mean", f"or a rate {n} times smaller")) if is_sum else None

    def _sign(self, first: FirstLoss) -> _Verdict | None:
        if first.value >= 0 or not first.is_never_negative:
            return None
        name = first.loss.function
        message = f"the first loss is {short(first.value)}, but {name} is never negative: its sign is wrong"
        return "sign", message, Change("loss", f"{name}, not its negative", "training maximises it now")

    def _value(self, first: FirstLoss) -> _Verdict | None:
        if not first.loss.is_plain or first.ratio <= self.max_ratio:
            return None
        message = (
            f"the first loss is {short(first.value)}, {short(first.ratio)} times the {short(first.expected)} of a "
            f"guess among {first.n_classes} classes; likely causes: the scale of the inputs, the initial weights, "
            "another loss than cross-entropy"
        )
        return "value", message, Change("init", "kaiming_uniform_", "or scale the inputs: outputs should be near 0")

"""TR209 capped-leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.changes import HIGHER, LOWER, Change, Effect, experiment
from treedebug.core.findings import Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, guard, setting
from treedebug.signals.curves.eval_curves import LossPair
from treedebug.signals.curves.training_end import Ending
from treedebug.signals.trees.leaf_sizes import TreeBalance, middle

_LARGER = Effect(LOWER, HIGHER, HIGHER)


@dataclass(frozen=True, kw_only=True)
class CappedLeaves(Rule):
    """Nearly every tree ends at its limit, with gain left over and nothing overfitted.

    ## What it does
    Judges a finished training. Fires when `min_capped` of the trees have as many leaves as `num_leaves` or
    `max_depth` allow, the last split of the middle tree still gained `min_worth` of what its average split gained,
    and training has improved by no more than `max_gap` more than validation, as a share of that improvement. A
    warning where `min_left` of the loss is left and trees have four leaves or fewer; else info.
    ## Why is this bad
    The trees are too small for what there is to learn: interactions between features stay out of reach.
    ## When to ignore it
    You want small trees, for speed or to keep features apart (`max_depth=1` is an additive model).
    """

    code = "TR209"
    name = "capped-leaves"
    explains: ClassVar[tuple[str, ...]] = ("CV103",)

    min_capped: float = param(0.9, "share of the trees that end at the cap", ge=0.0, le=1.0)
    min_worth: float = param(0.3, "gain of the last split, as a share of the tree's average", ge=0.0, le=1.0)
    max_gap: float = param(0.15, "lead of the training loss, as a share of the improvement", ge=0.0, le=1.0)
    min_left: float = param(0.3, "loss that is left, as a share of the loss at the start", ge=0.0, le=1.0)
    min_rounds: int = param(50, "rounds before the trees are judged", ge=1, le=100_000)

    def check(self, balance: TreeBalance, pair: LossPair, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare the trees with their cap, and training with validation."""
        cap, loss = _cap(header), pair.loss
        n_rounds = balance.n_rounds - header.start_round
        if not ending.final or cap is None or n_rounds < self.min_rounds or loss.gained <= 0:
            return
        capped, worth = float((balance.n_leaves >= cap).mean()), middle(balance.last_worth)
        gap = pair.lead(loss.best) / loss.gained
        if capped < self.min_capped or worth < self.min_worth or gap > self.max_gap:
            return
        whole = None if loss.perfect is None else loss.start - loss.perfect
        left = 1.0 if whole is None or whole <= 0 else 1.0 - loss.gained / whole
        tiny = cap <= 4 and left >= self.min_left  # trees of one or two levels
        name = "num_leaves" if header.library == "lightgbm" else "max_depth"
        larger = max(15, int(2 * cap)) if header.library == "lightgbm" else int(setting(header, "max_depth") or 1) + 2
        yield self.finding(
            f"{percent(capped)} of the trees end at {spelled(header, name)} ({cap:.0f} leaves), their last split still "
            f"gains {percent(worth)} of their average, and training is hardly better than validation: larger trees may "
            "learn more",
            severity=Severity.WARNING if tiny else Severity.INFO,
            try_next=_larger(header, name, larger) if tiny else (_compare(header, name, larger),),
            capped=capped,
            last_worth=worth,
            gap=gap,
            left=left,
            cap=cap,
        )


def _larger(header: Header, name: str, value: int) -> tuple[Change, ...]:
    return (change(header, name, value, "room for what is left to gain", effect=_LARGER), *guard(header))


def _compare(header: Header, name: str, value: int) -> Change:
    return experiment(f"{change(header, name, value)} gives the trees more room: see whether validation gains by it")


def _cap(header: Header) -> float | None:
    """Leaves that a tree may have at most; None where nothing bounds it."""
    depth, leaves = setting(header, "max_depth") or 0.0, setting(header, "num_leaves") or setting(header, "max_leaves")
    by_depth = 2.0**depth if 0 < depth < 31 else None  # more leaves than any tree has
    return min((c for c in (by_depth, leaves) if c), default=None)

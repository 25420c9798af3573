"""HP503 unguarded-rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import SUSPICION, Finding, Severity
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import guard as stop_in_time
from treedebug.signals.params.parameter_view import Params
from treedebug.signals.params.watched_sets import WatchedSets


@dataclass(frozen=True, kw_only=True)
class UnguardedRounds(Rule):
    """Many rounds, and nothing would notice one too many.

    ## What it does
    Fires from `min_rounds` planned rounds on if no early stopping is set: a warning if learning rate times rounds is
    `warn_travel` or more, far beyond what boosting needs to fit its training rows, or `blind_travel` without any
    validation set; info below. Silent where a validation curve shows what comes of it, whose own rules judge that, and
    for a random forest, which cannot overfit by its number of trees. Early stopping whose patience is as long as the
    training, or that has no dataset to watch, counts as none.
    ## Why is this bad
    Boosting overfits by going on. Without a validation set that stops it, the number of rounds is a guess.
    ## When to ignore it
    The number of rounds comes from a cross-validation, and this is the last fit on all the data.
    """

    code = "HP503"
    name = "unguarded-rounds"
    basis = SUSPICION
    explains: ClassVar[tuple[str, ...]] = (
        "CV101", "CV102", "CV107", "CV110", "CV111", "CL406", "FT303", "FT305", "CL404", "DA622", "TR201",
        "TR203", "TR204", "TR206",
    )  # fmt: skip

    min_rounds: int = param(200, "planned rounds that are worth guarding", ge=1, le=10_000_000)
    warn_travel: float = param(50.0, "learning rate times rounds that is a warning", ge=0.0, le=1e6)
    blind_travel: float = param(35.0, "the same where no validation set is watched", ge=0.0, le=1e6)

    def check(self, guard: WatchedSets, params: Params, header: Header, log: EvalLog | None) -> Iterator[Finding]:
        """Look for a patience that can run out."""
        if guard.planned is None:
            raise Missing("the planned number of rounds is not known (a saved model, or a training loop of one's own)")
        useless = guard.patience is not None and guard.patience >= guard.planned > 1
        blind = guard.patience is not None and not (guard.validation or guard.training)
        if guard.planned < self.min_rounds or params.is_forest or not (guard.patience is None or useless or blind):
            return
        rate = params.numeric("learning_rate")
        travel = None if rate is None else rate * guard.planned
        most = self.warn_travel if guard.validation else self.blind_travel
        how = "no early stopping"
        if useless:
            how = f"a patience of {guard.patience}, which cannot run out"
        if blind:
            how = f"a patience of {guard.patience} and nothing to judge by"
        seen = log is not None and any(not log.is_training(dataset) for dataset, _ in log.keys())
        watched = "" if guard.validation else " and no validation set"
        if seen and not (useless or blind):
            return  # the curve shows what comes of it, and its own rules judge that
        yield self.finding(
            f"{guard.planned} rounds are planned, with {how}{watched}",
            severity=Severity.WARNING if travel is not None and travel >= most and not seen else Severity.INFO,
            explains=() if seen else None,
            try_next=stop_in_time(header),
            planned=guard.planned,
            travel=travel,
            patience=guard.patience,
            has_validation=bool(guard.validation),
        )

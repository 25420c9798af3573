"""CL403 neglected-class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.params.user_spelling import spelled
from treedebug.core.phrases import percent, round_to
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import choose_threshold
from treedebug.signals.classes.class_balance import Predictions
from treedebug.signals.curves.metric_facts import base_name, is_coarse
from treedebug.signals.params.watched_sets import WatchedSets

_MIN_EPOCHS = 8


@dataclass(frozen=True, kw_only=True)
class NeglectedClass(Rule):
    """A class that has labels is (almost) never predicted.

    ## What it does
    Fires for each class with `min_rows` rows that is predicted for fewer than `max_predicted` of its number of rows,
    in each of the last `looks` class records (of a net, which records samples, the rows of all of them count). A class
    with less than `rare_share` of an even share is rare enough to be info only; so is the rarer of two, with
    `natural_share` of the rows or less, where its mean probability is its share and no metric counts hits: the
    probabilities are right, and hardly one is over a half.
    ## Why is this bad
    For that class the model does nothing, however good the overall metric looks.
    ## When to ignore it
    You use the probabilities and set the threshold yourself.
    """

    code = "CL403"
    name = "neglected-class"

    max_predicted: float = param(0.05, "predictions of the class for each of its rows", ge=0.0, le=1.0)
    min_rows: int = param(10, "rows with the label", ge=1, le=1_000_000)
    rare_share: float = param(0.1, "share of an even share under which several classes are rare", ge=0.0, le=1.0)
    natural_share: float = param(0.2, "share of the rarer of two classes that is seldom over a half", ge=0.0, le=0.5)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    min_rounds: int = param(50, "rounds before a training is judged (epochs: 8)", ge=1, le=100_000)
    most: int = param(5, "classes reported, the largest first", ge=1, le=1000)

    def check(self, seen: Predictions, header: Header, guard: WatchedSets | None) -> Iterator[Finding]:
        """Compare each class's predictions with its rows, in all recent records."""
        last = seen.last
        needed = min(self.min_rounds, _MIN_EPOCHS) if header.slow_rounds else self.min_rounds
        if last.round_index + 1 - header.start_round < needed:
            return
        recent = seen.recent(self.looks)
        n_rows = np.stack([record.confusion.sum(axis=1) for record in recent])
        n_seen = n_rows.sum(axis=0) if header.slow_rounds else n_rows.min(axis=0)  # of a net, a sample a round
        bad = np.logical_and.reduce([self._neglected(r) for r in recent]) & (n_seen >= self.min_rows)
        rows, predicted = last.confusion.sum(axis=1), last.confusion.sum(axis=0)
        k = len(rows)
        worst = sorted(np.flatnonzero(bad).tolist(), key=lambda c: (-rows[c], c))
        for c in worst[: self.most]:
            rare = k > 2 and last.label_share[c] < self.rare_share / k
            rare = rare or (guard is not None and not any(map(_counts_hits, guard.metrics)) and self._natural(last, c))
            yield self.finding(
                f"class {c} has {int(rows[c])} rows on {seen.dataset} ({percent(float(last.label_share[c]))}) but is "
                f"predicted {int(predicted[c])} times; {percent(float(last.recall[c]))} of its rows are found",
                rounds=(seen.recent(self.looks)[0].round_index, last.round_index),
                subject=f"class {c}",
                severity=Severity.INFO if rare else Severity.WARNING,
                try_next=_weigh(header, last) if c == 1 else (),
                n_rows=int(rows[c]),
                n_predicted=int(predicted[c]),
                recall=float(last.recall[c]),
                n_neglected=len(worst),
            )

    def _natural(self, record: ClassRecord, c: int) -> bool:
        share, told = float(record.label_share[c]), float(record.mean_probability[c])
        return len(record.label_share) == 2 and share <= self.natural_share and abs(told - share) <= 0.3 * share

    def _neglected(self, record: ClassRecord) -> NDArray[np.bool_]:
        rows, predicted = record.confusion.sum(axis=1), record.confusion.sum(axis=0)
        return np.asarray((rows > 0) & (predicted < self.max_predicted * rows))


def _counts_hits(metric: str) -> bool:
    return is_coarse(metric) or base_name(metric) in ("f1", "recall", "precision", "kappa", "mcc")


def _weigh(header: Header, record: ClassRecord) -> tuple[Change, ...]:
    rows = record.confusion.sum(axis=1)
    if len(rows) != 2 or not rows.min():
        return ()
    return (choose_threshold(spelled(header, "scale_pos_weight"), round_to(float(rows[0] / rows[1]))),)

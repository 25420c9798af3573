"""CL402 classifier-confusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change
from treedebug.signals.classes.class_balance import Predictions
from treedebug.signals.classes.confused_pairs import both_ways, in_all, mix_ups, separation, standing_out


@dataclass(frozen=True, kw_only=True)
class ClassifierConfusion(Rule):
    """The model cannot tell two particular classes apart.

    ## What it does
    For each pair of classes with `min_rows` rows, takes the rows of either that are called one or the other. Fires
    for the worst pair in the last `looks` class records, if a share of `min_mistaken` of each class is taken for the
    other. A warning where `min_mixed` of the pair's rows are mistaken and the pair stands out: `min_sigmas` standard
    errors over the next worst pair. Info where all pairs are hard and this one's hit rates are less than
    `min_separation` over guessing. A class that is simply never predicted is CL403's.
    ## Why is this bad
    The labels of the two are mixed up, the features hold nothing that separates them, or the model is too coarse
    for the difference.
    ## When to ignore it
    The difference between the two does not matter to you (then merge them).
    """

    code = "CL402"
    name = "classifier-confusion"
    explains: ClassVar[tuple[str, ...]] = ("CL406",)

    min_separation: float = param(0.05, "hit rates of the pair over guessing, 0 to 1", ge=-1.0, le=1.0)
    min_mistaken: float = param(0.15, "share of each class taken for the other", ge=0.0, le=1.0)
    min_mixed: float = param(0.3, "share of the pair's rows that are mistaken", ge=0.0, le=1.0)
    min_sigmas: float = param(2.5, "standard errors between this pair and the next worst", ge=0.0, le=1000.0)
    min_rows: int = param(20, "rows with each label", ge=1, le=1_000_000)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    min_rounds: int = param(50, "rounds before a running training is judged", ge=1, le=100_000)

    def check(self, seen: Predictions, header: Header) -> Iterator[Finding]:
        """Find the pair that is mixed up most, in all recent records."""
        last, recent = seen.last, seen.recent(self.looks)
        if last.round_index + 1 - header.start_round < self.min_rounds or not self._candidates(last).any():
            return
        apart = in_all(recent, self._stands_out)
        bad = apart if apart.any() else in_all(recent, self._mixed)
        if not bad.any():
            return
        score = separation(last.confusion)
        a, b = (int(i) for i in np.unravel_index(np.where(bad, score, np.inf).argmin(), bad.shape))
        rows = last.confusion.sum(axis=1)
        to_b, to_a = last.confusion[a, b] / rows[a], last.confusion[b, a] / rows[b]
        yield self.finding(
            f"classes {a} and {b} are not told apart on {seen.dataset}: {percent(to_b)} of class {a} is called "
            f"{b}, and {percent(to_a)} of class {b} is called {a}"
            + (", more than any other pair: check whether their labels are mixed up" if apart.any() else ""),
            severity=Severity.WARNING if apart.any() else Severity.INFO,
            rounds=(recent[0].round_index, last.round_index),
            subject=f"classes {a} and {b}",
            try_next=_finer(header),
            pair=[a, b],
            separation=float(score[a, b]),
            mistaken=[float(to_b), float(to_a)],
            sigmas=float(standing_out(last.confusion)[a, b]),
            n_pairs=int(bad.sum()),
        )

    def _candidates(self, record: ClassRecord) -> NDArray[np.bool_]:
        enough = record.confusion.sum(axis=1) >= self.min_rows
        pairs = np.triu(enough[:, None] & enough[None, :], 1)
        return np.asarray(pairs & (both_ways(record.confusion) >= self.min_mistaken))

    def _mixed(self, record: ClassRecord) -> NDArray[np.bool_]:
        return np.asarray(self._candidates(record) & (separation(record.confusion) < self.min_separation))

    def _stands_out(self, record: ClassRecord) -> NDArray[np.bool_]:
        far = standing_out(record.confusion) >= self.min_sigmas
        return np.asarray(self._candidates(record) & far & (mix_ups(record.confusion)[0] >= self.min_mixed))


def _finer(header: Header) -> tuple[Change, ...]:
    depth = header.params.get("max_depth")
    if isinstance(depth, int) and 0 < depth < 4:  # shallower than usual
        return (change(header, "max_depth", depth + 3, "let the trees combine features"),)
    return ()

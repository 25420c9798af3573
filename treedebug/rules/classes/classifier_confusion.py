"""CL402 classifier-confusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.core.classes import ClassRecord
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, percent
from treedebug.signals.classes import Predictions
from treedebug.signals.confusion import both_ways, separation


@dataclass(frozen=True, kw_only=True)
class ClassifierConfusion(Rule):
    """The model cannot tell two particular classes apart.

    ## What it does
    For each pair of classes with `min_rows` rows, takes the rows of either that are called one or the other, and
    how far the two hit rates lie over guessing: 0 for guessing, 1 for perfect, whatever the class shares. Fires for
    the worst pair under `min_separation` in the last `looks` class records, if a share of `min_mistaken` of each
    class is taken for the other. A class that is simply never predicted is CL403's.
    ## Why is this bad
    The features hold nothing that separates the two, the labels of the two are mixed up, or the model is too coarse
    for the difference.
    ## When to ignore it
    The difference between the two does not matter to you (then merge them).
    """

    code = "CL402"
    name = "classifier-confusion"

    min_separation: float = param(0.05, "hit rates of the pair over guessing, 0 to 1", ge=-1.0, le=1.0)
    min_mistaken: float = param(0.15, "share of each class taken for the other", ge=0.0, le=1.0)
    coin: float = param(0.4, "share of each class taken for the other that makes it a warning", ge=0.0, le=1.0)
    min_rows: int = param(20, "rows with each label", ge=1, le=1_000_000)
    looks: int = param(3, "class records in a row that show it", ge=1, le=1000)
    min_rounds: int = param(50, "rounds before a running training is judged", ge=1, le=100_000)

    def check(self, seen: Predictions, header: Header) -> Iterator[Finding]:
        """Find the pair that is told apart worst, in all recent records."""
        last = seen.last
        if last.round_index + 1 - header.start_round < self.min_rounds or last.confusion.shape[0] < 2:  # noqa: PLR2004
            return
        bad = np.logical_and.reduce([self._mixed(record) for record in seen.recent(self.looks)])
        if not bad.any():
            return
        score = separation(last.confusion)
        a, b = (int(i) for i in np.unravel_index(np.where(bad, score, np.inf).argmin(), bad.shape))
        rows = last.confusion.sum(axis=1)
        to_b, to_a = last.confusion[a, b] / rows[a], last.confusion[b, a] / rows[b]
        yield self.finding(
            f"classes {a} and {b} are not told apart on {seen.dataset}: {percent(to_b)} of class {a} is called "
            f"{b}, and {percent(to_a)} of class {b} is called {a}",
            severity=Severity.WARNING if min(to_a, to_b) >= self.coin else Severity.INFO,
            rounds=(seen.recent(self.looks)[0].round_index, last.round_index),
            subject=f"classes {a} and {b}",
            try_next=_finer(header),
            pair=[a, b],
            separation=float(score[a, b]),
            mistaken=[float(to_b), float(to_a)],
            n_pairs=int(bad.sum()),
        )

    def _mixed(self, record: ClassRecord) -> NDArray[np.bool_]:
        enough = record.confusion.sum(axis=1) >= self.min_rows
        pairs = np.triu(enough[:, None] & enough[None, :], 1)
        both = both_ways(record.confusion) >= self.min_mistaken
        return np.asarray(pairs & both & (separation(record.confusion) < self.min_separation))


def _finer(header: Header) -> tuple[Change, ...]:
    depth = header.params.get("max_depth")
    if isinstance(depth, int) and 0 < depth < 4:  # noqa: PLR2004 - shallower than usual
        return (change(header, "max_depth", depth + 3, "let the trees combine features"),)
    return ()

"""HP504 early-stopping-on-training-data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.signals.params.watched_sets import WatchedSets, is_copy


@dataclass(frozen=True, kw_only=True)
class EarlyStoppingOnTrainingData(Rule):
    """Early stopping goes by the training data, or takes the wrong direction for better.

    ## What it does
    Fires if early stopping is set and the dataset that decides is the training data (XGBoost goes by the last one of
    `evals`), or if that is the only one (LightGBM then switches early stopping off), or if a dataset under another
    name has the very labels of the training data. And if the metric that decides is minimized though more of it is
    better, or the other way round: XGBoost minimizes every metric of one's own unless `maximize` says otherwise.
    ## Why is this bad
    The training metric always improves, so training never stops; in the wrong direction it stops at once, or at the
    worst round, and calls that the best.
    ## When to ignore it
    Never; switch early stopping off if you do not want it.
    """

    code = "HP504"
    name = "early-stopping-on-training-data"
    severity = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = ("CV102", "CV108", "CV109", "CV111", "HP513")

    min_rows: int = param(20, "rows before equal labels mean equal data", ge=2, le=1_000_000)

    def check(self, guard: WatchedSets, header: Header) -> Iterator[Finding]:
        """Compare what decides with what was trained on."""
        if guard.patience is None:
            return
        if not (guard.decides or guard.training):
            raise Missing("the evaluated datasets are not recorded")
        if guard.decides in guard.training or (not guard.validation and guard.training):
            yield self._on_training(guard)
        elif self._twin(header, guard.decides):
            yield self.finding(
                f"early stopping goes by {guard.decides!r}, whose labels are exactly those of the training data",
                subject=guard.decides,
                dataset=guard.decides,
                kind="copy",
            )
        if None not in (guard.maximizes, guard.higher_is_better) and guard.maximizes != guard.higher_is_better:
            done, better = ("maximizes", "less") if guard.maximizes else ("minimizes", "more")
            yield self.finding(
                f"early stopping {done} {guard.metric}, of which {better} is better",
                subject=guard.metric,
                try_next=(Change("maximize", guard.higher_is_better, "the direction of the metric"),),
                metric=guard.metric,
                kind="direction",
            )

    def _on_training(self, guard: WatchedSets) -> Finding:
        place = "last in evals" if guard.library == "xgboost" else "in valid_sets"
        name = guard.decides or guard.training[0]
        what = "the training data" if not guard.validation else "the training data, which stands last"
        how = "is switched off: it has only" if guard.library == "lightgbm" else "goes by"
        return self.finding(
            f"early stopping {how} {name!r}, {what}: put the validation data {place}",
            subject=name,
            dataset=name,
            kind="training",
        )

    def _twin(self, header: Header, dataset: str) -> bool:
        """Whether another dataset has the numeric labels of the training data to the last digit."""
        facts: dict[str, Any] = header.data.get(dataset, {})
        mine, theirs = facts.get("label") or {}, header.training_label() or {}
        n_train = header.training_facts().get("n_rows")
        digest = header.training_facts().get("label_digest")
        if digest is not None and facts.get("label_digest") is not None:
            return is_copy(header, dataset) and (n_train or 0) >= self.min_rows
        same_size = facts.get("n_rows") == n_train and (n_train or 0) >= self.min_rows
        numbers = mine.get("kind") == "numbers" and (mine.get("std") or 0) > 0 and mine.get("n_distinct") is None
        return not facts.get("is_training") and same_size and numbers and mine == theirs

"""DA621 time-travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import moment, rows
from treedebug.signals.data.checked_tables import Split, Splits

_ALIKE = "; labels of neighbours in time are alike, so a split at random knows the answers from the rows around"


@dataclass(frozen=True, kw_only=True)
class TimeTravel(Rule):
    """Rows of another set lie before or between the training rows in time.

    ## What it does
    Looks at the column of time: the one named with `time=`, else the only column of dates, or of seconds since 1970.
    Fires when `min_share` or more of another set's rows are not later than the last training row. Where the column was
    not named, it is a warning only if the training rows stand in its order, or if labels of neighbours in time
    correlate by `min_memory`, which is `min_sigmas` of chance, beyond any trend: else the dates may be no more than a
    feature (a date of birth).
    ## Why is this bad
    The model has seen the days around such rows, and what was true of them. Used on what comes next, it has not: the
    score is too good, by an unknown amount.
    ## When to ignore it
    Rows do not depend on each other in time, and the model will be used on the same period.
    """

    code = "DA621"
    name = "time-travel"
    explains = ("DA606", "DA607", "DA622")

    min_share: float = param(0.01, "share of the other set's rows", ge=0.0, le=1.0)
    min_memory: float = param(0.1, "correlation of the labels of neighbours in time", ge=0.0, le=1.0)
    min_sigmas: float = param(6.0, "standard errors of it", ge=0.0, le=1e6)

    def check(self, splits: Splits) -> Iterator[Finding]:
        """Compare the sets' places in time."""
        if all(s.between.time is None for s in splits):
            raise Missing("no column of time: name it with time=, if there is one")
        for split in splits:
            time = split.between.time
            if time is None or not time.n_rows or time.n_not_after < max(self.min_share * time.n_rows, 1):
                continue
            end = moment(time.train_end, split.train.column(time.column))
            earlier = f", {rows(time.n_before)} of them before the first" if time.n_before else ""
            alike = self._are_alike(split.train)
            yield self.finding(
                f"{rows(time.n_not_after)} of {split.name} ({percent(time.n_not_after / time.n_rows)}) are not later "
                f"than the last training row by {time.column} ({end})"
                f"{earlier}{_ALIKE if alike else ''}",
                subject=split.name,
                severity=Severity.WARNING if alike or _is_order(split, time.column) else Severity.INFO,
                try_next=(Change("split_at", end, f"train up to here, {split.name} from there on"),),
                columns=[time.column],
                n_rows=time.n_not_after,
                n_before=time.n_before,
                share=time.n_not_after / time.n_rows,
                train=[time.train_start, time.train_end],
                other=[time.other_start, time.other_end],
            )

    def _are_alike(self, train: DataProfile) -> bool:
        """Whether an unnamed column of dates is one of a series: neighbours know each other's labels."""
        memory = train.time_memory
        return not train.time_was_named and memory >= max(self.min_memory, self.min_sigmas * train.sample_size**-0.5)


def _is_order(split: Split, column: str) -> bool:
    """Whether the column is known to order the rows: the user says so, or they stand in its order."""
    return split.train.time_was_named or split.train.column(column).order == "increasing"

"""compare: schedules against a tuned constant, at equal budgets, on rows that nothing has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.schedules.comparing.paired import Cell, Paired, paired
from treedebug.schedules.schedule import Schedule

LEAST_SEEDS = 5
_TOLERANCE = 0.02
"""Budgets may differ by this share: a training may end within a batch."""


@dataclass(frozen=True)
class Outcome:
    """What one training gave. Losses: lower is better."""

    valid: float
    """On the rows that choose between settings; the schedule and early stopping may have seen them."""
    test: float
    """On rows that neither schedule, nor stopping, nor tuning has seen."""
    budget: float
    """Rounds trained, those thrown away included; or forward and backward passes."""


@dataclass(frozen=True)
class Row:
    """One schedule against the constant that was tuned with as many trainings."""

    schedule: str
    n_trainings: int
    """Settings tried in each cell, the one with the best validation loss counting; the constant got as many."""
    difference: Paired

    def __str__(self) -> str:
        """Return the sentence that may be printed."""
        d, tuned = self.difference, f"the constant tuned with as many trainings ({self.n_trainings})"
        what = f"{self.schedule} is {d.verdict} than {tuned}"
        if d.verdict == "no difference shown":
            what = f"{self.schedule}: no difference shown to {tuned}"
        return (
            f"{what}: lower test loss in {d.n_lower} of {d.n_cells}, mean difference {d.mean:+.2f} % "
            f"[{d.low:+.2f}, {d.high:+.2f}] over {d.n_tables} tables, worst table {d.worst:+.1f} %"
        )


@dataclass(frozen=True)
class ScheduleComparison:
    """What came of a comparison; `rows` in the order of the schedules given."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        """Return a sentence a schedule."""
        return "\n".join(str(row) for row in self.rows)

    def row(self, schedule: str) -> Row:
        """Return the row of a schedule. Raise ConfigError for one that was not compared."""
        found = [row for row in self.rows if row.schedule == schedule]
        if not found:
            raise ConfigError(f"{schedule!r} was not compared; compared were {[row.schedule for row in self.rows]}")
        return found[0]


def compare(
    train: Callable[[Schedule, Any, int], Outcome],
    schedules: Mapping[str, Callable[[], Schedule] | Sequence[Callable[[], Schedule]]],
    *,
    constants: Sequence[Callable[[], Schedule]],
    tables: Mapping[str, Any] | None = None,
    seeds: Iterable[int] = range(LEAST_SEEDS),
) -> ScheduleComparison:
    """Train every schedule on every table with every seed, and compare test losses with a tuned constant's.

    `train(schedule, table, seed)` trains once and returns an `Outcome`; it must cut its own validation and test rows by
    the seed. A schedule is a function that makes it, or several (settings to choose from by validation loss). Of the
    `constants`, in the order in which one would try them, each schedule's opponent may try as many as the schedule has
    settings, and is chosen by validation loss too. Without `tables` the interval is over seeds.

    Raise ConfigError for fewer than 5 seeds, for budgets that differ by more than 2 %, for fewer constants than a
    schedule has settings, and for losses that are not finite.
    """
    cells = [(name, seed) for name in (tables or {"": None}) for seed in dict.fromkeys(seeds)]
    n_seeds = len({seed for _, seed in cells})
    if n_seeds < LEAST_SEEDS:
        raise ConfigError(
            f"a comparison needs at least {LEAST_SEEDS} seeds, got {n_seeds}: fewer tell luck from merit badly"
        )
    settings = {name: tuple(made) if isinstance(made, Sequence) else (made,) for name, made in schedules.items()}
    most = max((len(made) for made in settings.values()), default=0)
    if not 0 < most <= len(constants):
        raise ConfigError(f"a schedule with {most} settings needs as many constants, got {len(constants)}")
    methods = {**settings, "": tuple(constants[:most])}
    outcomes = {
        (method, cell): [train(make(), (tables or {"": None})[cell[0]], cell[1]) for make in made]
        for cell in cells
        for method, made in methods.items()
    }
    return ScheduleComparison(tuple(_row(name, len(made), cells, outcomes) for name, made in settings.items()))


def _row(
    name: str, n_trainings: int, cells: Sequence[Cell], outcomes: Mapping[tuple[str, Cell], Sequence[Outcome]]
) -> Row:
    ours, theirs = {}, {}
    for cell in cells:
        mine, constant = outcomes[name, cell], outcomes["", cell][:n_trainings]
        least, most = (f(o.budget for o in (*mine, *constant)) for f in (min, max))
        if not most <= least * (1.0 + _TOLERANCE):
            raise ConfigError(
                f"{name!r} and the constant have unequal budgets, {least:g} and {most:g} in {cell!r}: count rounds "
                "that were thrown away and extra passes, and train the others as long"
            )
        ours[cell], theirs[cell] = chosen(mine).test, chosen(constant).test
    return Row(name, n_trainings, paired(ours, theirs))


def chosen(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome with the best validation loss; of equals the first."""
    return min(outcomes, key=lambda outcome: outcome.valid)

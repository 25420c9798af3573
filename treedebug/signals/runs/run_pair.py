"""Two runs: what was set differently, whether they saw the same data, and where their trees part."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from treedebug.core.errors import FormatError, NotRecordedError
from treedebug.core.run.run_data import ComparedRun, Header, RunData, RunView
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.sampling_noise import sampling_noise
from treedebug.signals.runs.paired_losses import paired_error

_ROUNDS = 5
"""Rounds in which a metric must agree to the last bit for two models to be one."""
_DIGITS = 6
"""Significant digits in which two parameters must agree: libraries hand float32 values back."""
_HARMLESS = (
    "n_estimators", "n_jobs", "verbosity", "early_stopping_round", "early_stopping_min_delta", "validate_parameters",
    "snapshot_freq", "updater_seq", "output_model", "metric", "eval_metric", "is_provide_training_metric", "num_trees",
    "base_score", "boost_from_average",
)  # fmt: skip
"""Parameters that do not change a tree, or only tell what came of the others."""
_SEEDS = (
    "random_state", "bagging_seed", "feature_fraction_seed", "data_random_seed", "drop_seed", "extra_seed",
    "objective_seed", "seed_per_iteration",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RunPair:
    """The run judged (`now`) and the one it is compared with (`then`)."""

    now: RunData
    then: RunData

    @classmethod
    def measure(cls, view: RunView, baseline: ComparedRun) -> Self:
        """Raise Missing unless both are of one library and one of them has rounds."""
        now, then = view.run, baseline.run
        if now.header.library != then.header.library:
            raise Missing(f"one run is of {then.header.library or '?'}, the other of {now.header.library or '?'}")
        if not (now.n_rounds and then.n_rounds):
            raise Missing("one of the two runs has no round")
        return cls(now, then)

    @cached_property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Parameters that differ, (then, now), harmless ones left out."""
        then, now = (_settings(run.header) for run in (self.then, self.now))
        both = {name: (then.get(name), now.get(name)) for name in {**then, **now}}
        return {n: v for n, v in both.items() if _rounded(v[0]) != _rounded(v[1]) and n not in _HARMLESS}

    @property
    def changed_numbers(self) -> tuple[str, ...]:
        """Parameters that differ and are numbers in both, seeds left out."""
        numbers = (int, float)
        return tuple(
            n
            for n, (a, b) in self.changed.items()
            if isinstance(a, numbers) and isinstance(b, numbers) and n not in _SEEDS
        )

    @property
    def only_seeds(self) -> bool:
        """Whether seeds, and nothing else, differ."""
        return bool(self.changed) and set(self.changed) <= set(_SEEDS)

    @cached_property
    def same_data(self) -> bool:
        """Whether, as far as the headers tell (rows, columns, label summary), both trained on the same data."""
        return bool(_training(self.then.header) == _training(self.now.header))

    @cached_property
    def n_shared(self) -> int:
        """Rounds that both have."""
        return min(self.then.n_rounds, self.now.n_rounds)

    @cached_property
    def first_difference(self) -> int | None:
        """The first round whose trees differ; None if all shared rounds are equal; raises Missing without trees."""
        if _same_curves(self.then, self.now, self.n_shared):
            return None
        pairs = itertools.zip_longest(_trees(self.then), _trees(self.now))
        seen = 0
        for a, b in pairs:
            seen += 1
            at = min(x[0] for x in (a, b) if x is not None)
            if at >= self.n_shared:
                return None
            if a != b:
                return at
        if not seen:
            raise Missing("needs the recorded trees of both runs")
        return None


def _same_curves(then: RunData, now: RunData, n_rounds: int) -> bool:
    """Return whether a metric that moves in every round has the same values in both: trees may be written otherwise."""
    for dataset, metric in then.evals.keys():  # not a dict
        if (dataset, metric) not in now.evals.keys():  # not a dict
            continue
        a, b = (run.evals.series(dataset, metric).values[:n_rounds] for run in (then, now))
        if len(a) >= _ROUNDS and len(np.unique(a)) == len(a) and np.array_equal(a, b):
            return True
    return False


@dataclass(frozen=True, eq=False)
class LossChange:
    """The best validation value of two runs on the same rows; `difference` is positive where it got worse."""

    dataset: str
    metric: str
    then: float
    now: float
    difference: float
    gained: float
    """What the earlier run improved in all."""
    noise: float
    """Standard deviation of the difference by chance: of the curves, and of which rows happen to be in validation."""
    is_paired: bool
    """Whether the latter is known from the losses of both runs on the same rows; else it is estimated."""

    @classmethod
    def measure(cls, pair: RunPair) -> Self:
        """Raise Missing unless both watched one metric on the same validation data."""
        a, b = (Resolver(run.at(run.n_rounds, final=True)).get(EvalLoss) for run in (pair.then, pair.now))
        if (a.dataset, a.metric) != (b.dataset, b.metric):
            raise Missing(f"the runs are judged by {a.metric} on {a.dataset} and {b.metric} on {b.dataset}")
        facts = [run.header.data.get(a.dataset, {}) for run in (pair.then, pair.now)]
        if facts[0] != facts[1]:
            raise Missing(f"{a.dataset} is not the same data in both runs")
        best = [float(loss.valid[loss.best]) for loss in (a, b)]
        runs, rounds = (pair.then, pair.now), (a.best_round, b.best_round)
        paired = paired_error(runs, dataset=a.dataset, metric=a.metric, best=rounds)
        chance = paired
        if chance is None:
            chance = sampling_noise(a.metric, abs(best[0]), facts[0]) * math.sqrt(2.0 * (1.0 - _ALIKE))
        return cls(
            dataset=a.dataset,
            metric=a.metric,
            then=a.shown(best[0]),
            now=b.shown(best[1]),
            difference=best[1] - best[0],
            gained=a.gained,
            noise=math.hypot(chance, a.noise, b.noise),
            is_paired=paired is not None,
        )


_ALIKE = 0.9
"""Correlation of two models' losses on the same rows; 0.88 to 0.99 was measured on pairs of sound trainings."""


def _trees(run: RunData) -> Iterator[tuple[int, bytes]]:
    """Yield (round, digest) of every tree, in order."""
    for batch in run.trees.batches():
        if not len(batch.rounds):
            continue
        try:
            table = run.trees.read(batch)
        except (FormatError, NotRecordedError) as error:
            raise Missing(f"the recorded trees of one run cannot be read: {error!s:.200}") from error
        for i, round_index in enumerate(table.round_index.tolist()):
            part = slice(int(table.offsets[i]), int(table.offsets[i + 1]))
            columns = (table.feature, table.threshold, table.left, table.right, table.leaf_value)
            digest = hashlib.blake2b(b"".join(np.ascontiguousarray(c[part]).tobytes() for c in columns), digest_size=16)
            yield round_index, digest.digest()


def _settings(header: Header) -> dict[str, Any]:
    return {**header.params, "objective": header.objective, "booster": header.booster}


def _rounded(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, int | float) and math.isfinite(value) else str(value)


def _training(header: Header) -> Any:
    facts = [d for d in header.data.values() if d.get("is_training")]
    return facts[:1], header.n_features, header.feature_names

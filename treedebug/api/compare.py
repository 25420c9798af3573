"""Runs side by side: what was set differently, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from treedebug.api.boosted_run import Run, as_run, load
from treedebug.api.compared_rows import sections_of
from treedebug.api.comparison import Comparison
from treedebug.api.known_rules import chosen_rules
from treedebug.api.run_location import local_runs
from treedebug.api.run_score import score_of
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.errors import ConfigError, TreedebugError
from treedebug.core.report import Score
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_labels import run_labels
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate
from treedebug.signals.runs.candidates import candidates
from treedebug.signals.runs.score_differences import score_differences
from treedebug.store.disk_store import is_run
from treedebug.store.load_run import find_runs

_FEWEST = 2


@np.errstate(all="ignore")
def compare(
    *runs: Recorded | str | os.PathLike[str] | Sequence[Recorded] | Mapping[str, Recorded], config: Config | None = None
) -> Comparison:
    """Put two or more runs side by side, and judge each against the first.

        treedebug.compare(run_a, run_b)
        treedebug.compare("runs/search")    # every run in the folder

    `config` defaults to `[tool.treedebug]` of the nearest pyproject.toml. Raise TreedebugError for fewer than two runs,
    RunNotFoundError where a path holds none.
    """
    loaded = [run for given in runs for run in _loaded(given)]
    if len(loaded) < _FEWEST:
        raise TreedebugError(
            f"compare needs at least two runs, got {len(loaded)}: treedebug.compare(run_a, run_b), or a folder of runs"
        )
    datas = [run.data for run in loaded]
    labels = run_labels([run.path for run in loaded])
    rules = chosen_rules(settle(config).override(preview=True), of_pairs=True)
    first, *others = datas
    scores = tuple(score_of(data) for data in datas)
    reference = 0 if len(datas) == _FEWEST else _best_run(scores)
    verdicts = tuple(evaluate(d.at(d.n_rounds, final=d.ended).against(first, tuple(datas)), rules) for d in others)
    return Comparison(
        labels=labels,
        scores=scores,
        sections=sections_of(loaded),
        verdicts=verdicts,
        runs=tuple(loaded),
        reference=reference,
        differences=score_differences(datas, reference),
        candidates=candidates(datas, labels),
    )


def _best_run(scores: Sequence[Score | None]) -> int:
    """Return the position of the best by the metric that most runs have; the first of equals."""
    names = [(s.dataset, s.metric) for s in scores if s is not None]
    usual = max(names, key=names.count, default=None)
    ranks = {
        i: -s.best if s.higher_is_better else s.best
        for i, s in enumerate(scores)
        if s is not None and (s.dataset, s.metric) == usual
    }
    return min(ranks, key=lambda i: ranks[i], default=0)


def _loaded(given: Any) -> list[Run]:
    """Return the run itself; of a path the run there, or every run below it; all runs of a list or a RunFolder."""
    if isinstance(given, Recorded):
        return [as_run(given)]
    if isinstance(given, Mapping):
        return [run for one in given.values() for run in _loaded(one)]
    if isinstance(given, list | tuple):
        return [run for one in given for run in _loaded(one)]
    if not isinstance(given, str | os.PathLike):
        raise ConfigError(f"compare takes runs, their paths, or a folder; got {kind_of(given)}{what_to_do(given)}")
    place = local_runs(given)
    below = [] if is_run(place) else find_runs(place)
    return [load(path) for path in below] or [load(place)]

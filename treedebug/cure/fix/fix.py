"""`treedebug.fix`: train again, led by a record, keep what validation bears out, and prove it once."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from treedebug.api.check_subject import recognise
from treedebug.api.subject import RUN
from treedebug.core.errors import ConfigError
from treedebug.core.params.parameter_names import canonical_name
from treedebug.cure.fix.cure import Cure, Wanted
from treedebug.cure.fix.fixed import Fixed
from treedebug.cure.fix.inputs import N_FOLDS, Given, n_classes_of, sets_of
from treedebug.cure.fix.settings import of_estimator, of_run
from treedebug.cure.fix.trainers import UserTrain
from treedebug.cure.fix.trial import CureLimits
from treedebug.profiles.sources.remote_files import is_url
from treedebug.store.writing.run_paths import numbered

GOALS = ("better", "smaller", "both")
NOISE = 0.5
"""Standard errors of the paired difference by which a trial must be ahead of the model stopped early.

Chosen on the design half of benchmarks/cure.py, where no trial that was kept was worse beyond two on the test rows; 1
would have refused one in seven of those that were better there."""


def fix(  # noqa: PLR0913 - what is cured, the rows, the goal, and what must not be touched
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    data: Any = None,
    train: UserTrain | None = None,
    valid: Any = None,
    test: Any = None,
    budget: int = 5,
    goal: str = "better",
    seconds: float | None = None,
    noise: float = NOISE,
    tolerance: float = 0.0,
    keep: Sequence[str] = (),
    frozen: Sequence[str] = (),
    most_leaves: int | None = None,
    most_bytes: int | None = None,
    most_seconds: float | None = None,
    group: Any = None,
    time: Any = None,
    folds: int = N_FOLDS,
    path: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    seed: int = 0,
) -> Fixed:
    """Train again at most `budget` times, keep a change only where validation bears it out, prove it once on `test`.

        report = treedebug.fix("runs/churn", data=(X, y), valid=(X_valid, y_valid), test=(X_test, y_test))
        report = treedebug.fix(XGBClassifier(max_depth=8), X, y, test=(X_test, y_test))    # folds judge
        print(report)

    `model` is a recorded run or its path, or an estimator of XGBoost or LightGBM. A run is cut at its best round for
    nothing; that is what trials are judged against. `data`, `valid` and `test` are (X, y) or (X, y, weight); without
    `valid`, or where it is too small, `folds` of the data judge (by `group`, or forward in `time`, where given: arrays
    of the data's rows, or a dict by set). `train` is your own function of (params, rounds, patience, drop) that returns
    a booster, instead of the library's `train` with the recorded parameters.

    `goal` is "better" (lower loss), "smaller" (fewest leaves, no worse by more than `tolerance` standard errors) or
    "both". A trial is kept where its validation loss is lower by more than `noise` standard errors of the difference by
    row. `budget` counts trainings, `seconds` all of them; Ctrl-C leaves the best so far. `frozen` parameters and `keep`
    features are not touched; `most_leaves`, `most_bytes` and `most_seconds` (to predict a row) are limits. Each trial
    is recorded below `path` (default: beside the run). `out` is where the model is written.

    Raise ConfigError for rows that cannot judge, and for objectives whose loss of a row is not known.
    """
    if goal not in GOALS:
        raise ConfigError(f"goal is one of {', '.join(GOALS)}; got {goal!r}")
    if budget < 1:
        raise ConfigError(f"budget is a number of trainings, 1 or more; got {budget}")
    deadline = None if seconds is None else clock.monotonic() + seconds
    given = Given(data if X is None else (X, y), valid, test, group, time, folds)
    if given.data is None and train is None:
        raise ConfigError("fix needs the training rows: data=(X, y), or fix(estimator, X, y), or a function train=")
    run, place = None, path
    if hasattr(model, "get_params") and hasattr(model, "fit"):
        n_classes = n_classes_of(given)
        training = of_estimator(model, n_classes)
    else:
        found = recognise(model)
        if found.kind != RUN:
            raise ConfigError(
                "fix takes a recorded run or its path, or an estimator; a saved model does not say how it was trained "
                "(treedebug.slim takes it)"
            )
        run, training = found.run, of_run(found.run.header)
        n_classes = training.n_classes
        beside = os.fspath(model) if isinstance(model, str | os.PathLike) else str(getattr(model, "path", None) or "")
        if place is None and beside and not is_url(beside):  # of a run elsewhere, trials stay in memory
            place = f"{beside.rstrip('/')}-fix"
    limits = CureLimits(
        frozenset(canonical_name(n, training.library) for n in frozen), frozenset(map(str, keep)), most_leaves,
        most_bytes, most_seconds,
    )  # fmt: skip
    wanted = Wanted(goal, budget, deadline, noise, tolerance, limits, threads, seed)
    cure = Cure(training, run, sets_of(given, n_classes), wanted, train, _free(place))
    return cure.result(None if out is None else Path(out))


def _free(place: str | os.PathLike[str] | None) -> Path | None:
    """Return a folder that does not exist yet: trials of one cure stand together."""
    if place is None:
        return None
    return next(p for p in numbered(Path(place).expanduser()) if not p.exists())

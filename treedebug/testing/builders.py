"""Builders of runs, curve by curve and tree by tree, for the tests of rules.

Each builder returns a `RunData` and takes one as `run=` to add to, so they compose:

    run = curves(train=[0.6, 0.4, 0.3], valid=[0.6, 0.5, 0.5])
    run = trees([grown(3), grown(2), leaf(0.1)], run=run)
    run = classes([[[90, 10], [5, 95]]] * 3, run=run)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.eval_log import UNKNOWN_USAGE, Usage
from treedebug.core.run.margin_log import MarginLog, MarginRecord
from treedebug.core.run.rate_log import RateLog, RateReason
from treedebug.core.run.run_data import FINISHED, ComparedRun, Header, RunData

Values = Sequence[float] | NDArray[np.floating[Any]]
TRAIN, VALID = "train", "valid"


def header(*, run: RunData | None = None, **fields: Any) -> RunData:
    """Return a run with these header fields (see `Header`), or `run` with them changed."""
    run = run if run is not None else RunData(Header(library="xgboost"))
    run.header.update(fields)
    return run


def labels(counts: Sequence[float], *, dataset: str = TRAIN, weighted: Sequence[float] | None = None) -> dict[str, Any]:
    """Return a `Header.data` with the label summary of one dataset: rows (and summed weights) per class."""
    label: dict[str, Any] = {"kind": "classes", "counts": list(counts)}
    if weighted is not None:
        label["weighted"] = list(weighted)
    return {dataset: {"n_rows": int(sum(counts)), "label": label, "is_training": dataset == TRAIN}}


def curves(  # noqa: PLR0913 - each has a default
    *,
    train: Values | None = None,
    valid: Values | None = None,
    metric: str = "logloss",
    higher_is_better: bool | None = None,
    seconds: float = 0.01,
    ended: bool = True,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """Return a run with one metric on the training and the validation data; other arguments are header fields."""
    run = header(run=run, **fields)
    start = run.header.start_round
    for dataset, values in ((TRAIN, train), (VALID, valid)):
        for k, value in enumerate(values if values is not None else ()):
            run.evals.append(start + k, dataset, metric, float(value))
    run.evals.training.add(TRAIN)
    if higher_is_better is not None:
        run.evals.directions[metric] = higher_is_better
    n_rounds = start + max(len(train if train is not None else ()), len(valid if valid is not None else ()))
    return ending(rounds(n_rounds, seconds=seconds, run=run), ended=ended)


def rounds(
    n_rounds: int,
    *,
    seconds: float | Sequence[float] = 0.01,
    iterations: Sequence[int] | None = None,
    usage: Sequence[Usage] | None = None,
    run: RunData | None = None,
) -> RunData:
    """Return a run of `n_rounds` rounds: `seconds` of all or of each, `usage` of each.

    `iterations` of the booster after each one are by default one more every round.
    """
    run = header(run=run)
    start = run.header.start_round
    for k in range(run.n_rounds or start, n_rounds):
        done = k + 1 if iterations is None else iterations[k - start]
        took = seconds if isinstance(seconds, int | float) else seconds[k - start]
        used = UNKNOWN_USAGE if usage is None else usage[k - start]
        run.rounds.append(k, learning_rate=0.1, seconds=took, iterations=done, usage=used)
    return run


def scheduled(rates: Values, *, run: RunData | None = None, **facts: Any) -> RunData:
    """Return a run whose rounds have these learning rates, set by a schedule with these facts (see `RateLog`)."""
    run = header(run=run)
    start = run.header.start_round
    for k, rate in enumerate(rates):
        run.rounds.append(start + k, learning_rate=float(rate), seconds=0.01, iterations=start + k + 1)
    log = run.ensure_stream(RateLog)
    log.facts = {"schedule": "GreedyLR", "watch": [VALID, "logloss"], "watches_training": False, **facts}
    log.append(RateReason(start, float(rates[0]), "GreedyLR begins"))
    return ending(run)


def ending(run: RunData, *, ended: bool = True, state: str = FINISHED, best_round: int | None = None) -> RunData:
    """Return the run with its end recorded, or still running."""
    end = {"state": state, "best_round": best_round, "reason": "", "n_rounds": run.n_rounds}
    run.ending = end if ended else None
    return run


def classes(
    confusions: Sequence[ArrayLike],
    *,
    dataset: str = VALID,
    rounds_at: Sequence[int] | None = None,
    probability: Sequence[ArrayLike] | None = None,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """Return a run with one confusion matrix (label down, prediction across) a round, or at `rounds_at`.

    `probability` gives the mean predicted probability of each class, one row a matrix; unknown without it.
    """
    run = header(run=run, **fields)
    at = list(range(len(confusions))) if rounds_at is None else list(rounds_at)
    for k, (round_index, matrix) in enumerate(zip(at, confusions, strict=True)):
        counts = np.array(matrix, dtype=np.int64)
        weight = counts.sum(axis=1).astype(np.float64)
        mean = np.full(len(counts), np.nan) if probability is None else np.array(probability[k], dtype=np.float64)
        run.classes.append(ClassRecord(round_index, dataset, counts, weight, mean))
    run.header.n_classes = run.header.n_classes or (len(np.array(confusions[0])) if len(confusions) else 0)
    run.evals.training.add(TRAIN)
    return ending(rounds(at[-1] + 1 if at else 0, run=run))


def margins(
    *,
    train: ArrayLike | None = None,
    valid: ArrayLike | None = None,
    leads: Mapping[str, ArrayLike] | None = None,
    n_rounds: int = 25,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """Return a run with these margins of the rows in every round: (n,), or (n_rounds, n) where they change.

    `leads` (dataset -> as the margins) belong to three or more classes. Labels are all 1; `n_classes` is 2 by default.
    """
    run = header(run=run, **fields)
    run.header.n_classes = run.header.n_classes or 2
    log = run.ensure_stream(MarginLog)
    given = {name: np.asarray(v, dtype=np.float32) for name, v in ((TRAIN, train), (VALID, valid)) if v is not None}
    for dataset, values in given.items():
        n = values.shape[-1]
        facts = {"n_rows": n, "is_training": dataset == TRAIN, **run.header.data.get(dataset, {})}
        run.header.data = {**run.header.data, dataset: facts}
        log.labels[dataset] = np.ones(n, dtype=np.float32)
        shape = (n_rounds, n)
        own = np.broadcast_to(values, shape)
        lead = None if leads is None else np.broadcast_to(np.asarray(leads[dataset], dtype=np.float32), shape)
        for k in range(n_rounds):
            at = run.header.start_round + k
            log.append(MarginRecord(at, dataset, n, own[k].copy(), None if lead is None else lead[k].copy()))
    run.evals.training.add(TRAIN)
    return ending(rounds(run.header.start_round + n_rounds, run=run))


def compared(now: RunData, then: RunData, search: tuple[RunData, ...] = ()) -> RunData:
    """Return a run with the one it is compared with, for the rules on two runs."""
    now.add_stream(ComparedRun, ComparedRun(then, search))
    return now

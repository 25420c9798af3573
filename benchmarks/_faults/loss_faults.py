"""Faults of the loss: objectives of the user's own, scales, links, what early stopping goes by, queries, categories."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from _faults.catalog import STATED, fault
from _faults.jobs import Job, Part, Unfit
from _faults.param_faults import OVERFITTED
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION, Floats

AMOUNTS = (REGRESSION,)
STUCK = "CV101 CV102 CV103 CV104 CV105 CV106 CV107 CL407 FT301 FT302 FT304 HP506 HP507 TR203 TR204 TR205 TR207"


def _own(job: Job, gradient_of: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> None:
    job.drop("objective")
    job.set(xgb={"eval_metric": "rmse"}, lgb={"metric": "rmse"})
    job.own_objective = gradient_of


def _level(job: Job, deviations: float) -> None:
    """Move all labels, so many of their standard deviations up from their mean of 0."""
    mean, spread = float(job.train.y.mean()), float(job.train.y.std())

    def move(part: Part) -> None:
        part.y = part.y - mean + deviations * spread

    job.each(move)


@fault("the gradient of an own squared error is label minus prediction (severe: twice that)", "HP509", STUCK + " HP510",
       tasks=AMOUNTS)  # fmt: skip
def reversed_gradient(job: Job, severe: bool, rng: Generator) -> None:
    much = 2.0 if severe else 1.0
    _level(job, 0.5)
    _own(job, lambda p, y: (much * (y - p), np.full(len(y), much)))
    job.rounds, job.patience = 40, None


def _far_twin(job: Job, severe: bool, _: Generator) -> None:
    _level(job, 100.0 if severe else 10.0)
    job.rounds, job.patience = 50, None


@fault("an own squared error starts at 0, the labels lie 10 deviations away (severe: 100), 50 rounds", "HP510",
       STUCK, tasks=AMOUNTS, twin=_far_twin)  # fmt: skip
def distant_start(job: Job, severe: bool, rng: Generator) -> None:
    _far_twin(job, severe, rng)
    _own(job, lambda p, y: (p - y, np.ones(len(y))))
    if job.is_xgboost:
        job.params["base_score"] = 0.0


@fault("a loss on the scale of 1, labels on that of 5,000: huber's alpha or slope (severe: max_delta_step=1)", "HP511",
       STUCK + " HP503", tasks=AMOUNTS)  # fmt: skip
def mismatched_loss_scale(job: Job, severe: bool, rng: Generator) -> None:
    spread = job.train.y.std()

    def scale(part: Part) -> None:
        part.y = part.y / spread * 5000.0

    job.each(scale)
    if severe:
        job.set(xgb={"max_delta_step": 1.0}, lgb={"max_delta_step": 1.0})
    else:
        job.set(
            xgb={"objective": "reg:pseudohubererror", "eval_metric": "mae"}, lgb={"objective": "huber", "metric": "l1"}
        )


@fault("an own objective with a hessian of 0 (mild: of log-cosh, which is 0 far from the labels)", "HP512",
       STUCK + " HP510", tasks=AMOUNTS)  # fmt: skip
def vanishing_hessian(job: Job, severe: bool, rng: Generator) -> None:
    _level(job, 2.0)
    spread = float(job.train.y.std())

    def scale(part: Part) -> None:
        part.y = part.y / spread * 20.0

    job.each(scale)

    def slope(p: Floats, y: Floats) -> tuple[Floats, Floats]:
        g = np.tanh(p - y)
        return g, np.zeros(len(y)) if severe else 1.0 - g * g

    _own(job, slope)
    if job.is_xgboost:
        job.params["base_score"] = 0.0


@fault("an own log loss takes raw scores for probabilities: no sigmoid, cut at 1e-6 (severe: at 1e-9)", "HP521",
       STUCK + " TR206 FT303 CV109 CV111 CV112 HP509 HP510 HP512 HP513", tasks=(BINARY,))  # fmt: skip
def unlinked_scores(job: Job, severe: bool, rng: Generator) -> None:
    if job.is_xgboost:
        raise Unfit("the gradients of XGBoost are not listened to")
    least = 1e-9 if severe else 1e-6

    def of_scores(p: Floats, y: Floats) -> tuple[Floats, Floats]:
        p = np.clip(p, least, 1.0 - least)
        return (p - y) / (p * (1.0 - p)), np.ones(len(y))

    _own(job, of_scores)
    job.set(lgb={"metric": "auc"})
    job.rounds, job.patience = 60, None


@fault("early stopping goes by the AUC of validation rows with 4 rows of a class (severe: with none)",
       "HP513 CV107 DA611", "CL404 DA624 CV106 CV103 HP507 CL401 CL403 DA601 CL405", tasks=(BINARY,))  # fmt: skip
def degenerate_decider(job: Job, severe: bool, rng: Generator) -> None:
    keep = np.ones(len(job.valid.y), dtype=bool)
    keep[np.flatnonzero(job.valid.y == 1)[0 if severe else 4 :]] = False
    job.valid = job.valid.take(keep)
    job.set(xgb={"eval_metric": "auc"}, lgb={"metric": "auc"})
    job.patience = 10


@fault("a ranking whose queries have one row each (mild: nine in ten of them)", "HP514", "", tasks=(BINARY,),
       harm=STATED, why_kept="a query of one row holds nothing to rank; a ranking has losses of its own")  # fmt: skip
def single_row_queries(job: Job, severe: bool, rng: Generator) -> None:
    job.set(xgb={"objective": "rank:ndcg", "eval_metric": "ndcg"}, lgb={"objective": "lambdarank", "metric": "ndcg"})
    job.query_rows = 1 if severe else 10
    job.rounds, job.patience = 60, 10


def _trend(job: Job, severe: bool, *, is_there: bool) -> None:
    parts = [job.train, job.valid, job.test]
    spread, at = job.train.y.std() * (4.0 if severe else 2.0), 0
    for part in parts:
        time = np.arange(at, at + len(part.y), dtype=np.float64)
        at += len(part.y)
        part.X = np.column_stack([part.X, time])
        if is_there:
            part.y = part.y + spread * time / job.n


@fault("the labels rise with time by 2 deviations over the training rows (severe: 4), and the rows to come are judged",
       "HP515 DA611 CL404", "CL407 CV101 CV102 CV103 CV106 DA610 DA612 DA607 FT302 FT303 FT306 DA621", tasks=AMOUNTS,
       twin=lambda job, severe, _: _trend(job, severe, is_there=False))  # fmt: skip
def labels_beyond_training(job: Job, severe: bool, rng: Generator) -> None:
    _trend(job, severe, is_there=True)


@fault("a categorical column of codes that mean nothing, 8 rows each (severe: 4), with loose bounds on its splits",
       "HP516 DA616", f"{OVERFITTED} TR206 FT302 FT303 FT306 DA612 TR201", tasks=(BINARY, REGRESSION))  # fmt: skip
def thin_categories(job: Job, severe: bool, rng: Generator) -> None:
    n = job.n // (4 if severe else 8)
    job.categorical = (job.train.X.shape[1],)
    job.each(lambda part: setattr(part, "X", np.column_stack([part.X, rng.integers(0, n, len(part.y))])))
    job.set(
        xgb={"max_cat_threshold": 1024, "min_child_weight": 0.1, "lambda": 0.01},
        lgb={"cat_smooth": 1.0, "cat_l2": 0.1, "min_data_per_group": 2, "max_cat_threshold": 1024},
    )


def _hollow(job: Job, severe: bool, _: Generator) -> None:
    d = job.train.X.shape[1]
    columns = np.arange(d if severe else (d + 1) // 2)
    middle = np.nanmedian(job.train.X[:, columns], axis=0)

    def empty(part: Part) -> None:
        part.X[:, columns] = np.where(part.X[:, columns] < middle, 0.0, part.X[:, columns] - middle + 1.0)

    job.each(empty)


@fault("columns that are 0 in every other row (severe: all of them): sparse in training, dense afterwards", "HP517",
       "CL404 CL407 CV101 CV102 CV103 CV107 CL406 CL402 CL403 CL405 DA610 CV106", tasks=(BINARY, MULTI, REGRESSION),
       twin=_hollow)  # fmt: skip
def mixed_sparsity(job: Job, severe: bool, rng: Generator) -> None:
    if not job.is_xgboost:
        raise Unfit("LightGBM reads an entry that is not there as 0 in both")
    _hollow(job, severe, rng)
    job.sparse = ("train",)


@fault("one label in 50 is 60 deviations too large (severe: 600), squared error", "CV118 DA633",
       f"{STUCK} CL404 CV109 CV110 CV111 CV112 DA611 DA608 FT302 FT306 TR206 TR208 TR210 HP507",
       tasks=AMOUNTS)  # fmt: skip
def spiked_labels(job: Job, severe: bool, rng: Generator) -> None:
    spread = float(job.train.y.std())

    def spike(part: Part) -> None:
        part.y = np.where(rng.random(len(part.y)) < 0.02, part.y + spread * (600.0 if severe else 60.0), part.y)

    job.each(spike, "train", "valid")


@fault("an objective that aims at the median or below where the mean is asked for (severe: relative errors)", "CL407",
       "CV106 CV103 HP505 HP507", tasks=(REGRESSION, COUNTS))  # fmt: skip
def biased_predictions(job: Job, severe: bool, rng: Generator) -> None:
    if job.train.y.min() <= (0 if severe else -np.inf):
        raise Unfit("relative errors need positive labels")
    far = {"objective": "reg:squaredlogerror", "eval_metric": "rmsle"}
    near = {"objective": "reg:absoluteerror", "eval_metric": "mae"}
    job.set(
        xgb=far if severe else near,
        lgb={"objective": "mape", "metric": "mape"} if severe else {"objective": "l1", "metric": "l1"},
    )


@fault("the classes are numbered from 1, with a class too many for the library to take it (severe: from 3)",
       "DA617 HP505 DA615", "CL403 CL404 CL406 DA601 DA611 DA624", tasks=(MULTI,), harm=STATED,
       why_kept="classes that cannot occur are trained and predicted; how much that costs is chance")  # fmt: skip
def classes_from_one(job: Job, severe: bool, rng: Generator) -> None:
    first = 3 if severe else 1

    def number(part: Part) -> None:
        part.y = part.y + first

    job.each(number)
    job.n_classes += first
    job.params["num_class"] = job.n_classes


@fault("eight threads a core (severe: sixteen)", "SY806", "SY801 SY804", harm=STATED,
       why_kept="every round waits for threads that wait for cores; how long is the machine's affair")  # fmt: skip
def oversubscribed_cores(job: Job, severe: bool, rng: Generator) -> None:
    threads = (os.cpu_count() or 1) * (16 if severe else 8)
    job.set(xgb={"nthread": threads}, lgb={"num_threads": threads})
    job.rounds, job.patience = 30, None

"""Faults of the settings: parameters, rounds, early stopping, objectives, metrics."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from _faults.catalog import CLASSES, STATED, TIME, WASTE, fault
from _faults.data_faults import top_features
from _faults.jobs import Job, Unfit
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION

LEARNED = (BINARY, MULTI, REGRESSION)
BLOCKED = "CV103 CV104 CV106 FT304 FT301 TR204 CL405 CL403 CV107 HP507"
OVERFITTED = "CV101 CV102 CL406 CV107 FT305 CV110 CV111 FT303"


@fault("an objective for amounts on classes (mild: squared error, severe: absolute error)", "HP505",
       "CV103 CV106 CV104 CL405 CV101", tasks=CLASSES)  # fmt: skip
def wrong_objective(job: Job, severe: bool, rng: Generator) -> None:
    job.drop("num_class")
    if severe:
        job.set(xgb={"objective": "reg:absoluteerror", "eval_metric": "mae"}, lgb={"objective": "l1", "metric": "l1"})
    else:
        job.set(
            xgb={"objective": "reg:squarederror", "eval_metric": "rmse"},
            lgb={"objective": "regression", "metric": "rmse"},
        )


@fault("early stopping takes the loss for a score, the higher the better (patience 25; severe: 5)", "HP504",
       "CV106 CV103")  # fmt: skip
def wrong_direction(job: Job, severe: bool, rng: Generator) -> None:
    if not job.is_xgboost and job.task == COUNTS:
        raise Unfit("no such metric here")
    job.maximize = True
    job.patience = 5 if severe else 25


@fault("early stopping watches the training rows (LightGBM: which turns it off); severe: for 1,200 rounds",
       "HP504", "CV102 CV101 HP503 CL406 TR203 TR204 FT305", harm=WASTE)  # fmt: skip
def stopping_on_train(job: Job, severe: bool, rng: Generator) -> None:
    job.watched = ("valid", "train") if job.is_xgboost else ("train",)
    job.rounds = 1200 if severe else 500


@fault("learning rate 0.9 (severe: 2)", "HP507 CV105 TR205 TR210", f"{OVERFITTED} TR203 CV109 CL403 CL404 CV106 CV103")
def eta_too_high(job: Job, severe: bool, rng: Generator) -> None:
    eta = 2.0 if severe else 0.9
    job.set(xgb={"eta": eta}, lgb={"learning_rate": eta})
    job.rounds, job.patience = 100, None


@fault("learning rate 0.003 (severe: 0.0005) for 100 rounds", "HP507 CV106", "CV103 CV104 CL403 TR204 CL405 CL401")
def eta_too_low(job: Job, severe: bool, rng: Generator) -> None:
    eta = 0.0005 if severe else 0.003
    job.set(xgb={"eta": eta}, lgb={"learning_rate": eta})
    job.rounds, job.patience = 100, None


@fault("trees far too large: depth 12 or 127 leaves (severe: unlimited, leaves of a row or two)",
       "TR201 TR206 TR208 HP502", f"{OVERFITTED} TR203 TR202")  # fmt: skip
def trees_too_large(job: Job, severe: bool, rng: Generator) -> None:
    if severe:
        job.set(
            xgb={"max_depth": 30, "min_child_weight": 0, "lambda": 0},
            lgb={"num_leaves": 1000, "min_data_in_leaf": 2, "min_sum_hessian_in_leaf": 1e-6, "lambda_l2": 0},
        )
    else:
        job.set(xgb={"max_depth": 12, "min_child_weight": 0.1}, lgb={"num_leaves": 127, "min_data_in_leaf": 2})
    job.rounds, job.patience = 150, None


@fault("600 rounds without early stopping (severe: 1,500)", "CV102 HP503",
       f"{OVERFITTED} TR203 TR204 HP507", harm=WASTE)  # fmt: skip
def too_many_rounds(job: Job, severe: bool, rng: Generator) -> None:
    job.rounds, job.patience = (1500 if severe else 600), None


@fault("400 rounds (severe: 1,000) with no validation set at all", "HP503",
       "CV102 CV101 TR203 TR204 CL406 FT305 HP507", harm=WASTE)  # fmt: skip
def no_validation(job: Job, severe: bool, rng: Generator) -> None:
    job.watched, job.patience = ("train",), None
    job.rounds = 1000 if severe else 400


@fault("12 rounds (severe: 4) at learning rate 0.1", "CV106 HP507", "CV103 CL403 CL405")
def too_few_rounds(job: Job, severe: bool, rng: Generator) -> None:
    job.rounds, job.patience = (4 if severe else 12), None


@fault("min_child_weight of a fifth of the hessian (severe: all of it)", "HP506 TR203 TR202", BLOCKED)
def min_child_weight(job: Job, severe: bool, rng: Generator) -> None:
    if job.task == BINARY:
        p = job.train.y.mean()
        mass = job.n * p * (1 - p)
    elif job.task == MULTI:
        mass = job.n * (2 if job.is_xgboost else 1) * (job.n_classes - 1) / job.n_classes**2
    else:
        mass = job.n * (job.train.y.mean() if job.task == COUNTS else 1.0)
    weight = float(mass * (1.1 if severe else 0.2))
    job.set(xgb={"min_child_weight": weight}, lgb={"min_sum_hessian_in_leaf": weight})


@fault("gamma or min_gain_to_split of 4 % of the first gain there could be (severe: 60 %)",
       "HP506 TR203 TR202", BLOCKED)  # fmt: skip
def gamma(job: Job, severe: bool, rng: Generator) -> None:
    variance = 1.0 if job.task in CLASSES else float(job.train.y.var())
    if job.task == COUNTS:
        variance /= float(job.train.y.mean())
    least = (0.6 if severe else 0.04) * job.n * variance
    job.set(xgb={"gamma": least}, lgb={"min_gain_to_split": least})


@fault("min_data_in_leaf of a quarter of the rows (severe: six tenths)", "HP506 TR203 TR202", BLOCKED)
def min_data_in_leaf(job: Job, severe: bool, rng: Generator) -> None:
    job.set(lgb={"min_data_in_leaf": int((0.6 if severe else 0.25) * job.n)})


@fault("L2 penalty of 20 times the rows (severe: 1,000 times)", "HP506 HP507 TR204", BLOCKED + " TR203 TR202")
def huge_lambda(job: Job, severe: bool, rng: Generator) -> None:
    much = (1000.0 if severe else 20.0) * job.n
    job.set(xgb={"lambda": much}, lgb={"lambda_l2": much})


@fault("subsample of 2 % of the rows (severe: half a percent)", "HP506 TR203 TR206 CV107",
       BLOCKED + " TR202 CV105 TR205")  # fmt: skip
def tiny_subsample(job: Job, severe: bool, rng: Generator) -> None:
    share = max(0.005 if severe else 0.02, 2.5 / job.n)
    job.set(xgb={"subsample": share}, lgb={"bagging_fraction": share, "bagging_freq": 1})


@fault("monotone constraints against the two most telling features (severe: against all)", "HP506 TR202 TR203 FT304",
       "CV103 CV106 CV101 FT301 CV104 CL405 CL403 CV107", tasks=(BINARY, REGRESSION, COUNTS))  # fmt: skip
def wrong_monotone(job: Job, severe: bool, rng: Generator) -> None:
    y = job.train.y
    signs = [0] * job.train.X.shape[1]
    for i in top_features(job, len(signs) if severe else 2):
        known = np.isfinite(job.train.X[:, i])
        signs[i] = -1 if np.corrcoef(np.argsort(np.argsort(job.train.X[known, i])), y[known])[0, 1] > 0 else 1
    job.set(xgb={"monotone_constraints": f"({','.join(map(str, signs))})"}, lgb={"monotone_constraints": signs})


@fault("scale_pos_weight 25 times what the classes ask for (severe: 400 times)", "HP508 CL404 CL408 CL409",
       "CL403 CV105 CV106 CL406 CV103 CV101 CV102 CV111 CV104 CV107", tasks=(BINARY,))  # fmt: skip
def excessive_weight(job: Job, severe: bool, rng: Generator) -> None:
    even = (job.train.y == 0).sum() / max((job.train.y == 1).sum(), 1)
    weight = float((400 if severe else 25) * even)
    job.set(xgb={"scale_pos_weight": weight}, lgb={"scale_pos_weight": weight})


@fault("no bound on the leaves: no L2, no least hessian, no max_delta_step, learning rate 0.5 (severe: 1)",
       "TR205 CV105 CL406 TR206 HP507", f"{OVERFITTED} TR203 TR210 TR201", tasks=(BINARY, MULTI, COUNTS))  # fmt: skip
def exploding_leaves(job: Job, severe: bool, rng: Generator) -> None:
    eta = 1.0 if severe else 0.5
    free = {"lambda": 0, "min_child_weight": 0, "eta": eta, "max_delta_step": 0, "max_depth": 8}
    if job.task == COUNTS:
        free["max_delta_step"] = 50
    job.set(
        xgb=free,
        lgb={
            "lambda_l2": 0, "min_sum_hessian_in_leaf": 1e-6, "min_data_in_leaf": 2, "learning_rate": eta,
            "num_leaves": 63,
        } | ({"poisson_max_delta_step": 1e-6} if job.task == COUNTS else {}),
    )  # fmt: skip
    job.rounds, job.patience = 100, None


@fault("one parameter set twice, under two aliases (severe: a hundred times apart)", "HP502", "CV106 CV103 HP507",
       harm=STATED, why_kept="which of the two the library takes is chance; the harm depends on it")  # fmt: skip
def aliases_twice(job: Job, severe: bool, rng: Generator) -> None:
    other = 0.001 if severe else 0.07
    job.set(xgb={"learning_rate": other}, lgb={"eta": other})


@fault("a parameter the library does not know (mild: a slip in the name; severe: the other library's)", "HP501",
       harm=STATED, why_kept="the run is as good as with the default, but it is not the one asked for")  # fmt: skip
def unknown_parameter(job: Job, severe: bool, rng: Generator) -> None:
    job.set(
        xgb={"feature_fraction": 0.5} if severe else {"max_dept": 3},
        lgb={"max_delta": 0.5, "colsample_bylevel": 0.5} if severe else {"num_leafs": 7},
    )


@fault("255 leaves asked for at depth 3 (severe: 1,000 at depth 2)", "HP502 TR202", "CV106 CV103",
       harm=STATED, why_kept="one of the two settings has no effect, and the user meant both")  # fmt: skip
def contradicting_size(job: Job, severe: bool, rng: Generator) -> None:
    depth, leaves = (2, 1000) if severe else (3, 255)
    job.set(
        xgb={"grow_policy": "lossguide", "max_leaves": leaves, "max_depth": depth},
        lgb={"num_leaves": leaves, "max_depth": depth},
    )


@fault("DART that drops 9 trees in 10 (mild: 6 in 10), 100 rounds", "HP507 HP506 TR204 CV107",
       "CV103 CV104 CV106 CV105 CL403 CL405 TR207 HP502", tasks=LEARNED)  # fmt: skip
def dart_drop(job: Job, severe: bool, rng: Generator) -> None:
    rate = 0.9 if severe else 0.6
    job.set(
        xgb={"booster": "dart", "rate_drop": rate, "skip_drop": 0.0},
        lgb={"boosting": "dart", "drop_rate": rate, "skip_drop": 0.0, "max_drop": -1},
    )
    job.rounds, job.patience = 100, None


@fault("a forest of one round whose learning rate is left at 0.3 (severe: 0.1)", "HP507",
       "CV106 CV103 CL403 CL405 CL407", tasks=LEARNED)  # fmt: skip
def shrunken_forest(job: Job, severe: bool, rng: Generator) -> None:
    job.set(xgb={"num_parallel_tree": 50, "subsample": 0.6, "colsample_bynode": 0.7, "eta": 0.1 if severe else 0.3})
    job.rounds, job.patience = 1, None


@fault("a metric that costs several times the round (severe: many times)", "SY804", "SY801", harm=TIME)
def costly_evaluation(job: Job, severe: bool, rng: Generator) -> None:
    # Named before the usual metric decides: early stopping still watches the loss where the library lets it.
    job.slow_metric = 1_500_000 if severe else 400_000
    job.rounds, job.patience = 60 if not severe else 30, None

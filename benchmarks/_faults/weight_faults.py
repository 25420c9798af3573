"""Faults of sample weights, and of labels of validation that are those of other rows."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from _faults.catalog import fault
from _faults.jobs import Job, Unfit

LOST = (
    "CV101 CV102 CV103 CV104 CV105 CV106 CV107 CV110 CV112 CL403 CL404 CL405 CL406 CL407 FT303 FT305 TR203 TR204 TR205"
)


@fault(
    "a tenth of the training rows has a negative weight (severe: three in ten)", "HP518", f"{LOST} TR206 TR207 TR201"
)
def negative_weights(job: Job, severe: bool, rng: Generator) -> None:
    if job.is_xgboost:
        raise Unfit("XGBoost refuses negative weights")
    job.weights = np.where(rng.random(job.n) < (0.3 if severe else 0.1), -1.0, 1.0)


@fault("seven in ten training rows have a weight of 0 (severe: 19 in 20)", "HP518",
       f"{LOST} HP506 FT304 TR201 TR206 CV109 FT301")  # fmt: skip
def zero_weights(job: Job, severe: bool, rng: Generator) -> None:
    job.weights = np.where(rng.random(job.n) < (0.95 if severe else 0.7), 0.0, 1.0)


@fault("labels of validation shuffled against its rows, those of training in order (mild: of four rows in five)",
       "CV112 CV101 DA625", f"{LOST} CL402 DA622 TR201 HP507")  # fmt: skip
def misplaced_validation_labels(job: Job, severe: bool, rng: Generator) -> None:
    rows = np.flatnonzero(rng.random(len(job.valid.y)) < (1.1 if severe else 0.8))
    job.valid.y[rows] = job.valid.y[rng.permutation(rows)]

"""Faults of the data: labels, order, scale, amount. Test rows stay as they will be met in service."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from _nn.catalog import BALANCED, TRUST, fault
from _nn.data import Part
from _nn.jobs import Job, Unfit

FITTED = "NN918 CV101 CV102 CV103 CV104 CL402 CL405"
"""What training on labels that mean nothing looks like: learned by heart, or not learned at all."""


def _take(part: Part, rows: np.ndarray) -> Part:
    return Part(part.X[rows], part.y[rows])


@fault("the rows are sorted by class and never shuffled", "NN915")
def sorted_rows(job: Job, _: Generator) -> None:
    job.train = _take(job.train, np.argsort(job.train.y, kind="stable"))
    job.shuffle = False


@fault("the training labels belong to other rows", FITTED)
def misaligned_labels(job: Job, rng: Generator) -> None:
    job.train.y = rng.permutation(job.train.y)
    job.epochs *= 2


@fault("the labels are one row off", FITTED, recipe="adam")
def labels_one_off(job: Job, _: Generator) -> None:
    job.train.y = np.roll(job.train.y, 1)
    job.epochs *= 2


@fault("half of the training labels are drawn at random", FITTED, recipe="adam")
def noisy_labels(job: Job, rng: Generator) -> None:
    wrong = rng.random(job.n) < 0.5
    job.train.y = np.where(wrong, rng.integers(0, job.data.n_classes, job.n), job.train.y)
    job.epochs *= 2


@fault("the validation labels belong to other rows", FITTED, harm=TRUST)
def misaligned_validation(job: Job, rng: Generator) -> None:
    job.valid.y = rng.permutation(job.valid.y)


@fault("40 rows of training data", "NN918 CV101 CV102", recipe="adam")
def few_rows(job: Job, rng: Generator) -> None:
    job.train = _take(job.train, rng.permutation(job.n)[:40])
    job.batch, job.epochs = 8, job.epochs * 4


@fault("one class has all but 3 % of the training rows", "CL401 CL403 CL404", harm=BALANCED)
def imbalanced_classes(job: Job, rng: Generator) -> None:
    rare = np.flatnonzero(job.train.y != 0)
    common = np.flatnonzero(job.train.y == 0)
    kept = rng.permutation(rare)[: max(4, int(0.03 * len(common)))]
    rows = rng.permutation(np.concatenate([common, kept]))
    repeats = max(1, round(600 / len(rows)))
    job.train = _take(job.train, np.tile(rows, repeats))


@fault("the features are not scaled", "DA602 NN917", nets=("mlp", "cnn"), raw=True)
def unscaled_inputs(job: Job, _: Generator) -> None:
    if job.data.is_tokens:
        raise Unfit("tokens have no scale")


@fault("the inputs are 100 times too large", "DA602 NN917", nets=("mlp", "cnn", "rnn"))
def large_inputs(job: Job, _: Generator) -> None:
    _scale(job, 100.0, ("train", "valid", "test"))


@fault("the inputs are 1,000 times too small", "DA602 NN917 NN906", nets=("mlp", "cnn", "rnn"))
def small_inputs(job: Job, _: Generator) -> None:
    _scale(job, 1e-3, ("train", "valid", "test"))


@fault(
    "the validation and test rows are not scaled as the training rows are", "NN917 CV101", nets=("mlp", "cnn", "rnn")
)
def unscaled_validation(job: Job, _: Generator) -> None:
    _scale(job, 20.0, ("valid", "test"))


@fault("one row has a NaN", "NN911 DA613", nets=("mlp", "cnn", "rnn"))
def nan_row(job: Job, rng: Generator) -> None:
    if job.data.is_tokens:
        raise Unfit("tokens are whole numbers")
    job.train.X.reshape(job.n, -1)[int(rng.integers(job.n)), 0] = np.nan


@fault("the inputs of the training rows are all zero (a loader that failed)", "NN905 NN906 CV104 CV101")
def blank_inputs(job: Job, _: Generator) -> None:
    job.train.X = np.zeros_like(job.train.X)


@fault("all but four tokens of each sequence are padding, cut off too early", "DA620", nets=("rnn", "transformer"))
def mostly_padding(job: Job, _: Generator) -> None:
    if not job.data.is_tokens:
        raise Unfit("no tokens")
    for part in (job.train, job.valid, job.test):
        part.X = part.X.copy()
        part.X[:, 4:] = 0


def _scale(job: Job, factor: float, parts: tuple[str, ...]) -> None:
    if job.data.is_tokens:
        raise Unfit("tokens have no scale")
    for name in parts:
        part = getattr(job, name)
        part.X = (part.X * factor).astype(np.float32)

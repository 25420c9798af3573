"""Faults of the rows: leaks, wrong labels, splits that are none, columns that break."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from _faults.catalog import BALANCED, CLASSES, TRUST, fault
from _faults.jobs import Job, Part, Unfit
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION, Floats

AMOUNTS = (REGRESSION, COUNTS)

# Which rules on data name a cause was read off the catalogue: DA607 a feature that tells the label; DA622 wrong labels;
# DA610 and DA611 features and labels of validation that differ; DA606 rows of validation that stand in training; DA624
# too few rows, DA615 labels that training lacks, DA601 a class with hardly any rows; DA621 validation rows between
# training rows in time, DA612 a column that numbers the rows; DA617 labels that are constant or cannot be held; DA613,
# DA604 and DA609 a column that overflowed, and so is constant, and so is missing.


def add_column(part: Part, column: Floats) -> None:
    part.X = np.column_stack([part.X, column])


def top_features(job: Job, n: int) -> list[int]:
    """The features that say most of the label, by rank correlation in the training rows."""
    y = job.train.y if job.task != MULTI else np.isin(job.train.y, np.arange(job.n_classes // 2)).astype(float)
    ranks = np.argsort(np.argsort(y, kind="stable")).astype(float)
    found = []
    for column in job.train.X.T:
        filled = np.where(np.isfinite(column), column, np.nanmedian(column) if np.isfinite(column).any() else 0.0)
        order = np.argsort(np.argsort(filled, kind="stable")).astype(float)
        constant = filled.max() == filled.min()
        found.append(0.0 if constant else float(np.corrcoef(order, ranks)[0, 1]))
    return [int(i) for i in np.argsort(-np.abs(np.array(found)), kind="stable")[:n]]


def _leak(job: Job, train: Floats, valid: Floats) -> None:
    """The column is known for the rows collected so far; in service nobody knows it yet: its mean stands there."""
    add_column(job.train, train)
    add_column(job.valid, valid)
    add_column(job.test, np.full(len(job.test.y), np.nanmean(train)))


@fault("a column is the label (mild: with a twentieth of its cells missing)", "FT306 CV109 DA607",
       "FT302 TR210 FT301 FT304 TR203 TR204 CV102 CV110")  # fmt: skip
def leak_exact(job: Job, severe: bool, rng: Generator) -> None:
    columns = []
    for part in (job.train, job.valid):
        column = 3.0 * part.y + 1.0
        columns.append(column if severe else np.where(rng.random(len(column)) < 0.05, np.nan, column))
    _leak(job, *columns)


@fault("a column is the label with noise (mild: 15 % flipped or 0.3 sd; severe: 3 %, 0.1 sd)", "FT306 FT302 DA607",
       "CV109 TR210 FT301 FT304 TR204 CV102")  # fmt: skip
def leak_noisy(job: Job, severe: bool, rng: Generator) -> None:
    columns = []
    for part in (job.train, job.valid):
        if job.is_classes:
            flip = rng.random(len(part.y)) < (0.03 if severe else 0.15)
            columns.append(np.where(flip, rng.integers(0, job.n_classes, len(part.y)), part.y))
        else:
            columns.append(part.y + (0.1 if severe else 0.3) * job.train.y.std() * rng.normal(size=len(part.y)))
    _leak(job, *columns)


@fault("a column is the mean label of the row's group, the row itself included (groups of 2; mild: 5)",
       "FT306 FT302 DA607", "CV109 TR210 FT301 FT304 TR204 CV102 FT303", needs_data=True)  # fmt: skip
def leak_aggregate(job: Job, severe: bool, rng: Generator) -> None:
    both = np.concatenate([job.train.y, job.valid.y])
    size = 2 if severe else 5
    group = rng.permutation(len(both)) // size
    mean = (np.bincount(group, both) / np.bincount(group))[group]
    _leak(job, mean[: job.n], mean[job.n :])


@fault("labels shuffled against the rows (mild: of four rows in five)", "CV103 CV101 DA622",
       "CV102 CV106 CV107 CL403 CL405 CL402 CV104 FT305 FT303 TR201 CV109 CL406")  # fmt: skip
def shuffled_labels(job: Job, severe: bool, rng: Generator) -> None:
    def shuffle(part: Part) -> None:
        rows = np.flatnonzero(rng.random(len(part.y)) < (1.1 if severe else 0.8))
        part.y[rows] = part.y[rng.permutation(rows)]

    job.each(shuffle, "train", "valid")


@fault("wrong labels in training and validation (mild 15 %, severe 35 %)", "DA622",
       "CV101 CV102 CV103 CL402 DA608 CV107 FT305 TR206 FT303 CL406 CL403", tasks=CLASSES)  # fmt: skip
def wrong_labels(job: Job, severe: bool, rng: Generator) -> None:
    def flip(part: Part) -> None:
        rows = rng.random(len(part.y)) < (0.35 if severe else 0.15)
        part.y[rows] = (part.y[rows] + rng.integers(1, job.n_classes, int(rows.sum()))) % job.n_classes

    job.each(flip, "train", "valid")


@fault("the labels of two classes are mixed up at random (mild: 30 % of them)", "CL402 DA622",
       "CV101 CV102 CV103 CL403 CL404 CV107 CL406", tasks=(MULTI,))  # fmt: skip
def mixed_classes(job: Job, severe: bool, rng: Generator) -> None:
    def mix(part: Part) -> None:
        rows = (part.y < 2) & (rng.random(len(part.y)) < (1.0 if severe else 0.6))
        part.y[rows] = rng.integers(0, 2, int(rows.sum()))

    job.each(mix, "train", "valid")


@fault("the validation rows come from elsewhere: columns shifted (mild: a third by 1 sd; severe: all by 2)",
       "DA610 CL404", "CV101 CV102 CV103 CV106 CV107 CL403 CL406 CL402 CL405", tasks=CLASSES, harm=TRUST)  # fmt: skip
def drifted_validation(job: Job, severe: bool, rng: Generator) -> None:
    d = job.train.X.shape[1]
    chosen = top_features(job, d if severe else max(2, d // 3))
    sign = rng.choice([-1.0, 1.0], size=len(chosen))
    job.valid.X[:, chosen] += sign * (2.0 if severe else 1.0) * np.nanstd(job.train.X[:, chosen], axis=0)


@fault("the validation labels are drawn otherwise (classes: 3 in 4, severe 19 in 20 rows of a class gone; "
       "amounts: the upper half, severe the upper fifth)", "DA611 CL404",
       "CV101 CV102 CV103 CV106 CV107 CL401 CL403 CL402 CL406 DA610", harm=TRUST)  # fmt: skip
def shifted_labels(job: Job, severe: bool, rng: Generator) -> None:
    y = job.valid.y
    if job.is_classes:
        most = int(np.bincount(y.astype(int)).argmax())
        keep = (y != most) | (rng.random(len(y)) < (0.05 if severe else 0.25))
    else:
        keep = y >= np.quantile(y, 0.8 if severe else 0.5)
        if job.task == COUNTS:
            keep = (y > 0) | (rng.random(len(y)) < (0.05 if severe else 0.3))
    if keep.sum() < 20:
        raise Unfit("too few validation rows are left")
    job.valid = job.valid.take(keep)


@fault("validation rows are the training rows (mild: nine in ten of them, in another order)", "CV108 HP504 DA606",
       "CV106 CV109 HP503 CV102 CL406", harm=TRUST)  # fmt: skip
def validation_is_training(job: Job, severe: bool, rng: Generator) -> None:
    rows = np.arange(job.n) if severe else rng.permutation(job.n)[: int(0.9 * job.n)]
    job.valid = job.train.take(rows)


@fault("validation rows stand in training too (mild: half of them; severe: 85 %)", "CV108 DA606",
       "HP504 CV106 CV109 HP503", harm=TRUST, needs_data=True)  # fmt: skip
def overlapping_splits(job: Job, severe: bool, rng: Generator) -> None:
    n = len(job.valid.y)
    rows = rng.permutation(n)[: int((0.85 if severe else 0.5) * n)]
    twice = job.valid.take(rows)
    job.train = Part(np.vstack([job.train.X, twice.X]), np.concatenate([job.train.y, twice.y]))


@fault("the validation set has 24 rows (severe: 10)", "CV107 DA624", "CV101 CV106 CV103 CV109 CV110")
def tiny_validation(job: Job, severe: bool, rng: Generator) -> None:
    job.valid = job.valid.take(rng.permutation(len(job.valid.y))[: 10 if severe else 24])


def _in_time(job: Job, severe: bool, *, split_by_time: bool) -> None:
    """The label drifts with time, and time is a column. The test rows are the last ones."""
    rng = np.random.default_rng([job.seed, 5])
    X = np.vstack([job.train.X, job.valid.X, job.test.X])
    y = np.concatenate([job.train.y, job.valid.y, job.test.y])
    n, block = len(y), 12
    time = np.arange(n, dtype=np.float64)
    n_blocks = n // block + 1
    if job.is_classes:
        mood, swayed = rng.integers(0, job.n_classes, n_blocks), rng.random(n) < (0.8 if severe else 0.45)
        y = np.where(swayed, np.repeat(mood, block)[:n], y).astype(np.float64)
    else:
        walk = np.repeat(np.cumsum(rng.normal(size=n_blocks)), block)[:n]
        y = y + (1.0 if severe else 0.4) * y.std() * walk
    X = np.column_stack([X, time])
    job.time = f"c{X.shape[1] - 1}"
    late = n - len(job.test.y)
    job.test = Part(X[late:], y[late:])
    order = np.arange(late) if split_by_time else rng.permutation(late)
    cut = job.n
    job.train, job.valid = Part(X[order[:cut]], y[order[:cut]]), Part(X[order[cut:]], y[order[cut:]])


@fault("rows in the order of time, with the time as a column, are split at random", "DA621 FT303 FT306 DA612",
       "FT302 CV101 CV106 TR201 DA610", tasks=(BINARY, MULTI, REGRESSION), harm=TRUST, needs_data=True,
       twin=lambda job, severe, _: _in_time(job, severe, split_by_time=True))  # fmt: skip
def random_split_of_time(job: Job, severe: bool, rng: Generator) -> None:
    _in_time(job, severe, split_by_time=False)


@fault("row numbers as columns (mild: three at random; severe: one, rows collected class by class)",
       "FT303 DA612 FT306", "FT302 CV101 CV109 FT305", needs_data=True)  # fmt: skip
def id_column(job: Job, severe: bool, rng: Generator) -> None:
    if not severe:
        for _ in range(3):
            job.each(lambda part: add_column(part, rng.permutation(100_000)[: len(part.y)].astype(float)))
        return
    y = np.concatenate([job.train.y, job.valid.y])
    blocks = np.argsort(y + 0.6 * max(y.std(), 1e-9) * rng.normal(size=len(y)), kind="stable")
    number = np.empty(len(y))
    number[blocks] = np.arange(len(y)) + 10_000
    add_column(job.train, number[: job.n])
    add_column(job.valid, number[job.n :])
    add_column(job.test, 10_000 + len(y) + rng.permutation(len(job.test.y)).astype(float))


@fault("the target is constant (mild: but for one row in a hundred)", "CL405 CV104 TR203 DA601 DA617 HP505 CL401",
       "CL403 CV109 CV103 FT304 FT301 TR204 CV107 CV106")  # fmt: skip
def constant_target(job: Job, severe: bool, rng: Generator) -> None:
    value = float(np.bincount(job.train.y.astype(int)).argmax()) if job.is_classes else float(np.median(job.train.y))

    def flatten(part: Part) -> None:
        part.y[rng.random(len(part.y)) < (1.1 if severe else 0.99)] = value

    job.each(flatten, "train", "valid")


@fault("a class has no row in training (mild: two)", "CL403 DA601 DA615 DA624 CL404 HP505",
       "CL401 CL402 CV101 CV103 CV105 CL406", tasks=(MULTI,))  # fmt: skip
def missing_class(job: Job, severe: bool, rng: Generator) -> None:
    gone = int(np.bincount(job.train.y.astype(int)).argmax())
    mine = np.flatnonzero(job.train.y == gone)
    keep = np.ones(job.n, dtype=bool)
    keep[mine[0 if severe else 2 :]] = False
    job.train = job.train.take(keep)


def _rare(job: Job, severe: bool) -> None:
    def thin(part: Part) -> None:
        positive = np.flatnonzero(part.y == 1)
        keep = np.ones(len(part.y), dtype=bool)
        keep[positive[max(3, int((0.02 if severe else 0.05) * (len(part.y) - len(positive)))) :]] = False
        part.X, part.y = part.X[keep], part.y[keep]

    job.each(thin, "train", "valid")


def _weighted(job: Job, severe: bool, _: Generator) -> None:
    _rare(job, severe)
    ratio = float(np.sqrt((job.train.y == 0).sum() / max((job.train.y == 1).sum(), 1)))
    job.set(xgb={"scale_pos_weight": ratio}, lgb={"scale_pos_weight": ratio})


@fault("a class with 5 % of the rows (severe: 2 %), hits as the metric, no weight", "CL401 CL403 DA601",
       "HP504 HP505 CV107 CL405 CV104 CV106 CV103 CL404 DA624",
       tasks=(BINARY,), harm=BALANCED, twin=_weighted)  # fmt: skip
def unanswered_imbalance(job: Job, severe: bool, rng: Generator) -> None:
    _rare(job, severe)
    job.set(xgb={"eval_metric": "error"}, lgb={"metric": "binary_error"})


@fault("the most telling feature (severe: three) overflows float32: inf, which is read as missing",
       "FT304 DA613 DA604 DA609", "FT301 CV103 CV101 CV106")  # fmt: skip
def float_overflow(job: Job, severe: bool, rng: Generator) -> None:
    chosen = top_features(job, 3 if severe else 1)

    def overflow(part: Part) -> None:
        part.X[:, chosen] = np.inf

    job.each(overflow)


@fault("labels of 1e9: as a scale (mild), or as an offset that float32 cannot hold (severe), squared error",
       "HP505 DA617 CV103 TR205", "CV104 CV106 TR204 TR203 CV105 FT304 FT301 CV101 CV107",
       tasks=(REGRESSION,))  # fmt: skip
def label_scale(job: Job, severe: bool, rng: Generator) -> None:
    spread = job.train.y.std()

    def move(part: Part) -> None:
        part.y = part.y / spread * 20.0 + 1e9 if severe else part.y / spread * 1e9

    job.each(move)

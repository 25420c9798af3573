"""Planted faults of the rows: copies, contradictions, splits that are none, labels and weights that break."""

from __future__ import annotations

import numpy as np
import pandas as pd
from _faults.tables import MULTI
from numpy.random import Generator
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from _data.cases import Case, Unfit
from _data.catalog import amounts, classes, ordinary, planted
from _data.fault_columns import CHANCE, has_validation
from _data.table import Table

NATURAL = 0.005
"""A table with more repeated rows than this has the fault already."""


def _repeats(case: Case, names: list[str]) -> float:
    return float(case.both[names].duplicated().mean())


def _need_no_repeats(case: Case, *, with_label: bool = True) -> None:
    names = [*case.table.features, *([case.target] if with_label else [])]
    if _repeats(case, names) > NATURAL:
        raise Unfit("rows repeat in this table as it is")


def _append(case: Case, rows: pd.DataFrame, rng: Generator) -> None:
    """More training rows, among the others; in order where time orders them."""
    both = pd.concat([case.train, rows], ignore_index=True)
    if case.table.time:
        both = both.sort_values(case.table.time, kind="stable")
    else:
        both = both.iloc[rng.permutation(len(both))]
    case.train = both.reset_index(drop=True)


def _draw(part: pd.DataFrame, n: int, rng: Generator) -> pd.DataFrame:
    return part.iloc[rng.permutation(len(part))[: max(n, 1)]].reset_index(drop=True)


@planted("a class thinned to 3 % of the training and validation rows (severe: 0.5 %)", "DA601", "DA624", fits=classes)
def imbalanced_labels(case: Case, severe: bool, rng: Generator) -> None:
    shares = case.train[case.target].value_counts(normalize=True)
    if shares.min() < 0.15:
        raise Unfit("a class is rare in this table as it is")
    rare = shares.index[-1]
    for i, part in enumerate(case.parts):
        mine = np.flatnonzero((part[case.target] == rare).to_numpy())
        others = len(part) - len(mine)
        left = max(2, round(others * (0.005 if severe else 0.03)))
        gone = rng.permutation(mine)[left:]
        kept = part.drop(index=part.index[gone]).reset_index(drop=True)
        if i:
            case.valid = kept
        else:
            case.train = kept


@planted("a tenth of the training rows twice (severe: two in five)", "DA605", "DA601")
def duplicate_rows(case: Case, severe: bool, rng: Generator) -> None:
    _need_no_repeats(case)
    n = len(case.train)
    _append(case, _draw(case.train, int(n * (0.67 if severe else 0.11)), rng), rng)


@planted("a tenth of the validation rows are training rows (severe: 60 %)", "DA606", "DA621 DA605 DA610")
def overlapping_splits(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    _need_no_repeats(case)
    n = int(len(valid) * (0.6 if severe else 0.1))
    mixed = pd.concat([_draw(case.train, n, rng), _draw(valid, len(valid) - n, rng)], ignore_index=True)
    case.valid = mixed.iloc[rng.permutation(len(mixed))].reset_index(drop=True)


@planted("rows of one group in both splits: 15 % of the groups (severe: split at random)", "DA606",
         fits=lambda t: t.group is not None)  # fmt: skip
def shared_groups(case: Case, severe: bool, rng: Generator) -> None:
    group = case.table.group
    both, n_train = case.both, len(case.train)
    if severe:
        order, cut = rng.permutation(len(both)), n_train
    else:
        groups = has_validation(case)[group].drop_duplicates()
        chosen = groups.sample(max(1, int(0.15 * len(groups))), random_state=case.seed)
        moved = both[group].isin(chosen) & ~both[group].duplicated()
        order = np.argsort((np.arange(len(both)) >= n_train) & ~moved.to_numpy(), kind="stable")
        cut = n_train + int(moved.sum())
    mixed = both.iloc[order].reset_index(drop=True)
    case.train, case.valid = mixed.iloc[:cut].reset_index(drop=True), mixed.iloc[cut:].reset_index(drop=True)
    if not set(case.train[group]) & set(case.valid[group]):
        raise Unfit("no group stands in both splits")


@planted("3 % (severe: 20 %) of the training rows once more with another label", "DA608", "DA605 DA622 DA601 DA611")
def conflicting_labels(case: Case, severe: bool, rng: Generator) -> None:
    _need_no_repeats(case, with_label=False)
    twins = _draw(case.train, int(len(case.train) * (0.25 if severe else 0.031)), rng)
    if case.table.is_classes:
        values = np.unique(case.train[case.target].to_numpy())
        at = np.searchsorted(values, twins[case.target].to_numpy())
        twins[case.target] = values[(at + rng.integers(1, len(values), len(at))) % len(values)]
    else:
        step = max(float(case.train[case.target].std()), 1.0)
        moved = twins[case.target] + np.round(step * rng.choice([1, 2], len(twins)), 3)
        twins[case.target] = np.round(moved).astype(int) if (case.train[case.target] % 1 == 0).all() else moved
    _append(case, twins, rng)


@planted("1 % (severe: 20 %) of the training labels missing", "DA617", fits=ordinary)
def missing_labels(case: Case, severe: bool, rng: Generator) -> None:
    gone = pd.Series(rng.random(len(case.train)) < (0.2 if severe else 0.01))
    if not gone.any():
        gone.iloc[0] = True
    case.train[case.target] = case.train[case.target].mask(gone)


@planted("class numbers with a gap: the last one is one too high (severe: tens apart)", "DA617",
         fits=lambda t: classes(t) and pd.api.types.is_numeric_dtype(t.frame[t.target]))  # fmt: skip
def gapped_labels(case: Case, severe: bool, rng: Generator) -> None:
    top = int(case.y(case.train).max())
    for part in case.parts:
        y = case.y(part).astype(int)
        part[case.target] = y * 10 + 3 if severe else np.where(y == top, top + 1, y)


@planted("two infinite labels (severe: one in 20)", "DA617", "DA613", fits=amounts)
def infinite_labels(case: Case, severe: bool, rng: Generator) -> None:
    y = case.train[case.target].to_numpy(dtype=np.float64).copy()
    y[rng.permutation(len(y))[: len(y) // 20 if severe else 2]] = np.inf
    case.train[case.target] = y


@planted("sample weights: three negative, one huge or three missing, by seed (severe: one in 10)", "DA618")
def bad_weights(case: Case, severe: bool, rng: Generator) -> None:
    name = case.table.weight or "weight"
    if name not in case.train:
        for part in case.parts:
            part[name] = np.round(rng.uniform(0.5, 1.5, len(part)), 2)
        case.options["weight"] = name
    weight = case.train[name].to_numpy(dtype=np.float64).copy()
    n = len(weight) // 10 if severe else 3
    chosen = rng.permutation(len(weight))
    if case.seed == 0:
        weight[chosen[:n]] *= -1
    elif case.seed == 1:
        weight[chosen[: 3 if severe else 1]] = weight.sum() * (50.0 if severe else 0.5)
    else:
        weight[chosen[:n]] = np.nan
    case.train[name] = weight


def _in_time(table: Table) -> bool:
    return table.time is not None


def _travel(case: Case, severe: bool, rng: Generator) -> None:
    both, n = case.both, len(case.train)
    order = np.arange(len(both))
    moved = rng.permutation(len(both))[: len(both) if severe else len(both) // 10]
    order[np.sort(moved)] = moved
    if (np.arange(len(both))[n:] < order[:n].max()).mean() < 0.05:
        raise Unfit("nearly all validation rows are later")
    mixed = both.iloc[np.concatenate([np.sort(order[:n]), np.sort(order[n:])])].reset_index(drop=True)
    case.train, case.valid = mixed.iloc[:n].reset_index(drop=True), mixed.iloc[n:].reset_index(drop=True)


@planted("rows in time: a tenth of them exchanged between the splits (severe: split at random)", "DA621", fits=_in_time)
def time_travel(case: Case, severe: bool, rng: Generator) -> None:
    _travel(case, severe, rng)


@planted("the same, and nobody names the time column", "DA621", fits=_in_time)
def time_travel_unnamed(case: Case, severe: bool, rng: Generator) -> None:
    case.options.pop("time")
    _travel(case, severe, rng)


@planted("5 % (severe: 20 %) of the training labels wrong", "DA622", "DA601", fits=classes)
def wrong_labels(case: Case, severe: bool, rng: Generator) -> None:
    values = np.unique(case.train[case.target].to_numpy())
    y = case.y(case.train).astype(int)
    flipped = rng.random(len(y)) < (0.2 if severe else 0.05)
    y[flipped] = (y[flipped] + rng.integers(1, len(values), int(flipped.sum()))) % len(values)
    case.train[case.target] = values[y]
    case.flipped = tuple(np.flatnonzero(flipped).tolist())
    if not _tellable(case, y, flipped):
        raise Unfit("a good model does not see which labels are wrong")


def _tellable(case: Case, y: np.ndarray, flipped: np.ndarray) -> bool:
    """Whether out-of-fold predictions give the wrong labels the lowest probability (AUC of 0.9)."""
    X = case.train[case.table.features].apply(lambda c: pd.factorize(c)[0] if not _is_number(c) else c)
    model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, random_state=0)
    proba = cross_val_predict(model, X.to_numpy(dtype=np.float64), y, cv=3, method="predict_proba")
    return flipped.sum() >= 5 and roc_auc_score(flipped, -proba[np.arange(len(y)), y]) >= 0.9


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column)


@planted("as many training rows as columns, 40 at most (severe: half of that)", "DA624",
         "DA601 DA612 DA610 DA604 DA603 DA615 DA611 DA616 DA622 DA619")  # fmt: skip
def too_few_rows(case: Case, severe: bool, rng: Generator) -> None:
    n = min(40, max(16, len(case.table.features)))
    rows = np.sort(rng.permutation(len(case.train))[: n // 2 if severe else n])
    case.train = case.train.iloc[rows].reset_index(drop=True)


@planted("a class with 6 training rows (severe: 2)", "DA624", "DA601 DA611",
         fits=lambda t: ordinary(t) and t.task == MULTI)  # fmt: skip
def too_few_of_a_class(case: Case, severe: bool, rng: Generator) -> None:
    rare = case.train[case.target].value_counts().index[-1]
    mine = np.flatnonzero((case.train[case.target] == rare).to_numpy())
    gone = rng.permutation(mine)[2 if severe else 6 :]
    case.train = case.train.drop(index=case.train.index[gone]).reset_index(drop=True)


@planted("half (severe: 95 %) of the most frequent class, or of the lower half of the amounts, gone from validation",
         "DA611", "DA610 DA615 DA601")  # fmt: skip
def drifting_label(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    y = valid[case.target]
    common = (y == case.train[case.target].mode()[0]) if case.table.is_classes else y <= y.median()
    kept = valid[~(common & (rng.random(len(y)) < (0.95 if severe else 0.5)))].reset_index(drop=True)
    case.valid = kept
    if case.table.is_classes:
        seen = pd.concat([p[case.target].value_counts() for p in case.parts], axis=1).fillna(0).to_numpy()
        chance = stats.chi2_contingency(seen)[1]
    else:
        chance = stats.ks_2samp(case.train[case.target], kept[case.target]).pvalue
    if chance > CHANCE:
        raise Unfit("chance alone could make that difference")


@planted("a class in validation that training lacks (mild: one row in 50 of validation)", "DA615", "DA611 DA617 DA624",
         fits=lambda t: ordinary(t) and t.task == MULTI)  # fmt: skip
def unseen_labels(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    rare = case.train[case.target].value_counts().index[-1]
    case.train = case.train[case.train[case.target] != rare].reset_index(drop=True)
    if not severe:
        mine = np.flatnonzero((valid[case.target] == rare).to_numpy())
        gone = rng.permutation(mine)[max(1, len(valid) // 50) :]
        case.valid = valid.drop(index=valid.index[gone]).reset_index(drop=True)

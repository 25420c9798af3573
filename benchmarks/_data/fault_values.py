"""Planted faults of how columns, labels and sets hang together: relations that change, ids, order, made-up rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from _data.cases import Case, Unfit
from _data.catalog import amounts, classes, ordinary, planted
from _data.fault_columns import has_validation, pick
from _data.fault_rows import _draw, _need_no_repeats
from _data.table import Table


def _binary_score(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """The labels of both parts as 0 and 1: of the most frequent class, or over the median."""
    y = case.y(case.train)
    other = case.y(has_validation(case))
    if case.table.is_classes:
        top = pd.Series(y).mode()[0]
        return (y == top).astype(float), (other == top).astype(float)
    return (y > np.median(y)).astype(float), (other > np.median(y)).astype(float)


def _enough(table: Table) -> bool:
    return ordinary(table) and table.group is None and table.time is None and len(table.frame) >= 1500


@planted("validation rows are training rows with numbers of their own, in 32 bits: a tenth (severe: half)", "DA606",
         "DA605 DA612 DA621 DA610")  # fmt: skip
def hidden_overlap(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    _need_no_repeats(case)
    n = int(len(valid) * (0.5 if severe else 0.1))
    mixed = pd.concat([_draw(case.train, n, rng), _draw(valid, len(valid) - n, rng)], ignore_index=True)
    case.valid = mixed.iloc[rng.permutation(len(mixed))].reset_index(drop=True)
    floats = [c for c in case.valid.columns if case.valid[c].dtype == np.float64 and c != case.target]
    case.valid = case.valid.astype(dict.fromkeys(floats, "float32"))
    case.add("row_id", np.arange(len(case.train)), np.arange(len(case.valid)) + 1_000_000)


@planted("the mean label of small groups of training rows, 5 each (severe: 2)", "DA625",
         "DA607 DA610 DA603 DA629 DA614", fits=_enough)  # fmt: skip
def means_of_training_rows(case: Case, severe: bool, rng: Generator) -> None:
    y, _ = _binary_score(case)
    n_groups = len(y) // (2 if severe else 5)
    groups = rng.integers(0, n_groups, len(case.train) + len(has_validation(case)))
    means = pd.Series(y).groupby(groups[: len(y)]).mean()
    found = pd.Series(groups).map(means).fillna(y.mean()).to_numpy()
    case.add("street_rate", found[: len(y)], found[len(y) :])
    case.planted = ("street_rate",)


@planted("the mean label of groups of about 7 rows over both sets (severe: 3), before the split", "DA607",
         "DA625 DA603 DA629", fits=lambda t: _enough(t) and t.is_classes)  # fmt: skip
def means_before_the_split(case: Case, severe: bool, rng: Generator) -> None:
    y = np.concatenate(_binary_score(case))
    groups = rng.integers(0, len(y) // (3 if severe else 7), len(y))
    found = pd.Series(y).groupby(groups).transform("mean").to_numpy()
    case.add("shop_rate", found[: len(case.train)], found[len(case.train) :])
    case.planted = ("shop_rate",)


@planted("codes of categories that mean others in validation (mild: a third of them)", "DA625",
         "DA610 DA607 DA603 DA612 DA629", fits=_enough)  # fmt: skip
def encoder_fitted_twice(case: Case, severe: bool, rng: Generator) -> None:
    y, other = _binary_score(case)
    codes = [np.where(rng.random(len(v)) < 0.75, 10 * v + rng.integers(0, 10, len(v)), rng.integers(0, 20, len(v)))
             for v in (y, other)]  # fmt: skip
    anew = rng.permutation(20)
    while np.mean((anew < 10) == (np.arange(20) < 10)) > 0.6:
        anew = rng.permutation(20)
    if not severe:
        keep = rng.permutation(20)[:8]
        anew[keep] = keep
    case.add("code", codes[0].astype(int), anew[codes[1].astype(int)])
    case.planted = ("code",)


@planted("two amounts of validation swapped (severe: of different size)", "DA626", "DA610 DA625 DA603 DA612 DA623")
def swapped_columns(case: Case, severe: bool, rng: Generator) -> None:
    valid, names = has_validation(case), case.numeric(30)
    ranked = sorted(names, key=lambda n: float(case.train[n].median()))
    if len(ranked) < 2:
        raise Unfit("the table has no two amounts")
    one = pick(rng, ranked[: len(ranked) // 2], "amounts")
    two = pick(rng, ranked[len(ranked) // 2 :], "amounts") if not severe else ranked[-1]
    for a, b in ((one, two), (two, one)):
        below = [np.searchsorted(np.sort(p[n].dropna()), np.linspace(*case.train[a].quantile([0, 1]), 50)) / len(p)
                 for p, n in ((case.train, a), (valid, b))]  # fmt: skip
        if np.abs(below[0] - below[1]).max() < 0.35:
            raise Unfit("the two are spread alike")
    valid[[one, two]] = valid[[two, one]].to_numpy()
    case.planted = (one, two)


@planted("an amount of validation in another unit: 2.54 (severe: 1000)", "DA626", "DA610 DA625 DA623 DA603")
def another_unit(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    names = [n for n in case.numeric(30) if case.train[n].quantile(0.05) > 0.4 * case.train[n].quantile(0.95) > 0]
    name = pick(rng, names, "amounts that lie together")
    valid[name] = valid[name] / (1000.0 if severe else 2.54)
    case.planted = (name,)


@planted("a column of validation renamed to other case and marks", "DA626", "DA609 DA625")
def renamed_column(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    names = [n for n in case.table.features if n.upper() != n]
    name = pick(rng, names, "columns with letters")
    case.valid = valid.rename(columns={name: name.upper()})
    case.planted = (name,)


@planted("an id of 8 rows each (severe: 15), all with one label", "DA627", "DA631 DA603 DA607 DA612 DA610",
         fits=lambda t: _enough(t) and t.is_classes)  # fmt: skip
def one_label_for_each_id(case: Case, severe: bool, rng: Generator) -> None:
    y = np.concatenate([case.y(p) for p in case.parts])
    each, user = 15 if severe else 8, np.empty(len(y), dtype=np.int64)
    number = 0
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        user[rows] = number + np.arange(len(rows)) // each
        number = int(user[rows].max()) + 1
    if pd.Series(y).value_counts(normalize=True).max() > 0.85:
        raise Unfit("a class is so frequent that any id has one label")
    user = rng.permutation(number)[user] + 1000
    case.add("user_no", user[: len(case.train)], user[len(case.train) :])
    case.planted = ("user_no",)


@planted("training rows sorted by label (mild: but for one row in 200)", "DA628", "DA612 DA607 DA601",
         fits=lambda t: ordinary(t) and t.time is None)  # fmt: skip
def rows_sorted_by_label(case: Case, severe: bool, rng: Generator) -> None:
    order = np.argsort(case.y(case.train), kind="stable")
    if not severe:
        moved = rng.permutation(len(order))[: len(order) // 200]
        order[moved] = order[rng.permutation(moved)]
    case.train = case.train.iloc[order].reset_index(drop=True)


@planted("a mark on 40 % of the rows of one class and on no others (severe: 70 %)", "DA629 DA607", "DA603 DA619",
         fits=lambda t: classes(t) and len(t.frame) >= 600)  # fmt: skip
def mark_of_one_class(case: Case, severe: bool, rng: Generator) -> None:
    label, n = case.train[case.target].value_counts().index[-1], case.train[case.target].value_counts().iloc[-1]
    if n < 150 or n > 0.55 * len(case.train):
        raise Unfit("the class is too rare, or too frequent, to tell")
    case.add("called", *[((p[case.target] == label) & (rng.random(len(p)) < (0.7 if severe else 0.4))).astype(int)
                         for p in case.parts])  # fmt: skip
    case.planted = ("called",)


@planted("rows of the rarest class made between near ones, as many again (severe: three times)", "DA630",
         "DA605 DA607 DA601 DA614 DA610 DA611 DA612", fits=classes)  # fmt: skip
def made_up_rows(case: Case, severe: bool, rng: Generator) -> None:
    names = [n for n in case.numeric(20) if not (case.train[n].dropna() % 1 == 0).all()]
    if len(names) < 3 or len(names) < 0.6 * len(case.table.features):
        raise Unfit("too few amounts with fractions")
    rare = case.train[case.target].value_counts().index[-1]
    mine = case.train[case.train[case.target] == rare].dropna(subset=names).reset_index(drop=True)
    if len(mine) < 80:
        raise Unfit("the class is too rare")
    x = mine[names].to_numpy(dtype=float)
    scaled = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    at = rng.integers(0, len(x), len(x) * (3 if severe else 1))
    near = np.argsort(((scaled[:, None] - scaled[None]) ** 2).sum(axis=2), axis=1)[:, 1:6] if len(x) <= 1500 else None
    if near is None:
        raise Unfit("the class is large")
    to = near[at, rng.integers(0, 5, len(at))]
    new = mine.iloc[at].reset_index(drop=True)
    new[names] = x[at] + rng.random((len(at), 1)) * (x[to] - x[at])
    both = pd.concat([case.train, new.astype(case.train.dtypes.to_dict(), errors="ignore")], ignore_index=True)
    case.train = both.iloc[rng.permutation(len(both))].reset_index(drop=True)


@planted("validation rows (mild: 60 %) are near copies of training rows, and a label is a person's",
         "DA638", "DA622 DA625 DA607 DA606 DA610 DA627", fits=_enough)  # fmt: skip
def near_twins_in_both_sets(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    names = [n for n in case.numeric(30) if case.train[n].dtype == np.float64]
    if len(names) < 2 or len(valid) < 100:
        raise Unfit("few rows, or few columns of amounts")
    case.train[case.target] = case.train[case.target].to_numpy()[rng.permutation(len(case.train))]
    rows = rng.permutation(len(valid))[: int(len(valid) * (1.0 if severe else 0.6))]
    twins = case.train.iloc[rng.integers(0, len(case.train), len(rows))].reset_index(drop=True)
    for name in names:
        twins[name] += rng.normal(size=len(twins)) * 0.01 * float(case.train[name].std())
    kept = valid.drop(index=valid.index[rows])
    both = pd.concat([kept, twins], ignore_index=True)
    case.valid = both.iloc[rng.permutation(len(both))].reset_index(drop=True)


@planted("a rolling mean of the label over 3 rows that ends with the row itself (mild: 14 rows)", "DA637",
         "DA603 DA607 DA610 DA609 DA625", fits=amounts)  # fmt: skip
def label_in_rolling_mean(case: Case, severe: bool, rng: Generator) -> None:
    means = [part[case.target].astype(float).rolling(3 if severe else 14).mean().to_numpy() for part in case.parts]
    case.add("rolling_mean", *means)
    case.planted = ("rolling_mean",)


@planted("three labels a million times too large (mild: a thousand spans)", "DA633", "DA617 DA607 DA611",
         fits=amounts)  # fmt: skip
def label_outliers(case: Case, severe: bool, rng: Generator) -> None:
    y = case.train[case.target].astype(float)
    span = float(y.quantile(0.95) - y.quantile(0.05))
    if span <= 0:
        raise Unfit("most labels are the same")
    rows = rng.permutation(len(y))[:3]
    y.iloc[rows] = y.median() + span * (1e6 if severe else 1e3)
    case.train[case.target] = y


@planted(
    "amounts written as text, with thousands and currency (severe: decimal commas)", "DA614", "DA616 DA612 DA615 DA610"
)
def amounts_as_text(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.numeric(30), "amounts")
    for part in case.parts:
        words = [f"{v:,.2f} EUR" if np.isfinite(v) else None for v in part[name].astype(float)]
        if severe:
            words = [w and w.replace(",", " ").replace(".", ",").removesuffix(" EUR") for w in words]
        part[name] = words
    case.planted = (name,)


@planted("8 % of the dates are 1900-01-01 (severe: 9999-12-31)", "DA623", "DA610 DA621 DA607 DA612")
def dates_that_stand_for_missing(case: Case, severe: bool, rng: Generator) -> None:
    code = "9999-12-31" if severe else "1900-01-01"
    days = [pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 2000, len(p)), unit="D") for p in case.parts]
    texts = [np.where(rng.random(len(d)) < 0.08, code, d.strftime("%Y-%m-%d")) for d in days]
    case.add("last_seen", *[pd.to_datetime(pd.Series(t)).astype("datetime64[us]") for t in texts])
    case.planted = ("last_seen",)


@planted("a column of validation without any value", "DA609", "DA610 DA615 DA604")
def lost_column(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    name = pick(rng, [n for n in case.table.features if case.train[n].notna().mean() > 0.5], "filled columns")
    valid[name] = np.nan
    case.planted = (name,)

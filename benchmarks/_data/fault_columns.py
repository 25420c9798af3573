"""Planted faults of one column: constant, empty, copied, misspelt, coded, leaking, drifting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from _faults.tables import BINARY
from numpy.random import Generator
from scipy import stats
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from _data.cases import Case, Unfit
from _data.catalog import ordinary, planted
from _data.table import Table

CHANCE = 1e-3
"""A difference of the splits that chance makes more often than this is no fault."""
SENTINELS = (-999.0, 9999.0, -99_999.0, 999_999.0, 99_999_999.0)


def has_validation(case: Case) -> pd.DataFrame:
    if case.valid is None:
        raise Unfit("no validation rows")
    return case.valid


def pick(rng: Generator, names: list[str], what: str) -> str:
    if not names:
        raise Unfit(f"the table has no {what}")
    return str(names[rng.integers(len(names))])


def correlation(part: pd.DataFrame, name: str, others: list[str]) -> float:
    """The largest absolute correlation of a column with others."""
    rest = [c for c in others if c != name]
    return float(part[rest].corrwith(part[name]).abs().max()) if rest else 0.0


def _new(case: Case, name: str, train: Any, valid: Any) -> None:
    case.add(name, train, valid)
    case.planted = (name,)


@planted(
    "features that are standardized but for one, 4 times too wide and off by 2 (severe: all, 1,000 times)", "DA602"
)
def unnormalized_features(case: Case, severe: bool, rng: Generator) -> None:
    names = normalize(case)
    chosen = names if severe else [pick(rng, names, "amounts")]
    for part in case.parts:
        part[chosen] = part[chosen] * (1000.0 if severe else 4.0) + (5000.0 if severe else 2.0)
    case.planted = tuple(chosen)


def normalize(case: Case) -> list[str]:
    """Numbers as a neural network wants them; text, flags and dates are left out."""
    names = case.numeric(3)
    if not names:
        raise Unfit("the table has no amounts")
    mean, spread = case.train[names].mean(), case.train[names].std()

    def scaled(part: pd.DataFrame) -> pd.DataFrame:
        kept = part[[c for c in part.columns if c in names or c not in case.table.features]].copy()
        kept[names] = ((part[names] - mean) / spread).astype("float64")
        return kept

    case.train, case.valid = scaled(case.train), None if case.valid is None else scaled(case.valid)
    case.options["for_nets"] = True
    return names


@planted("a column that follows another, r = 0.96 (severe: 0.995)", "DA603", "DA619")
def correlated_features(case: Case, severe: bool, rng: Generator) -> None:
    amounts = [c for c in case.numeric() if case.train[c].notna().mean() > 0.9]
    name = pick(rng, [c for c in amounts if not correlation(case.train, c, amounts) > 0.9], "amounts without a twin")
    spread = case.train[name].std()
    values = [p[name] + (0.1 if severe else 0.29) * spread * rng.normal(size=len(p)) for p in case.parts]
    _new(case, "follower", *values)
    if any(not abs(case.train["follower"].corr(case.train[name], method=m)) > 0.9 for m in ("pearson", "spearman")):
        raise Unfit("the two columns correlate by no more than 0.9, in value or in rank")


@planted("a column with one value (mild: but for one row in 200)", "DA604")
def constant_feature(case: Case, severe: bool, rng: Generator) -> None:
    usual, other = ("yes", "no") if case.seed % 2 else (7.5, 3.25)
    rare = 0.0 if severe else 0.005
    _new(case, "flat", *(np.where(rng.random(len(p)) < rare, other, usual) for p in case.parts))


@planted("a column with half of its cells missing (severe: all)", "DA609", "DA604")
def missing_cells(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.numeric(3) + case.texts(), "columns")
    for part in case.parts:
        part[name] = part[name].mask(pd.Series(rng.random(len(part)) < (2.0 if severe else 0.5)))
    case.planted = (name,)


@planted(
    "a column missing in 2 % of the training and 20 % of the validation rows (severe: 0 % and 80 %)", "DA609", "DA610"
)
def missing_otherwise(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    whole = [c for c in case.numeric(3) + case.texts() if case.both[c].notna().all()]
    name = pick(rng, whole, "columns without gaps")
    for part, share in ((case.train, 0.0 if severe else 0.02), (valid, 0.8 if severe else 0.2)):
        part[name] = part[name].mask(pd.Series(rng.random(len(part)) < share))
    gone = [p[name].isna().sum() for p in case.parts]
    if stats.fisher_exact([[g, len(p) - g] for g, p in zip(gone, case.parts, strict=True)])[1] > CHANCE:
        raise Unfit("chance alone could make that difference")
    case.planted = (name,)


@planted("an amount moved by half its spread in validation (severe: twice), or 30 % (80 %) of a text set to one value",
         "DA610", "DA609")  # fmt: skip
def drifting_feature(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    if case.texts() and case.seed % 2:
        name = pick(rng, case.texts(), "text")
        value = case.train[name].value_counts().index[1]
        valid[name] = valid[name].mask(pd.Series(rng.random(len(valid)) < (0.8 if severe else 0.3)), value)
        seen = pd.concat([p[name].value_counts() for p in case.parts], axis=1).fillna(0).to_numpy()
        chance = stats.chi2_contingency(seen)[1]
    else:
        name = pick(rng, case.numeric(), "amounts")
        valid[name] = valid[name].astype("float64") + (2.0 if severe else 0.5) * case.train[name].std()
        chance = stats.ks_2samp(case.train[name].dropna(), valid[name].dropna()).pvalue
    if chance > CHANCE:
        raise Unfit("chance alone could make that difference")
    case.planted = (name,)


@planted(
    "a number for each row, of five times as many (severe: counted up, in or before the split); in one seed as text",
    "DA612",
    "DA616 DA615",
)
def identifier_column(case: Case, severe: bool, rng: Generator) -> None:
    n = len(case.both)
    drawn = rng.choice(5 * n, n, replace=False) + 100_000
    numbers = (rng.permutation(n) if case.seed == 1 else np.arange(n)) + 1 if severe else drawn
    values = np.array([f"K{i:08d}" for i in numbers], dtype=object) if case.seed == 2 else numbers
    cut = len(case.train)
    _new(case, "extra", values[:cut], values[cut:])


@planted(
    "three infinite cells in a column (severe: one cell in 20 infinite or over float32's range)", "DA613", "DA610 DA623"
)
def non_finite_values(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.numeric(), "amounts")
    for part in case.parts:
        chosen = (
            rng.random(len(part)) < 0.05 if severe else np.isin(np.arange(len(part)), rng.permutation(len(part))[:3])
        )
        odd = rng.choice([np.inf, -np.inf, 1e39, -1e200] if severe else [np.inf], len(part))
        part[name] = np.where(chosen, odd, part[name].astype("float64"))
    case.planted = (name,)


@planted("3 % (severe: 30 %) of a text column in other case or with a space", "DA614", "DA615 DA616 DA610")
def misspelt_categories(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.texts(), "text")
    variants = (str.upper, str.capitalize, lambda t: f"{t} ", lambda t: f" {t}", str.swapcase)
    for part in case.parts:
        chosen = (rng.random(len(part)) < (0.3 if severe else 0.03)) & part[name].notna().to_numpy()
        change = rng.integers(len(variants), size=len(part))
        values = part[name].to_numpy(dtype=object).copy()
        values[chosen] = [variants[c](str(v)) for c, v in zip(change[chosen], values[chosen], strict=True)]
        part[name] = values
    if case.train[name].nunique() == case.train[name].str.strip().str.lower().nunique():
        raise Unfit("no two spellings of one value came about")
    case.planted = (name,)


@planted(
    "numbers with words among them, 1 % (severe: all as text, 20 % words)",
    "DA614",
    "DA616 DA615 DA609 DA612 DA610 DA623",
)
def words_among_numbers(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.numeric(), "amounts")
    for part in case.parts:
        values = part[name].astype("float64").to_numpy(dtype=object)
        if severe:
            values = np.array([str(v) for v in values], dtype=object)
        words = rng.choice(["unknown", "see file", "none"], len(part))
        part[name] = np.where(rng.random(len(part)) < (0.2 if severe else 0.01), words, values)
    if not any(isinstance(v, str) and not v[:1].isdigit() for v in case.train[name]):
        raise Unfit("no word came into the training rows")
    case.planted = (name,)


@planted("2 % (severe: 30 %) of the validation rows with a category that training lacks", "DA615", "DA610")
def unseen_categories(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    name = pick(rng, case.texts(), "text")
    valid[name] = valid[name].mask(pd.Series(rng.random(len(valid)) < (0.3 if severe else 0.02)), "brand-new")
    if not (valid[name] == "brand-new").any():
        raise Unfit("no validation row got it")
    case.planted = (name,)


@planted("a text column with a different value for each 20 rows (severe: for each 2)", "DA616", "DA615 DA610 DA612",
         fits=lambda t: ordinary(t) and len(t.frame) >= 1500)  # fmt: skip
def high_cardinality(case: Case, severe: bool, rng: Generator) -> None:
    n = len(case.both)
    values = np.array([f"zip {i:05d}" for i in rng.integers(0, n // (2 if severe else 20), n)], dtype=object)
    _new(case, "postcode", values[: len(case.train)], values[len(case.train) :])


@planted("a copy of a column (mild: with one cell in 100 changed, or another name for each category)", "DA619", "DA603")
def duplicate_columns(case: Case, severe: bool, rng: Generator) -> None:
    if not severe and case.texts() and case.seed % 2:
        name = pick(rng, case.texts(), "text")
        codes = {v: i for i, v in enumerate(rng.permutation(case.both[name].dropna().unique()))}
        values = [p[name].map(codes) for p in case.parts]
    else:
        name = pick(rng, case.numeric() + (case.texts() if severe else []), "columns")
        values = [p[name].copy() for p in case.parts]
        if not severe:
            values = [v.mask(pd.Series(rng.random(len(v)) < 0.01), v.sample(1, random_state=1).iloc[0]) for v in values]
    _new(case, "copy", *values)


@planted("2 % (severe: 25 %) of a column's cells are -999, 9999 or the like", "DA623", "DA610")
def sentinel_values(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.numeric(), "amounts")
    low, high = case.train[name].quantile([0.02, 0.98])
    reach = 3 * (high - low)
    far = [s for s in SENTINELS if (s < low - reach or s > high + reach) and not (case.both[name] == s).any()]
    if not far:
        raise Unfit("every such value lies among the column's own")
    for part in case.parts:
        part[name] = (
            part[name].astype("float64").mask(pd.Series(rng.random(len(part)) < (0.25 if severe else 0.02)), far[0])
        )
    if (case.train[name] == far[0]).sum() < 3:
        raise Unfit("fewer than three training rows got it: that may be anything")
    case.planted = (name,)


def _need_a_leak(case: Case) -> None:
    """A feature that others come near is just a good one: they must leave twice as much unexplained."""
    (leak,) = case.planted
    y = case.train[case.target]
    unexplained = {c: 1.0 - alone(case.train[c], y, is_classes=case.table.is_classes) for c in _features(case)}
    if not 2.0 * unexplained.pop(leak) <= min(unexplained.values()):
        raise Unfit("another column alone tells the label nearly as well")


def _features(case: Case) -> list[str]:
    return [c for c in [*case.table.features, *case.planted] if c in case.train]


def alone(column: pd.Series, y: pd.Series, *, is_classes: bool) -> float:
    """What a tree of 16 leaves tells by one column, out of fold: 2 AUC - 1 (one against the rest), or R2."""
    is_number = pd.api.types.is_numeric_dtype(column)
    x = column.to_numpy(dtype=np.float64, na_value=np.nan) if is_number else pd.factorize(column)[0].astype(float)
    x = x[:, None]
    if not is_classes:
        tree = DecisionTreeRegressor(max_leaf_nodes=16, min_samples_leaf=5, random_state=0)
        return float(r2_score(y, cross_val_predict(tree, x, y, cv=5)))
    tree = DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=5, random_state=0)
    told = cross_val_predict(tree, x, y, cv=5, method="predict_proba")
    score = roc_auc_score(y, told[:, 1] if told.shape[1] == 2 else told, multi_class="ovr")
    return 2.0 * float(score) - 1.0


@planted("a column is the label in other words (mild: 3 % wrong, or noise of a tenth of its spread)", "DA607",
         "DA603 DA619 DA612")  # fmt: skip
def leaking_feature(case: Case, severe: bool, rng: Generator) -> None:
    values = []
    for part in case.parts:
        y = case.y(part)
        if case.table.is_classes:
            wrong = rng.random(len(y)) < (0.0 if severe else 0.03)
            leak = np.where(wrong, rng.permutation(y), y)
            values.append(np.array(["green", "amber", "red", *(f"c{i}" for i in range(60))])[leak.astype(int)])
        else:
            values.append(3 * y + (0.0 if severe else 0.1) * 3 * np.nanstd(y) * rng.normal(size=len(y)) + 1)
    if case.seed % 2 == 0 and case.table.is_classes:
        values = [pd.factorize(v, sort=True)[0] * 10.0 + 0.5 for v in values]
    _new(case, "outcome_code", *values)
    _need_a_leak(case)


def _binary(table: Table) -> bool:
    return ordinary(table) and table.task == BINARY


@planted("a column is filled for one class only (mild: 3 % of the rows otherwise)", "DA607", "DA609", fits=_binary)
def leaking_gaps(case: Case, severe: bool, rng: Generator) -> None:
    values = []
    for part in case.parts:
        gone = (case.y(part) == 1) ^ (rng.random(len(part)) < (0.0 if severe else 0.03))
        values.append(np.where(gone, np.nan, np.round(rng.normal(50, 10, len(part)), 1)))
    _new(case, "closed_after", *values)
    _need_a_leak(case)


def _tokens(table: Table) -> bool:
    return table.tokens


def _overwrite(case: Case, share: float, token: int, rng: Generator) -> None:
    names = case.table.features
    for part in case.parts:
        values = part[names].to_numpy().copy()
        values[rng.random(values.shape) < share] = token
        part[names] = values


@planted("texts cut short: 65 % padding (severe: 92 %)", "DA620", "DA605 DA608 DA606 DA604", fits=_tokens)
def padded_tokens(case: Case, severe: bool, rng: Generator) -> None:
    names = case.table.features
    kept = int(len(names) * (0.08 if severe else 0.35))
    for part in case.parts:
        part[names[kept:]] = 0


@planted("60 % (severe: 90 %) of the words unknown", "DA620", "DA605 DA608 DA606 DA604", fits=_tokens)
def unknown_tokens(case: Case, severe: bool, rng: Generator) -> None:
    names = case.table.features
    for part in case.parts:
        values = part[names].to_numpy().copy()
        values[(values > 0) & (rng.random(values.shape) < (0.9 if severe else 0.7))] = 1
        part[names] = values

"""What is odd about the clean tables and truly there. A finding that says so is right, and no false alarm.

Decided from the tables alone, most of them before any rule had judged them; those of KEEL's tables of one class against
others (DA601, DA607, DA614, DA617, DA624) after a first look at what is said there. Each entry is checked on the rows
at hand; a finding on a table without the oddity, or under the limit named here, is a false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from _faults.notes import OWN
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from _data.cases import Case

ANY = "*"


@dataclass(frozen=True)
class Oddity:
    """`column`: only a finding that names it is meant; "" for any."""

    code: str
    table: str
    why: str
    there: Callable[[Case], bool]
    column: str = ""

    def covers(self, case: Case, code: str, text: str) -> bool:
        named = not self.column or self.column in text
        return code == self.code and self.table in (ANY, case.table.name) and named and self.there(case)


def _features(case: Case, part: pd.DataFrame) -> pd.DataFrame:
    return part[[c for c in case.table.features if c in part]]


def _rows_repeat(case: Case) -> bool:
    names = [*_features(case, case.train).columns, case.target]
    return bool(case.train[names].duplicated().mean() > 0.01)


def _labels_conflict(case: Case) -> bool:
    X = _features(case, case.train)
    both = X.assign(**{case.target: case.train[case.target]})
    return bool((X.duplicated(keep=False) & ~both.duplicated(keep=False)).mean() > 0.01)


def _splits_overlap(case: Case) -> bool:
    if case.valid is None:
        return False
    X = pd.concat([_features(case, case.train).drop_duplicates(), _features(case, case.valid)], ignore_index=True)
    return bool(X.duplicated().sum() > 0.01 * len(case.valid))


def _correlated(case: Case) -> bool:
    numbers = case.train[case.numeric(2)]
    for method in ("pearson", "spearman"):
        found = numbers.corr(method=method).abs().to_numpy(copy=True)
        np.fill_diagonal(found, 0.0)
        if np.nanmax(found, initial=0.0) > 0.9:
            return True
    return False


def _nearly_constant(case: Case) -> bool:
    return any(
        c.value_counts(normalize=True, dropna=False).iloc[0] >= 0.99 for _, c in _features(case, case.train).items()
    )


def _one_to_one(case: Case) -> bool:
    codes = {n: pd.factorize(c, use_na_sentinel=False)[0] for n, c in _features(case, case.train).items()}
    return any(np.array_equal(codes[a], codes[b]) for a, b in combinations(codes, 2))


def _unseen(case: Case) -> bool:
    if case.valid is None:
        return False
    return any(set(case.valid[c].dropna()) - set(case.train[c].dropna()) for c in case.texts())


def _rarest(case: Case) -> float:
    return float(case.train[case.target].value_counts(normalize=True).min())


def _ordered_dates(case: Case) -> bool:
    time = case.table.time
    return case.variant == "time not named" and time is not None and case.train[time].is_monotonic_increasing


def _cut_gains(case: Case) -> bool:
    return "capital_gain" in case.train and bool((case.train["capital_gain"] == 99_999).any())


def _known(code: str, table: str, there: Callable[[Case], bool], column: str = "") -> Oddity:
    """What the fault benchmark knows of this table too, in its words."""
    return Oddity(code, table, OWN[table, code], there, column)


def _misnumbered(case: Case) -> bool:
    labels = case.train[case.target]
    if not pd.api.types.is_numeric_dtype(labels) or not case.table.is_classes:
        return False
    values = sorted(labels.dropna().unique())
    return values != list(range(len(values)))


def _few_of_a_class(case: Case) -> bool:
    if not case.table.is_classes:
        return False
    rows = case.train[case.target].value_counts()
    return bool(rows.min() < max(20, len(case.table.features)))


def _told_by_one(case: Case) -> bool:
    """Whether a tree on one column alone tells a class from the others, out of fold."""
    y = case.train[case.target]
    if not case.table.is_classes:
        return False
    rare = (y == y.value_counts().index[-1]).to_numpy()
    for name, column in _features(case, case.train).items():
        x = column.to_numpy() if pd.api.types.is_numeric_dtype(column) else pd.factorize(column)[0]
        if name == case.table.time or min(rare.sum(), (~rare).sum()) < 5:
            continue
        tree = DecisionTreeClassifier(max_leaf_nodes=8, min_samples_leaf=2, random_state=0)
        guess = cross_val_predict(tree, x.reshape(-1, 1), rare, cv=StratifiedKFold(3), method="predict_proba")
        if roc_auc_score(rare, guess[:, 1]) > 0.92:
            return True
    return False


ODDITIES = (
    Oddity("DA607", ANY, "a tree on one column alone tells a class, AUC over 0.92 out of fold", _told_by_one),
    Oddity("DA614", "keel car-good", "the doors are 2, 3, 4 or '5more'", lambda _: True, "x2"),
    Oddity("DA614", "keel car-vgood", "the doors are 2, 3, 4 or '5more'", lambda _: True, "x2"),
    Oddity(
        "DA601", ANY, "a class has under 10 % of the rows", lambda case: case.table.is_classes and _rarest(case) < 0.1
    ),
    Oddity("DA624", ANY, "a class has fewer rows than there are features, or fewer than 20", _few_of_a_class),
    Oddity("DA617", ANY, "the classes are numbered, and not from 0 on: XGBoost refuses them", _misnumbered),
    Oddity("DA607", "keel iris", "petal length or width alone tells the species but for a few", lambda _: True, "x2"),
    Oddity("DA607", "keel iris0", "petal length or width alone tells one species", lambda _: True),
    Oddity("DA607", "keel mushroom", "the odour alone tells what is poisonous", lambda _: True, "x4"),
    Oddity("DA605", ANY, "over 1 % of the training rows are there twice", _rows_repeat),
    Oddity("DA606", ANY, "over 1 % of the validation rows repeat training rows", _splits_overlap),
    Oddity("DA608", ANY, "over 1 % of the rows are equal but for the label", _labels_conflict),
    Oddity("DA603", ANY, "two amounts correlate by over 0.9 (Pearson or Spearman)", _correlated),
    Oddity("DA604", ANY, "a column holds one value in 99 % of the rows", _nearly_constant),
    Oddity("DA619", ANY, "two columns tell each other's values one to one", _one_to_one),
    Oddity("DA615", ANY, "a category of the validation rows is in no training row", _unseen),
    _known("DA601", "mammography", lambda case: _rarest(case) < 0.03),
    _known("DA601", "oil_spill", lambda case: _rarest(case) < 0.06),
    _known("DA624", "oil_spill", lambda case: (case.train[case.target] == 1).sum() < len(case.table.features)),
    Oddity("DA607", "iris", "petal length or width alone tells the species but for a few", lambda _: True, "petal"),
    Oddity("DA612", "oil_spill", "x0 counts the patches of an image", lambda case: "x0" in case.train, "x0"),
    Oddity("DA612", "sensors", "the time of the row, not named", _ordered_dates, "at"),
    Oddity("DA612", "orders", "the time of the row, not named", _ordered_dates, "created"),
    _known("DA623", "adult", _cut_gains, "capital_gain"),
    _known("DA622", "weak", lambda _: True),
    _known("DA622", "uneven", lambda _: True),
    Oddity("DA622", "blobs", "made with 5 % of the labels drawn anew", lambda _: True),
)


def explained(case: Case, code: str, text: str) -> Iterator[str]:
    """Why a finding is true of this clean table, if it is."""
    return (o.why for o in ODDITIES if o.covers(case, code, text))

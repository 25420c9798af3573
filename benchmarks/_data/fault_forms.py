"""Planted faults of the form in which tables come: labels apart, sparse beside dense, texts, codes, headers, ids."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy import sparse

from _data.cases import Case, Unfit
from _data.catalog import amounts, classes, ordinary, planted
from _data.fault_columns import has_validation, pick
from _data.fault_values import _enough
from _data.table import Table


@planted("the labels' index is that of the table in another order: 1 row in 20 moved (severe: all)", "DA632",
         "DA622 DA625 DA608 DA607", fits=ordinary)  # fmt: skip
def labels_in_another_order(case: Case, severe: bool, rng: Generator) -> None:
    order = np.arange(len(case.train))
    moved = rng.permutation(len(order))[: len(order) if severe else len(order) // 20]
    order[np.sort(moved)] = moved
    y = case.train[case.target].iloc[order]
    X = case.train.drop(columns=case.target)

    def given(_: Case) -> tuple[Any, ...]:
        valid = case.valid
        beside = None if valid is None else (valid.drop(columns=case.target), valid[case.target])
        return X, y, {"valid": beside}

    case.given = given


def _with_zeros(table: Table) -> bool:
    cells = table.frame.select_dtypes("number")
    return ordinary(table) and cells.shape[1] == table.frame.shape[1] and bool((cells == 0).to_numpy().mean() > 0.05)


@planted("one set is a sparse matrix and the other dense: training (severe: validation)", "DA634", "DA610 DA609 DA611",
         fits=_with_zeros)  # fmt: skip
def sparse_and_dense(case: Case, severe: bool, rng: Generator) -> None:
    valid = has_validation(case)
    names = [c for c in case.table.features if pd.api.types.is_numeric_dtype(case.train[c])]
    if len(names) < 3 or (case.train[names] == 0).to_numpy().mean() < 0.02 or case.train[names].isna().any(axis=None):
        raise Unfit("hardly a zero in it, or texts and gaps")
    if not pd.api.types.is_numeric_dtype(case.train[case.target]):
        raise Unfit("its labels are texts")
    parts = [p[names].to_numpy(dtype=float) for p in (case.train, valid)]
    parts[1 if severe else 0] = sparse.csr_matrix(parts[1 if severe else 0])
    labels = [p[case.target].to_numpy() for p in (case.train, valid)]
    case.options = {}
    case.given = lambda _: (parts[0], labels[0], {"valid": (parts[1], labels[1])})


@planted("the header stands once more among the rows (severe: 5 times)", "DA635", "DA614 DA617", fits=ordinary)
def repeated_header(case: Case, severe: bool, rng: Generator) -> None:
    lines = case.train.to_csv(index=False).splitlines()
    if len(case.train.columns) < 3 or any('"' in line for line in lines[:200]):
        raise Unfit("texts of several lines")
    for at in sorted(rng.integers(2, len(lines), 5 if severe else 1), reverse=True):
        lines.insert(int(at), lines[0])
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write("\n".join(lines))
    case.given = lambda c: (Path(file.name), None, {"target": c.target, "valid": c.valid})


@planted("customers of 6 rows each (severe: 15) drawn over both sets, no group named", "DA631",
         "DA627 DA603 DA607 DA610 DA612 DA616", fits=_enough)  # fmt: skip
def shared_ids(case: Case, severe: bool, rng: Generator) -> None:
    n = len(case.train) + len(has_validation(case))
    each = 15 if severe else 6
    who = rng.permutation(np.arange(n) // each) + 40_000
    case.add("customer_id", who[: len(case.train)], who[len(case.train) :])
    case.planted = ("customer_id",)


@planted("2 % of the labels are -999 (severe: 10 % are 9 times all nines)", "DA617", "DA633 DA607 DA611", fits=amounts)
def codes_among_labels(case: Case, severe: bool, rng: Generator) -> None:
    y = case.train[case.target].astype(float)
    code = 999_999_999.0 if severe else -999.0
    span = float(y.quantile(0.95) - y.quantile(0.05))
    if span <= 0 or min(abs(y.max() - code), abs(y.min() - code)) < span:
        raise Unfit("the code lies among the labels")
    y[rng.random(len(y)) < (0.1 if severe else 0.02)] = code
    case.train[case.target] = y


@planted("dates written as text: 31.12.2023 (severe: Dec 31, 2023)", "DA614", "DA610 DA615 DA621 DA607", fits=ordinary,
         is_told=True)  # fmt: skip
def dates_as_text(case: Case, severe: bool, rng: Generator) -> None:
    form = "%b %d, %Y" if severe else "%d.%m.%Y"
    days = [pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500, len(p)), unit="D") for p in case.parts]
    case.add("seen", *[d.strftime(form) for d in days])
    case.planted = ("seen",)


@planted(
    "-1 stands for missing in 2 % of a column of counts (severe: -9 in 15 %)", "DA623", "DA610 DA603", fits=ordinary
)
def codes_among_counts(case: Case, severe: bool, rng: Generator) -> None:
    code, share = (-9, 0.15) if severe else (-1, 0.02)
    counts = [np.where(rng.random(len(p)) < share, code, rng.negative_binomial(2, 0.25, len(p))) for p in case.parts]
    case.add("visits_before", *counts)
    case.planted = ("visits_before",)


@planted("times in milliseconds of one morning, which float32 rounds to two minutes (severe: of half an hour)", "DA636",
         "DA612 DA603", fits=lambda t: ordinary(t) and len(t.frame) >= 600)  # fmt: skip
def times_that_merge(case: Case, severe: bool, rng: Generator) -> None:
    hours = 0.5 if severe else 5.0
    case.add("clicked_ms", *[1_700_000_000_000 + rng.integers(0, int(hours * 3_600_000), len(p)) for p in case.parts])
    case.planted = ("clicked_ms",)


@planted("a stretch of an amount that one class alone has: 40 % of its rows (severe: 70 %)", "DA629 DA607",
         "DA603 DA619", fits=lambda t: classes(t) and len(t.frame) >= 600)  # fmt: skip
def stretch_of_one_class(case: Case, severe: bool, rng: Generator) -> None:
    label, n = case.train[case.target].value_counts().index[-1], case.train[case.target].value_counts().iloc[-1]
    if n < 150 or n > 0.55 * len(case.train):
        raise Unfit("the class is too rare, or too frequent, to tell")
    share = 0.7 if severe else 0.4
    case.add("minutes", *[
        np.where((p[case.target] == label) & (rng.random(len(p)) < share), rng.uniform(90, 100, len(p)),
                 rng.uniform(0, 90, len(p))).round(2)
        for p in case.parts
    ])  # fmt: skip
    case.planted = ("minutes",)


@planted("words for missing in 5 % of a text column: n.a. (severe: #DIV/0! in 20 %)", "DA623", "DA610 DA615 DA616",
         fits=ordinary, is_told=True)  # fmt: skip
def words_for_missing(case: Case, severe: bool, rng: Generator) -> None:
    name = pick(rng, case.texts(), "texts")
    word, share = ("#DIV/0!", 0.2) if severe else ("n.a.", 0.05)
    for part in case.parts:
        part[name] = part[name].where(rng.random(len(part)) >= share, word)
    case.planted = (name,)

"""Advice about data, followed: each takes a split and gives the split that the advice makes of it. Test rows stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from _advice.recipes import Edit
from _advice.splits import Part, Split

Change = Callable[[Split, Edit], Split]


def edited(split: Split, edits: tuple[Edit, ...]) -> Split:
    """The split after all of them. Raises ValueError where one cannot be done."""
    for edit in edits:
        split = EDITS[edit.name](split, edit)
    return split


def _every(split: Split, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Split:
    parts = {name: getattr(split, name) for name in ("train", "valid", "test")}
    return split.on(**{name: Part(change(p.X.copy()), p.y, p.w) for name, p in parts.items()})


def _drop(split: Split, edit: Edit) -> Split:
    names = [str(v) for v in (edit.value if isinstance(edit.value, list | tuple) else [edit.value])]
    left = [c for c in split.train.X.columns if c not in names]
    if len(left) == split.train.X.shape[1] or not left:
        raise ValueError("no such column, or no column would be left")
    return _every(split, lambda X: X[left])


def _drop_duplicates(split: Split, _: Edit) -> Split:
    """Each row once, in train and valid together; where it stands in both, it is train's."""
    both = pd.concat([p.X.assign(_y=p.y) for p in (split.train, split.valid)], ignore_index=True)
    keep = ~both.duplicated().to_numpy()
    n = len(split.train.y)
    return split.on(train=split.train.rows(keep[:n]), valid=split.valid.rows(keep[n:]))


def _drop_from_valid(split: Split, _: Edit) -> Split:
    known = set(map(hash, map(tuple, split.train.X.fillna(-1e300).to_numpy())))
    keep = np.array([hash(tuple(r)) not in known for r in split.valid.X.fillna(-1e300).to_numpy()])
    if not keep.any():
        raise ValueError("no validation row would be left")
    return split.on(valid=split.valid.rows(keep))


def _missing(split: Split, edit: Edit) -> Split:
    names = [c for c in edit.columns if c in split.train.X.columns] or list(split.train.X.columns)
    return _every(split, lambda X: X.assign(**{c: X[c].mask(X[c] == edit.value) for c in names}))


def _replace(split: Split, _: Edit) -> Split:
    return _every(split, lambda X: X.replace([np.inf, -np.inf], np.nan))


def _scale(split: Split, _: Edit) -> Split:
    mean, std = split.train.X.mean(), split.train.X.std().replace(0.0, 1.0)
    return _every(split, lambda X: (X - mean) / std)


def _class_weight(split: Split, _: Edit) -> Split:
    """Each class the same weight in all: row weights, which both libraries take."""
    values, counts = np.unique(split.train.y, return_counts=True)
    weight = dict(zip(values, len(split.train.y) / (len(values) * counts), strict=True))
    w = np.array([weight[v] for v in split.train.y])
    return split.on(train=Part(split.train.X, split.train.y, w))


def _rows(split: Split, edit: Edit) -> Split:
    keep = np.ones(len(split.train.y), dtype=bool)
    keep[[int(r) for r in edit.value]] = False
    return split.on(train=split.train.rows(keep))


def _levels(split: Split, edit: Edit) -> Split:
    """Levels that are rare or new in these columns become one."""
    names = list(edit.columns) or list(edit.value)
    most = edit.value if isinstance(edit.value, int) else None
    kept = {c: _frequent(split.train.X[c], most) for c in names if c in split.train.X.columns}
    return _every(
        split, lambda X: X.assign(**{c: X[c].where(X[c].isin(k) | X[c].isna(), -1.0) for c, k in kept.items()})
    )


def _frequent(column: pd.Series, most: int | None) -> pd.Index:
    counts = column.value_counts()
    return counts.index[: most - 1] if most else counts.index[counts > 1]


def _again(split: Split, train: np.ndarray, valid: np.ndarray) -> Split:
    X = pd.concat([split.train.X, split.valid.X], ignore_index=True)
    y = np.concatenate([split.train.y, split.valid.y])
    return split.on(train=Part(X.iloc[train], y[train]), valid=Part(X.iloc[valid], y[valid]))


def _stratify(split: Split, _: Edit) -> Split:
    y = np.concatenate([split.train.y, split.valid.y])
    if not split.n_classes:
        y = pd.qcut(y, 10, labels=False, duplicates="drop")
    train, valid = train_test_split(np.arange(len(y)), test_size=len(split.valid.y), stratify=y, random_state=0)
    return _again(split, train, valid)


def _split_by(split: Split, edit: Edit) -> Split:
    groups = pd.concat([split.train.X[edit.value], split.valid.X[edit.value]]).fillna(-1).to_numpy()
    share = len(split.valid.y) / len(groups)
    train, valid = next(GroupShuffleSplit(1, test_size=share, random_state=0).split(groups, groups=groups))
    return _again(split, train, valid)


EDITS: dict[str, Change] = {
    "drop": _drop, "drop_duplicates": _drop_duplicates, "drop_from_valid": _drop_from_valid, "missing": _missing,
    "replace": _replace, "scale": _scale, "class_weight": _class_weight, "rows": _rows, "max_categories": _levels,
    "other": _levels, "stratify": _stratify, "split_by": _split_by,
}  # fmt: skip

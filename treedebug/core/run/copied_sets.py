"""Datasets that hold the training rows once more, as a wrapper makes of `eval_set=[(X_train, y_train), ...]`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Facts = Mapping[str, Any]


def holds_training(data: Mapping[str, Facts], name: str) -> bool:
    """Return whether a dataset has all the labels of the training data in their order, and is not said to be it."""
    facts: Facts = data.get(name, {})
    train: Facts = next((d for d in data.values() if d.get("is_training")), {})
    label, digest = facts.get("label") or {}, facts.get("label_digest")
    counts = label.get("counts") or ()
    classes = sum(n > 0 for n in (counts.values() if isinstance(counts, Mapping) else counts))
    varies = classes > 1 or bool(label.get("std"))
    same = bool(digest) and digest == train.get("label_digest") and facts.get("n_rows") == train.get("n_rows")
    return bool(same and varies and not facts.get("is_training"))


def evaluated_training(data: Mapping[str, Facts], names: Collection[str]) -> set[str]:
    """Return the evaluated datasets that are the training data, or copies of it where others are evaluated, too.

    A copy that is the only one stands for validation: that it does is what is wrong.
    """
    known = {name for name in names if data.get(name, {}).get("is_training")}
    copies = set() if known else {name for name in names if holds_training(data, name)}
    return known or (copies if len(copies) < len(set(names)) else set())

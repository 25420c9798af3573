"""Balance: the classes of the labels before training, the weights that would even them out, and the other sets."""

from __future__ import annotations

from treedebug.core.data.column_profile import CLASSES
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.report import Balance, BalanceRow

MAX_SHOWN = 50


def balance(sets: DataSets) -> Balance | None:
    """Return the counts and shares of each class in each set; None for labels of numbers, or without a label."""
    label = sets.train.label
    if label is None or label.kind != CLASSES or not label.classes:
        return None
    tables = {sets.train.name: sets.train, **sets.others}
    counts = {name: _counts(p) for name, p in tables.items()}
    counts = {name: found for name, found in counts.items() if found}
    train = counts.get(sets.train.name, {})
    n_rows = sum(train.values())
    values = list(dict.fromkeys(v for found in counts.values() for v in found))
    rows = tuple(
        BalanceRow(
            value=value,
            counts=tuple(found.get(value, 0) for found in counts.values()),
            shares=tuple(found.get(value, 0) / max(sum(found.values()), 1) for found in counts.values()),
            weight=n_rows / (len(train) * train[value]) if train.get(value) else None,
        )
        for value in _shown(values, train)
    )
    two = list(train.values())
    return Balance(
        datasets=tuple(counts),
        rows=rows,
        n_classes=len(values),
        scale_pos_weight=two[0] / two[1] if len(two) == 2 and two[1] else None,  # binary
        largest_share=max(two, default=0) / max(n_rows, 1),
        p_values={n: b.label_drift.p_value for n, b in sets.between.items() if b.label_drift is not None},
        distances={n: b.label_drift.distance for n, b in sets.between.items() if b.label_drift is not None},
    )


def _shown(values: list[object], train: dict[object, int]) -> list[object]:
    """Return all classes in order; of many, the rarest of the training data and the most frequent ones."""
    if len(values) <= MAX_SHOWN:
        return values
    by_count = sorted(values, key=lambda v: train.get(v, 0))
    kept = {*by_count[: MAX_SHOWN // 2], *by_count[-(MAX_SHOWN - MAX_SHOWN // 2) :]}
    return [v for v in values if v in kept]


def _counts(profile: DataProfile) -> dict[object, int]:
    if profile.label is None or profile.label.kind != CLASSES:
        return {}
    return {c.value: c.count for c in profile.label.classes}

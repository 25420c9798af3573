"""From a finished scan to the profile of the table."""

from __future__ import annotations

import numpy as np

from treedebug.core.profile import CLASSES, NAN, NUMBERS, DataProfile, LabelProfile, ValueCount
from treedebug.profiles.cells import CODED, NUMERIC
from treedebug.profiles.measures.columns import column_profile, top_values
from treedebug.profiles.measures.copies import recoded_columns, with_equal_shares
from treedebug.profiles.measures.dependence import dependence, target_of
from treedebug.profiles.measures.noise import label_noise
from treedebug.profiles.measures.pairs import MAX_GROUPS, Ranked, equal_columns, strongest_pairs
from treedebug.profiles.measures.repeats import repeats
from treedebug.profiles.table import Table

MAX_CLASSES = 1000
_FEW_CLASSES = 30
_VERY_RARE, _SECOND_LAST, _LAST = 0.005, 0.15, 0.02
"""Shares of values: of two of a count, and of the last two of one that falls off."""


def task_of(table: Table, label: str) -> str:
    """Classes for a label of texts, truth values, or few whole numbers that do not look like counts; else numbers."""
    column = table.scan.columns[label]
    if column.kind in CODED or column.kind not in NUMERIC:
        return CLASSES
    n_distinct = column.distinct.estimate()
    is_small = column.moments.is_whole and n_distinct <= _FEW_CLASSES and not _looks_counted(table, label)
    return CLASSES if is_small or n_distinct <= 2 else NUMBERS  # noqa: PLR2004 - 0.0 and 0.5 are two classes


def _looks_counted(table: Table, label: str) -> bool:
    """Whether whole numbers are spread as counts are: several are very rare, or each is far rarer than the one before."""
    codes, distinct = table.codes(label)
    shares = np.bincount(codes[codes >= 0], minlength=len(distinct)) / max(int((codes >= 0).sum()), 1)
    if len(shares) < 3:  # noqa: PLR2004 - two values are two classes
        return False
    falls = bool((np.diff(shares) < 0).all()) and shares[-2] < _SECOND_LAST and shares[-1] < _LAST
    return falls or int((shares < _VERY_RARE).sum()) > 1


def finish(
    table: Table, *, name: str, engine: str, task: str, doubled: tuple[str, ...] = (), full: bool = True
) -> DataProfile:
    """The profile; `full` with what only the training data is asked for: pairs, dependence on the label, label noise."""
    scan, layout = table.scan, table.scan.layout
    label, features = layout.label, list(layout.features)
    unmeasured: dict[str, str] = {}
    scores, correlations = {}, {}
    pairs, counts, n_pairs = (), (0,) * 8, 0
    equal: list[tuple[str, ...]] = []
    recoded: list[tuple[str, ...]] = []
    noise = None
    if full:
        ranked = Ranked(table, features)
        pairs, counts, n_pairs = strongest_pairs(ranked)
        pairs = with_equal_shares(table, pairs)
        equal = equal_columns(table, features)
        recoded = recoded_columns(table, features)
        if not label:
            unmeasured |= dict.fromkeys(("dependence", "noise"), "there is no label: name it with target=, or pass y")
        else:
            scores, correlations = _with_label(table, label, task, ranked, unmeasured)
            if task == CLASSES:
                found = label_noise(table, label, features)
                if isinstance(found, str):
                    unmeasured["noise"] = found
                else:
                    noise = found
            else:
                unmeasured["noise"] = "label noise is looked for in classes; this label is a number"
    else:
        unmeasured |= dict.fromkeys(("dependence", "noise", "pairs"), "measured on the training data only")
    roles = {layout.group: "group", scan.time: "time"}
    return DataProfile(
        name=name,
        engine=engine,
        n_rows=scan.n_rows,
        columns=tuple(
            column_profile(
                table, n, dependence=scores.get(n), rank_correlation=correlations.get(n, NAN), role=roles.get(n, "")
            )
            for n in features
        ),
        label=_label(table, label, task) if label else None,
        weight=scan.weight.profile(layout.weight, table.beside("weight").astype(np.float64)) if layout.weight else None,
        task=task,
        group=layout.group,
        time=scan.time,
        time_was_named=bool(layout.time),
        sample_size=table.n,
        pairs=pairs,
        pair_counts=counts,
        n_pairs=n_pairs,
        equal_columns=tuple(equal[:MAX_GROUPS]),
        n_equal_columns=sum(len(g) - 1 for g in equal),
        recoded_columns=tuple(recoded[:MAX_GROUPS]),
        repeats=repeats(table, label) if features else None,
        noise=noise,
        tokens=tuple(t for s in scan.tokens for t in s.profiles()),
        doubled_names=doubled,
        unmeasured=unmeasured,
    )


def _with_label(table: Table, label: str, task: str, ranked: Ranked, unmeasured: dict[str, str]):
    target = target_of(table, label, task)
    if target is None:
        unmeasured["dependence"] = "what a column tells of the label needs 50 labelled rows of at least two values"
        return {}, {}
    scores = {n: d for n in table.scan.layout.features if (d := dependence(table, n, target)) is not None}
    if task != NUMBERS and target.columns.shape[1] > 1:  # several classes have no order
        return scores, {}
    return scores, ranked.with_label(np.where(target.known, target.columns[:, 0], np.nan))


def _label(table: Table, label: str, task: str) -> LabelProfile:
    column = table.scan.columns[label]
    profile = column_profile(table, label)
    if task != CLASSES:
        return LabelProfile(kind=NUMBERS, column=profile)
    counted, _ = top_values(table, label)
    weights = table.scan.label_weights
    classes = [ValueCount(c.value, c.count, weights.get(c.value, NAN) if weights else float(c.count)) for c in counted]
    classes.sort(key=lambda c: (isinstance(c.value, str), c.value if isinstance(c.value, str) else float(c.value)))
    return LabelProfile(
        kind=CLASSES, column=profile, classes=tuple(classes[:MAX_CLASSES]), n_classes=profile.n_distinct
    )

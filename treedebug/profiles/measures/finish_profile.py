"""From a finished scan to the profile of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from treedebug.core.data.column_profile import CLASSES, NAN, NUMBERS, Dependence, ValueCount
from treedebug.core.data.label_mean_trace import LabelAverage
from treedebug.core.data.label_traces import LabelOrder, MadeUpTrace, OneLabel, OwnLabelTrace, PureValue
from treedebug.core.data.table_profile import DataProfile, LabelNoise, LabelProfile, Pair
from treedebug.core.data.text_reading import AMOUNT, TextReading
from treedebug.profiles.measures.column_pairs import MAX_GROUPS, Ranked, equal_columns, strongest_pairs
from treedebug.profiles.measures.column_profiles import column_profile, top_values
from treedebug.profiles.measures.label_dependence import binned, dependences, target_of
from treedebug.profiles.measures.label_means import label_average, readings
from treedebug.profiles.measures.label_noise import label_noise
from treedebug.profiles.measures.label_order import label_order
from treedebug.profiles.measures.label_shape import label_shape
from treedebug.profiles.measures.made_up_rows import made_up_rows
from treedebug.profiles.measures.near_copies import recoded_columns, with_equal_shares
from treedebug.profiles.measures.one_label_ids import one_label
from treedebug.profiles.measures.own_labels import own_labels
from treedebug.profiles.measures.pure_values import pure_values
from treedebug.profiles.measures.repeated_rows import alike, repeats
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.measures.text_readings import text_reading
from treedebug.profiles.measures.time_memory import time_memory
from treedebug.profiles.scan.cells import CODED, NUMERIC

MAX_CLASSES = 1000
_FEW_CLASSES = 30
_VERY_RARE, _SECOND_LAST, _LAST = 0.005, 0.15, 0.02
"""Shares of values: of two of a count, and of the last two of one that falls off."""


def task_of(table: Table, label: str) -> str:
    """Classes for a label of words, truth values, or few whole numbers that do not look like counts; else numbers."""
    column = table.scan.columns[label]
    if column.kind in CODED or column.kind not in NUMERIC:
        many = column.distinct.estimate() > _FEW_CLASSES
        return NUMBERS if many and label_reading(table, label) is not None else CLASSES
    n_distinct = column.distinct.estimate()
    is_small = column.moments.is_whole and n_distinct <= _FEW_CLASSES and not _looks_counted(table, label)
    return CLASSES if is_small or n_distinct <= 2 else NUMBERS  # 0.0 and 0.5 are two classes


def label_reading(table: Table, label: str) -> TextReading | None:
    """Return how the texts of a label read as amounts, plain numbers among them; None for classes."""
    column = table.scan.columns[label]
    reading = text_reading(table, label)
    if reading is not None:
        return reading if reading.kind == AMOUNT else None
    n_present = column.n_rows - column.n_missing - column.n_empty
    if column.kind not in CODED or not n_present or column.n_numeric_texts < n_present:
        return None
    examples = [str(v.value) for v in top_values(table, label, 1)[0]]
    return TextReading(kind=AMOUNT, example=examples[0] if examples else "", how="they are plain numbers")


def _looks_counted(table: Table, label: str) -> bool:
    """Whether whole numbers are spread as counts are: several very rare, or each far rarer than the last."""
    codes, distinct = table.codes(label)
    shares = np.bincount(codes[codes >= 0], minlength=len(distinct)) / max(int((codes >= 0).sum()), 1)
    if len(shares) < 3:  # two values are two classes
        return False
    falls = bool((np.diff(shares) < 0).all()) and shares[-2] < _SECOND_LAST and shares[-1] < _LAST
    return falls or int((shares < _VERY_RARE).sum()) > 1


def finish(  # noqa: PLR0913 - each has a default, or a name
    table: Table,
    *,
    name: str,
    engine: str,
    task: str,
    full: bool = True,
    beside: Sequence[Table] = (),
    noise: bool = True,
) -> DataProfile:
    """Return the profile; `beside` are the other sets with labels.

    `full` with what only the training data is asked for: pairs, dependence on the label, noise.
    """
    scan, layout = table.scan, table.scan.layout
    label, features = layout.label, list(layout.features)
    found = _of_training(table, task, beside, with_noise=noise) if full else _Training(unmeasured=dict(_NOT_HERE))
    roles = {layout.group: "group", scan.time: "time"}
    return DataProfile(
        name=name,
        engine=engine,
        n_rows=scan.n_rows,
        columns=tuple(
            column_profile(
                table,
                n,
                dependence=found.scores.get(n),
                average=found.averages.get(n),
                pure=found.pure.get(n),
                one_label=found.one_label.get(n),
                rank_correlation=found.correlations.get(n, NAN),
                role=roles.get(n, ""),
            )
            for n in features
        ),
        label=_label(table, label, task) if label else None,
        weight=scan.weight.profile(layout.weight, table.beside("weight").astype(np.float64)) if layout.weight else None,
        task=task,
        group=layout.group,
        time=scan.time,
        time_was_named=bool(layout.time),
        time_memory=found.time_memory,
        sample_size=table.n,
        pairs=found.pairs,
        pair_counts=found.pair_counts,
        n_pairs=found.n_pairs,
        equal_columns=tuple(found.equal[:MAX_GROUPS]),
        n_equal_columns=sum(len(g) - 1 for g in found.equal),
        recoded_columns=tuple(found.recoded[:MAX_GROUPS]),
        repeats=repeats(table, label),
        alike=alike(table, label),
        noise=found.noise,
        label_order=found.order,
        own_labels=found.own_labels,
        made_up=found.made_up,
        tokens=tuple(t for s in scan.tokens for t in s.profiles()),
        unmeasured=found.unmeasured,
    )


_NOT_HERE = dict.fromkeys(("dependence", "noise", "pairs"), "measured on the training data only")


@dataclass
class _Training:
    """What is measured of the training data alone."""

    pairs: tuple[Pair, ...] = ()
    pair_counts: tuple[int, ...] = ()
    n_pairs: int = 0
    equal: list[tuple[str, ...]] = field(default_factory=list)
    recoded: list[tuple[str, ...]] = field(default_factory=list)
    scores: dict[str, Dependence] = field(default_factory=dict)
    averages: dict[str, LabelAverage] = field(default_factory=dict)
    pure: dict[str, PureValue] = field(default_factory=dict)
    one_label: dict[str, OneLabel] = field(default_factory=dict)
    order: LabelOrder | None = None
    time_memory: float = NAN
    own_labels: tuple[OwnLabelTrace, ...] = ()
    made_up: MadeUpTrace | None = None
    correlations: dict[str, float] = field(default_factory=dict)
    noise: LabelNoise | None = None
    unmeasured: dict[str, str] = field(default_factory=dict)


def _of_training(table: Table, task: str, beside: Sequence[Table], *, with_noise: bool) -> _Training:
    label, features = table.scan.layout.label, list(table.scan.layout.features)
    found = _Training()
    ranked = Ranked(table, features)
    found.pairs, found.pair_counts, found.n_pairs = strongest_pairs(ranked)
    found.pairs = with_equal_shares(table, found.pairs)
    found.equal = equal_columns(table, features)
    found.recoded = recoded_columns(table, features)
    if not label:
        found.unmeasured |= dict.fromkeys(("dependence", "noise"), "there is no label: name it with target=, or pass y")
        return found
    found.order = label_order(table, label, task)
    found.time_memory = time_memory(table, label, task)
    found.own_labels = own_labels(table, features, label)
    _with_label(table, task, ranked, found, beside)
    if task != CLASSES:
        found.unmeasured["noise"] = "label noise is looked for in classes; this label is a number"
        return found
    found.made_up = made_up_rows(table, label)
    if not with_noise:
        found.unmeasured["noise"] = "labels that look wrong were not looked for: no rule of this check asks for them"
        return found
    noise = label_noise(table, label, features)
    if isinstance(noise, str):
        found.unmeasured["noise"] = noise
    else:
        found.noise = noise
    return found


def _with_label(table: Table, task: str, ranked: Ranked, found: _Training, beside: Sequence[Table]) -> None:
    layout = table.scan.layout
    target = target_of(table, layout.label, task)
    if target is None:
        found.unmeasured["dependence"] = "what a column tells of the label needs 50 labelled rows of two values or more"
        return
    for columns in binned(table, layout.features):
        found.scores |= dependences(table, columns, target)
        if target.is_classes:
            found.pure |= pure_values(table, columns, layout.label)
    found.one_label = {n: o for n in layout.features if (o := one_label(table, n, layout.label)) is not None}
    labels, whole = readings([table]), [table, *beside]
    found.averages = {n: a for n in layout.features if (a := label_average([table], n, labels)) is not None}
    if beside:  # taken before the split, it is exact on both parts together only
        both = readings(whole)
        shared = [n for n in layout.features if all(n in t.scan.columns for t in beside)]
        joined = {n: a for n in shared if (a := label_average(whole, n, both)) is not None}
        found.averages |= {
            n: a for n, a in joined.items() if a.n_exact > found.averages.get(n, a).n_exact or n not in found.averages
        }
    if task == NUMBERS or target.columns.shape[1] == 1:  # several classes have no order
        found.correlations = ranked.with_label(np.where(target.known, target.columns[:, 0], np.nan))


def _label(table: Table, label: str, task: str) -> LabelProfile:
    profile = column_profile(table, label)
    if task != CLASSES:
        profile = replace(profile, reads_as=label_reading(table, label))
        return LabelProfile(kind=NUMBERS, column=profile, shape=label_shape(table, label))
    counted, _ = top_values(table, label)
    weights = table.scan.label_weights
    classes = [ValueCount(c.value, c.count, weights.get(c.value, NAN) if weights else float(c.count)) for c in counted]
    classes.sort(key=lambda c: (isinstance(c.value, str), c.value if isinstance(c.value, str) else float(c.value)))
    return LabelProfile(
        kind=CLASSES, column=profile, classes=tuple(classes[:MAX_CLASSES]), n_classes=profile.n_distinct
    )

"""The data: columns and labels of each table, as profiled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.data.column_profile import ColumnProfile
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Finding
from treedebug.core.plain_json import plain
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

_MOST_COLUMNS = 100
_MOST_CLASSES = 30
_DA = "DA"


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of the training data. Numbers that were not measured are NaN."""

    column: str
    kind: str
    missing_share: float
    n_distinct: int
    mean: float
    quantiles: tuple[float, ...]
    """At `core.data.column_profile.PROBABILITIES`; empty for texts."""
    top_values: tuple[tuple[Any, float], ...]
    """(value, share of the rows), most frequent first, at most five."""
    score: float
    """What the column alone tells of the label: 0 nothing, 1 everything."""
    drift: float
    """The largest distance between its values here and in another set (0..1)."""
    codes: tuple[str, ...]
    """Of the findings about it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSummary:
    """One table and its labels."""

    table: str
    n_rows: int
    is_partial: bool
    """Only so many rows were looked at, of an unknown number (inputs of a network)."""
    n_columns: int
    label: str
    classes: tuple[tuple[Any, float], ...]
    """(class, share of the labels), in order of their values; empty for amounts."""
    label_quantiles: tuple[float, ...]
    """Of amounts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSummary(Picture):
    """The tables, and the columns of the training data: those with findings first, then by what they tell."""

    name: ClassVar[str] = "data_profile"
    question: ClassVar[str] = "What is in the data, and which columns are suspicious?"

    tables: tuple[TableSummary, ...]
    columns: tuple[Column, ...]
    n_left_out: int
    """Columns."""


def data_profile(run: AnyRun | DataSets | DataProfile, findings: Sequence[Finding] = ()) -> DataSummary | NoPicture:
    """Return the summary of the data a run was trained on, or of profiled tables."""
    sets = run if isinstance(run, DataSets) else DataSets(run) if isinstance(run, DataProfile) else None
    if sets is None and not isinstance(run, DataSets | DataProfile):
        data = data_of(run)
        sets, findings = data.stream(DataSets), findings or data.findings
    if sets is None:
        return NoPicture("the data were not profiled: pass data= to the callback, or check the table")
    about: dict[str, list[str]] = {}
    for finding in findings:
        if finding.code.startswith(_DA):
            for name in _columns_of(finding):
                about.setdefault(name, []).append(finding.code)
    drift = {d.column: 0.0 for b in sets.between.values() for d in b.drifts}
    for between in sets.between.values():
        for d in between.drifts:
            drift[d.column] = max(drift[d.column], d.distance)
    columns = sorted(sets.train.columns, key=lambda c: (c.name not in about, -_score(c)))
    return DataSummary(
        tables=tuple(_table(p, n) for n, p in ((sets.train.name or "train", sets.train), *sets.others.items())),
        columns=tuple(_column(c, drift, about) for c in columns[:_MOST_COLUMNS]),
        n_left_out=max(len(columns) - _MOST_COLUMNS, 0),
    )


def _columns_of(finding: Finding) -> list[str]:
    told = finding.evidence.get("columns") or finding.evidence.get("column") or finding.subject
    return [str(t) for t in told] if isinstance(told, list | tuple) else [str(told)]


def _score(column: ColumnProfile) -> float:
    return column.dependence.score if column.dependence is not None else 0.0


def _column(c: ColumnProfile, drift: dict[str, float], about: dict[str, list[str]]) -> Column:
    rows = max(c.n_rows, 1)
    return Column(
        column=c.name,
        kind=c.kind,
        missing_share=c.missing_share,
        n_distinct=c.n_distinct,
        mean=c.mean,
        quantiles=c.quantiles,
        top_values=tuple((plain(v.value), v.count / rows) for v in c.top_values[:5]),
        score=math.nan if c.dependence is None else c.dependence.score,
        drift=drift.get(c.name, math.nan),
        codes=tuple(about.get(c.name, ())),
    )


def _table(profile: DataProfile, name: str) -> TableSummary:
    label = profile.label
    classes = label.classes[:_MOST_CLASSES] if label is not None else ()
    rows = max(label.n_labelled, 1) if label is not None else 1
    return TableSummary(
        table=name,
        n_rows=profile.n_rows,
        is_partial=profile.is_partial,
        n_columns=profile.n_columns,
        label="" if label is None else label.column.name,
        classes=tuple((plain(c.value), c.count / rows) for c in classes),
        label_quantiles=() if label is None or label.classes else label.column.quantiles,
    )

"""`treedebug.profile`, and the part of `treedebug.check` that looks at tables before any training."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from treedebug.api.saved_models import is_model_file
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Verdict
from treedebug.core.report import Balance, CheckReport
from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule
from treedebug.profiles.profile_tables import Roles, profile_sets
from treedebug.profiles.sources.open_table import is_table
from treedebug.profiles.sources.read_options import ReadOptions
from treedebug.profiles.sources.table_files import holds_table, is_elsewhere
from treedebug.rules.data.drifting_label import DriftingLabel
from treedebug.rules.data.duplicate_rows import DuplicateRows
from treedebug.rules.data.overlapping_splits import OverlappingSplits
from treedebug.rules.data.suspected_label_noise import SuspectedLabelNoise
from treedebug.signals.data.balance_rows import balance
from treedebug.store.disk_store import is_run

_ON_ROWS = (DuplicateRows.code, OverlappingSplits.code)
"""Rules that compare rows, but for the columns that they are told to ignore."""


def profile(  # noqa: PLR0913 - what a table may come with
    data: Any,
    y: Any = None,
    *,
    target: str | None = None,
    valid: Any = None,
    group: str | None = None,
    time: str | None = None,
    weight: Any = None,
    tokens: Mapping[str, Sequence[Any]] | Sequence[Any] | None = None,
    task: str | None = None,
    left_out: Sequence[str] = (),
    noise: bool = True,
    sep: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    query: str | None = None,
) -> DataSets:
    """Measure a table, and others beside it: columns, label, weights, repeated rows, drift. Each is read once.

    `data` is a frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or PySpark, a numpy array, a scipy sparse
    matrix, an xgboost.DMatrix, a lightgbm.Dataset, or the path or URL of a file of rows (CSV, Parquet, JSON lines,
    Excel, ORC, Arrow, LIBSVM), a folder of them, a Delta or Iceberg table, or an SQL query. `sep`, `encoding`,
    `decimal` and `header` say how a file is written where that is not recognised; `query` goes with the URL of a data
    base. The label is the column `target`, or `y` (n_rows,). `valid` is a table like it (with or without labels),
    (X, y) or (X, y, weights), or a dict of several by name. `group`, `time` and `weight` name columns (`weight` may
    also be an array); `tokens` are those to count in sequences, `{column: [0, 1]}`, or `[0]` for the rows of an integer
    array. `task` is "classes" or "numbers" where the label does not tell. Columns `left_out` are not compared where
    copies of rows are looked for; `noise=False` does not look for wrong labels, which trains a small booster.

    Raises ConfigError, FormatError, RunNotFoundError or MissingExtraError, each saying what came and what to do.
    """
    if target is not None and not isinstance(target, str):
        raise ConfigError(
            f"target= names the label's column; got {target!r} (labels apart from the table: check(X, y))"
        )
    if target is not None and y is not None:
        raise ConfigError("give the label once: as y, or as the column target=")
    weights, name = (None, weight) if weight is None or isinstance(weight, str) else (weight, None)
    roles = Roles(
        target=target,
        group=group,
        time=time,
        weight=name,
        tokens=tokens,
        task=task,
        left_out=tuple(left_out),
        noise=noise,
        options=ReadOptions(sep=sep, encoding=encoding, decimal=decimal, header=header, query=query),
    )
    return profile_sets(data, y, valid, roles=roles, weights=weights)


def is_data(value: Any, *, has_target: bool = False) -> bool:
    """Whether `check` has a table before it (or what was measured of one), and no run or model.

    With a target, a file whose name does not tell is a table.
    """
    if isinstance(value, str | os.PathLike):
        if isinstance(value, str) and is_elsewhere(value):
            return True
        path = Path(value).expanduser()
        if not path.exists() or is_run(path):
            return False
        return holds_table(path) or (has_target and path.is_file() and not is_model_file(path))
    return isinstance(value, DataSets | DataProfile) or is_table(value)


def check_data(data: Any, y: Any, rules: Sequence[Rule], **options: Any) -> CheckReport:
    """Judge a table with every rule that reads data. `options` are those of `profile`."""
    left_out = {name for rule in rules if rule.code in _ON_ROWS for name in rule.choice.without}
    known = isinstance(data, DataSets | DataProfile)
    sets = (
        as_sets(data)
        if known
        else profile(
            data, y, left_out=sorted(left_out), noise=any(r.code == SuspectedLabelNoise.code for r in rules), **options
        )
    )
    run = RunData()
    run.add_stream(DataSets, sets)
    verdict = evaluate(run.at(0), [r for r in rules if reads(r.check, DataSets)])
    return CheckReport(
        source=str(data) if isinstance(data, str | os.PathLike) else f"{sets.train.engine} table",
        kind="table",
        facts=_facts(sets),
        verdict=verdict,
        notes=_notes(sets),
        balance=_balance(sets, verdict),
    )


def _balance(sets: DataSets, verdict: Verdict) -> Balance | None:
    """The balance of the classes, and what the rule on drifting labels says of it."""
    found = balance(sets)
    if found is None or DriftingLabel.code not in {*verdict.silent, *(f.code for f in verdict.findings)}:
        return found
    against = [f.subject for f in verdict.findings if f.code == DriftingLabel.code]
    return replace(found, agrees={name: not any(name in s for s in against) for name in found.distances})


def as_sets(value: Any) -> DataSets:
    """What a callback takes as `data=`. Raises ConfigError for anything but what `treedebug.profile` returns."""
    if isinstance(value, DataProfile):
        return DataSets(value)
    if not isinstance(value, DataSets):
        raise ConfigError(
            "data= takes what treedebug.profile(X, y, valid=(X_valid, y_valid)) returns; "
            f"got {type(value).__qualname__}"
        )
    return value


def _facts(sets: DataSets) -> dict[str, Any]:
    train = sets.train
    label = train.label
    return {
        "n_rows": train.n_rows,
        "n_columns": train.n_columns,
        "label": None if label is None else label.column.name,
        "task": train.task,
    } | {name: f"{other.n_rows} rows" for name, other in sets.others.items()}


def _notes(sets: DataSets) -> tuple[str, ...]:
    notes = []
    for name, other in sets.others.items():
        if sets.train.label is not None and other.label is None:
            notes.append(f"{name} has no labels: only its features are compared")
    for profiled in (sets.train, *sets.others.values()):
        notes += [f"the {profiled.name} table: {said}" for said in profiled.reading]
        if profiled.doubled_names:
            named = ", ".join(repr(n) for n in profiled.doubled_names)
            notes.append(
                f"the {profiled.name} table has columns of the same name, told apart by numbers: more than once {named}"
            )
    return tuple(notes)

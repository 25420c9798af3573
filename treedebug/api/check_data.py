"""The part of `treedebug.check` that judges tables before any training."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from treedebug.api.profile_data import as_sets, profile
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Verdict
from treedebug.core.report import Balance, CheckReport
from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate
from treedebug.engine.plan import make_plan
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule
from treedebug.rules.data.drifting_label import DriftingLabel
from treedebug.rules.data.duplicate_rows import DuplicateRows
from treedebug.rules.data.overlapping_splits import OverlappingSplits
from treedebug.rules.data.suspected_label_noise import SuspectedLabelNoise
from treedebug.signals.data.balance_rows import balance
from treedebug.signals.data.label_spread import label_spread

_ON_ROWS = (DuplicateRows.code, OverlappingSplits.code)
"""Rules that compare rows, but for the columns that they ignore."""


def check_data(
    data: Any, y: Any, rules: Sequence[Rule], *, save_profile: str | os.PathLike[str] | None = None, **options: Any
) -> CheckReport:
    """Judge a table with every rule that reads data. `options` are those of `profile`."""
    if isinstance(data, DataSets | DataProfile):
        sets = as_sets(data)
    else:
        left_out = {name for rule in rules if rule.code in _ON_ROWS for name in rule.choice.without}
        noise = any(rule.code == SuspectedLabelNoise.code for rule in rules)
        sets = profile(data, y, left_out=sorted(left_out), noise=noise, **options)
    if save_profile is not None:
        sets.save(save_profile)
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
        spread=label_spread(sets),
        tables=as_sets(sets),
        plan=make_plan(verdict.findings, run.header),
    )


def _balance(sets: DataSets, verdict: Verdict) -> Balance | None:
    """Return the balance of the classes, and what the rule on drifting labels says of it."""
    found = balance(sets)
    if found is None or DriftingLabel.code not in {*verdict.silent, *(f.code for f in verdict.findings)}:
        return found
    against = [f.subject for f in verdict.findings if f.code == DriftingLabel.code]
    return replace(found, agrees={name: not any(name in s for s in against) for name in found.distances})


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

"""A new table judged against the profile of an old one: a gate in a pipeline that needs the old table no more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from treedebug.api.profile_data import profile
from treedebug.api.wrong_kind import kind_of
from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import ConfigError
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import RunData
from treedebug.engine.evaluate import evaluate
from treedebug.engine.plan import make_plan
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule
from treedebug.profiles.measures.between_profiles import between_profiles
from treedebug.signals.data.checked_tables import Splits

NEW = "new"


def check_reference(
    reference: DataSets | str | os.PathLike[str], data: Any, y: Any, rules: Sequence[Rule], **options: Any
) -> CheckReport:
    """Judge a table against a profile with every rule that compares two sets; what they say of the profile is left out.

    Raise RunNotFoundError or FormatError for a file that holds no profile.
    """
    if not isinstance(reference, DataSets | str | os.PathLike):
        raise ConfigError(
            "reference= takes what treedebug.profile returned for an earlier table, or the file its save() wrote; got "
            f"{kind_of(reference)}"
        )
    known = reference if isinstance(reference, DataSets) else DataSets.load(reference)
    new = replace(profile(data, y, noise=False, **options).train, name=NEW)
    sets = DataSets(known.train, {NEW: new}, {NEW: between_profiles(known.train, new)})
    run = RunData()
    run.add_stream(DataSets, sets)
    verdict = evaluate(run.at(0), [r for r in rules if reads(r.check, Splits)])
    about = tuple(f for f in verdict.findings if NEW in f.subject.split())
    return CheckReport(
        source=str(data) if isinstance(data, str | os.PathLike) else f"{new.engine} table",
        kind="table",
        facts={"n_rows": new.n_rows, "n_columns": new.n_columns, "reference": f"{known.train.n_rows} rows"},
        verdict=replace(verdict, findings=about),
        plan=make_plan(about, run.header),
        notes=(*new.reading, "rows are not compared: only the profile of the reference is known"),
    )

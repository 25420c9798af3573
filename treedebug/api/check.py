"""`treedebug.check`: judge a run, a model or a table with the rules and thresholds of the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from treedebug.api.check_data import check_data
from treedebug.api.check_reference import check_reference
from treedebug.api.check_run import check_run
from treedebug.api.check_subject import recognise
from treedebug.api.known_rules import chosen_rules
from treedebug.api.report_frame import Checked
from treedebug.api.row_questions import row_coverage
from treedebug.api.subject import TABLE, Subject
from treedebug.core.errors import ConfigError
from treedebug.core.report import CheckReport
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.store.disk_store import is_run


def check(  # noqa: PLR0913 - a table, what it comes with, and the rules
    subject: Any,
    y: Any = None,
    /,
    *,
    target: str | None = None,
    valid: Any = None,
    group: str | None = None,
    time: str | None = None,
    weight: Any = None,
    tokens: Mapping[str, Sequence[Any]] | Sequence[Any] | None = None,
    task: str | None = None,
    sep: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    query: str | None = None,
    reference: Any = None,
    rows: tuple[Any, Any, Any] | None = None,
    save_profile: str | os.PathLike[str] | None = None,
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
) -> Checked:
    """Judge a run (its path, or a Run), a model (a file, a booster, a scikit-learn wrapper), or a table.

        treedebug.check("runs/churn")
        treedebug.check(train, target="churned", valid=valid)
        treedebug.check(X, y, valid=(X_valid, y_valid))

    A table is whatever `treedebug.profile` takes, which also explains `target`, `valid`, `group`, `time`, `weight`,
    `tokens`, `task` and how a file is written (`sep`, `encoding`, `decimal`, `header`, `query`); or what it returns.

    `reference` is what `treedebug.profile` returned for an earlier table, or the file that its `save` wrote: the table
    is compared with it. `save_profile` names the file that the table's own profile is written to.

    `rows` is (X_train, X_valid, X_new) beside a run: are the new rows of a kind that the model has seen?

    `config` defaults to `[tool.treedebug]` of the nearest pyproject.toml; `select` replaces its selection, `ignore`
    adds to it, `rules` are your own. Raise RunNotFoundError, FormatError or ConfigError if the subject cannot be read,
    each saying what to do.
    """
    settings = settle(config, select=select, ignore=ignore)
    chosen = chosen_rules(settings, rules)
    data = {
        "target": target,
        "valid": valid,
        "group": group,
        "time": time,
        "weight": weight,
        "tokens": tokens,
        "task": task,
        "sep": sep,
        "encoding": encoding,
        "decimal": decimal,
        "header": header,
        "query": query,
        "save_profile": save_profile,
    }
    return judged(subject, y, {**data, "reference": reference, "rows": rows}, chosen, settings)


def judged(subject: Any, y: Any, options: Mapping[str, Any], chosen: Sequence[Rule], settings: Config) -> Checked:
    """Judge a subject by rules made already, those of `settings`; `options` are other arguments of `check`, by name.

    Raise as `check` does.
    """
    data = dict(options)
    reference, rows = data.pop("reference", None), data.pop("rows", None)
    if reference is not None:
        if data.pop("valid", None) is not None:
            raise ConfigError("reference= takes the place of valid=: give one of them")
        return _shown(check_reference(reference, subject, y, chosen, **data), settings)
    is_table = _is_table_with(y, subject)
    found = Subject(TABLE, "") if is_table else recognise(subject, has_target=data.get("target") is not None)
    if found.kind == TABLE:
        if rows is not None:
            raise ConfigError("rows= belong to a run, whose trees they are seen through; give a run's path first")
        return _shown(check_data(subject, y, chosen, **data), settings)
    given = [f"{name}=" for name, value in data.items() if value is not None] + (["y"] if y is not None else [])
    if given:
        raise ConfigError(
            f"{' and '.join(given)} {'belongs' if len(given) == 1 else 'belong'} to a table; {found.source} is a "
            f"{found.kind}: check it alone"
        )
    if rows is not None:
        found.run.add_stream(RowCoverage, row_coverage(found.run, rows))
    return _shown(check_run(found, chosen), settings)


def _is_table_with(y: Any, subject: Any) -> bool:
    """Return whether labels were given beside a table, not beside a run or a model."""
    if (
        y is None
        or isinstance(subject, Recorded)
        or hasattr(subject, "save_raw")
        or hasattr(subject, "model_to_string")
    ):
        return False
    return not (isinstance(subject, str | os.PathLike) and is_run(Path(subject)))


def _shown(report: CheckReport, settings: Config) -> Checked:
    return Checked.of(replace(report, ignored=settings.ignore))

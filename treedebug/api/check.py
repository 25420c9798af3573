"""`treedebug.check`: judge a run, a model or a table with the rules and thresholds of the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from treedebug.api.check_data import check_data
from treedebug.api.check_reference import check_reference
from treedebug.api.check_subject import RUN, TABLE, Subject, damage_of, recognise
from treedebug.api.known_rules import chosen_rules, registry
from treedebug.api.liveness import pulse, state_of
from treedebug.api.row_questions import row_coverage
from treedebug.api.run_score import score_of
from treedebug.core.errors import ConfigError
from treedebug.core.finding_order import in_order
from treedebug.core.findings import Finding
from treedebug.core.phrases import ago
from treedebug.core.report import CheckReport
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.row_coverage import RowCoverage
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.plan import make_plan
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
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
) -> CheckReport:
    """Judge a run (its path, or a Run), a model (a file, a booster, a scikit-learn wrapper), or a table.

        treedebug.check("runs/churn")
        treedebug.check(train, target="churned", valid=valid)
        treedebug.check(X, y, valid=(X_valid, y_valid))

    A table is whatever `treedebug.profile` takes, which also explains `target`, `valid`, `group`, `time`, `weight`,
    `tokens`, `task` and how a file is written (`sep`, `encoding`, `decimal`, `header`, `query`); or what it returns.

    `reference` is what `treedebug.profile` returned for an earlier table, or the file that its `save` wrote: the table
    is compared with it.

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
    }
    if reference is not None:
        if valid is not None:
            raise ConfigError("reference= takes the place of valid=: give one of them")
        del data["valid"]
        return replace(check_reference(reference, subject, y, chosen, **data), ignored=settings.ignore)
    found = Subject(TABLE, "") if _is_table_with(y, subject) else recognise(subject, has_target=target is not None)
    if found.kind == TABLE:
        if rows is not None:
            raise ConfigError("rows= belong to a run, whose trees they are seen through; give a run's path first")
        return replace(check_data(subject, y, chosen, **data), ignored=settings.ignore)
    given = [f"{name}=" for name, value in data.items() if value is not None] + (["y"] if y is not None else [])
    if given:
        raise ConfigError(
            f"{' and '.join(given)} {'belongs' if len(given) == 1 else 'belong'} to a table; {found.source} is a "
            f"{found.kind}: check it alone"
        )
    if rows is not None:
        found.run.add_stream(RowCoverage, row_coverage(found.run, rows))
    return replace(_check_run(found, chosen), ignored=settings.ignore)


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


def _check_run(found: Subject, chosen: Sequence[Rule]) -> CheckReport:
    run = found.run
    beat = None if run.ended or found.kind != RUN else pulse(found.source, run)
    if beat is not None:
        run.add_stream(Pulse, beat)
    timeline = replay(run, chosen)
    verdict = timeline.verdict
    if verdict.n_rounds <= 1 and not run.ended:  # too short for the second look
        timeline.advance(evaluate(run.at(run.n_rounds), chosen))
        verdict = timeline.verdict
    return CheckReport(
        source=found.source,
        kind=found.kind,
        facts=_facts(run, beat),
        verdict=verdict,
        notes=tuple(n.message for n in run.notes),
        damage=damage_of(found, beat),
        plan=make_plan(verdict.findings, run.header),
        score=score_of(run) if found.kind == RUN else None,
        params=dict(run.header.params),
        recorded=_recorded(run),
    )


def _recorded(run: RunData) -> tuple[Finding, ...]:
    """Return what the training recorded of rules that are not installed here, such as the user's own."""
    known = {rule.code for rule in registry()}
    return tuple(in_order(f for f in run.findings if f.code not in known))


def _facts(run: RunData, beat: Pulse | None) -> dict[str, Any]:
    header, ending = run.header, run.ending or {}
    return {
        "name": header.name,
        "tags": ", ".join(header.tags),
        "library": header.library,
        "version": header.versions.get(header.library, ""),
        "booster": header.booster,
        "objective": header.objective,
        "n_rounds": run.n_rounds,
        "n_features": header.n_features,
        "n_classes": header.n_classes,
        "fold": header.fold,
        "state": state_of(run, beat),
        "last_written": None if beat is None else ago(beat.idle_seconds),
        "best_round": ending.get("best_round"),
        "started": header.started,
    }

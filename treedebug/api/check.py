"""`treedebug.check`: judge a run, a model or a table with the rules and thresholds of the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from treedebug.api.boosted_run import Run, load
from treedebug.api.check_data import check_data, is_data
from treedebug.api.check_reference import check_reference
from treedebug.api.known_rules import chosen_rules, registry
from treedebug.api.liveness import pulse
from treedebug.api.run_score import score_of
from treedebug.api.saved_models import model_as_run, model_bytes, read_model_file
from treedebug.core.errors import ConfigError, RunNotFoundError
from treedebug.core.findings import Finding, in_order
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.rule import Rule


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

    `config` defaults to `[tool.treedebug]` of the nearest pyproject.toml; `select` replaces its selection, `ignore`
    adds to it, `rules` are your own. Raises RunNotFoundError, FormatError or ConfigError, each saying what to do.
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
    if y is not None or is_data(subject, has_target=target is not None):
        return replace(check_data(subject, y, chosen, **data), ignored=settings.ignore)
    source, kind, run = _resolve(subject)
    given = [f"{name}=" for name, value in data.items() if value is not None]
    if given:
        raise ConfigError(f"{', '.join(given)} belong to a table; {source} is a {kind}")
    beat = None if run.ended or kind != "run" else pulse(source, run.header)
    if beat is not None:
        run.add_stream(Pulse, beat)
    timeline = replay(run, chosen)
    verdict = timeline.verdict
    if verdict.n_rounds <= 1 and not run.ended:  # too short for the second look
        timeline.advance(evaluate(run.at(run.n_rounds), chosen))
        verdict = timeline.verdict
    return CheckReport(
        source=source,
        kind=kind,
        facts=_facts(run),
        verdict=verdict,
        notes=tuple(n.message for n in run.notes),
        score=score_of(run) if kind == "run" else None,
        params=dict(run.header.params),
        ignored=settings.ignore,
        recorded=_recorded(run),
    )


def _recorded(run: RunData) -> tuple[Finding, ...]:
    """What the training recorded of rules that are not installed here, such as the user's own."""
    known = {rule.code for rule in registry()}
    return tuple(in_order(f for f in run.findings if f.code not in known))


def _resolve(subject: Any) -> tuple[str, str, RunData]:
    if isinstance(subject, Run):
        return str(subject.path or "run in memory"), "run", subject.data
    if isinstance(subject, RunData):
        return "run in memory", "run", subject
    if isinstance(subject, str | os.PathLike):
        path = Path(subject)
        if not path.exists():
            raise RunNotFoundError(f"there is no run, saved model or table at {path}: no such file or folder")
        if not path.is_file() or path.suffix == ".treedebug":
            return str(path), "run", load(path).data
        return str(path), "model", read_model_file(path)
    raw = model_bytes(subject)
    if raw is None:
        raise ConfigError(
            "check takes a path to a run, a saved model or a table, a treedebug.Run, an XGBoost or LightGBM booster, "
            "or a frame or matrix; "
            f"got {type(subject).__module__}.{type(subject).__qualname__}"
            + (" (pass its booster: pipeline[-1], search.best_estimator_)" if hasattr(subject, "fit") else "")
        )
    return f"{type(subject).__module__.split('.')[0]} {type(subject).__name__}", "model", model_as_run(raw)


def _facts(run: RunData) -> dict[str, Any]:
    header, ending = run.header, run.ending or {}
    return {
        "library": header.library,
        "version": header.versions.get(header.library, ""),
        "booster": header.booster,
        "objective": header.objective,
        "n_rounds": run.n_rounds,
        "n_features": header.n_features,
        "n_classes": header.n_classes,
        "fold": header.fold,
        "state": ending.get("state", "running or killed"),
        "best_round": ending.get("best_round"),
        "started": header.started,
    }

"""`treedebug.check`: judge a run, a model file or a booster with the rules and thresholds of the configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from treedebug.api.alive import pulse
from treedebug.api.models import model_as_run, model_bytes, read_model_file
from treedebug.api.rules import chosen_rules
from treedebug.api.run import Run, load
from treedebug.core.errors import ConfigError, RunNotFoundError
from treedebug.core.report import CheckReport
from treedebug.core.run import Pulse, RunData
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.rule import Rule


def check(
    target: Any,
    *,
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
) -> CheckReport:
    """Judge `target`: a path to a run or a saved model, a Run, or a booster (scikit-learn wrappers included).

    `config` defaults to `[tool.treedebug]` of the nearest pyproject.toml; `select` replaces its selection, `ignore`
    adds to it, `rules` are your own. Raises RunNotFoundError, FormatError or ConfigError, each saying what to do.
    """
    chosen = chosen_rules(settle(config, select=select, ignore=ignore), rules)
    source, kind, run = _resolve(target)
    beat = None if run.ended or kind != "run" else pulse(source, run.header)
    if beat is not None:
        run.add_stream(Pulse, beat)
    timeline = replay(run, chosen)
    verdict = timeline.verdict
    if verdict.n_rounds <= 1 and not run.ended:  # too short for the second look
        timeline.advance(evaluate(run.at(run.n_rounds), chosen))
        verdict = timeline.verdict
    return CheckReport(
        source=source, kind=kind, facts=_facts(run), verdict=verdict, notes=tuple(n.message for n in run.notes)
    )


def _resolve(target: Any) -> tuple[str, str, RunData]:
    if isinstance(target, Run):
        return str(target.path or "run in memory"), "run", target.data
    if isinstance(target, RunData):
        return "run in memory", "run", target
    if isinstance(target, str | os.PathLike):
        path = Path(target)
        if not path.exists():
            raise RunNotFoundError(f"there is no run and no saved model at {path}: no such file or folder")
        if not path.is_file() or path.suffix == ".treedebug":
            return str(path), "run", load(path).data
        return str(path), "model", read_model_file(path)
    raw = model_bytes(target)
    if raw is None:
        raise ConfigError(
            "check takes a path to a run or a saved model, a treedebug.Run, or an XGBoost or LightGBM booster; "
            f"got {type(target).__module__}.{type(target).__qualname__}"
            + (" (pass its booster: pipeline[-1], search.best_estimator_)" if hasattr(target, "fit") else "")
        )
    return f"{type(target).__module__.split('.')[0]} {type(target).__name__}", "model", model_as_run(raw)


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
        "state": ending.get("state", "running or killed"),
        "best_round": ending.get("best_round"),
        "started": header.started,
    }

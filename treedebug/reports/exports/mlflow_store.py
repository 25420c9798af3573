"""A run as MLflow keeps it, in a data base and by MLflow's own client: its store of plain files is closed."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treedebug.core.errors import missing_extra

_NAME = re.compile(r"[^\w\-. /]", re.ASCII)
_LONGEST_NAME = 200
_LONGEST_PARAMETER = 500
_LONGEST_TAG = 5000
_METRICS, _OTHERS = 1000, 100
"""Of one call."""
_EXPERIMENT = "treedebug"
DATABASE = "mlflow.db"


@dataclass(frozen=True, kw_only=True)
class LoggedRun:
    """What is logged. Times are seconds since 1970; metrics are (name, time, value, step)."""

    name: str
    has_failed: bool
    started: float
    ended: float
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Sequence[tuple[str, float, float, int]]
    artifacts: Sequence[Path] = ()


def log_run(folder: Path, run: LoggedRun) -> str:
    """Log a run into the data base `mlflow.db` of a folder, and return its id. Raise MissingExtraError without MLflow.

    `mlflow ui --backend-store-uri sqlite:///FOLDER/mlflow.db` shows it.
    """
    mlflow = _mlflow()
    entities = importlib.import_module("mlflow.entities")
    with _quiet():
        client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{(folder / DATABASE).resolve()}")
        known = client.get_experiment_by_name(_EXPERIMENT)
        place = (folder / "artifacts").resolve().as_uri()
        experiment = known.experiment_id if known else client.create_experiment(_EXPERIMENT, artifact_location=place)
        made = client.create_run(experiment, start_time=int(1000 * run.started), run_name=run.name)
        run_id: str = made.info.run_id
        for part in _batches([entities.Param(legal_name(k), v[:_LONGEST_PARAMETER]) for k, v in run.params.items()]):
            client.log_batch(run_id, params=part)
        for part in _batches([entities.RunTag(legal_name(k), v[:_LONGEST_TAG]) for k, v in run.tags.items()]):
            client.log_batch(run_id, tags=part)
        points = [entities.Metric(legal_name(k), v, int(1000 * at), step) for k, at, v, step in run.metrics]
        for part in _batches(points, _METRICS):
            client.log_batch(run_id, metrics=part)
        for path in run.artifacts:
            client.log_artifact(run_id, str(path))
        client.set_terminated(run_id, "FAILED" if run.has_failed else "FINISHED", int(1000 * run.ended))
    return run_id


def legal_name(name: str) -> str:
    """Return the name in characters that MLflow takes."""
    parts = [p for p in _NAME.sub("_", name).split("/") if p not in ("", ".", "..")]
    return "/".join(parts)[:_LONGEST_NAME] or "_"


def _mlflow() -> Any:
    try:
        importlib.import_module("sqlalchemy")
        return importlib.import_module("mlflow")
    except ImportError:
        raise missing_extra("MLflow", "mlflow") from None


def _batches(items: list[Any], size: int = _OTHERS) -> Iterator[list[Any]]:
    left = iter(items)
    while part := list(itertools.islice(left, size)):
        yield part


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the making of the data base from filling the screen."""
    loggers = [logging.getLogger(name) for name in ("alembic", "mlflow")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

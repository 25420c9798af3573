"""A run in the forms that other tools read: frames as files, TensorBoard's events, MLflow's data base."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from treedebug.api.boosted_run import Run, as_run, load
from treedebug.api.report import report_html
from treedebug.core.errors import (
    ConfigError,
    MissingExtraError,
    RunExistsError,
    StoreError,
    did_you_mean,
    missing_extra,
)
from treedebug.core.plain_json import plain, to_json
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import INTERRUPTED
from treedebug.reports.exports.mlflow_store import LoggedRun, log_run
from treedebug.reports.exports.tensorboard_events import write_events
from treedebug.reports.phrasing import one_line, short
from treedebug.reports.plan_code import plan_code

REPORT = "report.html"


def export(
    run: Recorded | str | os.PathLike[str], to: str, path: str | os.PathLike[str], *, force: bool = False
) -> Path:
    """Write a run in a form that another tool reads, into the folder `path`; return the folder.

        treedebug.export("runs/churn", "parquet", "out")

    `to` is "parquet", "csv" or "json" (a file a frame, as `docs/frames.md` describes them, and `run.json`),
    "tensorboard" (an event file) or "mlflow" (a data base for
    `mlflow ui`). Metrics go by round, findings as text or tags, and the
    report of `treedebug.report` lies beside them where Jinja2 is installed. Raise RunExistsError for a folder that
    holds something, unless `force`; StoreError where it cannot be written; MissingExtraError for Parquet without
    PyArrow, and for MLflow without it.
    """
    if to not in FORMATS:
        raise ConfigError(f"export writes {', '.join(FORMATS)}; got {to!r}.{did_you_mean(to, FORMATS)}")
    loaded = as_run(run) if isinstance(run, Recorded) else load(run)
    folder = Path(path)
    try:
        if folder.exists() and not force and (not folder.is_dir() or any(folder.iterdir())):
            raise RunExistsError(
                f"{folder} exists and holds something: give another name, or --force (force=True) to write into it"
            )
        folder.mkdir(parents=True, exist_ok=True)
        FORMATS[to](loaded, folder)
    except OSError as error:
        if isinstance(error, RunExistsError):
            raise
        raise StoreError(f"the export cannot be written to {folder}: {error.strerror or error}") from error
    return folder


def frames_of(run: Run) -> dict[str, pd.DataFrame]:
    """Return the frames of a run by name; those without rows are left out."""
    frames = {
        "metrics": run.metrics,
        "rounds": run.rounds,
        "trees": run.trees,
        "importance": run.importance(),
        "classes": run.classes,
        "margins": run.margins,
        "findings": _findings(run),
    }
    return {name: frame for name, frame in frames.items() if len(frame)}


def _findings(run: Run) -> pd.DataFrame:
    rows = [
        {
            "code": f.code,
            "name": f.name,
            "severity": f.severity.label,
            "subject": f.subject,
            "message": f.message,
            "first_round": f.rounds[0] if f.rounds else None,
            "last_round": f.rounds[1] if f.rounds else None,
            "try_next": "; ".join(map(str, f.try_next)),
            "evidence": to_json(dict(f.evidence)),
        }
        for f in run.findings
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({"first_round": "Int64", "last_round": "Int64"}) if rows else frame


def _write_frames(run: Run, folder: Path, suffix: str, write: Callable[[pd.DataFrame, Path], None]) -> None:
    for name, frame in frames_of(run).items():
        write(frame, folder / f"{name}.{suffix}")
    about = {"header": plain(run.header, standard=True), "state": run.state, "n_rounds": run.n_rounds}
    (folder / "run.json").write_text(to_json(about), encoding="utf-8")
    _write_report(run, folder / REPORT)


def _parquet(run: Run, folder: Path) -> None:
    try:
        _write_frames(run, folder, "parquet", lambda frame, path: frame.to_parquet(path, index=False))
    except ImportError:
        raise missing_extra("PyArrow", "parquet") from None


def _csv(run: Run, folder: Path) -> None:
    _write_frames(run, folder, "csv", lambda frame, path: frame.to_csv(path, index=False))


def _json(run: Run, folder: Path) -> None:
    _write_frames(run, folder, "json", _write_json)


def _write_json(frame: pd.DataFrame, path: Path) -> None:
    columns = {name: frame[name].tolist() for name in frame.columns}
    rows = [
        {n: None if v is pd.NA else v for n, v in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]
    path.write_text(to_json(rows), encoding="utf-8")


def _tensorboard(run: Run, folder: Path) -> None:
    started = _started(run)
    name = f"events.out.tfevents.{int(started)}.{run.header.host.get('name') or 'treedebug'}"
    texts = [(started, tag, text) for tag, text in _texts(run).items()]
    with (folder / "".join(c if c.isalnum() or c in ".-_" else "_" for c in name)).open("wb") as file:
        write_events(file, _scalars(run), texts)
    _write_report(run, folder / REPORT)


def _scalars(run: Run) -> Iterator[tuple[float, int, str, float]]:
    times = _times(run)
    for series in run.data.evals:
        tag = f"{series.dataset}/{series.metric}"
        for at, value in _points(series):
            yield times(at), at, tag, value
    log = run.data.rounds
    for at, rate, seconds in zip(log.rounds.tolist(), log.learning_rate.tolist(), log.seconds.tolist(), strict=True):
        for tag, value in (("round/learning_rate", rate), ("round/seconds", seconds)):
            if np.isfinite(value):
                yield times(at), at, tag, value


def _texts(run: Run) -> dict[str, str]:
    found = {
        f"findings/{f.code} {f.subject}".strip(): f"**{f.severity.label}** {_quoted(f.message)}" for f in run.findings
    }
    params = "\n".join(f"| {_quoted(n)} | {_quoted(short(v))} |" for n, v in run.params.items())
    found["parameters"] = f"| parameter | value |\n|---|---|\n{params}"
    code = plan_code(run.plan.changes, run.header)
    return found | ({"next": "\n".join(f"    {line}" for line in code.splitlines())} if code else {})


def _quoted(text: str) -> str:
    """Return the text as Markdown shows it, on one line."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in one_line(text))


def _mlflow(run: Run, folder: Path) -> None:
    times, log = _times(run), run.data.rounds
    rounds = zip(log.rounds.tolist(), log.seconds.tolist(), strict=True)
    page = folder / REPORT
    _write_report(run, page)
    log_run(
        folder,
        LoggedRun(
            name=run.header.name or (run.path.name if run.path else "run"),
            has_failed=run.state == INTERRUPTED,
            started=_started(run),
            ended=times(run.n_rounds - 1),
            params={n: short(v) if isinstance(v, float) else str(v) for n, v in run.params.items()},
            tags=_tags(run),
            metrics=[
                *((f"{s.dataset}/{s.metric}", times(at), v, at) for s in run.data.evals for at, v in _points(s)),
                *(("round/seconds", times(at), seconds, at) for at, seconds in rounds if np.isfinite(seconds)),
            ],
            artifacts=[page] if page.exists() else [],
        ),
    )


def _points(series: EvalSeries) -> Iterator[tuple[int, float]]:
    return zip(series.rounds.tolist(), series.values.tolist(), strict=True)


def _tags(run: Run) -> dict[str, str]:
    found = {f"treedebug.{f.code}{'.' + f.subject if f.subject else ''}": f.message for f in run.findings}
    facts = {"library": run.header.library, "booster": run.header.booster, "objective": run.header.objective}
    facts["tags"] = ", ".join(run.header.tags)
    return found | {f"treedebug.{n}": v for n, v in facts.items() if v}


def _started(run: Run) -> float:
    try:
        return dt.datetime.fromisoformat(run.header.started).timestamp()
    except (TypeError, ValueError):
        return 0.0


def _times(run: Run) -> Callable[[int], float]:
    """Return the wall time at the end of each round: the start, and the seconds of all rounds up to it."""
    log, started = run.data.rounds, _started(run)
    passed = started + np.cumsum(np.nan_to_num(log.seconds))
    known = dict(zip(log.rounds.tolist(), passed.tolist(), strict=True))
    return lambda round_index: float(known.get(round_index, started))


def _write_report(run: Run, path: Path) -> None:
    """Write the page, where Jinja2 is there to make it."""
    try:
        html = report_html(run)
    except MissingExtraError:
        return
    path.write_text(html, encoding="utf-8")


FORMATS: Mapping[str, Callable[[Run, Path], Any]] = {
    "parquet": _parquet,
    "csv": _csv,
    "json": _json,
    "tensorboard": _tensorboard,
    "mlflow": _mlflow,
}

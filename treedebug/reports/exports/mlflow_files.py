"""A run as MLflow's file store holds it: a folder to open with `mlflow ui --backend-store-uri FOLDER`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

EXPERIMENT = "0"
_NAME = re.compile(r"[^\w\-. /]", re.ASCII)
_LONGEST_NAME = 200
_LONGEST_PARAMETER = 6000
_LONGEST_TAG = 5000
_STATUS = {"finished": 3, "stopped": 3, "interrupted": 4}
"""MLflow's numbers of FINISHED and FAILED; a run that has not ended is RUNNING."""
_RUNNING = 1


def run_folder(top: Path, run_id: str) -> Path:
    """Return where a run lies below the store's folder."""
    return top / EXPERIMENT / run_id


def write_experiment(top: Path) -> None:
    """Write the experiment that all runs belong to, unless it is there."""
    folder = top / EXPERIMENT
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "meta.yaml").exists():
        _write_yaml(
            folder / "meta.yaml",
            {
                "artifact_location": folder.resolve().as_uri(),
                "creation_time": 0,
                "experiment_id": EXPERIMENT,
                "last_update_time": 0,
                "lifecycle_stage": "active",
                "name": "Default",
            },
        )


def write_run(  # noqa: PLR0913 - the parts of a run
    top: Path,
    run_id: str,
    *,
    name: str,
    state: str,
    started: float,
    ended: float,
    params: Mapping[str, str],
    tags: Mapping[str, str],
    metrics: Mapping[str, Iterable[tuple[float, float, int]]],
) -> Path:
    """Write a run and return its folder; metrics map names to (wall time in seconds, value, step)."""
    folder = run_folder(top, run_id)
    for part in ("params", "tags", "metrics", "artifacts"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    status = _STATUS.get(state, _RUNNING)
    _write_yaml(
        folder / "meta.yaml",
        {
            "artifact_uri": (folder / "artifacts").resolve().as_uri(),
            "end_time": None if status == _RUNNING else int(1000 * ended),
            "entry_point_name": "",
            "experiment_id": EXPERIMENT,
            "lifecycle_stage": "active",
            "run_id": run_id,
            "run_name": name,
            "run_uuid": run_id,
            "source_name": "",
            "source_type": 4,
            "source_version": "",
            "start_time": int(1000 * started),
            "status": status,
            "tags": [],
            "user_id": "",
        },
    )
    for key, value in params.items():
        _write(folder / "params", key.replace("/", "_"), value[:_LONGEST_PARAMETER])
    for key, value in {"mlflow.runName": name, **tags}.items():
        _write(folder / "tags", key.replace("/", "_"), value[:_LONGEST_TAG])
    for key, points in metrics.items():
        _write(folder / "metrics", key, "".join(f"{int(1000 * at)} {v!r} {step}\n" for at, v, step in points))
    return folder


def legal_name(name: str) -> str:
    """Return the name in characters that MLflow takes, without steps out of its folder."""
    parts = [p for p in _NAME.sub("_", name).split("/") if p not in ("", ".", "..")]
    return "/".join(parts)[:_LONGEST_NAME] or "_"


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / legal_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_yaml(path: Path, fields: Mapping[str, object]) -> None:
    """Write flat YAML; JSON's scalars are YAML's."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items()]
    path.write_text("".join(lines), encoding="utf-8")

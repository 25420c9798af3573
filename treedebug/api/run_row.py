"""A run as one row: what was trained, how it ended, its deciding metric, and what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from treedebug.api.liveness import pulse, state_of
from treedebug.api.run_score import score_of
from treedebug.core.run.fingerprints import data_hash, params_hash
from treedebug.core.run.run_data import RunData


def run_row(run: RunData, path: Path) -> dict[str, Any]:
    """Return the row of a run that lies at `path`; its parameters stand in `params.<name>`."""
    score, header = score_of(run), run.header
    return {
        "name": header.name,
        "tags": ",".join(header.tags),
        "library": header.library,
        "objective": header.objective,
        "state": state_of(run, None if run.ending else pulse(str(path), run)),
        "n_rounds": run.n_rounds,
        "dataset": None if score is None else score.dataset,
        "metric": None if score is None else score.metric,
        "best": None if score is None else score.best,
        "best_round": None if score is None else score.best_round,
        "last": None if score is None else score.last,
        "seconds": float(np.nansum(run.rounds.seconds)),
        "findings": ",".join(dict.fromkeys(f.code for f in run.findings)),
        "trial": header.search.get("trial"),
        "started": header.started,
        "git_commit": header.git.get("commit", ""),
        "git_dirty": header.git.get("dirty"),
        "params_hash": params_hash(header),
        "data_hash": data_hash(header),
        **{f"params.{name}": value for name, value in header.params.items()},
    }

"""A model file loaded and asked in a process of its own: what a library cannot read may abort the process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError

Floats = NDArray[np.float64]
CLOSENESS = {"xgboost": 1e-6, "lightgbm": 1e-12}
"""How far the library's predictions may lie from ours, relative to the largest."""
_SECONDS = 300
_ASK = """
import sys, numpy as np
library, model, rows, answer = sys.argv[1:]
X = np.load(rows)
if library == "xgboost":
    import xgboost
    booster = xgboost.Booster(model_file=model)
    data = xgboost.DMatrix(X, feature_names=booster.feature_names, feature_types=booster.feature_types, nthread=1)
    found = booster.predict(data, output_margin=True)
else:
    import lightgbm
    found = lightgbm.Booster(model_file=model).predict(X, raw_score=True, num_threads=1)
np.save(answer, np.asarray(found, dtype=np.float64).reshape(len(X), -1))
"""


def check_file(path: Path, library: str, X: Floats, expected: Floats) -> None:
    """Load a model file with its library, predict X (n_rows, n_features), and compare with what we computed.

    Raise FormatError where the library refuses the file, dies of it, or predicts something else.
    """
    with tempfile.TemporaryDirectory() as folder:
        rows, answer = Path(folder) / "rows.npy", Path(folder) / "answer.npy"
        np.save(rows, X)
        command = [sys.executable, "-P", "-c", _ASK, library, str(path), str(rows), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words, no shell
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
            raise FormatError(
                f"{library} cannot use the model that was written (exit code {done.returncode}: {last:.200}): nothing "
                "is handed over"
            )
        found = np.load(answer, allow_pickle=False)
    if found.shape != expected.shape:
        raise FormatError(f"{library} predicts {found.shape} numbers of {expected.shape}: nothing is handed over")
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    away = float(np.abs(found - expected).max(initial=0.0)) / scale
    if not away <= CLOSENESS[library]:
        raise FormatError(
            f"{library} predicts up to {away:.2g} beside what was computed; at most {CLOSENESS[library]:.0e} is "
            "rounding: nothing is handed over"
        )

"""Draw docs/check.svg: what `treedebug check` says of the training in the README, as a terminal shows it."""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import xgboost as xgb
from rich.console import Console
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import treedebug
from treedebug.reports.check_text import print_check

TARGET = Path(__file__).parent.parent / "docs" / "check.svg"


def record(folder: Path) -> treedebug.Run:
    """Record the README's training."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    dtrain, dvalid = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_valid, y_valid)
    evals = [(dtrain, "train"), (dvalid, "valid")]
    callback = treedebug.XGBoostCallback(folder / "runs" / "tumours", evals=evals, quiet=True)
    params = {"objective": "binary:logistic", "max_depth": 8, "eta": 0.3, "nthread": 1, "seed": 0}
    xgb.train(params, dtrain, 500, evals=evals, callbacks=[callback], verbose_eval=False)
    return callback.run


def main() -> int:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        run = record(Path(folder))
        report = treedebug.check(run)
        console = Console(record=True, width=88, force_terminal=True, markup=False, highlight=False, file=io.StringIO())
        console.print("$ treedebug check runs/tumours\n", style="bold")
        print_check(replace(report, source="runs/tumours"), console)
    console.save_svg(str(TARGET), title="treedebug")
    print(f"wrote {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

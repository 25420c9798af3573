"""One peer on every case of a folder, in its own environment: a line of JSON a case. Run by `data_peers.py`.

PYTHON _data/peer_child.py {deepchecks,evidently,cleanlab,skore} FOLDER
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Ask = Callable[[pd.DataFrame, Any, dict[str, Any]], list[str]]
"""Takes the training and the validation table and what is known of them; returns the checks that do not pass."""


def texts(frame: pd.DataFrame, about: dict[str, Any]) -> list[str]:
    return [
        c for c in frame if not pd.api.types.is_numeric_dtype(frame[c]) and c not in (about["target"], about["time"])
    ]


def deepchecks() -> Ask:
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity, train_test_validation

    def ask(train: Any, valid: Any, about: dict[str, Any]) -> list[str]:
        kind = (
            ("binary" if train[about["target"]].nunique() <= 2 else "multiclass")
            if about["is_classes"]
            else "regression"
        )
        sets = [
            Dataset(part, label=about["target"], cat_features=texts(train, about), label_type=kind,
                    datetime_name=about["time"])
            for part in (train, valid) if part is not None
        ]  # fmt: skip
        results = [data_integrity().run(sets[0]), *([train_test_validation().run(*sets)] if len(sets) > 1 else [])]
        return [type(c.check).__name__ for r in results for c in r.get_not_passed_checks(fail_if_warning=True)]

    return ask


EVIDENTLY = {
    "duplicated row": "duplicated rows", "duplicated column": "duplicated columns",
    "almost constant": "almost constant columns", "constant column": "constant columns",
    "missing values": "missing values", "empty columns": "empty columns", "column count": "column count",
    "row count": "row count", "minimal value": "range", "maximum value": "range",
    "mean value": "mean, spread or quantile",
    "std value": "mean, spread or quantile", "quantile": "mean, spread or quantile", "value drift": "value drift",
    "drifted columns": "drifted columns", "out of list": "new or lost categories", "in list": "new or lost categories",
    "unique": "unique values",
}  # fmt: skip
"""What a test's name begins or goes on with -> our word for it."""


def evidently() -> Ask:
    from evidently import Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    def ask(train: Any, valid: Any, about: dict[str, Any]) -> list[str]:
        del about
        ran = Report([DataSummaryPreset(), DataDriftPreset()], include_tests=True).run(valid, train).dict()
        failed = [t["name"].lower() for t in ran["tests"] if "FAIL" in str(t["status"])]
        return sorted({next((word for part, word in EVIDENTLY.items() if part in name), name[:40]) for name in failed})

    return ask


def features(frame: pd.DataFrame, about: dict[str, Any]) -> pd.DataFrame:
    """Numbers, text as codes: what a first model is given."""
    made = frame.drop(columns=[c for c in (about["target"], about["time"]) if c in frame])
    for name in texts(made, about):
        made[name] = made[name].astype("category").cat.codes
    return made.astype(float).replace([np.inf, -np.inf], np.nan)


def _model(about: dict[str, Any]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    return (HistGradientBoostingClassifier if about["is_classes"] else HistGradientBoostingRegressor)(max_iter=50)


def cleanlab() -> Ask:
    from cleanlab import Datalab
    from sklearn.model_selection import cross_val_predict

    def ask(train: Any, valid: Any, about: dict[str, Any]) -> list[str]:
        del valid
        X, y = features(train, about), train[about["target"]].to_numpy()
        filled = X.fillna(X.median()).fillna(0.0).to_numpy()
        if about["is_classes"]:
            predicted = cross_val_predict(_model(about), X, y, method="predict_proba", cv=3)
        else:
            predicted = cross_val_predict(_model(about), X, y, cv=3)
        task = "classification" if about["is_classes"] else "regression"
        scaled = (filled - filled.mean(0)) / np.where(filled.std(0) > 0, filled.std(0), 1.0)
        lab = Datalab(data={"label": y}, label_name="label", task=task, verbosity=0)
        kinds = {k: {} for k in ("null", "label", "outlier", "near_duplicate", "non_iid", "class_imbalance")}
        if not about["is_classes"]:
            del kinds["class_imbalance"]
        lab.find_issues(
            pred_probs=predicted, features=scaled, issue_types={k: v for k, v in kinds.items() if k != "null"}
        )
        holes = Datalab(data={"label": y}, label_name="label", task=task, verbosity=0)
        holes.find_issues(features=X.to_numpy(), issue_types={"null": {}})
        summaries = pd.concat([lab.get_issue_summary(), holes.get_issue_summary()])
        return summaries[summaries.num_issues > 0].issue_type.tolist()

    return ask


def skore() -> Ask:
    import skore as tool

    def ask(train: Any, valid: Any, about: dict[str, Any]) -> list[str]:
        sets = [(features(part, about), part[about["target"]]) for part in (train, valid)]
        report = tool.EstimatorReport(
            _model(about), X_train=sets[0][0], y_train=sets[0][1], X_test=sets[1][0], y_test=sets[1][1]
        )
        found = report.checks.summarize().frame()
        return [str(c) for c in found[found.section == "issue"].code.tolist()]

    return ask


TOOLS: dict[str, Callable[[], Ask]] = {
    "deepchecks": deepchecks, "evidently": evidently, "cleanlab": cleanlab, "skore": skore,
}  # fmt: skip


def refused(error: Exception, about: dict[str, Any]) -> list[str]:
    """An error that names the label or the columns says what is wrong with the table: it counts as found."""
    said = f"{type(error).__name__} {error}".lower()
    if any(word in said for word in ("label", "input y", "target", f"'{about['target']}'")):
        return ["error: label"]
    return ["error: columns"] if "column" in said and ("missing" in said or "match" in said) else []


def main() -> None:
    warnings.simplefilter("ignore")
    ask = TOOLS[sys.argv[1]]()
    for folder in sorted(Path(sys.argv[2]).iterdir()):
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        sets = [pd.read_csv(f) if (f := folder / f"{part}.csv").exists() else None for part in ("train", "valid")]
        start, error = time.perf_counter(), ""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                issues = ask(sets[0], sets[1], about)
            except Exception as failed:  # noqa: BLE001 - whatever it is, it is counted
                issues, error = refused(failed, about), f"{type(failed).__name__}: {failed}"[:200]
        seconds = time.perf_counter() - start
        print(json.dumps({"case": folder.name, "issues": issues, "seconds": seconds, "error": error}), flush=True)


if __name__ == "__main__":
    main()
